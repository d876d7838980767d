"""Proves the shape of the dbt project: what reads raw, how models are named, described, keyed, cut and exposed.

The rules are those of dbt-project-evaluator that fit here. Each is a function of a manifest, and each is shown failing
on a small manifest that breaks it.
"""

import copy
import re
from collections import Counter
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

import pytest

from orchestration import transform

Manifest = dict[str, Any]
LONGEST = 200
# Models that are rewritten with their shape, and are cut then. The list may only become shorter.
LONG_MODELS = {"mart_saving"}
# What a model outside staging may read of a source, and why. Gate A judges between staging and the marts.
READ_OUTSIDE_STAGING = {("int_finding", "gate.rule_result")}
# Check frames of figures that another frame judges already, or that only count; the level of spending is judged where
# int_spend_level holds it.
JUDGED_ELSEWHERE = {"int_check_jump", "int_check_spend", "int_check_spend_level", "int_check_spend_pair",
                    "int_check_total_vs_parts"}
NAMES = {
    "staging": r"stg_(returns|register|reference|placement)__[a-z0-9_]+", "intermediate": r"int_[a-z0-9_]+",
    "comparison": r"cmp_[a-z0-9_]+", "marts": r"(dim|fct|mart)_[a-z0-9_]+",
    "quality": r"rejected_row|release_summary|ruling|source_file",
}


def models(manifest: Manifest) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def sources_of(node: dict[str, Any]) -> list[str]:
    return [parent.split(".", 2)[2] for parent in node["depends_on"]["nodes"] if parent.startswith("source.")]


def folder_of(node: dict[str, Any]) -> PurePosixPath:
    return PurePosixPath(node["original_file_path"]).parent


def without_description(manifest: Manifest) -> list[str]:
    return [node["name"] for node in models(manifest)
            if not re.search(r"; one row per [^.;]+\.$", " ".join(node["description"].split()))]


def without_key(manifest: Manifest) -> list[str]:
    keyed = {test["attached_node"] for test in manifest["nodes"].values()
             if (test.get("test_metadata") or {}).get("name") == "unique_key"}
    return [node["name"] for node in models(manifest) if node["unique_id"] not in keyed]


def reads_a_source_outside_staging(manifest: Manifest) -> list[str]:
    return [f"{node['name']} reads {source}" for node in models(manifest) if node["schema"] != "staging"
            for source in sources_of(node) if (node["name"], source) not in READ_OUTSIDE_STAGING]


def source_read_more_than_once(manifest: Manifest) -> list[str]:
    readers = Counter(source for node in models(manifest) for source in set(sources_of(node)))
    return [source for source, n_readers in readers.items() if n_readers > 1]


def staging_of_several(manifest: Manifest) -> list[str]:
    """Staging models that join: raw tables are joined to one another, and to models, in intermediate."""
    return [node["name"] for node in models(manifest) if node["schema"] == "staging"
            and len(node["depends_on"]["nodes"]) > 1]


def source_joined_with_a_model(manifest: Manifest) -> list[str]:
    return [f"{node['name']} reads {source}" for node in models(manifest)
            if len(node["depends_on"]["nodes"]) > len(sources_of(node))
            for source in sources_of(node) if (node["name"], source) not in READ_OUTSIDE_STAGING]


def misnamed(manifest: Manifest) -> list[str]:
    return [node["name"] for node in models(manifest) if not re.fullmatch(NAMES[node["schema"]], node["name"])]


def out_of_its_layer(manifest: Manifest) -> list[str]:
    """Models in a folder of another layer than their schema is of."""
    layers = {"quality": "marts"}
    return [node["name"] for node in models(manifest)
            if folder_of(node).parts[1] != layers.get(node["schema"], node["schema"])]


def described_elsewhere(manifest: Manifest) -> list[str]:
    """Models that are not described in the `_models.yml` of their folder."""
    return [node["name"] for node in models(manifest)
            if node["patch_path"] != f"carequartile://{folder_of(node) / '_models.yml'}"]


def proved_elsewhere(manifest: Manifest) -> list[str]:
    """Unit tests that are not in `_unit_tests.yml` of the folder of their model."""
    folders = {node["name"]: folder_of(node) for node in models(manifest)}
    return [test["name"] for test in manifest["unit_tests"].values()
            if test["original_file_path"] != str(folders[test["model"]] / "_unit_tests.yml")]


def too_long(manifest: Manifest) -> list[str]:
    return [node["name"] for node in models(manifest)
            if len(node["raw_code"].splitlines()) > LONGEST and node["name"] not in LONG_MODELS]


def judges_figures_and_is_not_asked(manifest: Manifest) -> list[str]:
    """Check frames of figures that int_unjudged_figure does not read: what they judge would be called unjudged."""
    asked = {parent for node in models(manifest) if node["name"] == "int_unjudged_figure"
             for parent in node["depends_on"]["nodes"]}
    return [node["name"] for node in models(manifest)
            if node["name"].startswith("int_check_") and "figure_id" in node.get("columns", {})
            and node["unique_id"] not in asked and node["name"] not in JUDGED_ELSEWHERE]


def exposed_and_not_published(manifest: Manifest) -> list[str]:
    """A reader of the published file can only use what is published."""
    published = {node["unique_id"] for node in models(manifest) if node["schema"] in ("marts", "quality")}
    published |= {node["unique_id"] for node in manifest["sources"].values() if node["source_name"] == "gate"}
    return [f"{exposure['name']} reads {parent}" for exposure in manifest["exposures"].values()
            for parent in exposure["depends_on"]["nodes"] if parent not in published]


def exposed_without_description(manifest: Manifest) -> list[str]:
    return [exposure["name"] for exposure in manifest["exposures"].values()
            if not (exposure["description"] and exposure["owner"]["name"] and exposure["maturity"])]


def model(name: str, folder: str, schema: str, parents: tuple[str, ...] = (), **other: Any) -> dict[str, Any]:
    return {"unique_id": f"model.carequartile.{name}", "name": name, "resource_type": "model", "schema": schema,
            "original_file_path": f"models/{folder}/{name}.sql", "description": "Things; one row per thing.",
            "patch_path": f"carequartile://models/{folder}/_models.yml", "raw_code": "select 1",
            "depends_on": {"nodes": list(parents)}, **other}


def key_of(name: str) -> dict[str, Any]:
    return {"resource_type": "test", "attached_node": f"model.carequartile.{name}",
            "test_metadata": {"name": "unique_key"}}


CELL, LABEL = "source.carequartile.raw.cell", "source.carequartile.raw.label"
SOUND: Manifest = {
    "nodes": {
        "staging": model("stg_returns__cell", "staging/returns", "staging", (CELL,)),
        "mart": model("mart_cell", "marts/facts", "marts", ("model.carequartile.stg_returns__cell",)),
        "key": key_of("stg_returns__cell"), "mart_key": key_of("mart_cell"),
    },
    "unit_tests": {"proof": {"name": "proof", "model": "mart_cell",
                             "original_file_path": "models/marts/facts/_unit_tests.yml"}},
    "sources": {},
    "exposures": {"status": {"name": "status", "depends_on": {"nodes": ["model.carequartile.mart_cell"]},
                             "maturity": "high", "description": "Read.", "owner": {"name": "Carequartile"}}},
}


def breaking(node: str, **change: Any) -> Manifest:
    manifest = copy.deepcopy(SOUND)
    manifest["nodes"][node] |= change
    return manifest


def adding(node: dict[str, Any]) -> Manifest:
    return {**SOUND, "nodes": {**SOUND["nodes"], "added": node, "added_key": key_of(node["name"])}}


def leaving_out(name: str) -> Manifest:
    return {**SOUND, "nodes": {key: node for key, node in SOUND["nodes"].items() if key != name}}


# Each rule with a manifest that breaks it and what it reports of that.
RULES: dict[Callable[[Manifest], list[str]], tuple[Manifest, list[str]]] = {
    without_description: (breaking("mart", description="Things."), ["mart_cell"]),
    without_key: (leaving_out("mart_key"), ["mart_cell"]),
    reads_a_source_outside_staging: (
        breaking("mart", depends_on={"nodes": [CELL]}), ["mart_cell reads raw.cell"]),
    source_read_more_than_once: (
        adding(model("stg_returns__again", "staging/returns", "staging", (CELL,))), ["raw.cell"]),
    staging_of_several: (
        breaking("staging", depends_on={"nodes": [CELL, LABEL]}), ["stg_returns__cell"]),
    source_joined_with_a_model: (
        breaking("mart", depends_on={"nodes": ["model.carequartile.stg_returns__cell", LABEL]}),
        ["mart_cell reads raw.label"]),
    misnamed: (breaking("mart", name="cells"), ["cells"]),
    out_of_its_layer: (
        breaking("mart", original_file_path="models/staging/returns/mart_cell.sql"), ["mart_cell"]),
    described_elsewhere: (
        breaking("mart", patch_path="carequartile://models/marts/facts/_more_models.yml"), ["mart_cell"]),
    proved_elsewhere: (
        {**SOUND, "unit_tests": {"proof": {**SOUND["unit_tests"]["proof"],
                                           "original_file_path": "models/marts/_unit_tests.yml"}}}, ["proof"]),
    too_long: (breaking("mart", raw_code="select 1\n" * (LONGEST + 1)), ["mart_cell"]),
    judges_figures_and_is_not_asked: (
        breaking("mart", name="int_check_cell", columns={"figure_id": {}}), ["int_check_cell"]),
    exposed_and_not_published: (
        {**SOUND, "exposures": {"status": {**SOUND["exposures"]["status"], "depends_on": {
            "nodes": ["model.carequartile.stg_returns__cell"]}}}},
        ["status reads model.carequartile.stg_returns__cell"]),
    exposed_without_description: (
        {**SOUND, "exposures": {"status": {**SOUND["exposures"]["status"], "description": ""}}}, ["status"]),
}
# What still breaks a rule. Once a name no longer does, it must be removed here or the test fails.
KNOWN: dict[Callable[[Manifest], list[str]], set[str]] = {}


def name_of(rule: Callable[[Manifest], list[str]]) -> str:
    return rule.__name__


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_the_project_keeps_the_rule(rule):
    assert set(rule(transform.manifest_dict())) == KNOWN.get(rule, set())


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_a_project_that_breaks_the_rule_is_found(rule):
    broken, found = RULES[rule]

    assert rule(SOUND) == []
    assert rule(broken) == found


def test_the_list_of_long_models_is_no_longer_than_needed():
    long = {node["name"] for node in models(transform.manifest_dict())
            if len(node["raw_code"].splitlines()) > LONGEST}
    assert long >= LONG_MODELS


def test_every_exception_is_still_needed():
    reads = {(node["name"], source) for node in models(transform.manifest_dict()) for source in sources_of(node)}
    assert reads >= READ_OUTSIDE_STAGING
    assert {node["name"] for node in models(transform.manifest_dict())} >= JUDGED_ELSEWHERE
