"""Proves what the page says of spending beside outcomes and of levers, by a few invented rows."""

import pytest

from orchestration import database
from orchestration.report.reading import Copy, Council
from orchestration.report.sections.beside import beside
from orchestration.report.sections.levers import CAVEAT, levers
from orchestration.report.sections.parts import Asked
from orchestration.report.sections.savings import _trusted
from orchestration.report.sections.why import why

SPEND = "learning_disability_gross_current_expenditure_per_head"
TABLES = f"""
create schema marts;
create table marts.dim_peer_set as select 'class' as peer_set, unnest(['2', '3', '4']) as peer_code,
    '2000-01' as counts_from, '2099-00' as counts_to;
create table marts.mart_spend_outcome as
    select council_code, council, '2017-18' as financial_year, peer_set, '{SPEND}' as spend_measure, measure as
        outcome_measure, 'v1' as outcome_definition_version, label as outcome_label, 'per cent' as outcome_unit,
        'higher_is_better' as outcome_polarity, council_code || ':spend' as spend_figure_id,
        council_code || ':' || measure as outcome_figure_id, spend::decimal(18, 6) as spend_per_head,
        150::decimal(18, 6) as spend_median, 3 as n_spend_peers, outcome::decimal(18, 6) as outcome,
        80::decimal(18, 6) as outcome_median, quadrant, why as why_no_quadrant,
        'Neither causes the other: x.' as warning
    from (values
        ('1', 'Ours', 'class', 'home', 'At home', 170, 76, 'spends_more_outcome_worse', null),
        ('1', 'Ours', 'class', 'work', 'In paid work', 170, 90, 'spends_more_outcome_better', null),
        ('1', 'Ours', 'class', 'safe', 'Feels safe', 170, null, null, 'The outcome is flagged (quarantine).'),
        ('1', 'Ours', 'england', 'home', 'At home', 170, 76, 'at_the_median', null),
        ('2', 'Two', 'england', 'home', 'At home', 140, 80, null, null),
        ('3', 'Three', 'england', 'home', 'At home', 150, 81, null, null),
        ('4', 'Four', 'england', 'home', 'At home', null, 81, null, null),
        ('5', 'No peer', 'england', 'home', 'At home', 190, 99, null, null)
    ) as rows (council_code, council, peer_set, measure, label, spend, outcome, quadrant, why);
create table marts.mart_spend_decomposition as
    select '1' as council_code, year as financial_year, 'Learning disability' as client_group, '18 to 64' as age_band,
        'class' as peer_set, service, gap::decimal(18, 6) as gap_per_head, verdict
    from (values
        ('2016-17', 'other_services', 30, 'pass'), ('2016-17', 'home_care', 17.5, 'pass'),
        ('2016-17', 'residential', -6, 'pass'), ('2016-17', 'supported_living', 40, 'quarantine'),
        ('2013-14', 'residential', 9, 'pass'), ('2012-13', 'residential', -1, 'pass')
    ) as rows (year, service, gap, verdict);
create table marts.mart_programme_saving as
    select unnest(['a', 'b', 'c', 'd', 'e', 'f', 'g']) as saving_id, 'An annex' as document, '20' as section,
        'as printed' as as_printed;
create table marts.mart_programme_lever as
    select *, services is not null as has_services, null::decimal(28, 6) as low_gbp, null::decimal(28, 6) as high_gbp,
        '2011/12' as period, 1.5::decimal(28, 6) as share_of_spend_pct, '2010-11' as year_before,
        '2013-14' as unit_cost_year_after, 4.2::decimal(28, 6) as unit_cost_change_pct,
        null::varchar as residential_share_year_after, null::decimal(28, 6) as residential_share_change
    from (values
        ('a', '2', 'Two', 'reablement', 'home_care', 'More hours', 2000000::decimal(28, 6), 'achieved', 'pass',
            9.5::decimal(28, 6)),
        ('b', '3', 'Three', 'reablement', 'home_care', 'A plan', 1000000, 'planned', 'pass', 3),
        ('c', '5', 'No peer', 'reablement', 'home_care', 'Not a peer', 9000000, 'achieved', 'pass', 99),
        ('d', '2', 'Two', 'residential_reduction', 'residential, nursing', 'Closed', 500000, 'achieved', 'pass', 1),
        ('e', '1', 'Ours', 'whole_programme', null, 'All of it', 700000, 'achieved', 'pass', 2),
        ('f', '2', 'Two', 'reablement', 'home_care', 'Unreadable', 1, 'achieved', 'quarantine', 1),
        ('g', '5', 'No peer', 'meals', 'meals', 'Another lever', 1, 'achieved', 'pass', 1)
    ) as rows (saving_id, council_code, council, theme, services, description, amount_gbp, status, verdict,
        amount_per_head);
"""


@pytest.fixture
def ask():
    with database.in_memory() as connection:
        connection.execute(TABLES)
        copy = Copy(connection)

        def asked(year=None, code="1", peer_set="class", change=""):
            if change:
                connection.execute(change)
            return Asked(copy, Council(code, "Ours", "Unitary", "North East"), year, peer_set)

        yield asked


def test_spending_beside_an_outcome_names_the_side_and_warns(ask):
    section = beside(ask())
    assert section.headline == (
        "In 2017-18 Ours spent more a resident on learning disability than the median of its class peers, and its "
        "outcome was worse (at home); the other comparison says otherwise. Neither causes the other."
    )
    assert section.notes == ["Neither causes the other: x."]


def test_the_picture_has_the_council_and_its_peers_with_both_figures(ask):
    picture = beside(ask()).picture
    assert picture.count('aria-label="In 2017-18 Ours spent more') == 1
    assert ">Ours<" in picture and "No peer" not in picture
    # Two rings: the third peer has no spending, and the fifth council is no peer.
    assert picture.count("A3.873,3.873") == 2 * 2
    assert all(f">spends {more}, outcome {better}<" in picture for more in ("more", "less")
               for better in ("better", "worse"))


def test_each_figure_beside_another_opens_to_its_lineage_and_a_missing_side_says_why(ask):
    (table,) = beside(ask()).tables
    assert [[line[1].figure_id, line[4].figure_id] for line in table.rows] == [
        ["1:spend", "1:home"], ["1:spend", "1:work"], ["1:spend", "1:safe"]]
    assert [line[-1].text for line in table.rows] == [
        "spends more, outcome worse", "spends more, outcome better", "The outcome is flagged (quarantine)."]


@pytest.mark.parametrize(("year", "peer_set"), [("2016-17", "class"), (None, "region")])
def test_without_both_one_sentence_says_why(ask, year, peer_set):
    section = beside(ask(year, peer_set=peer_set))
    assert section.headline.startswith("No spending can be put beside an outcome") and not section.tables


def test_levers_are_of_the_largest_gap_that_one_works_on_and_of_peers_first(ask):
    section = levers(ask())
    assert section.headline == (
        "In 2016-17 Ours spent more than its class peers on home care (by £17.50 a resident); 2 of its class "
        "peers report 2 savings by such levers, 1 of them achieved."
    )
    shown, own = section.tables
    assert [[line[at].text for at in (0, 1, 2, 5, 6, 8, 10, 13)] for line in shown.rows] == [
        ["1", "Two", "home care", "£2.00 million", "Achieved", "9.50", "+4.2%", "An annex, 20"],
        ["2", "Three", "home care", "£1.00 million", "Planned", "3.00", "+4.2%", "An annex, 20"]]
    assert [line[0].text for line in own.rows] == ["Ours"] and own.caption == "What Ours itself reported, 1 saving"
    assert CAVEAT in section.notes
    assert "1 Two" in section.picture and "3.00 planned" in section.picture


def test_where_no_peer_pulled_the_lever_others_are_named(ask):
    section = levers(ask(change="delete from marts.dim_peer_set where peer_code in ('2', '3')"))
    assert "none of its class peers, but 3 other councils report 3 savings" in section.headline


@pytest.mark.parametrize(("year", "says"), [
    ("2012-13", "In 2012-13 Ours spent no more a resident than its class peers on any service"),
    ("2001-02", "Which service costs Ours more than its peers is not known for 2001-02; on learning disability "
                "1 of its class peers report"),
])
def test_without_a_gap_one_sentence_says_so(ask, year, says):
    assert levers(ask(year)).headline.startswith(says)


def test_where_no_one_reports_a_lever_one_sentence_says_so(ask):
    section = levers(ask(change="delete from marts.mart_programme_lever where council_code <> '1'"))
    assert section.headline.startswith(
        "No other council's report of a saving on other services and home care is loaded")
    assert not section.picture and len(section.tables) == 1


@pytest.mark.parametrize(("year", "nearest"), [("2017-18", "2016-17"), ("2011-12", "2012-13"), ("2015-16", "2016-17")])
def test_a_year_whose_gap_has_no_parts_names_the_nearest_that_has(ask, year, nearest):
    section = why(ask(year))
    assert section.headline == (
        f"Why spend differs cannot be shown for {year}: no return of that year has both spend and weeks of support "
        f"for this council and its peers. The nearest year that has is {nearest}."
    )


def test_a_saving_by_a_noted_figure_is_to_be_used_with_care():
    row = {"is_offered": True, "saving_gbp": 5, "believed_because": "the target is at the level of the peers",
           "verdict": "warn", "rule_ids": "spend_jump", "is_material": True, "note": "residential care (40%)"}
    reasons = {"spend_jump": "it is twice that of the year before"}
    assert _trusted(row, reasons) == (
        "Use with care: it is twice that of the year before; it is about residential care (40%); "
        "the target is at the level of the peers")
    for change in ({"is_material": False}, {"verdict": "pass", "rule_ids": None, "note": None}):
        assert _trusted(row | change, reasons) == "Can be trusted: the target is at the level of the peers"
    assert _trusted(row | {"saving_gbp": 0}, reasons) == "No saving: at or below the target"
