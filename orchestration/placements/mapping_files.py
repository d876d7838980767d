"""Reads mappings: the shipped ones of ``seeds/mappings``, and those that a council lands with its export."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from orchestration.faults import UnusableInput
from orchestration.home import project_folder
from orchestration.intake.find import MAPPING_SUFFIXES, printable, shown_name
from orchestration.placements.contract import NAME, load_contract
from orchestration.placements.mapping import Mapping

# A mapping of every field of the contract with a hundred codes each has a tenth of this.
LARGEST_MAPPING_BYTES = 256 * 1024


@lru_cache(maxsize=1)
def shipped_mappings() -> tuple[Mapping, ...]:
    """The mapping of the contract's own column names, and the mappings in ``seeds/mappings``."""
    fields = load_contract().fields
    own = Mapping(snapshot_mapping=NAME, title="The placement contract",
                  columns={name: {"column": name, "optional": not field.required} for name, field in fields.items()})
    folder = project_folder() / "seeds" / "mappings"
    others = [read_mapping(path) for path in sorted(folder.glob("*.yml")) if path.name != "contract.yml"]
    return (own, *[mapping for mapping in others if mapping])


def find_mappings(paths: list[Path]) -> tuple[list[Mapping], set[str]]:
    """The mappings landed under ``paths``, and the names of their files. Raises UnusableInput for a faulty one."""
    mappings, names = [], set()
    for path in paths:
        files = [path] if path.is_file() else sorted(path.rglob("*")) if path.is_dir() else []
        for file in files:
            if file.suffix.lower() in MAPPING_SUFFIXES and file.is_file():
                if mapping := read_mapping(file):
                    mappings.append(mapping)
                    names.add(shown_name(file.name if file == path else file.relative_to(path).as_posix()))
                elif file == path:
                    raise UnusableInput(f"{shown_name(file.name)} is not a snapshot mapping: it has no key "
                                        "snapshot_mapping. Next: land data as CSV, XLSX or Parquet.")
    return mappings, names


class _UniqueKeys(yaml.SafeLoader):
    """YAML in which a key may occur only once: plain YAML would read the last of two and ignore the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen = set()
        for key in (self.construct_object(key, deep=True) for key, _ in node.value):
            if not isinstance(key, Hashable):
                break  # Plain YAML says where it is.
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} appears twice", node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_mapping(path: Path) -> Mapping | None:
    """The mapping in a YAML file; None where the file is of another kind.

    Raises UnusableInput where it is a mapping that does not fit the contract, or is larger than any mapping.
    """
    name = shown_name(path.name)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_MAPPING_BYTES + 1)
    except OSError:
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "snapshot_mapping" not in text:
        return None
    if len(content) > LARGEST_MAPPING_BYTES:
        raise UnusableInput(f"{name} is a snapshot mapping of {path.stat().st_size:,} bytes; a mapping has at most "
                            f"{LARGEST_MAPPING_BYTES:,}. Next: leave out of it what is no column, code or title.")
    try:
        found = yaml.load(text, Loader=_UniqueKeys)
    except yaml.YAMLError as error:
        found = printable(" ".join(str(error).split()))
        raise UnusableInput(f"{name} is a snapshot mapping but not valid YAML: {found}\n"
                            "Next: correct it; a text with a colon, a question mark or a comma needs quotes."
                            ) from error
    except RecursionError:
        raise UnusableInput(f"{name} is a snapshot mapping but not valid YAML: brackets within brackets, hundreds "
                            "deep\nNext: correct it; codes are the deepest level that a mapping has.") from None
    except (ValueError, TypeError, OverflowError) as error:
        # YAML reads 2026-02-30 as a date, finds none, and gives neither line nor column.
        raise UnusableInput(f"{name} is a snapshot mapping with a text that YAML takes for a date or number, and "
                            f"that is none ({printable(str(error))})\nNext: put such texts, and titles, in quotes."
                            ) from error
    return _validated(found, path, name)


def _validated(found: object, path: Path, name: str) -> Mapping | None:
    if not isinstance(found, dict) or "snapshot_mapping" not in found:
        return None
    try:
        return Mapping.model_validate(found).at(path)
    except ValidationError as error:
        listed = "\n".join(f"  {printable('.'.join(str(part) for part in one['loc'])) or 'mapping'}: "
                           f"{printable(one['msg'].removeprefix('Value error, '))}" for one in error.errors()[:10])
    except (TypeError, RecursionError):
        listed = "  mapping: a key or value that is no text"
    raise UnusableInput(f"{name} is a snapshot mapping that cannot be used:\n{listed}\n"
                        "Next: correct it; seeds/mappings/contract.yml has every field and its codes. A title, or a "
                        "key, that is a date or a number needs quotes.")
