"""Proves which faults of a register's cells are reported, how many of them, and in which order."""

import builders
import pytest

from orchestration.faults import MOST_OF_A_KIND


def faults(tmp_path, grid):
    return [fault for fault in builders.survey_of(builders.write_csv(tmp_path / "x.csv", grid, "utf-8-sig")).faults
            if fault.rule == "register_row_valid"]


def test_a_wrong_column_is_reported_up_to_a_limit_whatever_it_holds(tmp_path):
    """Some codes have a council of nearly that name, others none; the limit is one for the column all the same."""
    codes = [f"bad{number}" for number in range(MOST_OF_A_KIND + 150)]
    grid = builders.register("snapshot_pair", [[code, "2009-02-28", "2010-02-28"] for code in codes])
    found = faults(tmp_path, grid)
    assert [fault.row for fault in found] == list(range(2, MOST_OF_A_KIND + 2))
    assert len({fault.expected for fault in found}) > 1


def test_every_word_that_is_not_of_a_closed_list_is_reported(tmp_path):
    rows = MOST_OF_A_KIND + 150
    grid = builders.register("move_risk_tier", [
        [f"word{number}", "label", "114", "2010-01-01", "0.25", "because"] for number in range(rows)])
    assert [fault.row for fault in faults(tmp_path, grid)] == list(range(2, rows + 2))


def test_faults_of_one_check_come_column_by_column(tmp_path):
    """The first fault is the one shown where a file is refused: that of the first column, not of the first row."""
    grid = builders.reference("population_bands")
    grid[5][grid[0].index("pop_all_ages")] = "n/k"
    grid[2][grid[0].index("pop_0_17")] = "n/k"
    assert [(fault.row, fault.column) for fault in faults(tmp_path, grid)] == [(6, 4), (3, 5)]


def test_a_row_with_two_wrong_cells_is_reported_for_each(tmp_path):
    grid = builders.register("snapshot_pair", [["999", "2010-02-28", "2009-02-28"]])
    assert [(fault.column, fault.expected.split(",")[0]) for fault in faults(tmp_path, grid)] == [
        (1, "a council's code"), (3, "a day after from_date")]


@pytest.mark.parametrize("text", ["", "  "])
def test_a_blank_optional_column_breaks_nothing(tmp_path, text):
    grid = builders.register("placement_band", [["114", "Community", "2010-01-01", "0", "uncosted", text, text]])
    assert faults(tmp_path, grid) == []
