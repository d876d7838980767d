"""The sentences and the pictures by themselves, without a published copy."""

import re
from xml.etree import ElementTree

import pytest

from orchestration import transform
from orchestration.report import pictures, words
from orchestration.report.reading import rule_words
from orchestration.rules import load_suites

SVG = "{http://www.w3.org/2000/svg}"


def row(**changed):
    return {
        "financial_year": "2017-18",
        "value": 145.55,
        "unit": "GBP per resident",
        "mean": 161.62,
        "n_peers": 15,
        "variance_to_mean": -16.07,
        "rank_low": 5,
        "n_ranked": 16,
        "verdict": "pass",
        "why_no_statistic": None,
    } | changed


def test_every_rule_that_judges_figures_has_words_for_the_page():
    """Without them the page shows the rule's own sentence, of what good data has: expected but not so."""
    judging = {
        rule.id
        for suite in load_suites("a")
        for node in transform.manifest_dict()["nodes"].values()
        if suite.model and node["resource_type"] == "model" and f"{node['schema']}.{node['name']}" == suite.model
        and "figure_id" in node["columns"]
        for rule in suite.rules
    }
    assert len(judging) > 20
    assert judging <= set(rule_words())


def test_a_comparison_names_figure_distance_and_rank():
    assert words.standing("Stockton", "spend", row(), "nearest neighbours") == (
        "Stockton, 2017-18: spend was £145.55 a resident, £16.07 below the mean of 15 nearest neighbours, and the 5th "
        "lowest of 16."
    )


@pytest.mark.parametrize(
    ("changed", "ends"),
    [
        ({"verdict": "warn"}, "(use with care)."),
        ({"verdict": "quarantine"}, "(doubtful: do not rely on it)."),
        ({"value": None, "verdict": "quarantine"}, "is set aside as too doubtful to compare."),
        ({"verdict": "unjudged"}, "(not judged by any check)."),
        ({"value": None, "verdict": "unjudged"}, "is not compared, since no check could judge it."),
        ({"value": None, "verdict": "missing"}, "has no figure."),
        (
            {"mean": None, "why_no_statistic": "only 2 peers report this figure"},
            "since only 2 peers report this figure.",
        ),
    ],
)
def test_every_comparison_shows_whether_it_can_be_trusted(changed, ends):
    assert words.standing("Stockton", "spend", row(**changed), "nearest neighbours").endswith(ends)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (964.7, "GBP per person per week", "£964.70 a person a week"),
        (-2.5, "GBP per resident", "-£2.50 a resident"),
        (41.08, "per cent", "41.1%"),
        (1_500_000, "GBP", "£1.50 million"),
        (53_265, "GBP", "£53 thousand"),
        (None, "GBP", "no figure"),
        (1.359, "people per 1000 residents", "1.36 people per 1000 residents"),
    ],
)
def test_an_amount_has_its_unit(value, unit, text):
    assert words.amount(value, unit) == text


def test_shares_differ_by_percentage_points():
    assert words.difference(-15.54, "per cent") == "15.5 percentage points"


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (1, "the lowest of 16"),
        (16, "the highest of 16"),
        (2, "the 2nd lowest of 16"),
        (13, "the 4th highest of 16"),
        (None, "no rank"),
    ],
)
def test_a_rank_counts_from_the_nearer_end(place, text):
    assert words.rank(place, 16) == text


def test_a_verdict_names_what_the_check_found():
    assert words.verdict({"verdict": "quarantine", "rule_ids": "few_people, odd"}, {"few_people": "few"}) == (
        "Set aside: few; odd"
    )
    assert words.verdict({"verdict": "missing", "missing_reason": "suppressed"}) == "No figure: the publisher hides it"


def drawn(svg: str) -> tuple[ElementTree.Element, list[str]]:
    root = ElementTree.fromstring(svg)
    return root, ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


PICTURES = {
    "ranked": lambda: pictures.ranked_bars(
        [pictures.Bar("<b>A & B", 3), pictures.Bar("Own", 5, True), pictures.Bar("Odd", 9, is_set_aside=True)],
        [pictures.Level("mean 4.00", 4)],
        "£ a resident",
        'said "so" & <more>',
    ),
    "upright": lambda: pictures.ranked_bars(
        [pictures.Bar(f"C{i}", i) for i in range(60)] + [pictures.Bar("Own", 9, True)], [], "£ a resident", "label"
    ),
    "pairs": lambda: pictures.against_peers([pictures.Pair("Home", 76, 83)], "per cent", "label"),
    "waterfall": lambda: pictures.waterfall(
        [pictures.Step("Peers", 100, True), pictures.Step("More", 5)], "£", "label"
    ),
    "spine": lambda: pictures.spine([pictures.Spine("Nursing", 163, -90, 300, -20, 20, True)], "label"),
    "spans": lambda: pictures.spans([pictures.Span("Mean", 1.2, 1.1, 1.3)], "£ million", "label"),
    "bands": lambda: pictures.bands([pictures.Band("Community", "under 100", None)], "label"),
    "lines": lambda: pictures.indexed_lines(
        [
            pictures.Point("Spend", year, value, piece)
            for year, value, piece in (
                ("2006-07", 100, "a"),
                ("2007-08", 110, "a"),
                ("2014-15", 100, "b"),
                ("2016-17", 130, "b"),
            )
        ],
        "index",
        "label",
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_one_labelled_image_of_its_own_ids(name):
    svg = PICTURES[name]()
    root, _ = drawn(svg)
    assert root.get("role") == "img" and root.get("aria-label") and root.get("viewBox")
    assert all(re.match(r"p[0-9a-f]{8}_", found) for found in re.findall(r'\bid="([^"]+)"', svg))
    assert "<script" not in svg and "style=" not in svg and len(svg) < 60_000


def test_colour_says_nothing_alone():
    _, ranked = drawn(PICTURES["ranked"]())
    assert {"5.00 ◄", "9.00 set aside", "<b>A & B", "mean 4.00"} <= set(ranked)
    assert "+5.0" in drawn(PICTURES["waterfall"]())[1]
    assert "+163% set aside" in drawn(PICTURES["spine"]())[1]
    assert "not shown" in drawn(PICTURES["bands"]())[1]


def test_no_line_crosses_a_change_of_definition():
    root, texts = drawn(PICTURES["lines"]())
    lines = [path for path in root.iter(f"{SVG}path") if path.get("stroke-width") == "2" and "L" in path.get("d", "")]
    assert len(lines) == 2
    assert "definition changes" in texts


def noted(**changed):
    return {"side": "numerator", "part_label": "Learning disability, home care aged 18 to 64: gross current spending",
            "part_measure_id": "home", "part_of_total_pct": 26.19, "excess_gbp": 240, "total_excess_pct": 2.4,
            "is_total_doubted": False} | changed


def test_a_note_names_the_parts_their_share_and_how_far_they_move_the_total():
    parts = [noted(), noted(part_label="Meals: gross", excess_gbp=-9, part_of_total_pct=0.2),
             noted(side="denominator", part_label="Nursing: gross", excess_gbp=999, part_of_total_pct=7,
                   total_excess_pct=-3),
             noted(part_label=None, excess_gbp=1, part_of_total_pct=1)]
    assert words.note(parts) == (
        "learning disability, home care aged 18 to 64 (26% of the total), meals (0% of the total) and 2 "
        "more; at England's median they would move it by 3%")
    assert words.note([noted(part_of_total_pct=100), noted(part_of_total_pct=None)]) == "", "the total itself"


def test_a_part_that_does_not_move_the_total_leaves_the_headline_as_it_is():
    of_part = row(verdict="warn", rule_ids="spend_level_far", note="meals (0% of the total)", is_material=False)
    assert "use with care" not in words.standing("Stockton", "spend", of_part, "class peers")
    assert words.verdict(of_part, rule_words()) == "Can be trusted as a whole; a check noted meals (0% of the total)"
    assert words.verdict(of_part | {"note": ""}) == words.NOTED
    material = of_part | {"is_material": True}
    assert "(use with care)" in words.standing("Stockton", "spend", material, "class peers")
    assert words.verdict(material, rule_words()).startswith("Use with care: its spending per resident")
    assert words.verdict(material, rule_words()).endswith("; it is about meals (0% of the total)")
    assert "Set aside" in words.verdict(of_part | {"verdict": "quarantine"}, rule_words())


def test_councils_set_aside_are_not_counted_among_those_compared():
    bars = [pictures.Bar("A", 1), pictures.Bar("B", 2, is_own=True), pictures.Bar("C", 3, is_set_aside=True)]
    assert pictures.counted_councils(bars) == "2 councils, lowest first, and 1 set aside (dashed)"
    assert pictures.counted_councils(bars[:2]) == "2 councils, lowest first"
