"""Proves by properties that amounts of money are read as documents print and as they mean them (printed_money.sql)."""

from decimal import Decimal
from functools import cache

import duckdb
import jinja2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestration.transform import dbt_folder

UNITS = {"m": 6, " m": 6, " million": 6, "million": 6, "M": 6, "k": 3, " billion": 9, "bn": 9}


class _DuckDb:
    """Stands for dbt's adapter: a dispatched macro is DuckDB's."""

    @staticmethod
    def dispatch(name, _):
        return lambda *values: getattr(_macros(), f"default__{name}")(*values)


@cache
def _macros():
    environment = jinja2.Environment()
    environment.globals |= {"adapter": _DuckDb, "return": lambda value: value}
    return environment.from_string((dbt_folder() / "macros" / "printed_money.sql").read_text(encoding="utf-8")).module


@cache
def _query():
    of = _macros()
    meant = [of.meant_pounds("rule", "digits", "unit", "shared", thousands) for thousands in (False, True)]
    return f"""
        with amounts as (select unnest({of.printed_amounts("$1")}) as amount, {of.range_unit("$1")} as shared),
        parts as (
            select *, {of.amount_digits("amount")} as digits, {of.amount_unit("amount")} as unit from amounts
        ),
        ruled as (select *, {of.print_rule("digits", "unit", "shared", "amount")} as rule from parts)
        select rule, {of.literal_pounds("digits", "unit")}, {meant[0]}, {meant[1]} from ruled"""


def read(text):
    """Rule, literal pounds, meant pounds and meant pounds if thousands, of every amount in the text."""
    with duckdb.connect() as connection:
        return connection.execute(_query(), [text]).fetchall()


@pytest.mark.parametrize(("text", "expected"), [
    ("£103,959 million", [("decimal_comma", 103_959_000_000, 103_959_000)]),
    ("£123,000 million*", [("decimal_comma", 123_000_000_000, 123_000_000)]),
    ("2900m 2337m", [("dropped_decimal_point", 2_900_000_000, 2_900_000),
                     ("dropped_decimal_point", 2_337_000_000, 2_337_000)]),
    ("£42.030 (actual spend)", [("three_decimals_no_unit", 42.03, 42_030_000)]),
    ("between £4 to £6 million", [("shared_unit", 4, 4_000_000), ("", 6_000_000, 6_000_000)]),
    ("£750,000 and £1,250,000", [("", 750_000, 750_000), ("", 1_250_000, 1_250_000)]),
    ("£8.24p per hour", [("pence_mark", 8.24, 8.24)]),
    ("£1.000M", [("", 1_000_000, 1_000_000)]),
    ("Spot Contracts 300k -200k -100k", [("", 300_000, 300_000), ("", -200_000, -200_000), ("", -100_000, -100_000)]),
    ("(cumulatively) £4.3 m in 2011/12; £13.2 m", [("", 4_300_000, 4_300_000), ("", 13_200_000, 13_200_000)]),
    ("1.700 (£m)", [("", 1_700_000, 1_700_000)]),
    ("Darlington -£5.1 million", [("", 5_100_000, 5_100_000)]),
    ("£ 615,000", [("", 615_000, 615_000)]),
    ("5,720 service users in 2013/14", []),
    ("£4 meals", [("", 4, 4)]),
])
def test_prints_that_are_known(text, expected):
    found = [row[:3] for row in read(text)]
    assert [rule for rule, *_ in found] == [rule for rule, *_ in expected]
    assert [pounds for _, *pounds in found] == [pytest.approx(pounds) for _, *pounds in expected]


def test_a_point_for_a_comma_is_one_of_two_readings():
    """The amount of the register decides between thousands and millions."""
    assert read("£400.000 saving") == [("three_decimals_no_unit", 400, 400_000_000, 400_000)]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 999), st.integers(0, 999), st.integers(0, 3), st.sampled_from(sorted(UNITS)))
@example(2, 900, 3, "m")
def test_an_amount_with_its_unit_is_read_as_it_is_printed(whole, fraction, places, unit):
    number = f"{whole}.{fraction:03d}"[: len(str(whole)) + 1 + places].rstrip(".")
    ((rule, literal, meant, _),) = read(f"saved £{number}{unit}, it says")
    assert rule == "" and literal == meant == pytest.approx(float(Decimal(number) * 10 ** UNITS[unit]))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_thousands_commas_do_not_change_an_amount(pounds):
    assert read(f"about £{pounds:,} saved") == [("", pounds, pounds, pounds)]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 999), st.integers(0, 999))
def test_a_comma_before_million_means_what_a_point_would(whole, fraction):
    """Read literally it is a thousand times too much, and a finding says so."""
    ((rule, literal, meant, _),) = read(f"£{whole},{fraction:03d} million")
    assert (rule, literal) == ("decimal_comma", pytest.approx(1000 * meant))
    assert meant == pytest.approx(read(f"£{whole}.{fraction:03d} million")[0][2])


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 99), st.integers(1, 99), st.sampled_from(["to", "and"]))
def test_the_ends_of_a_range_share_its_unit(low, high, word):
    found = read(f"between £{low} {word} £{high} million")
    assert [meant for _, _, meant, _ in found] == [low * 1e6, high * 1e6]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="£0123456789.,-mk pilon()/*", max_size=40))
@example("£1.4.2014 million")
def test_no_print_stops_the_reading(text):
    """What is no number (two points) has no pounds; whatever a document prints, its row is not lost."""
    assert all((literal is None) == (meant is None) for _, literal, meant, _ in read(text))
