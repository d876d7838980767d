"""Judges check frames by the suites of ``expectations/``, with Great Expectations, which only this module imports.

A rule becomes one expectation on one pandas frame; a value out of bounds becomes a row of ``gate.rule_result``, with
the figure, file and cell it concerns. Great Expectations is given frames and never the warehouse: over DuckDB it fails
as shipped and then holds the file's lock.
"""

from __future__ import annotations

import functools
import logging
import os
import re
import string
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from orchestration import database, progress, published_text
from orchestration.faults import column_letter, counted, in_number
from orchestration.identifiers import DISGUISED
from orchestration.published_text import INITIALS
from orchestration.rules import Rule, load_rules, load_suites
from orchestration.store.registers import register_layouts

if TYPE_CHECKING:
    from great_expectations import Checkpoint, ExpectationSuite
    from great_expectations.expectations.expectation import Expectation

# The frame with one row per release of each gate: every rule answers for every one of them.
_RELEASES = {"a": "release", "b": "mart"}
# The rules of gate B that find a person: the file that brought one in is erased.
PERSONAL_RULES = frozenset({"no_identifier", "no_initials"})
# Texts of a file that are kept outside the tables of registers.
_PRINTED_COLUMNS = (
    ("cell", "printed_text"), ("sheet_note", "printed_text"), ("row_label", "area"), ("row_label", "line"),
    ("row_label", "source"), ("column_label", "header"), ("column_label", "area"))
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

    def n_judged(self, rule_id: str) -> int:
        """How many rows a rule has judged: each row of its results carries the count of its release."""
        of_rule = self.rows[self.rows["rule_id"] == rule_id]
        return int(of_rule.drop_duplicates("release_id")["n_checked"].sum())

    @property
    def blocking(self) -> pd.DataFrame:
        """The findings that stop the run."""
        return self.rows[(self.rows["status"] == "fail") & (self.rows["severity"] == "critical")]

    @property
    def concerns_files_alone(self) -> bool:
        """Whether every blocking finding is of a rule that stops its file and not the run."""
        stops = {rule.id: rule.stops for rule in self.rules}
        return all(stops.get(rule_id) == "file" for rule_id in self.blocking["rule_id"])

    def stopped_releases(self) -> dict[str, str]:
        """The releases with a blocking finding, and the first rule that found it."""
        first = self.blocking.drop_duplicates("release_id")
        return {row["release_id"]: f"gate {self.gate.upper()}: {row['rule_id']}: {row['message']}"
                for row in first.to_dict("records")}

    def why_stopped(self, most: int = 10) -> str:
        """The blocking findings in words: rule, file, cell, what was found, and what to do."""
        blocking = self.blocking
        because = {rule.id: rule.because for rule in self.rules}
        lines = [f"Gate {self.gate.upper()} stopped the run: {counted(len(blocking), 'finding')} that must not be "
                 "published."]
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

    ``extra`` adds frames that no query gives; ``rules`` replaces the gate's own (for trials of a threshold).
    """
    rules = rules if rules is not None else load_rules(gate)
    asked = {rule.frame for rule in rules}
    frames = _load_frames(gate, warehouse_path, asked | {_RELEASES[gate]}) | (extra or {})
    judge = load_judge()
    rows: list[dict[str, object]] = []
    judged = 0
    for frame in dict.fromkeys(rule.frame for rule in rules):
        of_frame = [rule for rule in rules if rule.frame == frame]
        rows += judge.judge(f"gate_{gate}.{frame}", of_frame, frames[frame], _subjects(gate, frame, frames))
        judged += len(of_frame)
        progress.reached(judged, len(rules), "rules")
    result = GateResult(gate, run_id, _as_rows(rows, gate, run_id), rules)
    _store(warehouse_path, result)
    return result


def _subjects(gate: str, frame: str, frames: dict[str, pd.DataFrame]) -> pd.DataFrame | None:
    """The frame with a row for each release that a frame's rules answer for; None for those of the frame itself."""
    suite = next(suite for suite in load_suites(gate) if suite.frame == frame)
    return frames[_RELEASES[gate]] if suite.subjects == "releases" else None


def _load_frames(gate: str, warehouse_path: Path, names: set[str]) -> dict[str, pd.DataFrame]:
    """The frames that a table of the warehouse holds, in an order that does not change from run to run."""
    with database.connect(warehouse_path) as connection:
        return {suite.frame: _load_frame(connection, suite.model) for suite in load_suites(gate)
                if suite.model and suite.frame in names}


def _load_frame(connection: duckdb.DuckDBPyConnection, model: str) -> pd.DataFrame:
    columns = {row[0] for row in connection.execute(f"describe {model}").fetchall()}
    order = [name for name in ("release_id", "figure_id", "measure_id", "council_code") if name in columns]
    return connection.execute(f"select * from {model} order by {', '.join(order)}").df()


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
    """A Great Expectations context over pandas frames. Each suite runs through its ValidationDefinition and Checkpoint.

    There is a Checkpoint for each frame of a gate: a Checkpoint gives one data frame to all its validations.
    """

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
        # No data docs: they load styles from outside hosts, and results are rows here.
        config = DataContextConfig(store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
                                   progress_bars=ProgressBarsConfig(globally=False), analytics_enabled=False)
        self._context = gx.get_context(mode="ephemeral", project_config=config)
        source = self._context.data_sources.add_pandas("checks")
        self._batch = source.add_dataframe_asset("frame").add_batch_definition_whole_dataframe("frame")
        self._checkpoints: dict[str, tuple[list[Rule], Checkpoint]] = {}

    def compile(self, name: str, rules: list[Rule]) -> ExpectationSuite:
        """The rules as an ExpectationSuite of Great Expectations. Raises ValueError for a type it does not have."""
        return self._gx.ExpectationSuite(name=name, expectations=[self._expectation(rule) for rule in rules])

    def _expectation(self, rule: Rule) -> Expectation:
        kind = getattr(self._gx.expectations, "".join(word.title() for word in rule.type.split("_")), None)
        if kind is None:
            raise ValueError(f"rule {rule.id}: Great Expectations has no expectation {rule.type!r}")
        choice = {"row_condition": rule.condition, "condition_parser": "pandas"} if rule.condition else {}
        if "column_A" in rule.kwargs:
            choice["ignore_row_if"] = "either_value_is_missing"
        meta = rule.model_dump(include={"applies", "good", "message", "from_year", "to_year", "history"})
        return kind(**rule.kwargs, **choice, severity=rule.severity, notes=rule.because,
                    meta={"rule_id": rule.id, **meta})

    def judge(self, name: str, rules: list[Rule], frame: pd.DataFrame, releases: pd.DataFrame | None = None
              ) -> list[dict[str, object]]:
        """Result rows of the rules of one frame: one per failing subject, and one per release without any.

        ``releases`` names the releases to answer for, also those of which the frame holds no row; else the frame's own.
        Raises RuntimeError where Great Expectations cannot judge a rule.
        """
        failing = self._unexpected(name, rules, frame) if len(frame) else {}
        return [row for rule in rules
                for row in _rows_of(rule, frame, failing.get(rule.id, []), frame if releases is None else releases)]

    def _unexpected(self, name: str, rules: list[Rule], frame: pd.DataFrame) -> dict[str, list[object]]:
        """By rule, the index labels of the rows that break it, as Great Expectations finds them."""
        found = self._checkpoint(name, rules).run(batch_parameters={"dataframe": _narrow(frame, rules)})
        results = [result for run in found.run_results.values() for result in run.results]
        broken = {}
        for result in results:
            rule_id = result.expectation_config.meta["rule_id"]
            if result.exception_info and (reason := _why_not_judged(result.exception_info)):
                raise RuntimeError(f"rule {rule_id} could not be judged: {reason}")
            broken[rule_id] = [row["row_key"] for row in result.result.get("unexpected_index_list") or []]
        return broken

    def _checkpoint(self, name: str, rules: list[Rule]) -> Checkpoint:
        """The frame's checkpoint, made once in a process for the same rules."""
        made_of, checkpoint = self._checkpoints.get(name, (None, None))
        if made_of != rules:
            checkpoint = self._made_checkpoint(name, rules)
            self._checkpoints[name] = (list(rules), checkpoint)
        return checkpoint

    def _made_checkpoint(self, name: str, rules: list[Rule]) -> Checkpoint:
        suite = self._context.suites.add_or_update(self.compile(name, rules))
        validation = self._context.validation_definitions.add_or_update(
            self._gx.ValidationDefinition(name=name, data=self._batch, suite=suite))
        return self._context.checkpoints.add_or_update(self._gx.Checkpoint(
            name=name, validation_definitions=[validation],
            result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["row_key"]}))


def _why_not_judged(exception_info: dict[str, object]) -> str | None:
    """The first exception of a result; Great Expectations keys them by metric, or has one."""
    infos = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    return next((str(info["exception_message"]) for info in infos if info.get("raised_exception")), None)


def _narrow(frame: pd.DataFrame, rules: list[Rule]) -> pd.DataFrame:
    """The columns that the rules read, numbers as numbers, and ``row_key``: Great Expectations copies what it is given
    for every expectation, and frames are wide.
    """
    judged = {column for rule in rules for column in rule.columns}
    numbers = {column for rule in rules if rule.reads_numbers for column in rule.columns}
    words = {word for rule in rules for word in re.findall(r"[A-Za-z_]\w*", rule.condition or "")}
    narrow = frame[[name for name in frame.columns if name in judged | words]]
    return narrow.astype(dict.fromkeys(numbers, "float64")).rename_axis("row_key").reset_index()


def _mask(frame: pd.DataFrame, condition: str | None) -> pd.Series:
    """Which rows a rule's condition holds for; where that is unknown, it does not hold."""
    if not condition or frame.empty:
        return pd.Series(True, index=frame.index, dtype=bool)
    return frame.eval(condition).fillna(False).astype(bool)


def _rows_of(rule: Rule, frame: pd.DataFrame, failing_index: list[object], releases: pd.DataFrame
             ) -> list[dict[str, object]]:
    n_checked = _by_release(frame.loc[_applying(rule, frame), ["release_id"]])
    # Only the columns a finding shows are taken along: frames are wide.
    columns = [name for name in frame.columns if name in {*_SUBJECT, rule.column, *_fields(rule.message)}]
    failing = frame[columns].loc[failing_index]
    n_failed = _by_release(failing)
    rows = [
        {"rule": rule, "status": "fail", "n_checked": n_checked.get(row["release_id"], 0),
         "n_failed": n_failed.get(row["release_id"], 0), "observed": row[rule.column],
         "message": fill_in(rule.message, row), **{name: row.get(name) for name in _SUBJECT}}
        for row in failing.to_dict("records")
    ]
    known = [name for name in ("release_id", "file_name", "financial_year") if name in releases.columns]
    for release in releases[known].drop_duplicates("release_id").to_dict("records"):
        count = n_checked.get(release["release_id"], 0)
        if release["release_id"] in n_failed:
            continue
        status = "pass" if count else "not_applicable" if rule.is_due(release.get("financial_year")) else "not_yet_due"
        rows.append({"rule": rule, "status": status, "n_checked": count, "n_failed": 0, "observed": None,
                     "message": None, **{name: release.get(name) for name in known}})
    return rows


def _applying(rule: Rule, frame: pd.DataFrame) -> pd.Series:
    """Which rows a rule has judged, or could have (``applies``): what it counts as checked."""
    is_due = frame["financial_year"].map(rule.is_due).astype(bool) if rule.from_year or rule.to_year else True
    return frame[rule.column].notna() & is_due & _mask(frame, rule.applies or rule.row_condition)


def fill_in(message: str, row: dict[str, object]) -> str:
    """The message with the row's values, without those of its parts (they end in ``;``) that hold an unknown one."""
    parts = [part for part in message.split("; ") if not any(pd.isna(row[name]) for name in _fields(part))]
    return in_number("; ".join(parts).format(**row))


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
        low, high = rule.bounds
        record |= {"run_id": run_id, "gate": gate, "rule_id": rule.id, "severity": rule.severity,
                   "status": row["status"], "low": low, "high": high, "n_checked": row["n_checked"],
                   "n_failed": row["n_failed"]}
        record["subject"] = _subject(record)
        records.append(record)
    return pd.DataFrame(records, columns=columns).astype({"row_number": "Int64", "column_number": "Int64"})


def _subject(record: dict[str, object]) -> str:
    """Who or what a result is about, in words: file, cell, council, year, measure."""
    parts = [record["file_name"]]
    if record["row_number"] is not None and record["council_code"] is not None:
        column = record["column_number"]
        parts.append(f"row {int(record['row_number'])}{f' column {column_letter(int(column))}' if column else ''}")
    elif record["column_number"] is not None:
        parts.append(f"column {column_letter(int(record['column_number']))}")
    elif record["row_number"] is not None:
        parts.append(f"row {int(record['row_number'])}")
    if record["council_code"] is not None:
        parts.append(f"council {record['council_code']}")
    parts += [record["financial_year"], record["measure_id"]]
    return ", ".join(str(part) for part in parts if part is not None)


def _store(warehouse_path: Path, result: GateResult) -> None:
    rules = pd.DataFrame([
        {"rule_id": rule.id, "gate": gate, "severity": rule.severity, "good": rule.good, "because": rule.because,
         "from_year": rule.from_year, "to_year": rule.to_year, "low": rule.bounds[0],
         "high": rule.bounds[1],
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
    """The release summary with what was last published: ``last_figures`` is figures by release."""
    frame = _load_frames("b", warehouse_path, {"mart"})["mart"]
    frame["figures_lost_pct"] = [
        100 * (last_figures[release] - figures) / last_figures[release] if last_figures.get(release) else None
        for release, figures in zip(frame["release_id"], frame["n_figures"])]
    return frame


def identifier_frame(warehouse_path: Path, tables: dict[tuple[str, str], str]) -> pd.DataFrame:
    """One row per text column to be published and kind of identifier, with how many values look like one.

    ``tables`` is the published tables to the warehouse tables they copy; views show no other texts than these.

    An NHS number counts where its check digit holds: ten digits in a row are common, valid ones one in eleven of them.
    """
    with database.connect(warehouse_path) as connection:
        columns = _text_columns(connection, tables)
        suspects = _suspect_texts(connection, columns)
    rows = [_identifiers_in(table, column, kind, suspects.get(place, []))
            for place, (table, column, _) in enumerate(columns) for kind in published_text.KINDS]
    return pd.DataFrame(rows).astype({"n_identifiers": "float64", "n_initials": "float64"})


def _text_columns(connection: duckdb.DuckDBPyConnection, tables: dict[tuple[str, str], str]
                  ) -> list[tuple[str, str, str]]:
    """Published table, column and source of every text column to be published."""
    of_source: dict[str, list[str]] = {}
    for source, column in connection.execute(
            "select concat(table_schema, '.', table_name), column_name from information_schema.columns "
            "where data_type = 'VARCHAR' order by all").fetchall():
        of_source.setdefault(source, []).append(column)
    return [(f"{schema}.{table}", column, source) for (schema, table), source in tables.items()
            for column in of_source.get(source, [])]


def _suspect_texts(connection: duckdb.DuckDBPyConnection, columns: list[tuple[str, str, str]]) -> dict[int, list[str]]:
    """The texts that may hold an identifier, by the place of their column in ``columns``.

    Every text is looked at once, however many rows and columns hold it: that of a council or a measure is in millions.
    """
    connection.execute("create or replace temporary table looked_at (place integer, text varchar)")
    for place, (_, column, source) in enumerate(columns):
        # This gate's own rows of the run before are about to be replaced: they speak of what was stopped then.
        to_be_published = " where gate <> 'b'" if source == "gate.rule_result" else ""
        connection.execute(f'insert into looked_at select distinct {place}, "{column}" from {source}{to_be_published}')
    found = connection.execute(
        "select place, text from looked_at where text in "
        f"(select text from (select distinct text from looked_at) as one where {_is_suspect('text')})",
        [published_text.ANY_KIND, DISGUISED]).fetchall()
    connection.execute("drop table looked_at")
    suspects: dict[int, list[str]] = {}
    for place, text in found:
        suspects.setdefault(place, []).append(text)
    return suspects


def _identifiers_in(table: str, column: str, kind: str, suspects: list[str]) -> dict[str, object]:
    count = sum(published_text.holds(text, kind) for text in suspects)
    return {"release_id": table, "table_name": table, "column_name": column, "kind": kind,
            "n_identifiers": None if kind == INITIALS else count, "n_initials": count if kind == INITIALS else None,
            "financial_year": None, "file_name": table}


def _is_suspect(text: str) -> str:
    """SQL: whether a text may hold an identifier, given both patterns; few texts are other than ASCII."""
    return f"(regexp_matches({text}, $1) or (strlen({text}) <> length({text}) and regexp_matches({text}, $2)))"


def _printed_texts() -> str:
    """SQL of every text that a file prints, wherever it is stored, by ``sheet_id``."""
    registers = [(layout.layout, column) for layout in register_layouts() for column in layout.columns_in_raw
                 if column != "column_number"]
    return " union ".join(f'select sheet_id, "{column}" as text from raw.{table}'
                          for table, column in (*_PRINTED_COLUMNS, *registers))


def files_with_identifiers(warehouse_path: Path) -> set[str]:
    """The source ids of loaded files that hold an identifier in what they print or in what they are called."""
    with database.connect(warehouse_path) as connection:
        suspects = connection.execute(f"""
            select source_id, file_name as text from raw.source_file
            where status = 'loaded' and {_is_suspect("file_name")}
            union
            select sheets.source_id, texts.text from ({_printed_texts()}) as texts
            inner join raw.source_sheet as sheets using (sheet_id) where {_is_suspect("texts.text")}
        """, [published_text.ANY_KIND, DISGUISED]).fetchall()
    return {source_id for source_id, text in suspects
            if any(published_text.holds(text, kind) for kind in published_text.KINDS)}
