"""A page of all rules: what each asks, why, since when, how its threshold moved, and what it finds now."""

from __future__ import annotations

from pathlib import Path

from orchestration.home import Home
from orchestration.report.render import render, write_whole
from orchestration.rule_book import facts, findings_of
from orchestration.rules import Rule


def write_rules(rules: list[Rule], home: Home, folder: Path) -> Path:
    """Writes ``rules.html``, with the findings of what this home has published, and returns where."""
    found = findings_of(rules, home)
    shown = [
        {
            "rule": rule,
            "facts": facts(rule, found.get(rule.id)),
            "n": sum(found[rule.id].by_year.values()) if rule.id in found else None,
            "first": found[rule.id].first if rule.id in found else [],
        }
        for rule in rules
    ]
    run_id = next((one.run_id for one in found.values()), "")
    path = folder / "rules.html"
    write_whole(path, render("rules.html", "site.js", shown=shown, run_id=run_id))
    return path
