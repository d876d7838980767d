"""Walks back from a published figure to the printed cells it came from. Reads the published file alone."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration import warehouse
from orchestration.faults import RunStopped, UnusableInput, column_letter
from orchestration.home import Home


@dataclass(frozen=True)
class Lineage:
    """A figure, the cells of its parts, and what the gates and people said of it, each as a row by column name."""

    figure: dict[str, object]
    measure: dict[str, object]
    release: dict[str, object]
    cells: list[dict[str, object]]
    findings: list[dict[str, object]]
    comparisons: list[dict[str, object]]
    rulings: list[dict[str, object]]


def trace(home: Home, figure_id: str) -> Lineage:
    """The lineage of a figure. Raises UnusableInput with near ids where there is no such figure."""
    if not home.published.is_file():
        raise UnusableInput("Nothing is published in this home yet. Next: run `carequartile refresh` first, or name "
                            "the home with --home.")
    with warehouse.connect(home.published, read_only=True) as connection:
        def rows(sql: str, *values: object) -> list[dict[str, object]]:
            cursor = connection.execute(sql, list(values))
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]

        try:
            figures = rows("select * from marts.fct_figure where figure_id = ?", figure_id)
            if not figures:
                near = rows("select figure_id from marts.fct_figure order by "
                            "jaro_winkler_similarity(figure_id, ?) desc, figure_id limit 3", figure_id)
                listed = "\n".join(f"  {row['figure_id']}" for row in near)
                raise UnusableInput(f"No figure has the id {figure_id!r}. The nearest:\n{listed}\n"
                                    "Next: take the id from the column figure_id of marts.fct_figure.")
            figure = figures[0]
            return Lineage(
                figure=figure,
                measure=rows("select * from marts.dim_measure where measure_id = ? and definition_version = ?",
                             figure["measure_id"], figure["definition_version"])[0],
                release=rows("select * from marts.dim_release where release_id = ?", figure["release_id"])[0],
                cells=rows("select * from marts.fct_figure_cell where figure_id = ? order by case component "
                           "when 'numerator' then 1 when 'denominator' then 2 else 3 end", figure_id)
                or [_own_cell(figure)],
                findings=rows("select * from quality.rule_result where figure_id = ? and status = 'fail' "
                              "order by severity, rule_id", figure_id),
                comparisons=rows("select * from marts.mart_unit_cost_variance where figure_id = ? order by peer_set",
                                 figure_id),
                rulings=rows("select * from quality.ruling where measure_id = ? and council_code = ? and "
                             "financial_year = ?", figure["measure_id"], figure["council_code"],
                             figure["financial_year"]),
            )
        except warehouse.DatabaseError as error:
            raise RunStopped(f"The published file cannot be read ({str(error).splitlines()[0]}). Next: refresh again."
                             ) from error


def _own_cell(figure: dict[str, object]) -> dict[str, object]:
    """The one cell of a figure that is printed as such, without parts."""
    return {"component": "value", "sheet": figure["sheet"], "row_number": figure["row_number"],
            "column_number": figure["column_number"], "printed_text": figure["value_printed"], "number": None,
            "compiled_from": None}


def describe(lineage: Lineage) -> str:
    """The lineage as text: what it is, where it stands, how it was derived, and what was said of it."""
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
        return [f"  against {row['peer_set']}: none; {row['why_no_comparator']}"]
    return [f"  against {row['peer_set']} {row['peer_set_version']}: value - mean of {row['n_peers']} peers = "
            f"{_money(row['value'])} - {_money(row['comparator_mean'])} = {row['variance']:+,.2f} "
            f"(weighted {_money(row['comparator_weighted'])}, median {_money(row['comparator_median'])})"]
