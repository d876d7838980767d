"""Proves that every rule of both gates fails where it should and passes where it should."""

import hashlib
import re

import pandas as pd
import pytest
from sampling import sampled

from orchestration import gates, identifiers, local_copy, published_text
from orchestration.rules import REGISTERS, ReadingRules, Rule, load_rules, load_suites

RULES = {rule.id: rule for gate in ("a", "b") for rule in load_rules(gate)}
NOTHING = {"council_code": None, "measure_id": None, "figure_id": None, "row_number": None, "column_number": None}
COLUMN_OF = {rule_id: rule.column for rule_id, rule in RULES.items()}
# One row of each check frame that passes every rule.
GOOD = {
    "release": NOTHING | {
        "release_id": "r", "financial_year": "2010-11", "file_name": "return.csv", "n_councils": 152,
        "expected_councils": 152, "councils_difference": 0, "n_not_once": 0, "n_lines_without_measure": 0,
        "first_unknown_line": None, "unknown_lines_pct": 0.0, "n_lines_without_definition": 0,
        "first_without_definition": None, "release_status": "final", "is_provisional": 0, "n_cells_absent": 0,
        "cells_absent_pct": 0.0, "first_cell_absent": None, "n_with_year_before": 2000, "repeated_pct": 1.0,
        "n_lines_expected": 99, "n_lines_held": 99, "n_lines_absent": 0, "first_line_absent": None},
    "line": NOTHING | {
        "release_id": "r", "financial_year": "2010-11", "file_name": "return.csv", "line": "2.9", "measure_id": "care",
        "row_number": 14, "column_number": 28, "n_recomputable": 150, "n_not_recomputing": 3,
        "not_recomputing_pct": 2.0,
        "median_factor": 1.02, "is_known_defect": 0, "known_defect_because": None,
        "councils_numerator_thousands_gbp": 1000, "england_numerator_thousands_gbp": 1000,
        "england_difference_pct": 0.0},
    "total_vs_parts": {
        "release_id": "r", "financial_year": "2010-11", "file_name": "return.csv", "council_code": "114",
        "measure_id": "care", "figure_id": "f", "row_number": 14, "column_number": 28, "numerator": 642_000,
        "parts_numerator": 642_000, "lowest_value": 200.0, "highest_value": 300.0, "value": 250.0,
        "additivity_gap_gbp": 0, "bracket_gap_pct": 0},
    "figure": {
        "release_id": "r", "financial_year": "2010-11", "file_name": "return.csv", "council_code": "114",
        "measure_id": "care", "figure_id": "f", "row_number": 14, "column_number": 28, "provision": "others",
        "value": 250.0, "value_printed": "250.0", "numerator": 642_000, "denominator": 2568,
        "denominator_unit": "client-weeks", "definition_version": "pssex1-1", "recomputed_value": 250.0,
        "recomputed_low": 249.0, "recomputed_high": 251.0, "recompute_gap_gbp": 0, "recompute_factor": 1.0,
        "denominator_factor": 1.0, "believed_denominator": 2568,
        "england_n": 140, "england_median": 225.0, "peer_ratio": 1.11, "sibling_ratio": 1.2, "year_on_year": 1.05,
        "average_people": 49.4, "implied_people": 55.0,
        "denominator_rounding_pct": 0.5, "n_earlier_versions": 0, "n_same_denominators": 0, "n_publisher_flags": 0},
    "value": {
        "release_id": "r", "financial_year": "2010-11", "file_name": "return.csv", "council_code": "114",
        "measure_id": "care", "figure_id": "f", "row_number": 14, "column_number": 28, "value": 99.0,
        "unit": "per cent", "outside_possible": 0.0, "peer_ratio": 1.1, "england_n": 152},
    "jump": {
        "release_id": "r", "financial_year": "2010-11", "file_name": "return.csv", "council_code": "114",
        "measure_id": "care", "figure_id": "f", "row_number": 14, "column_number": 28, "value": 250.0,
        "other_value": 240.0, "other_year": "2009-10", "value_ratio": 1.04, "numerator_ratio": 1.0,
        "denominator_ratio": 0.96, "peer_ratio": 1.11, "other_peer_ratio": 1.05, "further_from_peers": 1.06,
        "further_in_all": 1.06},
    "account": NOTHING | {
        "release_id": "r", "financial_year": "2010-11", "file_name": "return.csv", "council_code": "114",
        "measure_id": "care_income_total", "row_number": 14, "column_number": 28, "is_voluntary": False,
        "identity_gap_gbp": 0, "broken_identity": ""},
    "service": NOTHING | {
        "release_id": "r", "financial_year": "2010-11", "file_name": "return.csv", "council_code": "114",
        "measure_id": "care", "row_number": 14, "column_number": 28, "is_voluntary": False, "n_parts": 7,
        "whole_value": 642_000, "parts_value": 642_000, "service_gap_gbp": 0},
    "spend_pair": {
        "release_id": "r", "financial_year": "2010-11", "file_name": "return.csv", "council_code": "114",
        "measure_id": "care", "figure_id": "f", "row_number": 14, "column_number": 28, "value": 6_890_000,
        "other_value": 6_347_000, "other_year": "2009-10", "larger_gbp": 6_890_000, "smaller_share": 0.92,
        "further_from_peers": 1.02, "further_from_own_years": 1.01, "further_in_all": 1.03},
    "spend_level": {
        "release_id": "r", "financial_year": "2014-15", "file_name": "return.csv", "council_code": "114",
        "measure_id": "care", "figure_id": "f", "row_number": 14, "column_number": 28, "value": 6_000_000,
        "spend_per_head": 60.0, "england_median": 50.0, "england_n": 150, "peer_ratio": 1.2, "excess_gbp": 1_000_000,
        "gap_gbp": 1_000_000, "n_neighbours": 1, "neighbour_ratio": 1.1, "neighbour_year": "2016-17", "shift": 1.09,
        "n_returns_alike": 0, "n_reasons": 5, "reasons_ratio": 1.0, "reason_factor": 2.0,
        "sister_gap_gbp": 1_000_000, "sister_share": 1.0,
        "sister_reason": "Physical support", "published_note": "", "n_notes": 0},
    "sum": NOTHING | {
        "release_id": "r", "financial_year": "2010-11", "file_name": "return.csv", "line": "D3", "measure_id": "care",
        "row_number": 14, "column_number": 28, "councils_value": 1000, "england_value": 1000,
        "england_difference_pct": 0.0, "partial_difference_pct": None, "n_councils": 152, "n_numbers": 152,
        "n_absent": 0, "n_missing": 0},
    "region": NOTHING | {
        "release_id": "r", "financial_year": "2016-17", "file_name": "return.csv", "line": "2|1", "measure_id": "care",
        "row_number": 14, "column_number": 28, "region": "North East", "n_councils": 12, "n_missing": 0,
        "councils_value": 1000, "region_value": 1000, "region_difference_pct": 0.0},
    "control": NOTHING | {
        "release_id": "r", "financial_year": "2010-11", "file_name": "return.csv", "scope": "all",
        "amount_gbp_million": 17_043.3, "control_gbp_million": 17_043.3, "control_source": "the councils' sum",
        "control_gap_gbp_million": -0.1, "adults": 42_000_000, "has_population": 1, "has_control": 1,
        "spend_per_head_gbp": 400.0},
    "snapshot": NOTHING | {
        "release_id": "114:2010-02-28:f00d", "financial_year": "2009-10", "file_name": "placements.csv",
        "council_code": "114", "council": "Stockton-on-Tees", "snapshot_date": pd.Timestamp("2010-02-28"),
        "n_rows": 645, "readable_rows": 0, "person_reference_rows": 0, "code_known_rows": 0, "age_possible_rows": 0,
        "not_negative_rows": 0, "price_weekly_rows": 0, "dates_in_order_rows": 0, "consistent_rows": 0, "once_rows": 0,
        "nhs_without_gbp_rows": 0, "providers_like_persons": 0,
        "rejected_pct": 0.0, "unmapped_pct": 0.0, "people": 500.0, "days_ahead": -10, "people_beside_bands": 0,
        "days_since_earlier": 365, "continuing_pct": 96.0,
        "earlier_date": pd.Timestamp("2009-02-28"), "people_change_pct": -0.6, "gbp_change_pct": 1.0,
        "people_change_beyond": -19.4, "gbp_change_beyond": -19.0, "change_pct": 20.0},
    "case_review": NOTHING | {
        "release_id": "reviews", "financial_year": "2009-10", "file_name": "reviews.csv", "council_code": "114",
        "row_number": 5, "snapshot_date": pd.Timestamp("2010-02-28"), "export_name": "placements.csv",
        "export_row": 700, "without_line": 0, "why_not": None},
    "register": NOTHING | {
        "release_id": "f00d:3", "financial_year": None, "file_name": "rulings.csv", "row_number": 3, "n_uses": 1,
        "what": "ruling on care of 114 in 2031-32", "why": "no figure of that measure, council and year is loaded"},
    "local_register": NOTHING | {
        "release_id": "f00d:3", "financial_year": None, "file_name": "bands.csv", "row_number": 3, "n_uses": 1,
        "what": "band low of 114 from 2031-01-01", "why": "no snapshot of that council and time is loaded"},
    "mart": NOTHING | {
        "release_id": "r", "financial_year": "2010-11", "file_name": "return.csv", "n_values": 640, "n_unjudged": 0,
        "n_lines_lost": 0, "n_comparators_outside": 0, "n_shares_outside": 0, "quarantined_pct": 4.0,
        "figures_lost_pct": 0.0},
    "published_column": {
        "release_id": "quality.ruling", "financial_year": None, "file_name": "quality.ruling",
        "table_name": "quality.ruling", "column_name": "reason", "kind": "an NHS number", "n_identifiers": 0.0,
        "n_initials": 0.0},
}
# By rule: what makes it fail, each with words of its message; and what still passes, including the bound itself.
CASES = {
    **{rule: ([({COLUMN_OF[rule]: 5}, f"5 of the lines of Stockton-on-Tees on 2010-02-28 {words}")], [{}])
       for rule, words in {
           "placement_readable": "hold text that cannot be read as the number",
           "person_reference_present": "have no person reference",
           "placement_code_known": "have no client group or setting",
           "placement_age_possible": "have no age, or one below 18",
           "placement_not_negative": "hold a negative amount",
           "placement_price_weekly": "cost more a week than the setting ever does",
           "placement_dates_in_order": "end before they start", "placement_consistent": "contradict themselves",
           "placement_once": "repeat another line"}.items()},
    "nhs_share_in_pounds": (
        [({"nhs_without_gbp_rows": 5}, "5 of the lines of Stockton-on-Tees on 2010-02-28 say as what")], [{}]),
    "provider_is_organisation": (
        [({"providers_like_persons": 2}, "2 of the providers of Stockton-on-Tees on 2010-02-28 have a name")], [{}]),
    "snapshot_rejected_share": (
        [({"rejected_pct": 5.1}, "5.1% of the lines of Stockton-on-Tees on 2010-02-28 are rejected")],
        [{"rejected_pct": 5.0}]),
    "snapshot_codes_mapped": (
        [({"unmapped_pct": 1.2}, "1.2% of the lines of Stockton-on-Tees on 2010-02-28 hold a code")],
        [{"unmapped_pct": 1.0}]),
    "snapshot_banded": (
        [({"people_beside_bands": -3}, "-3 people of Stockton-on-Tees on 2010-02-28 in the bands, compared")],
        [{"people_beside_bands": 0}]),
    "snapshot_persons_continue": (
        [({"continuing_pct": 3.0}, "3% of the people of Stockton-on-Tees on 2009-02-28 are there on 2010-02-28")],
        [{"continuing_pct": 50.0}, {"continuing_pct": 3.0, "days_since_earlier": 401}, {"continuing_pct": None}]),
    "case_review_has_line": (
        [({"without_line": 1, "why_not": "the file has no line in that row"},
          "row 700 of placements.csv, 2010-02-28: the file has no line in that row; the review is not counted")],
        [{}]),
    "snapshot_has_people": ([({"people": 0.0}, "no line of Stockton-on-Tees is running")], [{"people": 1.0}]),
    "snapshot_not_of_the_future": (
        [({"days_ahead": 1}, "is of 2010-02-28, 1 day after it was landed")], [{"days_ahead": 0}]),
    "snapshot_people_continue": (
        [({"people_change_beyond": 3.5, "people_change_pct": -23.5},
          "-23.5% people of Stockton-on-Tees on 2010-02-28 against 2009-02-28, more than 20%")],
        [{"people_change_beyond": 0.0}, {"people_change_beyond": None, "people_change_pct": None,
                                         "earlier_date": None}]),
    "snapshot_cost_continues": (
        [({"gbp_change_beyond": 0.1, "gbp_change_pct": 20.1}, "+20.1% weekly cost of Stockton-on-Tees")],
        [{"gbp_change_beyond": 0.0}]),
    "councils_complete": (
        [({"councils_difference": -1, "n_councils": 151}, "151 councils where 2010-11 has 152"),
         ({"councils_difference": 2, "n_councils": 154}, "154 councils")], [{}]),
    "figure_once": ([({"n_not_once": 1}, "1 line is printed more than once")], [{}]),
    "line_has_measure": (
        [({"n_lines_without_measure": 7, "first_unknown_line": "Z9 (unknown: service 'magic')"},
          "7 printed lines are left out, for no one knows what they are; the first: Z9 (unknown: service 'magic');")],
        [{}]),
    "lines_mostly_known": (
        [({"unknown_lines_pct": 50.1, "first_unknown_line": "Z9"},
          "50% of the printed lines have no measure; the first: Z9; compare the file's columns")],
        [{"unknown_lines_pct": 50.0}]),
    "line_has_definition": (
        [({"n_lines_without_definition": 2, "first_without_definition": "E3"},
          "2 printed lines have no definition in 2010-11; the first: E3; add the year")], [{}]),
    "councils_sum_to_england": (
        [({"england_difference_pct": 0.51, "councils_value": 3000}, "add up to 3,000, England is printed as 1,000")],
        [{"england_difference_pct": 0.5}]),
    "councils_sum_to_region": (
        [({"region_difference_pct": 0.51, "councils_value": 3000},
          "the councils of North East add up to 3,000, the region is printed as 1,000")],
        [{"region_difference_pct": 0.5}, {"region_difference_pct": None}]),
    "line_holds_every_council": (
        [({"n_absent": 68}, "line D3: 68 of 152 councils have no cell; compare the file")],
        [{}, {"n_absent": None}]),
    "reporting_councils_sum_to_england": (
        [({"england_difference_pct": None, "partial_difference_pct": 45.5, "n_numbers": 84, "councils_value": 83_600,
           "england_value": 153_300},
          "the 84 of 152 councils that report add up to 83,600, England is printed as 153,300")],
        [{"partial_difference_pct": 0.5}]),
    "lines_complete": (
        [({"n_lines_held": 4, "n_lines_absent": 95, "first_line_absent": "Gross current expenditure, nursing care"},
          "a part of a return: 4 of 99 lines; the first absent: Gross current expenditure, nursing care; land the")],
        [{}, {"n_lines_expected": None, "n_lines_held": None, "n_lines_absent": None}]),
    "control_total_met": (
        [({"control_gap_gbp_million": 0.01, "amount_gbp_million": 51_129.9}, "all: GBP 51,129.9m, published are 17,0")],
        [{"control_gap_gbp_million": 0.0}]),
    "spend_per_head_plausible": (
        [({"spend_per_head_gbp": 0.4}, "GBP 0.40 for each of 42,000,000 adults"),
         ({"spend_per_head_gbp": 2000.01}, "is nothing counted twice")],
        [{"spend_per_head_gbp": 50.0}, {"spend_per_head_gbp": 2000.0}]),
    "accounts_add_up": (
        [({"identity_gap_gbp": 3001, "broken_identity": "net total is not total expenditure less income"},
          "care_income_total and the other amounts of its line: net total is not total expenditure less income, "
          "by GBP 3,001")],
        [{"identity_gap_gbp": 3000}, {"identity_gap_gbp": 9000, "is_voluntary": True}]),
    "voluntary_accounts_add_up": (
        [({"identity_gap_gbp": 3001, "is_voluntary": True}, "by GBP 3,001")],
        [{"identity_gap_gbp": 0, "is_voluntary": True}]),
    "services_add_up": (
        [({"service_gap_gbp": 5001, "parts_value": 647_001},
          "GBP 642,000 printed, its 7 services add up to GBP 647,001")],
        [{"service_gap_gbp": 5000}, {"service_gap_gbp": 9000, "is_voluntary": True}]),
    "control_total_known": (
        [({"has_control": 0, "control_gbp_million": None}, "no control total of 2010-11 is known, so GBP 17,043.3m")],
        [{}]),
    "grid_complete": (
        [({"n_cells_absent": 2, "cells_absent_pct": 0.01, "first_cell_absent": "council 114, line B3"},
          "2 cells are absent; the first: council 114, line B3"),
         ({"n_cells_absent": 9, "cells_absent_pct": 4.99}, "9 cells are absent; compare the file")],
        [{"n_cells_absent": 5000, "cells_absent_pct": 5.0}]),
    "year_not_repeated": (
        [({"repeated_pct": 51.0}, "51% of 2000 spending figures equal the year before's to the pound")],
        [{"repeated_pct": 50.0}, {"repeated_pct": 100.0, "n_with_year_before": 19}]),
    "spend_jump": (
        [({"smaller_share": 0.19, "further_from_peers": 2.0, "further_from_own_years": 2.0, "further_in_all": 4.0},
          "against GBP 6,347,000 in 2009-10; its share of the council's spending is 2.0 times as far"),
         ({"smaller_share": 0.01, "further_from_peers": 4.0, "further_from_own_years": None, "further_in_all": 4.0},
          "4.0 times as far from England's median")],
        [{"smaller_share": 0.19, "further_from_peers": 2.0, "further_from_own_years": 1.99, "further_in_all": 9.0},
         {"smaller_share": 0.19, "further_from_peers": 1.09, "further_from_own_years": 9.0, "further_in_all": 9.0},
         {"smaller_share": 0.19, "further_from_peers": 2.0, "further_from_own_years": 2.0, "further_in_all": 3.9},
         {"smaller_share": 0.2, "further_from_peers": 9.0, "further_from_own_years": 9.0, "further_in_all": 81.0},
         {"smaller_share": 0.0, "further_from_peers": 9.0, "further_from_own_years": 9.0, "further_in_all": 81.0},
         {"smaller_share": 0.1, "further_from_peers": 9.0, "further_from_own_years": 9.0, "further_in_all": 81.0,
          "larger_gbp": 1_999_999}]),
    "spend_jump_undecided": (
        [({"smaller_share": 0.19}, "GBP 6,890,000 against GBP 6,347,000 in 2009-10"),
         ({"smaller_share": 0.0, "further_from_peers": None, "further_from_own_years": None, "further_in_all": None},
          "in 2009-10"),
         ({"smaller_share": 0.0, "further_from_peers": 9.0, "further_from_own_years": 9.0, "further_in_all": 81.0},
          "in 2009-10"),
         ({"smaller_share": 0.1, "further_from_peers": 9.0, "further_from_own_years": 0.3, "further_in_all": 2.7},
          "in 2009-10")],
        [{"smaller_share": 0.2}, {"smaller_share": 0.1, "larger_gbp": 1_999_999},
         {"smaller_share": 0.1, "further_from_peers": 2.0, "further_from_own_years": 2.0, "further_in_all": 4.0},
         {"smaller_share": 0.1, "further_from_peers": 0.5, "further_from_own_years": 0.5, "further_in_all": 0.25}]),
    # Wiltshire, sensory support of 65 and over: GBP 195.50 a head in 2014-15, where 10.72 is usual.
    "spend_level_shifted": (
        [({"spend_per_head": 195.5, "england_median": 10.72, "peer_ratio": 18.24, "shift": 12.2,
           "neighbour_ratio": 1.5},
          "GBP 195.50 per resident is 18.24 times England's median of GBP 10.72, GBP 1,000,000 in all"),
         ({"peer_ratio": 0.32, "shift": 2.0}, "0.32 times")],
        [{"peer_ratio": 3.0, "shift": 9.0}, {"peer_ratio": 9.0, "shift": 2.9, "neighbour_ratio": 3.1},
         {"peer_ratio": 9.0, "shift": 1.99}, {"peer_ratio": 9.0, "shift": 9.0, "n_returns_alike": 1},
         {"peer_ratio": 9.0, "shift": 9.0, "gap_gbp": 999_999}, {"peer_ratio": 9.0, "shift": None}]),
    "spend_level_apportioned": (
        [({"peer_ratio": 25.8, "reasons_ratio": 1.17, "sister_share": 0.52},
          "other support reasons make up for GBP 1,000,000 of it (Physical support first), and all together are 1.17"),
         ({"peer_ratio": 0.2, "shift": 1.5, "reasons_ratio": 0.67, "sister_share": 0.5}, "0.20 times")],
        [{"peer_ratio": 25.8, "reasons_ratio": 1.51}, {"peer_ratio": 9.9},
         {"peer_ratio": 9.9, "shift": 1.5, "n_returns_alike": 1},
         {"peer_ratio": 25.8, "reason_factor": 1.99},
         {"peer_ratio": 25.8, "sister_share": 0.49},
         {"peer_ratio": 25.8, "gap_gbp": 999_999}, {"peer_ratio": 3.0}]),
    "spend_level_apportioned_alike": (
        [({"peer_ratio": 3.2}, "3.20 times England's median, while other support reasons make up for GBP 1,000,000")],
        [{"peer_ratio": 3.2, "sister_share": 0.49}, {"peer_ratio": 3.0}]),
    # Peterborough's learning disability in 2008-09: rank 1 of 150 with less than nothing.
    "spend_level_negative": (
        [({"value": -876_000}, "GBP -876,000, where England's median is GBP 50.00 per resident")],
        [{"value": 0}, {"value": -1, "england_median": 0.0}, {"value": -1, "gap_gbp": 999_999}]),
    "spend_level_below_zero": (
        [({"value": -1}, "GBP -1, where England's median is GBP 50.00")], [{"value": 0}]),
    "spend_level_far": (
        [({"peer_ratio": 3.01}, "3.01 times"), ({"peer_ratio": 0.33}, "0.33 times")],
        [{"peer_ratio": 3.0}, {"peer_ratio": 9.0, "gap_gbp": 999_999}, {"peer_ratio": 9.0, "england_median": -1.0}]),
    "spend_level_note": (
        [({"n_notes": 1, "published_note": "problems in apportioning"}, "note: problems in apportioning")], [{}]),
    "population_present": (
        [({"has_population": 0, "adults": None}, "no population for the mid-year of 2010-11 is loaded")], [{}]),
    "england_total_agrees": (
        [({"england_difference_pct": 99_900.0, "england_numerator_thousands_gbp": 1}, "England is printed as GBP 1k"),
         ({"england_difference_pct": -0.51}, "(-0.51%)")],
        [{"england_difference_pct": 0.5}, {"england_difference_pct": -0.5}]),
    "column_recomputes": (
        [({"not_recomputing_pct": 90.0, "n_not_recomputing": 135}, "line 2.9: 135 of 150 unit costs do not recom"),
         ({"not_recomputing_pct": 100.0, "median_factor": None}, "do not recompute; the column is mislabelled")],
        [{"not_recomputing_pct": 89.9}, {"not_recomputing_pct": 100.0, "n_recomputable": 9},
         {"not_recomputing_pct": 100.0, "is_known_defect": 1}]),
    "column_mislabelled": (
        [({"not_recomputing_pct": 99.0, "is_known_defect": 1, "median_factor": 52.0,
           "known_defect_because": "The file's own note."}, "off by 52.000. The file's own note.")],
        [{"is_known_defect": 1}]),
    "parts_add_up": ([({"additivity_gap_gbp": 1, "parts_numerator": 643_000}, "parts add up to GBP 643,000")], [{}]),
    "whole_among_parts": (
        [({"bracket_gap_pct": 1.01, "value": 320.0}, "GBP 320.00 where its parts cost GBP 200.00 to 300.00")],
        [{"bracket_gap_pct": 1.0}]),
    "unit_cost_recomputes": (
        [({"recompute_gap_gbp": 0.01}, "printed GBP 250.00, recomputed GBP 250.00"),
         ({"recompute_gap_gbp": 9, "value": -5.0, "recompute_factor": None}, "rounding allows 249.00 to 251.00")],
        [{}, {"recompute_gap_gbp": 240.2, "denominator_factor": 52.0}]),
    "denominator_mislabelled": (
        [({"denominator_factor": 52.0, "recompute_factor": 52.0, "denominator": 133_536},
          "52.000 times what the printed parts make: the denominator 133,536 stands for 2,568")], [{}]),
    "value_possible": ([({"outside_possible": 2.0, "value": 102.0}, "102.00 per cent is 2.00 beyond what is possible")],
                       [{}]),
    "far_from_peers": ([({"peer_ratio": 10.1}, "10.10 times England's median (152 councils)"),
                        ({"peer_ratio": 0.09}, "0.09 times England's median")],
                       [{"peer_ratio": 10.0}, {"peer_ratio": 0.1}]),
    "peer_and_sibling": (
        [({"peer_ratio": 2.61, "sibling_ratio": 2.38}, "2.61 times England's median of GBP 225.00 and 2.38 times"),
         ({"peer_ratio": 0.39, "sibling_ratio": 2.01}, "would be 55 people, 49 are returned"),
         ({"peer_ratio": 3.0, "sibling_ratio": 0.49, "provision": "own"}, "0.49 times"),
         ({"peer_ratio": 3.0, "sibling_ratio": 4.01, "provision": "own", "implied_people": None},
          "provided the other way")],
        [{"peer_ratio": 2.61, "sibling_ratio": 2.0}, {"peer_ratio": 2.5, "sibling_ratio": 2.38},
         {"peer_ratio": 0.4, "sibling_ratio": 9.0}, {"peer_ratio": 3.0, "sibling_ratio": 4.0, "provision": "own"},
         {"peer_ratio": 3.0, "sibling_ratio": 0.5, "provision": "own"},
         {"peer_ratio": 3.0, "sibling_ratio": 9.0, "provision": "all"}]),
    "peer_ratio_extreme": (
        [({"peer_ratio": 5.01}, "5.01 times England's median of GBP 225.00 (140 councils)"),
         ({"peer_ratio": 0.19}, "0.19 times")], [{"peer_ratio": 5.0}, {"peer_ratio": 0.2}]),
    "jump_by_denominator": (
        [({"value_ratio": 1.76, "further_from_peers": 1.1, "further_in_all": 1.25, "denominator_ratio": 0.5},
          "GBP 250.00 against GBP 240.00 in 2009-10, with 0.50 times its denominator"),
         ({"value_ratio": 0.57, "further_from_peers": 9.0, "further_in_all": 9.0}, "1.11 times England's median")],
        [{"value_ratio": 1.76, "further_from_peers": 1.1, "further_in_all": 1.24},
         {"value_ratio": 1.76, "further_from_peers": 1.09, "further_in_all": 9.0},
         {"value_ratio": 1.75, "further_from_peers": 9.0, "further_in_all": 9.0}]),
    "jump_undecided": (
        [({"value_ratio": 1.76}, "in 2009-10, with 0.96 times its denominator"),
         ({"value_ratio": 1.76, "further_from_peers": None, "further_in_all": None}, "1.00 times its money"),
         ({"value_ratio": 0.57, "further_from_peers": 1.09, "further_in_all": 9.0}, "against GBP 240.00"),
         ({"value_ratio": 0.57, "further_from_peers": 0.92, "further_in_all": 0.1}, "against GBP 240.00")],
        [{"value_ratio": 1.76, "further_from_peers": 1.1, "further_in_all": 1.25},
         {"value_ratio": 1.76, "further_from_peers": 0.9, "further_in_all": 0.8}, {"value_ratio": 1.75}]),
    "publisher_flagged": ([({"n_publisher_flags": 1, "value_printed": "588*"}, "printed as 588*")], [{}]),
    "unit_cost_positive": ([({"value": 0.0}, "GBP 0.00"), ({"value": -1.5}, "GBP -1.50")], [{"value": 0.01}]),
    "few_people": ([({"average_people": 6.1}, "6.1 people on average")],
                   [{"average_people": 10.0}, {"average_people": 6.0, "value": None}]),
    "year_on_year_jump": ([({"year_on_year": 1.76}, "1.76 times last year's"), ({"year_on_year": 0.5}, "0.50 times")],
                          [{"year_on_year": 1.75}]),
    "denominator_rounding": ([({"denominator_rounding_pct": 25.0}, "moves it by 25%")],
                             [{"denominator_rounding_pct": 5.0}]),
    "identical_denominators": ([({"n_same_denominators": 1, "denominator": 12_635}, "12,635 client-weeks")], [{}]),
    "few_peers": ([({"england_n": 9}, "9 councils report it")], [{"england_n": 10}]),
    "implied_volume": ([({"peer_ratio": 2.61}, "would be 55 people; 49 are returned")],
                       [{"peer_ratio": 2.5}, {"peer_ratio": 9.0, "implied_people": None}]),
    "definition_break": ([({"n_earlier_versions": 1}, "a new definition (pssex1-1)")], [{}]),
    "provisional_release": ([({"is_provisional": 1, "release_status": "provisional"}, "provisional")], [{}]),
    "every_figure_judged": ([({"n_unjudged": 1}, "1 figure lacks a unit")], [{}]),
    "every_line_published": ([({"n_lines_lost": 3}, "3 printed lines are not in fct_figure"),
                              ({"n_lines_lost": -1}, "-1 printed lines")], [{}]),
    "comparator_among_peers": ([({"n_comparators_outside": 1}, "1 comparators are outside")], [{}]),
    "share_within_whole": ([({"n_shares_outside": 3}, "3 derived shares are below 0 or above 100%")], [{}]),
    "quarantined_share": ([({"quarantined_pct": 25.1}, "25.1% of 640 figures")], [{"quarantined_pct": 25.0}]),
    "figures_not_fewer": ([({"figures_lost_pct": 5.1}, "5.1% fewer figures")],
                          [{"figures_lost_pct": 5.0}, {"figures_lost_pct": -20.0}]),
    "register_row_used": ([({"n_uses": 0}, "ruling on care of 114 in 2031-32 is not used: no figure of that")],
                          [{"n_uses": 1}]),
    "local_register_row_used": ([({"n_uses": 0}, "band low of 114 from 2031-01-01 is not used: no snapshot of")],
                                [{"n_uses": 1}]),
    "no_identifier": ([({"n_identifiers": 2.0}, "2 values of quality.ruling.reason look like an NHS number")], [{}]),
    "no_initials": ([({"n_initials": 1.0, "kind": published_text.INITIALS},
                      "1 values of quality.ruling.reason look like initials with an age")], [{}]),
}


@pytest.fixture(scope="session")
def judge():
    return gates.load_judge()


def frame_of(rule, *changes):
    """A check frame with one release per change, each a good row with that change."""
    return pd.DataFrame([GOOD[rule.frame] | {"release_id": f"r{number}"} | change
                         for number, change in enumerate(changes)])


def judge_one(judge, rule, frame, releases=None):
    return judge.judge(f"trial.{rule.frame}", [rule], frame, releases)


def statuses(rows):
    return [row["status"] for row in rows]


def test_every_rule_is_shown():
    assert set(CASES) == set(RULES)


def together(judge, frame, cases, releases=None):
    """Result rows by rule, of one run of all rules of a frame over the rows that ``cases`` gives for each of them."""
    rules = [rule for rule in RULES.values() if rule.frame == frame]
    rows = pd.DataFrame([GOOD[frame] | {"release_id": f"{rule.id} {number}"} | change
                         for rule in rules for number, change in enumerate(cases(rule))])
    found = judge.judge(f"trial.{frame}", rules, rows, releases)
    return {rule.id: [row for row in found if row["rule"].id == rule.id and row["release_id"].split()[0] == rule.id]
            for rule in rules}


def failing(rule):
    return CASES[rule.id][0][0][0]


def changes_of(rule):
    failing, passing = CASES[rule.id]
    return [change for change, _ in failing] + passing


@pytest.fixture(scope="session")
def of_cases(judge):
    """What each rule finds in its own cases, by rule: one run for each frame, as a gate does it."""
    return {rule: rows for frame in GOOD for rule, rows in together(judge, frame, changes_of).items()}


@pytest.fixture(scope="session")
def of_nulls(judge):
    """The same for a null where the rule's number would be, next to a row with the number that fails."""
    return {rule: rows for frame in GOOD for rule, rows in together(
        judge, frame, lambda rule: [failing(rule) | {rule.column: None}, failing(rule)]).items()}


@pytest.fixture(scope="session")
def of_good_rows(judge):
    releases = pd.DataFrame([{"release_id": name, "financial_year": "2010-11", "file_name": "a"} for name in "rs"])
    rows, empty = {}, {}
    for frame, good in GOOD.items():
        rules = [rule for rule in RULES.values() if rule.frame == frame]
        one = pd.DataFrame([good | {"release_id": "r"}])
        for found, of in ((rows, one), (empty, one.head(0))):
            for row in judge.judge(f"trial.{frame}", rules, of, releases):
                found.setdefault(row["rule"].id, []).append(row)
    return rows, empty


@pytest.mark.parametrize("rule_id", RULES)
def test_rule_fails_and_passes(of_cases, rule_id):
    rule, (failing, passing) = RULES[rule_id], CASES[rule_id]
    rows = {row["release_id"]: row for row in of_cases[rule_id]}

    for number, (change, words) in enumerate(failing):
        row = rows[f"{rule_id} {number}"]
        assert row["status"] == "fail", change
        assert words in row["message"]
        assert "nan" not in row["message"].lower() and "None" not in row["message"]
        assert row["observed"] == change.get(rule.column, GOOD[rule.frame][rule.column])
        assert (row["n_checked"], row["n_failed"]) == (1, 1)
    passed = [rows[f"{rule_id} {number}"]["status"] for number in range(len(failing), len(failing) + len(passing))]
    assert set(passed) <= {"pass", "not_applicable"} and "pass" in passed, passing


@pytest.mark.parametrize("rule_id", sampled(RULES, 27))
def test_null_is_never_a_failure(of_nulls, rule_id):
    """Next to a number, where pandas keeps the column as numbers."""
    assert statuses(of_nulls[rule_id]) == ["fail", "not_applicable"]


@pytest.mark.parametrize("rule_id", sampled(RULES, 12))
def test_a_null_alone_is_no_failure(judge, rule_id):
    """As the only value of its column, which pandas then keeps as an object."""
    rule = RULES[rule_id]
    assert statuses(judge_one(judge, rule, frame_of(rule, failing(rule) | {rule.column: None}))) == ["not_applicable"]


@pytest.mark.parametrize("rule_id", sampled(RULES, 27))
def test_a_release_without_rows_is_not_silent(of_good_rows, rule_id):
    """A release without rows in the rule's frame is not_applicable, or not yet due, never absent."""
    rows, empty = (found[rule_id] for found in of_good_rows)
    assert {row["release_id"] for row in rows} == {"r", "s"}
    assert next(row for row in rows if row["release_id"] == "s")["status"] == "not_applicable"
    assert statuses(empty) == ["not_applicable", "not_applicable"]


def test_years_of_a_rule(judge):
    rule = RULES["parts_add_up"].model_copy(update={"from_year": "2011-12", "to_year": "2012-13"})
    years = ["2010-11", "2011-12", "2012-13", "2013-14"]
    bad = [{"additivity_gap_gbp": 5, "financial_year": year} for year in years]
    by_year = {row["financial_year"]: row["status"] for row in judge_one(judge, rule, frame_of(rule, *bad))}
    assert by_year == {"2010-11": "not_yet_due", "2011-12": "fail", "2012-13": "fail", "2013-14": "not_yet_due"}


def test_one_failing_row_fails_the_release_once_per_row(judge):
    rule = RULES["unit_cost_positive"]
    frame = pd.DataFrame([GOOD["figure"] | {"figure_id": name, "value": value}
                          for name, value in (("a", 1.0), ("b", 0.0), ("c", -1.0), ("d", None))])
    rows = judge_one(judge, rule, frame)
    assert [(row["figure_id"], row["status"], row["n_checked"], row["n_failed"]) for row in rows] == [
        ("b", "fail", 3, 2), ("c", "fail", 3, 2)]


def test_strict_and_inclusive_bounds(judge):
    rule = RULES["whole_among_parts"]
    column = {"column": "bracket_gap_pct"}
    at_bounds = frame_of(rule, {"bracket_gap_pct": 0.0}, {"bracket_gap_pct": 1.0})
    inclusive = rule.model_copy(update={"kwargs": column | {"min_value": 0.0, "max_value": 1.0}})
    strict = inclusive.model_copy(update={"kwargs": inclusive.kwargs | {"strict_min": True, "strict_max": True}})
    assert statuses(judge_one(judge, inclusive, at_bounds)) == ["pass", "pass"]
    assert statuses(judge_one(judge, strict, at_bounds)) == ["fail", "fail"]


@pytest.mark.parametrize("gate", ["reading", "a", "b"])
def test_rules_are_stated_in_full(gate):
    for rule in load_rules(gate):
        assert re.fullmatch(r"[A-Za-z0-9_]+", rule.id)
        assert rule.good.endswith(".") and rule.because.endswith((".", "?")), rule.id
        if gate != "reading":
            assert rule.gate == gate and rule.frame in GOOD and rule.message and rule.type, rule.id
            assert any(bound is not None for bound in rule.bounds), rule.id


@pytest.mark.parametrize("suite", [suite for gate in "ab" for suite in load_suites(gate)],
                         ids=lambda suite: f"{suite.gate}_{suite.frame}")
def test_a_suite_is_one_of_great_expectations(judge, suite):
    compiled = judge.compile(f"gate_{suite.gate}.{suite.frame}", suite.rules)
    assert type(compiled).__module__.startswith("great_expectations")
    assert [(one.expectation_type, one.severity.value, one.meta["rule_id"], one.notes) for one in
            compiled.expectations] == [(rule.type, rule.severity, rule.id, rule.because) for rule in suite.rules]
    assert all(set(rule.columns) | {rule.column} <= set(GOOD[suite.frame]) for rule in suite.rules)


def test_rules_name_the_expectation_that_fits_what_they_ask():
    assert {rule.type for rule in RULES.values()} == {
        "expect_column_values_to_be_between", "expect_column_values_to_be_in_set",
        "expect_column_values_to_not_be_null", "expect_column_pair_values_to_be_equal"}


@pytest.mark.parametrize("suite", [suite for gate in "ab" for suite in load_suites(gate)],
                         ids=lambda suite: f"{suite.gate}_{suite.frame}")
def test_a_suite_answers_for_releases_unless_its_rows_are_something_else(suite):
    """Otherwise a rule on snapshots or published columns would be not_applicable for every return."""
    assert (suite.subjects == "rows") == (suite.frame in ("snapshot", "case_review", "published_column", *REGISTERS))


def test_a_row_that_a_rule_does_not_apply_to_is_never_a_failure(judge):
    """Otherwise more failures than checks would be counted."""
    rule = RULES["spend_jump_undecided"].model_copy(update={"row_condition": "value > 0"})
    frame = frame_of(rule, {"smaller_share": 0.1, "larger_gbp": 1_999_999}, {"smaller_share": 0.1})
    assert statuses(judge_one(judge, rule, frame)) == ["fail", "not_applicable"]


def test_an_expectation_that_great_expectations_lacks_is_refused(judge):
    rule = RULES["few_peers"].model_copy(update={"type": "expect_column_values_to_be_nice"})
    with pytest.raises(ValueError, match="few_peers: Great Expectations has no expectation 'expect_column_v"):
        judge.compile("trial", [rule])


def test_rule_ids_are_unique():
    ids = [rule.id for gate in ("reading", "a", "b") for rule in load_rules(gate)]
    assert len(ids) == len(set(ids))


def test_an_unknown_word_in_a_rule_is_refused():
    with pytest.raises(ValueError, match="sevrity"):
        ReadingRules.model_validate({"gate": "reading", "rules": [{"id": "x", "sevrity": "info"}]})
    # Great Expectations treats a rule without a severity as critical.
    with pytest.raises(ValueError, match="severity"):
        Rule.model_validate({"id": "x", "good": "", "because": ""})


def test_a_suite_is_the_one_its_file_is_named_after(tmp_path):
    (tmp_path / "gate_a").mkdir()
    (tmp_path / "gate_a" / "line.yml").write_text("gate: a\nframe: figure\nexpectations: []\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"gate_a/line.yml states gate a and frame figure"):
        load_suites("a", tmp_path)


def test_a_rule_that_cannot_be_judged_says_so(judge):
    rule = RULES["few_peers"].model_copy(update={"row_condition": "no_such_column > 1"})
    with pytest.raises(Exception, match="no_such_column"):
        judge_one(judge, rule, frame_of(rule, {}))


def test_frames_are_as_the_warehouse_gives_them(embedded_home):
    """The hand-made frames above hold no column that the real ones lack."""
    real = {name: frame for gate in "ab" for name, frame in gates._load_frames(
        gate, embedded_home.warehouse, {suite.frame for suite in load_suites(gate)}).items()}
    for name, frame in real.items():
        assert name == "mart" or set(gates._SUBJECT) <= set(frame.columns), name
    real["mart"] = gates.mart_frame(embedded_home.warehouse, {})
    for name, frame in real.items():
        own = set(GOOD[name]) - set(NOTHING) if name == "mart" else set(GOOD[name])
        assert own <= set(frame.columns), name
        needed = {RULES[rule].column for rule in RULES if RULES[rule].frame == name}
        assert needed <= set(frame.columns)


def test_every_rule_answers_for_every_release(embedded_home):
    # What was found in snapshots is in the local copy alone, that of returns beside it.
    with local_copy.connect(embedded_home, is_local=True) as connection:
        releases = {row[0] for row in connection.execute("select release_id from marts.dim_release").fetchall()}
        found = connection.execute("select distinct rule_id, release_id from quality.rule_result").fetchall()
        snapshots = {row[0] for row in connection.execute("select snapshot_id from marts.dim_snapshot").fetchall()}
        states = connection.execute("select distinct status from quality.rule_result").fetchall()
        rules = connection.execute("select rule_id, severity, good, because from quality.rule").fetchall()
    assert len(releases) == 3
    assert len(snapshots) == 2
    # Nothing was reviewed or landed here: registers answer for their own files.
    of_frame = {"snapshot": snapshots} | {key: set() for key in ("case_review", *REGISTERS)}
    grid = {(rule.id, subject) for rule in RULES.values() if rule.id not in gates.PERSONAL_RULES
            for subject in of_frame.get(rule.frame, releases)}
    assert grid <= set(found)
    assert {state for (state,) in states} <= {"pass", "fail", "not_applicable", "not_yet_due"}
    assert {rule[0] for rule in rules} == set(RULES) | {rule.id for rule in load_rules("reading")}
    assert all(all(rule) for rule in rules)


# --- identifiers ------------------------------------------------------------------------------------------------------

HASHES = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(3000)]


@pytest.mark.parametrize("text", [
    "9434765919", "943 476 5919", "943-476-5919", "resident 9434765919", "record_9434765919.csv", "9434765919.0",
    "two: 1234567890, 9434765919", "(9434765919)", "9876543210",
])
def test_nhs_numbers_are_found(text):
    assert identifiers.holds_nhs_number(text)
    assert published_text.holds(text, "an NHS number")
    assert re.search(identifiers.IDENTIFIERS["an NHS number"], text), "the query for suspects must not miss it"


@pytest.mark.parametrize("text", [
    "9434765918", "1234567890", "0000000000", "94347659190", "943476591", "1.9434765919", "0.9434765919",
    "9,434,765,919",
    "a9434765919b", "x9434765919", "9434765919x", "2008-09", "114:2008-09:day_care_unit_cost:4bc40e4b", "01642 527764",
    "2009-10-2010-11", "", "12,635",
])
def test_other_digits_are_not_nhs_numbers(text):
    assert not identifiers.holds_nhs_number(text)


@pytest.mark.parametrize(("text", "kind"), [
    ("jo.bloggs@council.gov.uk", "an e-mail address"), ("ask a.b+c@x-y.org today", "an e-mail address"),
    ("AB123456C", "a National Insurance number"), ("AB 12 34 56 C", "a National Insurance number"),
    ("ruled on AB123456C.", "a National Insurance number"),
    ("TS18 1AB", "a postcode"), ("TS181AB", "a postcode"), ("lives at SW1A 2AA, alone", "a postcode"),
    ("M1 1AE", "a postcode"), ("EC1A1BB", "a postcode"),
])
def test_identifiers_are_found(text, kind):
    assert published_text.holds(text, kind)


@pytest.mark.parametrize("text", [
    "PSS EX1 2008-09 Final Release: Unit Costs by CASSR (HSCIC)", "GBP 588 @ 12", "E10000006", "in Q1 2nd half",
    "carequartile_unit_costs:2008-09:4bc40e4b", "learning_disability_day_care_31_march_unit_cost", "AB12345C", "2.36A",
    "EX1 2008",
    "row 142 column EO", "2026-11-24T03:02:47", "PSS EX1 Unit Cost 2010-11 Final Results (HSCIC)", "1,090", "QQ123456Z",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "pers-soc-serv-exp-unit-cost-eng-2008-09-units (1).csv", "18 and over",
])
def test_nothing_published_is_an_identifier(text):
    assert not [kind for kind in published_text.KINDS if published_text.holds(text, kind)]


def test_a_hash_is_never_an_identifier():
    """Of 3,000 hashes some hold ten digits with a valid check digit; if they counted, a gate would stop at random."""
    assert not [(text, kind) for text in HASHES for kind in published_text.KINDS
                if published_text.holds(text, kind)]
    ids = [f"{text[:8]}:{year}:{text[8:16]}" for text in HASHES[:300] for year in ("2008-09", "2010-11")]
    assert not [text for text in ids for kind in published_text.KINDS
                if published_text.holds(text, kind)]


def test_every_published_text_column_is_searched(embedded_home):
    from orchestration import publish

    frame = gates.identifier_frame(embedded_home.warehouse, publish.published_tables())
    looked_at = set(zip(frame["table_name"], frame["column_name"]))
    assert {("quality.source_file", "file_name"), ("quality.rule_result", "message"), ("marts.fct_figure", "figure_id"),
            ("quality.ruling", "reason")} <= looked_at
    assert {table for table, _ in looked_at} == {f"{schema}.{table}" for schema, table in publish.published_tables()}
    assert (frame["n_identifiers"].sum(), frame["n_initials"].sum()) == (0, 0)
    assert set(frame["kind"]) == set(published_text.KINDS)
    assert (frame["n_initials"].notna() == (frame["kind"] == published_text.INITIALS)).all()
    assert (frame["n_identifiers"].isna() == (frame["kind"] == published_text.INITIALS)).all()


# Invented, all of them.
@pytest.mark.parametrize("text", [
    "ZQ aged 19 and 20: key on id", "ZQ 47", "ZQ, 47, female", "ZQ (47)", "Z.Q., 47 F", "Z Q is 47.", "ZQ AGED 47",
    "ZQ who is aged 82", "19 year old ZQ", "a woman aged 91 (ZQ)", "the LD place of ZQ, 47", "ZQ pays £1,250 pw",
    "ZQ, residential, GBP 1,400 a week", "£980 per week for ZQ", "ZQ has autism", "ZQB: dementia",
    "schizophrenia, see ZQ", "ZQ with a learning disability",
])
def test_initials_with_a_fact_are_found(text):
    assert published_text.holds_initials(text)
    assert re.search(published_text.KINDS[published_text.INITIALS], text), "the query for suspects must not miss it"


@pytest.mark.parametrize("text", [
    "LD 18-64", "PD 65", "LD, 65", "MH aged 45", "OP aged 65 and over", "ZQ aged 65 and over", "ZQ 18-64",
    "ZQ 18 to 64", "ADULTS AGED UNDER 65 OR OVER", "row 12 column ZQ, 45", "OT review £100,000", "GBP 1,250 per week",
    "LD £900 a week",
    "NHS income, learning disability", "EU, council 906, 2014-15, learning_disability_unit_cost", "RO3 45", "DP (20)",
    "GP surgery, dementia", "ZQ", "ZQ bought 12 beds", "24 hours of ZQ", "ACM 8 + Community 51 + Other 7 + Res 75",
])
def test_terms_of_the_field_and_ages_of_a_group_are_no_initials(text):
    assert not published_text.holds_initials(text)


def test_an_abbreviation_is_capitals_with_a_meaning():
    from orchestration.reference import abbreviations

    assert all(re.fullmatch("[A-Z]{2,6}", short) and meaning for short, meaning in abbreviations().items())
