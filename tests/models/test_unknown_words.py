"""A line whose words no one knows: it is left out and kept, its totals are missing; a file of terms says what it is.

The return is an invented one of ASC-FR; in a real one the names of two lines ran together.
"""

import pytest
from builders import ascfr_return, survey_of, write_csv

from orchestration import database
from orchestration.home import Home
from orchestration.refresh import refresh
from orchestration.survey import survey_landing

EQUIPMENT = "Assistive Equipment and Technology"
TOGETHER = f"{EQUIPMENT}Information and Early Intervention"
SPEND = "gross_current_expenditure"


def run_together():
    return [[cell.replace(EQUIPMENT, TOGETHER) for cell in row] for row in ascfr_return(2019)]


def test_check_names_the_words_and_what_to_land(tmp_path):
    whole, spoilt = (survey_of(write_csv(tmp_path / f"{name}.csv", grid)) for name, grid in (
        ("whole", ascfr_return(2019)), ("spoilt", run_together())))
    assert not [odd for odd in whole.readings[0].oddities if "no one knows" in odd]
    said = [odd for odd in spoilt.readings[0].oddities if "no one knows" in odd]
    assert spoilt.faults == [] and said and all(
        TOGETHER.lower() in odd and "(162 lines or cells)" in odd and "land a CSV" in odd for odd in said), said


def test_check_reads_the_terms_beside_a_return(tmp_path):
    """They are known, the return is whole again, and what the catalogue has keeps its meaning."""
    write_csv(tmp_path / "return.csv", run_together())
    terms = [["ascfr_descriptions", "client_group", words, "assistive_equipment_technology"]
             for words in unknown(tmp_path)]
    write_csv(tmp_path / "terms.csv", [["term_set", "dimension", "printed", "slug"], *terms])
    assert terms and unknown(tmp_path) == []
    # Of another vocabulary they say nothing.
    write_csv(tmp_path / "terms.csv", [["term_set", "dimension", "printed", "slug"],
                                       *(["rs", *term[1:]] for term in terms)])
    assert len(unknown(tmp_path)) == len(terms)


def unknown(landing):
    said = [odd for file in survey_landing([landing]).files for reading in file.readings for odd in reading.oddities]
    return [odd.split("'")[1] for odd in said if "no one knows" in odd]


def test_a_term_is_a_word_that_the_catalogue_has(tmp_path):
    header = ["term_set", "dimension", "printed", "slug"]
    row = ["ascfr_descriptions", "service", "long term care|spa", "nursing"]
    assert survey_of(write_csv(tmp_path / "a.csv", [header, row])).faults == []
    [fault] = survey_of(write_csv(tmp_path / "b.csv", [header, [*row[:3], "spa"]])).faults
    assert "a word that the catalogue has for that dimension" in str(fault)


@pytest.mark.full
def test_other_lines_are_published_and_totals_are_missing_until_a_term_is_landed(tmp_path):
    home, landing = Home(tmp_path / "home"), tmp_path / "landing"
    landing.mkdir()
    write_csv(landing / "return.csv", run_together())
    refresh([landing], home)

    def rows(sql):
        with database.connect(home.warehouse, read_only=True) as connection:
            return connection.execute(sql).fetchall()

    figures = "select count(*) from marts.fct_figure"
    totals = ("select measure_id, count(*), count(value), max(missing_reason) from marts.fct_derived_figure where "
              f"measure_id in ('adult_social_care_{SPEND}', 'learning_disability_{SPEND}') group by 1 order by 1")
    assert rows(figures) == [(98 * 152,)]
    assert rows("select count(*) from quality.rejected_row") == [(152,)]
    assert rows(totals) == [(f"adult_social_care_{SPEND}", 152, 0, "part_of_return"),
                            (f"learning_disability_{SPEND}", 152, 152, None)]
    [(message,)] = rows("select message from gate.rule_result where rule_id = 'line_has_measure' and status = 'fail'")
    assert "1 printed lines are left out" in message and TOGETHER in message

    write_csv(landing / "terms.csv", [["term_set", "dimension", "printed", "slug"], [
        "ascfr_descriptions", "client_group", f"other|{TOGETHER.lower()}", "assistive_equipment_technology"]])
    refresh([landing], home)
    assert rows(figures) == [(99 * 152,)] and rows("select count(*) from quality.rejected_row") == [(0,)]
    assert rows(totals)[0] == (f"adult_social_care_{SPEND}", 152, 152, None)
