"""Writes the generated tables of the documentation, and what each exposure reads, in place (``make docs``).

A table that repeats code goes out of date as soon as the code changes; these are read from the code itself, and
``tests/docs/test_docs.py`` fails where a page differs from what this script would write.
"""

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path

import typer
import yaml

from orchestration import publish, transform
from orchestration.cli import app
from orchestration.reference import abbreviations
from orchestration.report.questions import as_published

ROOT = Path(__file__).parents[1]
KINDS = {"return": "return", "reference": "reference table", "register": "register",
         "derived": "no return: named, never loaded"}


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in (heads, ("---",) * len(heads), *rows)]
    return "\n".join(lines)


def question_of(sql: str) -> str:
    """``-- Question 7: How fast ...?`` without its number."""
    return re.match(r"-- Question \d+: (.*)", sql)[1]


def tables_in(text: str) -> list[str]:
    """Every published table that a text names, ``marts.fct_figure``, once and in the order of the text."""
    return list(dict.fromkeys(re.findall(r"\b(?:marts|quality)\.[a-z_]+", text)))


def questions() -> str:
    rows = []
    for path in sorted((ROOT / "dbt_project" / "analyses").glob("*.sql")):
        sql = as_published(path.read_text(encoding="utf-8"))
        rows.append((f"[{int(path.stem[:2])}](../dbt_project/analyses/{path.name})", question_of(sql),
                     ", ".join(f"`{name}`" for name in tables_in(sql))))
    return table(("", "question", "tables it reads"), rows)


def _option(parameter) -> str:
    if parameter.param_type_name == "argument":
        name = parameter.name.upper() + " ..." * (parameter.nargs == -1)
        return name if parameter.required else f"[{name}]"
    # A choice is shown by its values; a bare bar would end the cell of the table.
    choices = "\\|".join(type(parameter.default)) if isinstance(parameter.default, StrEnum) else ""
    value = "" if parameter.is_flag else f" {choices or parameter.metavar or parameter.name.upper()}"
    return f"[{parameter.opts[0]}{value}]{'...' * parameter.multiple}"


def _command(path: str, command) -> list[tuple[str, str]]:
    below = [row for name, child in getattr(command, "commands", {}).items()
             for row in _command(f"{path} {name}", child)]
    if below and not command.invoke_without_command:
        return below
    options = [_option(parameter) for parameter in command.params
               if parameter.name != "help" and not getattr(parameter, "hidden", False)]
    return [(f"`{' '.join([path, *options])}`", " ".join(command.help.split("\n\n")[0].split())), *below]


def commands() -> str:
    return table(("command", "what it does"), _command("carequartile", typer.main.get_command(app)))


def layouts() -> str:
    rows = []
    for path in sorted((ROOT / "seeds" / "layouts").glob("*.yml")):
        layout = yaml.safe_load(path.read_text(encoding="utf-8"))
        rows.append((KINDS[layout["kind"]], layout["title"], f"[`{path.stem}`](../seeds/layouts/{path.name})"))
    order = list(KINDS.values())
    return table(("kind", "title (with the year, where the layout is of one)", "layout"),
                 sorted(rows, key=lambda row: (order.index(row[0]), row[2])))


def abbreviation_table() -> str:
    return table(("capitals", "meaning"), [(f"**{short}**", meaning) for short, meaning in abbreviations().items()])


def published_tables() -> str:
    manifest = transform.manifest_dict()
    models = [(node["schema"], node) for node in manifest["nodes"].values()
              if node["resource_type"] == "model" and node["schema"] in ("marts", "quality")]
    # The tables of the gates are not models; publish copies them into the schema quality.
    judged = [("quality", node) for node in manifest["sources"].values() if node["source_name"] == "gate"]
    rows = sorted((f"`{schema}.{node['name']}`", first_sentence(node["description"]))
                  for schema, node in models + judged)
    return table(("table", "what it holds"), rows)


def first_sentence(description: str) -> str:
    return re.split(r"(?<=[.])\s+(?=[A-Z])", " ".join(description.split()))[0].replace("|", "\\|")


def tables_named_in(*files: Path) -> set[str]:
    return {table.split(".")[1] for file in files
            for table in tables_in(as_published(file.read_text(encoding="utf-8")))}


def reads(names: Iterable[str]) -> str:
    """A dbt list of these published tables: the tables of the gates are a source, all others are models."""
    judged = {node["name"] for node in transform.manifest_dict()["sources"].values() if node["source_name"] == "gate"}
    return "\n".join(f"      - source('gate', '{name}')" if name in judged else f"      - ref('{name}')"
                     for name in sorted(names))


EXPOSURES_FILE = ROOT / "dbt_project" / "models" / "exposures.yml"
# What each exposure of that file reads.
EXPOSURES: dict[str, Callable[[], set[str]]] = {
    "lineage": lambda: tables_named_in(ROOT / "orchestration" / "lineage.py"),
    "pages": lambda: tables_named_in(*(ROOT / "orchestration" / "report").rglob("*.py")) & {
        table for _, table in publish.published_tables()},
    "published file": lambda: {table for _, table in publish.published_tables()},
    "questions": lambda: tables_named_in(*(ROOT / "dbt_project" / "analyses").glob("*.sql")),
    "status": lambda: tables_named_in(ROOT / "orchestration" / "status.py"),
}
TABLES: dict[str, Callable[[], str]] = {
    "abbreviations": abbreviation_table, "questions": questions, "commands": commands, "layouts": layouts,
    "published tables": published_tables}
# Between two comments, in Markdown or in YAML.
BLOCK = re.compile(r"(<!-- generated: ([a-z ]+) -->\n).*?(<!-- end of generated -->)", re.DOTALL)
LIST = re.compile(r"( *# generated: ([a-z ]+)\n).*?( *# end of generated\n)", re.DOTALL)


def generated(page: str) -> str:
    """The page with every generated block as the code has it now."""
    page = BLOCK.sub(lambda block: f"{block[1]}{TABLES[block[2]]()}\n{block[3]}", page)
    return LIST.sub(lambda block: f"{block[1]}{reads(EXPOSURES[block[2]]())}\n{block[3]}", page)


def pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def files() -> list[Path]:
    return [*pages(), EXPOSURES_FILE]


def main() -> None:
    for path in files():
        page = path.read_text(encoding="utf-8")
        if (new := generated(page)) != page:
            path.write_text(new, encoding="utf-8")
            print(f"written: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
