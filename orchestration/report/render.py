"""Writes a page from its template: one HTML file with its style, script and data inside, which loads nothing else."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.faults import UnusableInput

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, script: str = "", embeds: object = None, **values: object) -> str:
    """The page of a template; ``script`` names a file of the templates, ``embeds`` is what it reads."""
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    code = (TEMPLATES / script).read_text(encoding="utf-8") if script else ""
    # Nothing in the data may end the element it is embedded in.
    embedded = json.dumps(embeds, separators=(",", ":"), default=str).replace("<", "\\u003c") if embeds else ""
    return (
        _environment()
        .get_template(template)
        .render(style=style, script=code, policy=_policy(code, style), embedded=embedded, **values)
    )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Makes the folder of a file; where one of them cannot be written, names it and what to do."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise UnusableInput(
            f"{path} cannot be written ({error.strerror or error}). Next: name another folder with --out."
        ) from error


def write_whole(path: Path, text: str) -> None:
    """Writes the file in one step: who reads the site while it is renewed meets the old page or the new one."""
    with writing(path):
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)


def _policy(script: str, style: str) -> str:
    """The page's content security policy: its own script and style by their hashes, and nothing from anywhere."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (script, style)]
    return (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'; base-uri 'none'; "
        "form-action 'none'"
    )


@functools.cache
def _environment() -> object:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
