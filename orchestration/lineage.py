"""Traces a published figure back to the printed cells it came from. Reads only the published file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from orchestration import database, local_copy
from orchestration.faults import UnusableInput, column_letter
from orchestration.home import Home


@dataclass(frozen=True)
class Lineage:
    """A figure, the cells of its parts, and the findings and rulings about it; each row is a dict by column name."""

    figure: dict[str, object]
    measure: dict[str, object]
    release: dict[str, object]
    cells: list[dict[str, object]]
    findings: list[dict[str, object]]
    comparisons: list[dict[str, object]]
    rulings: list[dict[str, object]]


@dataclass(frozen=True)
class DerivedLineage:
    """A derived figure with its parts: for each, its role in the formula (a row of dim_measure_part) and its lineage.

    A population is given as its row of dim_population; a part for which the council has no figure is None.
    """

    figure: dict[str, object]
    measure: dict[str, object]
    parts: list[tuple[dict[str, object], Lineage | DerivedLineage | dict[str, object] | None]]
    comparisons: list[dict[str, object]]


_Rows = Callable[..., list[dict[str, object]]]


@dataclass(frozen=True)
class SnapshotLineage:
    """Where the numbers of a placement snapshot come from: its file, and the columns its fields were read from."""

    snapshot: dict[str, object]
    file: dict[str, object]
    columns: list[dict[str, object]]
    findings: list[dict[str, object]]


def trace(home: Home, figure_id: str, is_local: bool = False) -> Lineage | DerivedLineage | SnapshotLineage:
    """The lineage of a figure, or with ``is_local`` of a snapshot too, from the copy that has it.

    Raises UnusableInput with the nearest ids where there is no such figure, or where the copy may not be read.
    """
    with local_copy.connect(home, is_local) as connection:
        def rows(sql: str, *values: object) -> list[dict[str, object]]:
            cursor = connection.execute(sql, list(values))
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]

        try:
            return trace_in(rows, figure_id) or _snapshot(rows, figure_id) or _nearest(rows, figure_id, is_local)
        except database.DatabaseError as error:
            raise local_copy.unreadable(error) from error


def trace_in(rows: _Rows, figure_id: str) -> Lineage | DerivedLineage | None:
    """The lineage of a figure by any reader of the published tables; None where there is no such figure."""
    # Only the table shows whether a figure is printed or derived: a sum can have a measure printed in other years.
    if figures := rows("select * from marts.fct_figure where figure_id = ?", figure_id):
        return _printed(rows, figures[0])
    if figures := rows("select * from marts.fct_derived_figure where figure_id = ?", figure_id):
        return _derived(rows, figures[0])
    return None


def _snapshot(rows: _Rows, snapshot_id: str) -> SnapshotLineage | None:
    """A snapshot's file and columns. Its lines are about people, so only the warehouse has them."""
    for snapshot in rows("select * from marts.dim_snapshot where snapshot_id = ?", snapshot_id):
        name = snapshot["file_name"]
        return SnapshotLineage(
            snapshot, rows("select * from quality.source_file where file_name = ? and status = 'loaded'", name)[0],
            rows("select * from marts.dim_snapshot_column where file_name = ? order by column_number, field", name),
            rows("select * from quality.rule_result where release_id = ? and status = 'fail' order by rule_id",
                 snapshot_id))
    return None


def _nearest(rows: _Rows, figure_id: str, is_local: bool) -> Lineage:
    if not is_local and re.match(r"\d{3}:\d{4}-\d{2}-\d{2}", figure_id):
        raise UnusableInput(f"{figure_id!r} would be a snapshot, and those are in the local copy. Next: carequartile "
                            f"lineage {figure_id} --local.")
    near = rows("select figure_id from (select figure_id from marts.fct_figure union all "
                "select figure_id from marts.fct_derived_figure union all select snapshot_id from marts.dim_snapshot) "
                "order by jaro_winkler_similarity(figure_id, ?) desc, figure_id limit 3", figure_id)
    listed = "\n".join(f"  {row['figure_id']}" for row in near)
    raise UnusableInput(f"No figure has the id {figure_id!r}. The nearest:\n{listed}\n"
                        "Next: take the id from the column figure_id of any table of marts.")


def _measure(rows: _Rows, figure: dict[str, object]) -> dict[str, object]:
    return rows("select * from marts.dim_measure where measure_id = ? and definition_version = ?",
                figure["measure_id"], figure["definition_version"])[0]


def _printed(rows: _Rows, figure: dict[str, object]) -> Lineage:
    figure_id = figure["figure_id"]
    return Lineage(
        figure=figure,
        measure=_measure(rows, figure),
        release=rows("select * from marts.dim_release where release_id = ?", figure["release_id"])[0],
        cells=rows("select * from marts.fct_figure_cell where figure_id = ? order by case component "
                   "when 'numerator' then 1 when 'denominator' then 2 else 3 end", figure_id) or [_own_cell(figure)],
        findings=rows("select * from quality.rule_result where figure_id = ? and status = 'fail' "
                      "order by severity, rule_id", figure_id),
        comparisons=rows("select * from marts.mart_unit_cost_variance where figure_id = ? order by peer_set",
                         figure_id),
        rulings=rows("select * from quality.ruling where measure_id = ? and council_code = ? and "
                     "financial_year = ?", figure["measure_id"], figure["council_code"], figure["financial_year"]),
    )


def _derived(rows: _Rows, figure: dict[str, object]) -> DerivedLineage:
    parts = rows("select * from marts.dim_measure_part where financial_year = ? and measure_id = ? and "
                 "definition_version = ? order by role desc, part_measure_id",
                 figure["financial_year"], figure["measure_id"], figure["definition_version"])
    return DerivedLineage(
        figure=figure,
        measure=_measure(rows, figure),
        parts=[(part, _part(rows, figure, part)) for part in parts],
        # By its parts too: the view puts figure_id together, and finds a row faster by what it is stored with.
        comparisons=rows("select * from marts.mart_benchmark where council_code = ? and financial_year = ? and "
                         "measure_id = ? and figure_id = ? and basis = 'as_returned' order by peer_set",
                         figure["council_code"], figure["financial_year"], figure["measure_id"], figure["figure_id"]),
    )


def _part(rows: _Rows, figure: dict[str, object],
          part: dict[str, object]) -> Lineage | DerivedLineage | dict[str, object] | None:
    council, year = figure["council_code"], figure["financial_year"]
    if part["part_of"] == "population":
        found = rows("select * from marts.dim_population where council_code = ? and financial_year = ? and "
                     "concat('population ', age_band) = ? and is_current", council, year, part["part_measure_id"])
        return found[0] if found else None
    for table, is_current in (("fct_figure", "is_current"), ("fct_derived_figure", "true")):
        found = rows(f"select figure_id from marts.{table} where council_code = ? and financial_year = ? and "
                     f"measure_id = ? and definition_version = ? and {is_current}",
                     council, year, part["part_measure_id"], part["part_definition_version"])
        if found:
            return trace_in(rows, found[0]["figure_id"])
    return None


def _own_cell(figure: dict[str, object]) -> dict[str, object]:
    """The one cell of a figure that is printed without parts."""
    return {"component": "value", "sheet": figure["sheet"], "row_number": figure["row_number"],
            "column_number": figure["column_number"], "printed_text": figure["value_printed"], "number": None,
            "compiled_from": None}


def describe(lineage: Lineage | DerivedLineage | SnapshotLineage) -> str:
    """The lineage as text: what the figure is, where it is printed, how it was derived, findings and rulings."""
    if isinstance(lineage, SnapshotLineage):
        return _describe_snapshot(lineage)
    return _describe_derived(lineage) if isinstance(lineage, DerivedLineage) else _describe_printed(lineage)


def _describe_snapshot(lineage: SnapshotLineage) -> str:
    snapshot, file = lineage.snapshot, lineage.file
    read = [f"  {row['field']}: column {row['column_name']!r} ({column_letter(row['column_number'])})"
            for row in lineage.columns if row["field"]]
    dropped = ", ".join(repr(row["column_name"]) for row in lineage.columns if row["is_dropped"])
    return "\n".join([
        f"placements of {snapshot['council']} on {snapshot['snapshot_date']}"
        + (" (synthetic)" if snapshot["is_synthetic"] else ""),
        f"file:    {snapshot['file_name']}, sha256 {file['sha256']}, "
        f"{snapshot['n_rows']:,} lines",
        f"mapping: {snapshot['mapping']}",
        *read,
        *([f"dropped, never stored: {dropped}"] if dropped else []),
        "Every figure of this snapshot counts the people, or sums the weekly prices, of the lines that are open on the "
        "day and not rejected: intermediate.int_placement_line in the warehouse has each with its row in the file.",
        *[f"finding: {row['rule_id']}: {row['message']}" for row in lineage.findings]])


def _describe_derived(lineage: DerivedLineage) -> str:
    figure, measure = lineage.figure, lineage.measure
    lines = [
        f"{figure['council']} ({figure['council_code']}), {figure['financial_year']}",
        f"{measure['label']} [{figure['measure_id']}, {figure['definition_version']}]",
        f"value: {figure['value']:,.3f} {figure['unit']} (derived: {figure['derivation']}; within the rounding of its "
        f"parts {figure['value_low']:,.3f} to {figure['value_high']:,.3f})" if figure["value"] is not None
        else f"value: missing ({figure['missing_reason']}), {figure['unit']}",
        f"verdict: {figure['verdict']}" + (f" ({figure['rule_ids']})" if figure["rule_ids"] else ""),
        "", "formula", _ratio_formula(lineage),
    ]
    for comparison in lineage.comparisons:
        lines += _benchmark(comparison)
    for part, traced in lineage.parts:
        what = part["part_measure_id"] if part["part_of"] in ("value", "population") else (
            f"the {part['part_of']} of {part['part_measure_id']}")
        lines += ["", f"{part['role']}: {what}"
                  + (f", divided by {part['divided_by']} weeks" if part["divided_by"] != 1 else ""),
                  *(f"  {line}" for line in _describe_part(traced).splitlines())]
    return "\n".join(lines)


def _ratio_formula(lineage: DerivedLineage) -> str:
    figure = lineage.figure
    if figure["derivation"] == "sum":
        return f"  value = the sum of {len(lineage.parts)} figures"
    if figure["numerator"] is None or figure["denominator"] is None:
        return "  value = numerator / denominator, and one of them is missing"
    scale = lineage.parts[0][0]["scale"]
    times = f"{scale} x " if scale != 1 else ""
    return (f"  value = {times}numerator / denominator = {times}{figure['numerator']:,.2f} / "
            f"{figure['denominator']:,.2f} {figure['denominator_unit']}")


def _describe_part(traced: Lineage | DerivedLineage | dict[str, object] | None) -> str:
    if traced is None:
        return "not loaded for this council and year"
    if isinstance(traced, dict):
        return (f"{traced['people']:,} people aged {traced['age_band']}, mid-{traced['mid_year']} "
                f"({traced['status']}, {traced['precision']})\nsource  {traced['source']}\n"
                f"file    {traced['file_name']}\nsha256  {traced['sha256']}")
    return describe(traced)


def _peers(row: dict[str, object]) -> str:
    """The peer set with its version, which may look like the year of the figure and is that of the peers."""
    return f"{row['peer_set']} (peer set of {row['peer_set_version']})"


def _benchmark(row: dict[str, object]) -> list[str]:
    if row["why_no_statistic"]:
        return [f"  against {row['peer_set']}: no statistic; {row['why_no_statistic']}"]
    return [f"  against {_peers(row)}, as returned: value - mean of "
            f"{row['n_peers']} peers = {_money(row['value'])} - {_money(row['mean'])} "
            f"= {row['variance_to_mean']:+,.2f} (median {_money(row['median'])}, rank {row['rank_low']} of "
            f"{row['n_ranked']} from the lowest)"]


def _describe_printed(lineage: Lineage) -> str:
    figure, measure, release = lineage.figure, lineage.measure, lineage.release
    lines = [
        f"{figure['council']} ({figure['council_code']}), {figure['financial_year']}",
        f"{measure['label']} [{figure['measure_id']}, {figure['definition_version']}]",
        f"value: {_money(figure['value'])} {figure['unit']}" if figure["value"] is not None
        else f"value: missing ({figure['missing_reason']}), {figure['unit']}",
        f"verdict: {figure['verdict']}" + (f" ({figure['rule_ids']})" if figure["rule_ids"] else ""),
        f"release: {figure['release_id']} ({release['status']}, "
        f"{'current' if figure['is_current'] else 'superseded'})",
        "",
        "cells",
        f"  file    {release['file_name']}",
        f"  sha256  {release['sha256']}",
    ]
    for cell in lineage.cells:
        sheet = f"sheet {cell['sheet']!r} " if cell["sheet"] else ""
        column = f"{column_letter(cell['column_number'])} ({cell['column_number']})"
        lines.append(f"  {cell['component']:<12}{sheet}row {cell['row_number']} column {column} "
                     f"printed {cell['printed_text']!r}")
        if cell["compiled_from"]:
            lines.append(f"  {'':<12}compiled from {cell['compiled_from']}, row {cell['compiled_from_row']} column "
                         f"{cell['compiled_from_column']}")
    lines += ["", "formula", *_formulas(lineage)]
    for comparison in lineage.comparisons:
        lines += _comparison(comparison)
    if lineage.findings:
        lines += ["", "findings"]
        lines += [f"  {row['rule_id']} ({row['severity']}): {row['message']}" for row in lineage.findings]
    for ruling in lineage.rulings:
        lines += ["", f"ruling: {ruling['ruling']} by {ruling['by']} on {ruling['on']}: {ruling['reason']}"]
    return "\n".join(lines)


def _money(value: object) -> str:
    return f"{value:,.2f}"


def _formulas(lineage: Lineage) -> list[str]:
    figure = lineage.figure
    printed = {cell["component"]: cell for cell in lineage.cells}
    lines = []
    numerator, denominator = printed.get("numerator"), printed.get("denominator")
    if numerator and numerator["number"] is not None:
        lines.append(f"  numerator   = {numerator['printed_text'].strip()} GBP thousands x 1000 = GBP "
                     f"{figure['numerator']:,.0f}")
    if denominator and denominator["number"] is not None and figure["denominator"] is not None:
        times = figure["denominator"] / denominator["number"] if denominator["number"] else 1
        how = " (printed for the whole year)" if times == 1 else f" a week x {times:.0f} weeks"
        lines.append(f"  denominator = {denominator['printed_text'].strip()}{how} = {figure['denominator']:,.2f} "
                     f"{figure['denominator_unit']}")
    lines.append(_value_formula(figure, printed))
    if figure["numerator"] is not None and figure["denominator"]:
        lines.append(f"  check       = numerator / denominator = {_money(figure['numerator'] / figure['denominator'])} "
                     "(the printed parts are rounded)")
    return lines


def _value_formula(figure: dict[str, object], printed: dict[str, dict[str, object]]) -> str:
    if "unit_cost" in printed:
        return f"  value       = the printed unit cost, {printed['unit_cost']['printed_text'].strip()!r}"
    text = printed["value"]["printed_text"]
    if figure["value"] is None:
        return f"  value       = missing: {text!r} is {figure['missing_reason'].replace('_', ' ')}"
    if figure["unit"] == "GBP" and text.replace(",", "") != f"{figure['value']:f}".rstrip("0").rstrip("."):
        return f"  value       = {text} GBP thousands x 1000 = GBP {figure['value']:,.2f}"
    return f"  value       = {text} {figure['unit']}, as printed"


def _comparison(row: dict[str, object]) -> list[str]:
    if row["why_no_comparator"]:
        return [f"  against {row['peer_set']}: no comparator; {row['why_no_comparator']}"]
    return [f"  against {_peers(row)}: value - mean of {row['n_peers']} peers = "
            f"{_money(row['value'])} - {_money(row['comparator_mean'])} = {row['variance']:+,.2f} "
            f"(weighted {_money(row['comparator_weighted'])}, median {_money(row['comparator_median'])})"]
