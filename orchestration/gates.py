"""Judges check frames by the rules, with Great Expectations. Only this module imports it, and only inside functions.

A rule becomes one expectation on one pandas frame; a value out of bounds becomes a row of ``gate.rule_result``, with
the figure, file and cell it concerns. Great Expectations is given frames and never the warehouse: over DuckDB it fails
as shipped and then holds the file's lock.
"""

from __future__ import annotations

import functools
import logging
import os
import string
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from orchestration import database
from orchestration.faults import column_letter
from orchestration.placements.identifiers import ANY_KIND, IDENTIFIERS, contains_identifier
from orchestration.rules import Rule, load_rules

if TYPE_CHECKING:
    from great_expectations.datasource.fluent.interfaces import Batch

# One query per frame; every frame brings the columns a result row is told by, null where they do not apply.
_FILE_OF_RELEASE = "inner join intermediate.int_release as releases using (release_id)"
FRAMES = {
    "release": """
        select *, null as council_code, null as measure_id, null as figure_id, null as row_number,
            null as column_number
        from intermediate.int_check_release order by release_id
    """,
    "line": f"""
        select checks.*, releases.file_name, null as council_code, null as figure_id,
            unit_cost_row as row_number, unit_cost_column as column_number
        from intermediate.int_check_line as checks {_FILE_OF_RELEASE} order by release_id, line
    """,
    "whole": f"""
        select checks.*, releases.file_name, unit_cost_row as row_number, unit_cost_column as column_number
        from intermediate.int_check_whole as checks {_FILE_OF_RELEASE} order by figure_id
    """,
    "figure": f"""
        select checks.*, releases.file_name, unit_cost_row as row_number, unit_cost_column as column_number
        from intermediate.int_check_figure as checks {_FILE_OF_RELEASE} order by figure_id
    """,
    "account": f"""
        select checks.*, releases.file_name, null as figure_id
        from intermediate.int_check_account as checks {_FILE_OF_RELEASE} order by account_key, council_code
    """,
    "service": f"""
        select checks.*, releases.file_name, null as figure_id
        from intermediate.int_check_service as checks {_FILE_OF_RELEASE} order by release_id, measure_id, council_code
    """,
    "spend": f"""
        select checks.*, releases.file_name
        from intermediate.int_check_spend as checks {_FILE_OF_RELEASE} order by figure_id
    """,
    "sum": f"""
        select checks.*, releases.file_name, null as figure_id, null as council_code
        from intermediate.int_check_sum as checks {_FILE_OF_RELEASE} order by release_id, measure_id
    """,
    "control": f"""
        select checks.*, releases.file_name, null as figure_id, null as council_code, null as measure_id,
            null as row_number, null as column_number
        from intermediate.int_check_control as checks {_FILE_OF_RELEASE} order by release_id, scope
    """,
    "snapshot": """
        select *, null as measure_id, null as figure_id, null as row_number, null as column_number
        from intermediate.int_check_snapshot order by release_id
    """,
    "mart": """
        select *, null as council_code, null as measure_id, null as figure_id, null as row_number,
            null as column_number
        from quality.release_summary order by release_id
    """,
}
# The frame with one row per release of each gate: every rule answers for every one of them.
_RELEASES = {"a": "release", "b": "mart"}
# Snapshots of placements are no releases of a return: their rules answer for snapshots.
_OWN_SUBJECTS = ("snapshot",)
CHECKED_BY_GATE_A = tuple(frame for frame in FRAMES if frame != "mart")
# Everything a file prints, wherever it is kept.
_PRINTED_TEXTS = " union ".join(f"select sheet_id, {column} as text from raw.{table}" for table, column in (
    ("cell", "printed_text"), ("sheet_note", "printed_text"), ("row_label", "area"), ("row_label", "line"),
    ("row_label", "source"), ("column_label", "header"), ("column_label", "area")))
_SUBJECT = ("file_name", "release_id", "council_code", "financial_year", "measure_id", "figure_id", "row_number",
            "column_number")


@dataclass
class GateResult:
    """What one gate found: rows as ``gate.rule_result`` holds them, and the rules it judged by."""

    gate: str
    run_id: str
    rows: pd.DataFrame
    rules: tuple[Rule, ...] = field(default_factory=tuple)

    def failures(self, rule_id: str) -> pd.DataFrame:
        return self.rows[(self.rows["rule_id"] == rule_id) & (self.rows["status"] == "fail")]

    @property
    def blocking(self) -> pd.DataFrame:
        """The findings that stop the run."""
        return self.rows[(self.rows["status"] == "fail") & (self.rows["severity"] == "critical")]

    def stopped_releases(self) -> dict[str, str]:
        """The releases with a blocking finding, and the first rule that found it."""
        first = self.blocking.drop_duplicates("release_id")
        return {row["release_id"]: f"gate {self.gate.upper()}: {row['rule_id']}: {row['message']}"
                for row in first.to_dict("records")}

    def why_stopped(self, most: int = 10) -> str:
        """The blocking findings in words: rule, file, cell, what was found, and what to do."""
        blocking = self.blocking
        because = {rule.id: rule.because for rule in self.rules}
        lines = [f"Gate {self.gate.upper()} stopped the run: {len(blocking)} findings that must not be published."]
        lines += [f"- {row['subject']}\n    {row['rule_id']}: {row['message']}\n    because: {because[row['rule_id']]}"
                  for row in blocking.head(most).to_dict("records")]
        if len(blocking) > most:
            lines.append(f"- and {len(blocking) - most} more")
        lines.append("Next: correct the file (or, where a word or a total of it is new, add it to seeds/reference), "
                     "land it again and refresh. Nothing was published; the last release stays up.")
        return "\n".join(lines)


def load_result(gate: str, warehouse_path: Path) -> GateResult:
    """What the gate found when it last ran in this home."""
    with database.connect(warehouse_path) as connection:
        rows = connection.execute("select * from gate.rule_result where gate = ?", [gate]).df()
    return GateResult(gate, str(rows["run_id"].iloc[0]) if len(rows) else "", rows, load_rules(gate))


def run_gate(gate: str, warehouse_path: Path, run_id: str, extra: dict[str, pd.DataFrame] | None = None,
             rules: tuple[Rule, ...] | None = None) -> GateResult:
    """Judges every rule of a gate and stores the results in place of the gate's last ones.

    ``extra`` adds frames that no query gives; ``rules`` stands in for the gate's own (for trials of a threshold).
    """
    rules = rules if rules is not None else load_rules(gate)
    frames = _load_frames(warehouse_path, {_RELEASES[gate]} | {rule.frame for rule in rules if rule.frame in FRAMES})
    frames |= extra or {}
    judge = load_judge()
    rows = [row for rule in rules
            for row in judge.judge(rule, frames[rule.frame], _subjects(rule, gate, frames))]
    result = GateResult(gate, run_id, _as_rows(rows, gate, run_id), rules)
    _store(warehouse_path, result)
    return result


def _subjects(rule: Rule, gate: str, frames: dict[str, pd.DataFrame]) -> pd.DataFrame | None:
    """The frame with a row for each release a rule answers for; None for those of its own frame."""
    return frames[_RELEASES[gate]] if rule.frame in FRAMES and rule.frame not in _OWN_SUBJECTS else None


def _load_frames(warehouse_path: Path, names: set[str]) -> dict[str, pd.DataFrame]:
    with database.connect(warehouse_path, read_only=False) as connection:
        return {name: connection.execute(FRAMES[name]).df() for name in sorted(names)}


@functools.lru_cache(maxsize=1)
def load_judge() -> Judge:
    """The process's one Judge. Making it imports Great Expectations, which costs more than all judging."""
    return Judge()


@contextmanager
def _no_spark() -> Iterator[None]:
    """Great Expectations imports PySpark where the extra ``spark`` is installed, which is slow and, in a process that
    was started with ``python -c``, ends it there and then with exit code 0. The gates judge pandas frames alone.
    """
    known = "pyspark" in sys.modules
    if not known:
        sys.modules["pyspark"] = None
    try:
        yield
    finally:
        if not known:
            del sys.modules["pyspark"]


class Judge:
    """One Great Expectations context over pandas frames, used for every rule."""

    def __init__(self) -> None:
        os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
        logging.getLogger("great_expectations").setLevel(logging.WARNING)
        with _no_spark():
            import great_expectations as gx
            from great_expectations.data_context.types.base import (
                DataContextConfig,
                InMemoryStoreBackendDefaults,
                ProgressBarsConfig,
            )

        self._gx = gx
        # No data docs: they ask outside hosts for their looks, and results are rows here.
        config = DataContextConfig(store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
                                   progress_bars=ProgressBarsConfig(globally=False), analytics_enabled=False)
        context = gx.get_context(mode="ephemeral", project_config=config)
        source = context.data_sources.add_pandas("checks")
        self._batch = source.add_dataframe_asset("frame").add_batch_definition_whole_dataframe("frame")

    def judge(self, rule: Rule, frame: pd.DataFrame, releases: pd.DataFrame | None = None) -> list[dict[str, object]]:
        """Result rows of one rule: one per failing subject, and one per release without any.

        ``releases`` names the releases to answer for, also those of which the frame holds no row; else the frame's own.
        """
        # Rows are chosen by masks and only the columns a finding is told by are taken along: frames are wide.
        columns = [name for name in frame.columns if name in {*_SUBJECT, rule.column, *_fields(rule.message)}]
        is_known = frame[rule.column].notna()
        if rule.from_year or rule.to_year:
            is_due = [rule.is_due(year) for year in frame["financial_year"]]
            is_known &= pd.Series(is_due, index=frame.index, dtype=bool)
        is_applying = is_known & _mask(frame, rule.applies)
        is_asked = is_applying & _mask(frame, rule.where)
        applying, asked = frame.loc[is_applying, columns], frame.loc[is_asked, columns]
        failing = asked.loc[self._unexpected(rule, asked)] if len(asked) else asked
        return _rows_of(rule, frame if releases is None else releases, applying if rule.applies else asked, failing)

    def _unexpected(self, rule: Rule, frame: pd.DataFrame) -> list[object]:
        """Index labels of the rows out of bounds, as Great Expectations finds them."""
        keyed = frame[[rule.column]].astype("float64").rename_axis("row_key").reset_index()
        batch: Batch = self._batch.get_batch(batch_parameters={"dataframe": keyed})
        result = batch.validate(
            self._gx.expectations.ExpectColumnValuesToBeBetween(
                column=rule.column, min_value=rule.min, max_value=rule.max, strict_min=rule.strict_min,
                strict_max=rule.strict_max, severity=rule.severity, meta={"rule_id": rule.id}),
            result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["row_key"]},
        )
        if result.exception_info and result.exception_info.get("raised_exception"):
            raise RuntimeError(f"rule {rule.id} could not be judged: {result.exception_info['exception_message']}")
        return [row["row_key"] for row in result.result.get("unexpected_index_list") or []]


def _mask(frame: pd.DataFrame, condition: str | None) -> pd.Series:
    """Which rows a rule's condition holds for; what cannot be told does not hold."""
    if not condition or frame.empty:
        return pd.Series(True, index=frame.index, dtype=bool)
    return frame.eval(condition).fillna(False).astype(bool)


def _rows_of(rule: Rule, releases: pd.DataFrame, checked: pd.DataFrame, failing: pd.DataFrame
             ) -> list[dict[str, object]]:
    n_checked, n_failed = _by_release(checked), _by_release(failing)
    rows = [
        {"rule": rule, "status": "fail", "n_checked": n_checked.get(row["release_id"], 0),
         "n_failed": n_failed.get(row["release_id"], 0), "observed": row[rule.column],
         "message": say(rule.message, row), **{name: row.get(name) for name in _SUBJECT}}
        for row in failing.to_dict("records")
    ]
    for release in releases.drop_duplicates("release_id").to_dict("records"):
        count = n_checked.get(release["release_id"], 0)
        if release["release_id"] in n_failed:
            continue
        status = "pass" if count else "not_applicable" if rule.is_due(release.get("financial_year")) else "not_yet_due"
        rows.append({"rule": rule, "status": status, "n_checked": count, "n_failed": 0, "observed": None,
                     "message": None, **{name: release.get(name) for name in ("release_id", "file_name",
                                                                              "financial_year")}})
    return rows


def say(message: str, row: dict[str, object]) -> str:
    """The message with the row's values, without those of its parts (they end in ``;``) that hold an unknown one."""
    parts = [part for part in message.split("; ") if not any(pd.isna(row[name]) for name in _fields(part))]
    return "; ".join(parts).format(**row)


@functools.lru_cache(maxsize=512)
def _fields(message: str) -> tuple[str, ...]:
    """The columns whose values a message (or a part of one) holds."""
    return tuple(name for _, name, _, _ in string.Formatter().parse(message) if name)


def _by_release(frame: pd.DataFrame) -> dict[object, int]:
    return frame.groupby("release_id", dropna=False).size().to_dict() if len(frame) else {}


def _as_rows(rows: list[dict[str, object]], gate: str, run_id: str) -> pd.DataFrame:
    columns = ["run_id", "gate", "rule_id", "severity", "status", "subject", *_SUBJECT, "observed", "low", "high",
               "n_checked", "n_failed", "message"]
    records = []
    for row in rows:
        rule = row["rule"]
        record = {name: None if pd.isna(row.get(name)) else row.get(name)
                  for name in (*_SUBJECT, "observed", "message")}
        record |= {"run_id": run_id, "gate": gate, "rule_id": rule.id, "severity": rule.severity,
                   "status": row["status"], "low": rule.min, "high": rule.max, "n_checked": row["n_checked"],
                   "n_failed": row["n_failed"]}
        record["subject"] = _subject(record)
        records.append(record)
    return pd.DataFrame(records, columns=columns).astype({"row_number": "Int64", "column_number": "Int64"})


def _subject(record: dict[str, object]) -> str:
    """Who or what a result is about, in words: file, cell, council, year, measure."""
    parts = [record["file_name"]]
    if record["row_number"] is not None and record["council_code"] is not None:
        parts.append(f"row {int(record['row_number'])} column {column_letter(int(record['column_number']))}")
    elif record["column_number"] is not None:
        parts.append(f"column {column_letter(int(record['column_number']))}")
    if record["council_code"] is not None:
        parts.append(f"council {record['council_code']}")
    parts += [record["financial_year"], record["measure_id"]]
    return ", ".join(str(part) for part in parts if part is not None)


def _store(warehouse_path: Path, result: GateResult) -> None:
    rules = pd.DataFrame([
        {"rule_id": rule.id, "gate": gate, "severity": rule.severity, "good": rule.good, "because": rule.because,
         "from_year": rule.from_year, "to_year": rule.to_year, "low": rule.min, "high": rule.max,
         "history": "; ".join(f"{moved.on}: was {moved.was} ({moved.because})" for moved in rule.history) or None}
        for gate in ("reading", "a", "b") for rule in load_rules(gate)])
    with database.connect(warehouse_path) as connection:
        connection.register("rows_frame", result.rows)
        connection.register("rules_frame", rules)
        connection.execute("delete from gate.rule_result where gate = ?", [result.gate])
        connection.execute("insert into gate.rule_result select * from rows_frame")
        connection.execute("delete from gate.rule")
        connection.execute("insert into gate.rule select * from rules_frame")


# --- gate B's own frames ----------------------------------------------------------------------------------------------


def mart_frame(warehouse_path: Path, last_figures: dict[str, int]) -> pd.DataFrame:
    """The release summary beside what was last published: ``last_figures`` is figures by release."""
    frame = _load_frames(warehouse_path, {"mart"})["mart"]
    frame["figures_lost_pct"] = [
        100 * (last_figures[release] - figures) / last_figures[release] if last_figures.get(release) else None
        for release, figures in zip(frame["release_id"], frame["n_figures"])]
    return frame


def identifier_frame(warehouse_path: Path, tables: dict[tuple[str, str], str]) -> pd.DataFrame:
    """One row per text column to be published and kind of identifier, with how many values look like one.

    ``tables`` is the published tables to the warehouse tables they copy.

    An NHS number counts where its check digit holds: ten digits in a row are common, valid ones one in eleven of them.
    """
    rows = []
    with database.connect(warehouse_path) as connection:
        for (schema, table), source in tables.items():
            columns = connection.execute(
                "select column_name from information_schema.columns where data_type = 'VARCHAR' "
                "and concat(table_schema, '.', table_name) = ? order by 1", [source]).fetchall()
            # This gate's own rows of the run before are about to be replaced: they speak of what was stopped then.
            to_be_published = "gate <> 'b' and " if source == "gate.rule_result" else ""
            for (column,) in columns:
                suspects = connection.execute(
                    f'select distinct "{column}" from {source} where {to_be_published}regexp_matches("{column}", ?)',
                    [ANY_KIND]).fetchall()
                rows += [
                    {"release_id": f"{schema}.{table}", "table_name": f"{schema}.{table}", "column_name": column,
                     "kind": kind, "n_identifiers": float(sum(contains_identifier(text, kind) for (text,) in suspects)),
                     "financial_year": None, "file_name": f"{schema}.{table}"}
                    for kind in IDENTIFIERS]
    return pd.DataFrame(rows)


def files_with_identifiers(warehouse_path: Path) -> set[str]:
    """The source ids of loaded files that hold an identifier in what they print or in what they are called."""
    with database.connect(warehouse_path) as connection:
        suspects = connection.execute(f"""
            select source_id, file_name as text from raw.source_file
            where status = 'loaded' and regexp_matches(file_name, $1)
            union
            select sheets.source_id, texts.text from ({_PRINTED_TEXTS}) as texts
            inner join raw.source_sheet as sheets using (sheet_id) where regexp_matches(texts.text, $1)
        """, [ANY_KIND]).fetchall()
    return {source_id for source_id, text in suspects if any(contains_identifier(text, kind) for kind in IDENTIFIERS)}
