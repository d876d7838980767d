"""What Dagster's pages show of a landing and of a gate's findings, as tables."""

from pathlib import Path
from typing import Any

import dagster as dg

from orchestration import gates
from orchestration.rules import Rule
from orchestration.store.files import count_snapshots
from orchestration.survey import SurveyedFile


def files_metadata(files: list[SurveyedFile]) -> dict[str, Any]:
    """What a landing holds, file by file: its content's hash, how much of it is read, why it is not."""
    records = [dg.TableRecord({
        "file": file.file.name, "sha256": file.file.sha256, "status": file.status,
        "financial years": ", ".join(sorted(file.years)), "rows": sum(reading.n_rows for reading in file.readings),
        "cells": sum(reading.n_cells for reading in file.readings), "reason": file.reason}) for file in files]
    return {"files": len(files), "files rejected": sum(file.status != "loaded" for file in files),
            "rows": sum(record.data["rows"] for record in records),
            **({"file by file": dg.MetadataValue.table(records)} if records else {})}


def snapshots_metadata(warehouse_path: Path, files: list[SurveyedFile]) -> dict[str, Any]:
    """Which snapshots a landing holds and how many are stored. Rows are not counted: whoever sees these pages need not
    be who may open the warehouse.
    """
    records = [dg.TableRecord({"file": file.file.name, "sha256": file.file.sha256, "status": file.status,
                               "read by": file.placement.mapping.snapshot_mapping, "reason": file.reason})
               for file in files]
    return {"files": len(files), "files rejected": sum(file.status != "loaded" for file in files),
            "snapshots in the warehouse": count_snapshots(warehouse_path),
            **({"file by file": dg.MetadataValue.table(records)} if records else {})}


# What a person needs of a finding to act on it; the rest of it is in quality.rule_result.
FINDING = ("file_name", "row_number", "column_number", "council_code", "financial_year", "figure_id", "observed", "low",
           "high", "message")
MOST_FINDINGS = 50


def check_results(result: gates.GateResult, key: dg.AssetKey) -> list[dg.AssetCheckResult]:
    return [_check_result(rule, result, key) for rule in result.rules]


def _check_result(rule: Rule, result: gates.GateResult, key: dg.AssetKey) -> dg.AssetCheckResult:
    failing = result.failures(rule.id)
    shown = failing.head(MOST_FINDINGS)[list(FINDING)].astype(object)
    records = [dg.TableRecord({name: _plain(value) for name, value in row.items()})
               for row in shown.to_dict("records")]
    return dg.AssetCheckResult(
        # A note is something to know of good data, and no failed check.
        asset_key=key, check_name=rule.id, passed=failing.empty or rule.severity == "info",
        severity=dg.AssetCheckSeverity.ERROR if rule.severity == "critical" else dg.AssetCheckSeverity.WARN,
        metadata={"findings": len(failing), "judged": result.n_judged(rule.id),
                  **({"failing cells": dg.MetadataValue.table(records)} if records else {})})


def _plain(value: object) -> str | int | float | None:
    """A cell of a frame as Dagster's tables take it: decimals as printed, what is missing as nothing."""
    if value is None or value != value:
        return None
    return value if isinstance(value, str | int | float) else str(value)


def gate_metadata(result: gates.GateResult) -> dict[str, Any]:
    """What a gate found in all, as numbers that Dagster's pages draw over time, and rule by rule."""
    counts = _findings(result)
    records = [dg.TableRecord({"rule": rule.id, "severity": rule.severity, "judged": result.n_judged(rule.id),
                               "findings": len(found)})
               for rule in result.rules if len(found := result.failures(rule.id))]
    return {"rules": len(result.rules), "rules with findings": len(records),
            **{f"findings, {word}": int(counts.get(severity, 0)) for severity, word in SEVERITIES},
            **({"rule by rule": dg.MetadataValue.table(records)} if records else {})}


# What a finding does, by the severity of its rule.
SEVERITIES = (("critical", "blocking"), ("warning", "quarantined"), ("info", "noted"))


def _findings(result: gates.GateResult) -> Any:
    """How many findings there are, by severity."""
    return result.rows[result.rows["status"] == "fail"].groupby("severity").size()


def judged(result: gates.GateResult) -> str:
    counts = _findings(result)
    listed = ", ".join(f"{counts.get(severity, 0):,} {word}" for severity, word in SEVERITIES)
    return f"{listed} findings of {len(result.rules)} rules"
