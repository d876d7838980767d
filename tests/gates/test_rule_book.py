"""Proves that `carequartile rules` lists every rule in 80 columns and shows one with its reason and findings."""

import json

import pytest
from sampling import sampled
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.rules import all_rules, load_rules


def run(*arguments):
    result = CliRunner().invoke(app, ["rules", *map(str, arguments)])
    return result.exit_code, result.output


def test_every_rule_is_listed_within_80_columns():
    code, output = run()
    assert code == 0
    lines = output.splitlines()
    assert max(map(len, lines)) <= 80
    listed = {line.split()[0] for line in lines[1:-1] if not line.startswith(" ")}
    assert listed == {rule.id for rule in all_rules()}
    assert lines[-1].startswith(f"{len(all_rules())} rules.")


def test_the_rules_of_one_gate():
    code, output = run("--gate", "b", "--json")
    assert code == 0
    assert {rule["gate"] for rule in json.loads(output)} == {"b"}
    code, output = run("--gate", "c")
    assert code == 2 and "no gate 'c'" in output and "Next: give reading, a or b." in output


@pytest.mark.parametrize("rule", sampled(all_rules(), 20), ids=lambda rule: rule.id)
def test_a_rule_is_shown_within_80_columns(rule, tmp_path):
    code, output = run("show", rule.id, "--home", tmp_path)
    assert code == 0
    assert max(map(len, output.splitlines())) <= 80
    words = " ".join(output.split())
    assert rule.good in words and rule.because in words and rule.severity in words
    if rule.gate != "reading":
        assert rule.type in words and f"expectations/gate_{rule.gate}/{rule.frame}.yml" in words
        assert "nothing is published in this home yet" in words


def test_a_rule_with_its_findings(embedded_home):
    code, output = run("show", "peer_and_sibling", "--home", embedded_home.folder)
    assert code == 0
    words = " ".join(output.split())
    assert "findings: 13: 2010-11 4, 2009-10 4, 2008-09 5" in words
    assert "GBP 846.00 is 3.47 times England's median" in words
    code, output = run("show", "peer_and_sibling", "--home", embedded_home.folder, "--json")
    assert sum(json.loads(output)["findings"]["by_year"].values()) == 13
    assert (json.loads(output)["low"], json.loads(output)["high"]) == (0.4, 2.5)
    code, output = run("show", "parts_add_up", "--home", embedded_home.folder)
    assert "none in what is published" in output


def test_a_near_miss_names_the_nearest():
    code, output = run("show", "peer_sibling")
    assert code == 2 and "nearest: peer_and_sibling" in output
    code, output = run("show", "\x1b[31mxyzzy")
    assert code == 2 and "\x1b" not in output and "`carequartile rules` lists them all" in output


@pytest.mark.parametrize("gate", ["a", "b"])
def test_each_critical_rule_says_whether_it_stops_its_file_or_the_run(gate):
    for rule in load_rules(gate):
        assert ("stops" in rule.model_fields_set) == (rule.severity == "critical"), rule.id
        assert rule.stops == "run" or gate == "a", rule.id


def test_the_rule_book_says_what_a_critical_finding_stops():
    assert "refuses the file" in run("show", "england_total_agrees")[1]
    assert "stops the run" in run("show", "year_not_repeated")[1]
