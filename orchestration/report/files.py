"""Writes what is made of a council to a file: its page, its workbook, or its figures as CSV."""

from __future__ import annotations

from pathlib import Path

from orchestration.home import Home, private_files, public_files
from orchestration.report.page import Made, check_asked
from orchestration.report.reading import Council, find_council, opened
from orchestration.report.render import write_whole, writing


def write_page(
    home: Home,
    asked: str,
    year: str | None,
    peer_set: str | None,
    folder: Path,
    as_format: str = "html",
    is_local: bool = False,
) -> Path:
    """Writes the page, or its figures as a workbook or CSV, and returns where."""
    with opened(home, is_local) as copy:
        council = find_council(copy.councils(), asked)
        copy.take(council)
        made = Made(copy, council, year, check_asked(copy, council, year, peer_set), is_local)
        return write(made, folder, as_format, is_local)


def write(made: Made, folder: Path, as_format: str = "html", is_local: bool = False) -> Path:
    """One page, workbook or CSV file, with its tables of belief, outcomes and levers in files beside it.

    What is of the local copy is readable by this user alone.

    Raises UnusableInput where the folder cannot be written to.
    """
    path = folder / f"{file_name(made.council)}.{as_format}"
    with private_files() if is_local else public_files(), writing(path):
        if is_local:
            path.unlink(missing_ok=True)  # Whoever could read a page of that name shall not read this one.
        if as_format == "xlsx":
            # Its libraries take a second to import, which a page does not need.
            from orchestration.report.workbook import write_workbook

            write_workbook(made, path)
        else:
            write_whole(path, made.html() if as_format == "html" else made.csv())
        if as_format == "csv":
            for end, text in made.more_csv().items():
                beside = path.with_name(f"{path.stem}-{end}.csv")
                beside.unlink(missing_ok=True)
                write_whole(beside, text)
    return path


def file_name(council: Council) -> str:
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in council.name.lower())
    return "-".join(part for part in plain.split("-") if part) + f"-{council.code}"
