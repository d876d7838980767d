"""The rules as ``carequartile rules`` shows them: what each asks and why, and what it found in the published copy."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from orchestration import local_copy
from orchestration.faults import UnusableInput
from orchestration.home import Home
from orchestration.rules import CONSEQUENCE, REGISTERS, Rule, find_rule, in_words, nearest_rules

WIDTH = 79
MOST_SUBJECTS = 5
# Rows of one register that are not used.
MOST_UNUSED = 5
_GATES = {"reading": "while a file is read", "a": "gate A, before the marts", "b": "gate B, before publication"}


@dataclass(frozen=True)
class Findings:
    """What a rule found in the published copy: findings by financial year, and the first subjects and messages."""

    run_id: str
    by_year: dict[str, int] = field(default_factory=dict)
    first: list[tuple[str, str]] = field(default_factory=list)


def rule_called(text: str) -> Rule:
    """The rule with this id. Raises UnusableInput, naming the nearest, where there is none."""
    if rule := find_rule(text):
        return rule
    near = nearest_rules(text)
    hint = f"nearest: {', '.join(near)}" if near else "`carequartile rules` lists them all"
    raise UnusableInput(f"No rule is called {text[:80]!r}; {hint}. Next: give the id of a rule.")


def findings_of(rules: Iterable[Rule], home: Home, is_local: bool = False) -> dict[str, Findings]:
    """What each rule found in what this home has published, by rule id; empty where nothing is published.

    With ``is_local`` of placements too, which the open copy leaves out.
    """
    if not home.published.is_file():
        return {}
    with local_copy.connect(home, is_local) as connection:
        run = connection.execute("select max(run_id) from quality.rule_result").fetchone()[0]
        found = {rule.id: Findings(run or "") for rule in rules}
        asked = list(found)
        marks = ", ".join("?" * len(asked))
        failed = f"from quality.rule_result where rule_id in ({marks}) and status = 'fail'"
        for rule_id, year, n in connection.execute(
                f"select rule_id, coalesce(financial_year, 'no year'), count(*) {failed} group by 1, 2 "
                "order by 2 desc", asked).fetchall():
            found[rule_id].by_year[year] = n
        for rule_id, subject, message in connection.execute(
                f"select rule_id, subject, message {failed} qualify row_number() over (partition by rule_id order by "
                f"financial_year desc, subject, message) <= {MOST_SUBJECTS} order by financial_year desc, subject, "
                "message", asked).fetchall():
            found[rule_id].first.append((subject, message))
    return found


def unused_rows(connection: Any, most: int = MOST_UNUSED) -> list[str]:
    """The rows of registers that nothing published uses, in words: file, row, what it says and why; of a published
    copy. Of more than ``most`` of one file the first are named, and how many more there are.
    """
    lines = []
    for file, total, first in connection.execute(
            "select file_name, count(*), list(concat(subject, ': ', message) order by row_number) "
            "from quality.rule_result where status = 'fail' and rule_id in "
            "('register_row_used', 'local_register_row_used') group by file_name order by file_name").fetchall():
        lines += first[:most]
        if total > most:
            lines.append(f"{file}: and {total - most:,} more rows that are not used (quality.rule_result has them all)")
    return lines


def list_rules(rules: list[Rule]) -> list[str]:
    """A line of id, gate, frame and severity for each rule, and below it what good data has."""
    lines = [f"{'rule':<34} {'gate':<8} {'frame':<17} severity"]
    for rule in rules:
        lines.append(f"{rule.id:<34} {rule.gate:<8} {rule.frame or '-':<17} {rule.severity}")
        lines += textwrap.wrap(rule.good, WIDTH, initial_indent="    ", subsequent_indent="    ")
    return [*lines, f"{len(rules)} rules. `carequartile rules show RULE` describes one."]


def describe_rule(rule: Rule, findings: Findings | None) -> list[str]:
    """Everything about one rule, for a terminal of 80 columns."""
    shown = [f"- {subject}: {message}" for subject, message in (findings.first if findings else [])]
    return [rule.id, *(line for name, text in facts(rule, findings).items() for line in _fact(name, text)),
            *(line for text in shown for line in textwrap.wrap(text, WIDTH, initial_indent="  ",
                                                               subsequent_indent="    "))]


def facts(rule: Rule, findings: Findings | None) -> dict[str, str]:
    """What there is to know of a rule, by name; what does not apply to it is left out."""
    found = {
        "asked": _GATES[rule.gate],
        "frame": f"{rule.frame} (expectations/gate_{rule.gate}/{rule.frame}.yml)" if rule.frame else "",
        "good": rule.good,
        "expects": f"{rule.type}: {in_words(rule)}" if rule.type else in_words(rule),
        "rows": rule.row_condition or "",
        "applies": rule.applies or "",
        "years": _years(rule),
        "severity": f"{rule.severity}: a finding {_consequence(rule)}",
        "because": rule.because,
        "history": "; ".join(f"{moved.on}: was {moved.was} ({moved.because})" for moved in rule.history)
                   or "no threshold was ever moved",
        "findings": _findings(rule, findings)}
    return {name: text for name, text in found.items() if text}


def as_data(rule: Rule, findings: Findings | None = None) -> dict[str, object]:
    """The same for machines."""
    low, high = rule.bounds
    data = rule.model_dump(exclude={"kwargs", "low", "high", "observed"}) | {"low": low, "high": high}
    if rule.type:
        data |= {"column": rule.column, "kwargs": rule.kwargs}
    if findings:
        data["findings"] = {"run_id": findings.run_id, "by_year": findings.by_year,
                            "first": [{"subject": subject, "message": message} for subject, message in findings.first]}
    return data


def _consequence(rule: Rule) -> str:
    if rule.frame in REGISTERS:
        return "names the row; no figure is quarantined"
    if rule.gate == "reading" or (rule.severity == "critical" and rule.stops == "file"):
        return "refuses the file"
    return CONSEQUENCE[rule.severity]


def _years(rule: Rule) -> str:
    if not (rule.from_year or rule.to_year):
        return "every year"
    return f"{rule.from_year or 'the first year'} to {rule.to_year or 'the last'}"


def _findings(rule: Rule, findings: Findings | None) -> str:
    if rule.gate == "reading":
        return "`carequartile check PATH` shows what it finds in a file; nothing of a refused file is stored"
    if findings is None:
        return "nothing is published in this home yet"
    if not findings.by_year:
        return "none in what is published"
    return f"{sum(findings.by_year.values()):,}: " + ", ".join(f"{year} {n:,}" for year, n in findings.by_year.items())


def _fact(name: str, text: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), WIDTH, initial_indent=f"  {name + ':':<10} ",
                         subsequent_indent=" " * 13, break_long_words=False)
