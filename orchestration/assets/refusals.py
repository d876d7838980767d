"""Notes files that cannot be used: an observation of the asset they were meant for, and a row in the warehouse.

It touches no table, gate or release: what was judged and published before stays as it is. The run fails, so that
whoever watches runs hears of it.
"""

from collections.abc import Iterable, Mapping

import dagster as dg

from orchestration.assets.failures import as_dagster_failure
from orchestration.assets.keys import PLACEMENTS, RETURNS
from orchestration.assets.workspace import Workspace
from orchestration.faults import UnusableInput, counted
from orchestration.store.files import states_of_files
from orchestration.store.returns import load_returns
from orchestration.survey import SurveyedFile, read_rows

# Of a snapshot that is read while the landing folder is looked at: some seconds of work.
MOST_READ_BYTES = 100_000_000


@dg.op(description="Says of each file with faults why it is refused.")
@as_dagster_failure
def note_refused_files(context: dg.OpExecutionContext, workspace: Workspace) -> None:
    survey = workspace.survey()
    read_new_rows(survey.files, states_of_files(workspace.home.warehouse))
    refused = survey.refused
    load_returns(survey.without({file.source_id for file in survey.files if file not in refused}),
                 workspace.home.warehouse)
    for file in refused:
        context.log_event(_observation(file))
    if refused:
        raise UnusableInput(f"{counted(len(refused), 'file')} in landing cannot be used: "
                            f"{', '.join(file.file.name for file in refused[:5])}. Nothing else was touched; the last "
                            "release and its checks stay.", [fault for file in refused for fault in file.faults])


def read_new_rows(files: Iterable[SurveyedFile], states: Mapping[str, str]) -> None:
    """Reads the rows of snapshots that are not stored yet: what is wrong with them becomes a fault of their file. One
    that would take longer than a look may is read by the run that is to store it.
    """
    for file in files:
        if file.placement and not file.faults and file.source_id not in states and file.file.size < MOST_READ_BYTES:
            read_rows(file)


def _observation(file: SurveyedFile) -> dg.AssetObservation:
    return dg.AssetObservation(
        PLACEMENTS if file.is_about_people else RETURNS, description=f"{file.file.name} is refused: {file.reason}",
        metadata={"file": file.file.name, "sha256": file.file.sha256, "refused because": file.reason,
                  "faults": len(file.faults)})


@dg.job(description="Files of the landing folder that cannot be used, each with its reason. No table is touched.")
def refused_files_job() -> None:
    note_refused_files()
