"""Proves that a figure is traced to the printed cells it comes from, as the command prints it."""

import hashlib

import pytest
from typer.testing import CliRunner

from orchestration import database, local_copy
from orchestration.cli import app
from orchestration.faults import UnusableInput
from orchestration.home import project_folder
from orchestration.lineage import describe, trace

STOCKTON = "114:2008-09:learning_disability_day_care_others_unit_cost:"


@pytest.fixture(scope="module")
def figure_id(embedded_home):
    with database.connect(embedded_home.published, read_only=True) as connection:
        return connection.execute("select figure_id from marts.fct_figure where starts_with(figure_id, ?)",
                                  [STOCKTON]).fetchone()[0]


def run(home, *arguments):
    return CliRunner().invoke(app, ["lineage", *arguments, "--home", str(home.folder)])


def test_a_snapshot_is_traced_to_its_file_and_columns(embedded_home):
    with local_copy.connect(embedded_home, is_local=True) as connection:
        [(snapshot_id,)] = connection.execute(
            "select snapshot_id from marts.dim_snapshot where snapshot_date = '2010-02-28'").fetchall()
    text = describe(trace(embedded_home, snapshot_id, is_local=True))
    assert text.startswith("placements of Stockton-on-Tees on 2010-02-28 (synthetic)\n")
    assert "synthetic_stockton_2010-02-28.csv, sha256 " in text
    assert "  gross_weekly_gbp: column 'gross_weekly_gbp' (J)" in text
    assert text in run(embedded_home, snapshot_id, "--local").output
    without = run(embedded_home, snapshot_id)
    assert without.exit_code == 2 and "--local" in without.output and "sha256" not in without.output


def test_stockton_is_traced_back_to_the_printed_cells(embedded_home, figure_id):
    result = run(embedded_home, figure_id)
    assert result.exit_code == 0
    file = project_folder() / "seeds" / "returns" / "unitary_authorities_learning_disability_unit_costs.csv"
    for words in (
        "Stockton-on-Tees (114), 2008-09", "value: 587.90 GBP per client per week", file.name,
        hashlib.sha256(file.read_bytes()).hexdigest(),
        "numerator   row 140 column G (7) printed '642'", "denominator row 141 column G (7) printed '1,090'",
        "unit_cost   row 142 column G (7) printed '587.9'",
        "compiled from PSS EX1 2008-09 Final Release: Unit Costs by CASSR (HSCIC), row 16 column EM",
        "642 GBP thousands x 1000 = GBP 642,000", "the printed unit cost, '587.9'",
        "numerator / denominator = 588.99",
        "verdict: quarantine (definition_break, implied_volume, jump_by_denominator, peer_and_sibling)",
        "peer_and_sibling (warning): GBP 587.90 is 2.61 times", "2.38 times the same service",
        "would be 55 people, 21 are returned",
    ):
        assert words in result.output, words


def test_the_printed_rows_are_where_the_lineage_says(embedded_home, figure_id):
    lines = (project_folder() / "seeds" / "returns" / "unitary_authorities_learning_disability_unit_costs.csv"
             ).read_text(encoding="utf-8-sig").splitlines()
    for cell in trace(embedded_home, figure_id).cells:
        assert cell["printed_text"] in lines[cell["row_number"] - 1]
        assert cell["component"] in lines[cell["row_number"] - 1]


def test_every_figure_has_a_lineage_that_reads(embedded_home):
    """One of each kind: every verdict, missing values, figures no peer reports."""
    with database.connect(embedded_home.published, read_only=True) as connection:
        ids = connection.execute(
            "select min(figure_id) from marts.fct_figure group by verdict, coalesce(missing_reason, ''), unit, "
            "denominator_unit, numerator is null, denominator is null").fetchall()
        uncompared = connection.execute(
            "select min(figure_id) from marts.mart_unit_cost_variance where why_no_comparator is not null").fetchall()
    assert len(ids) > 5
    for (figure_id,) in ids + uncompared:
        text = describe(trace(embedded_home, figure_id))
        assert "cells\n" in text and "formula\n" in text
        assert "None" not in text and "nan" not in text.split()
    assert "give no statistic" in describe(trace(embedded_home, uncompared[0][0]))


def test_a_wrong_id_names_the_nearest(embedded_home, figure_id):
    result = run(embedded_home, figure_id.replace("others", "otters"))
    assert result.exit_code == 2
    assert "No figure has the id" in result.stderr and figure_id in result.stderr
    assert "Next:" in result.stderr and "Traceback" not in result.output
    for odd in ("", "'; drop table x; --", "x" * 5000, "114"):
        assert run(embedded_home, odd).exit_code == 2


def test_an_empty_home_is_reported(tmp_path):
    from orchestration.home import Home

    result = run(Home(tmp_path / "new"), STOCKTON)
    assert result.exit_code == 2
    assert "carequartile refresh" in result.stderr
    assert not (tmp_path / "new").exists()
    with pytest.raises(UnusableInput):
        trace(Home(tmp_path / "new"), STOCKTON)
