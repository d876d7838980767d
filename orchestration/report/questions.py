"""The questions of dbt_project/analyses, asked of the published copy for any council, year and peer set."""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from orchestration import database, local_copy
from orchestration.faults import UnusableInput
from orchestration.home import Home, project_folder
from orchestration.intake.find import printable
from orchestration.report import words
from orchestration.report.reading import Copy, Council, Row, find_council, opened

_ASKED = r"(?:date )?'[^']*' as {}\b"
LOCAL = "Exact figures of local placements are in the local copy: `carequartile ask --local`."
# In the order in which they are tried; the revenue outturn, another return, comes last.
_QUANTITIES = ("gross_current_expenditure", "net_current_expenditure", "total_expenditure",
               "ro3_net_current_expenditure")
# Years that are tried, newest first, where none is asked for.
MOST_TRIED = 4
_ANY_QUANTITY = "|".join(sorted(_QUANTITIES, key=len, reverse=True))


@dataclass(frozen=True)
class Question:
    number: int
    words: str
    sql: str

    @property
    def text(self) -> str:
        """What the search compares: the question and the name of its file."""
        return f"{self.words} {self.measure}".lower()

    @property
    def measure(self) -> str:
        found = re.search(r"'([^']*)' as measure_id\b", self.sql)
        return found.group(1).replace("_", " ") if found else ""

    @property
    def takes_year(self) -> bool:
        return bool(re.search(_ASKED.format("financial_year"), self.sql))

    @property
    def covers_all_years(self) -> bool:
        return not self.takes_year and " as figure_id" not in self.sql


@dataclass(frozen=True)
class Answer:
    question: Question
    council: Council
    sql: str
    columns: list[str]
    rows: list[Row]
    notes: list[str]

    @property
    def asked(self) -> dict[str, str]:
        """What the query was asked for besides the council, by name: year, peer set, measure."""
        found = {name: re.search(rf"'([^']*)' as {name}\b", self.sql)
                 for name in ("financial_year", "peer_set", "measure_id", "figure_id", "snapshot_date")}
        return {name: match.group(1) for name, match in found.items() if match}


@lru_cache(maxsize=1)
def _tables_of_quality() -> frozenset[str]:
    """The published tables that are models of the schema quality; all others that a question reads are marts."""
    folder = project_folder() / "dbt_project" / "models" / "marts" / "quality"
    return frozenset(path.stem for path in folder.rglob("*.sql"))


def as_published(sql: str) -> str:
    """A query of dbt as it runs on the published file: tables with their schema, and no catalogue in front of it (the
    macro ``questions`` writes the same into ``marts.question``). The tables of the gates are a source of dbt.
    """
    sql = re.sub(r"\{\{ source\('gate', '(\w+)'\) \}\}", r"quality.\1", sql)
    return re.sub(r"\{\{ ref\('(\w+)'\) \}\}", lambda found: (
        f"{'quality' if found[1] in _tables_of_quality() else 'marts'}.{found[1]}"), sql)


def questions() -> list[Question]:
    found = []
    for path in sorted((project_folder() / "dbt_project" / "analyses").glob("*.sql")):
        sql = as_published(path.read_text(encoding="utf-8"))
        comment = [
            line.removeprefix("-- ") for line in sql.split("with\n", 1)[0].splitlines() if line.startswith("-- ")
        ]
        words = re.sub(r"^Question \d+: ", "", " ".join(comment)).split("?")[0]
        found.append(Question(int(path.stem[:2]), f"{words}?", sql))
    return found


def find_question(known: list[Question], asked: str) -> Question:
    """By its number, else by its words: the question that holds the most of them. Names the nearest where none does."""
    if asked.strip().isdigit():
        for question in known:
            if question.number == int(asked):
                return question
        raise UnusableInput(
            f"There is no question {printable(asked)}; they are numbered 1 to {len(known)}. "
            "Next: `carequartile ask --list`."
        )
    wanted = _stems(asked)
    scores = {question: len(wanted & _stems(question.text)) for question in known}
    best = max(scores.values())
    if wanted and best == len(wanted):
        fits = [question for question in known if scores[question] == best]
        exact = set(asked.lower().split())
        return max(
            fits,
            key=lambda question: (
                len(wanted & _stems(question.words)),
                len(exact & set(re.findall(r"[a-z]+", question.words.lower()))),
                -question.number,
            ),
        )
    near = sorted(known, key=lambda question: (-scores[question], -_likeness(asked, question)))[:3]
    listed = "\n".join(f"  {question.number}  {question.words}" for question in near)
    raise UnusableInput(
        f"No question has all of the words {printable(asked)!r}. The nearest:\n{listed}\n"
        "Next: ask by number, or `carequartile ask --list`."
    )


def _stems(text: str) -> set[str]:
    """Words without their endings, so that costs finds cost and peer finds peers."""
    return {word.rstrip("s") for word in re.findall(r"[a-z]+|\d+", text.lower())} - {"the", "a", "of", "i", "our", "we"}


def _likeness(asked: str, question: Question) -> float:
    return difflib.SequenceMatcher(None, asked.lower(), question.words.lower()).ratio()


def put_in(sql: str, **values: str | None) -> str:
    """The query with other values in its ``asked``; what it does not ask for is left alone."""
    for name, value in values.items():
        if value is not None:
            quoted = value.replace("'", "''")
            sql = re.sub(
                _ASKED.format(name),
                lambda found, quoted=quoted, name=name: (
                    f"{'date ' * found.group(0).startswith('date')}'{quoted}' as {name}"
                ),
                sql,
            )
    return sql


def ask(
    home: Home, asked: str, council: str, year: str | None, peer_set: str | None, is_local: bool = False
) -> Answer:
    """The answer of the open copy, or with ``is_local`` of the local one, where exact figures of placements are."""
    question = find_question(questions(), asked)
    with opened(home, is_local) as copy:
        found = find_council(copy.councils(), council)
    with local_copy.connect(home, is_local) as connection:
        copy = Copy(connection)
        _check(copy, question, year, peer_set)
        try:
            return _answer(copy, question, found, year, peer_set)
        except database.DatabaseError as error:
            raise local_copy.unreadable(error) from error


def _check(copy: Copy, question: Question, year: str | None, peer_set: str | None) -> None:
    if year and not (re.fullmatch(r"\d{4}-\d{2}", year) and (int(year[:4]) + 1) % 100 == int(year[5:])):
        raise UnusableInput(f"{printable(year)!r} is no financial year. Next: write it as 2017-18.")
    if peer_set and "as peer_set" in question.sql:
        sets = [row["peer_set"] for row in copy.rows("select distinct peer_set from marts.dim_peer_set order by 1")]
        if peer_set not in sets:
            raise UnusableInput(f"There is no peer set {printable(peer_set)!r}. There are: {', '.join(sets)}. "
                                "Next: name one of these, or land your own as a CSV (docs/analysts.md, peers).")


def _answer(copy: Copy, question: Question, council: Council, year: str | None, peer_set: str | None) -> Answer:
    """The answer for the year, or where none is given for the newest year that has one for the council."""
    if year or not question.takes_year:
        return _answer_of(copy, question, council, year, peer_set)
    answered = _years(copy, question, council, is_answered=True)[:MOST_TRIED]
    # Where no year has an answer, the newest one that is loaded says why.
    answer = None
    for newest in [*answered, *_years(copy, question, council)[:1]]:
        if (answer := _answer_of(copy, question, council, newest, peer_set)).rows:
            return answer
    return answer or _answer_of(copy, question, council, None, peer_set)


def _answer_of(copy: Copy, question: Question, council: Council, year: str | None, peer_set: str | None) -> Answer:
    notes = [f"This question covers all years; {year} was not needed."] if year and question.covers_all_years else []
    sql = put_in(
        question.sql,
        council_code=council.code,
        financial_year=year,
        peer_set=peer_set,
        figure_id=_figure_id(question, council, year),
        snapshot_date=_snapshot(copy, question, council),
    )
    rows, reason = _asked(copy, sql)
    if not rows:
        sql, rows, more = _by_another_quantity(copy, sql)
        notes += more
    if not rows:
        notes.append(f"No answer: {_reason(copy, question, council, sql) or reason}"
                     f"{_nearest_year(copy, question, council, sql)}")
    return Answer(question, council, sql.strip(), list(rows[0]) if rows else [], rows, notes)


def _asked(copy: Copy, sql: str) -> tuple[list[Row], str | None]:
    """The rows of the answer, or none and the reason that the query gives in their place."""
    rows = copy.rows(sql)
    reason = rows[0]["answer_reason"]
    if reason:
        return [], reason
    return [{name: value for name, value in row.items() if name != "answer_reason"} for row in rows], None


def _figure_id(question: Question, council: Council, year: str | None) -> str | None:
    found = re.search(r"'\d+:([\d-]+):([^']*)' as figure_id", question.sql)
    return f"{council.code}:{year or found.group(1)}:{found.group(2)}" if found else None


def _snapshot(copy: Copy, question: Question, council: Council) -> str | None:
    if "as snapshot_date" not in question.sql:
        return None
    newest = copy.rows(
        "select max(snapshot_date) as newest from marts.dim_snapshot where council_code = ?", council.code
    )
    return str(newest[0]["newest"]) if newest[0]["newest"] else None


def _by_another_quantity(copy: Copy, sql: str) -> tuple[str, list[Row], list[str]]:
    """The same measure of gross, net or total spend: returns print one in some years and another in others."""
    measure = re.search(r"'([^']*)' as measure_id\b", sql)
    for other in _QUANTITIES if measure else ():
        named = re.sub(f"(?:{_ANY_QUANTITY})", other, measure.group(1))
        if named != measure.group(1) and (rows := _asked(copy, put_in(sql, measure_id=named))[0]):
            return (
                put_in(sql, measure_id=named),
                rows,
                [f"There is none of {measure.group(1)} for this year; the answer is {named}."
                 + (" It is of the revenue outturn, a separate return: compare councils by it, and not with other"
                    " returns." if other.startswith("ro3_") else "")],
            )
    return sql, [], []


def _families(sql: str) -> list[str]:
    """The measures that the query would take: the one it names, and the same of gross, net and total spend."""
    measure = re.search(r"'([^']*)' as measure_id\b", sql)
    return sorted({re.sub(f"(?:{_ANY_QUANTITY})", other, measure.group(1)) for other in _QUANTITIES}) if measure else []


def _coverage(copy: Copy, question: Question, council: Council, sql: str) -> list[Row]:
    """The rows of ``mart_coverage`` on the measures of the query, of every year."""
    families = _families(sql)
    return copy.rows(
        "select financial_year, is_answered, reason_code, reason, nearest_year from marts.mart_coverage "
        "where council_code = ? and question_number = ? "
        "and (measure_family like 'learning_disability%' or measure_family in ('all', 'outcomes')) "
        "and (len(?::varchar[]) = 0 "
        "or exists (select 1 from unnest(?::varchar[]) as named (id) where id like concat(measure_family, '%'))) "
        "order by financial_year, measure_family", council.code, question.number, families, families)


def _years(copy: Copy, question: Question, council: Council, is_answered: bool = False) -> list[str]:
    """The years that are loaded, or those of them that answer the question for the council; newest first."""
    found = {row["financial_year"] for row in _coverage(copy, question, council, question.sql)
             if row["is_answered"] or not is_answered}
    return sorted(found, reverse=True)


def _year_of(sql: str) -> str | None:
    year = re.search(r"'(\d{4}-\d{2})' as financial_year", sql) or re.search(r"'\w+:(\d{4}-\d{2}):", sql)
    return year.group(1) if year else None


def _reason(copy: Copy, question: Question, council: Council, sql: str) -> str | None:
    """Why the year has no answer: of the measures that were tried, the one that is loaded says it best."""
    year = _year_of(sql)
    if not year:
        return None
    rows = _coverage(copy, question, council, sql)
    found = [row for row in rows if row["financial_year"] == year and row["reason"]]
    if found:
        return str(min(found, key=lambda row: row["reason_code"] in ("not_loaded", "not_collected"))["reason"])
    if any(row["financial_year"] == year for row in rows):
        return None
    years = _years(copy, question, council, is_answered=True)
    answered = f"It is answered for {', '.join(reversed(years))}." if years else "No year that is loaded answers it."
    return f"Nothing that this question reads is loaded for {year}. {answered}"


def _nearest_year(copy: Copy, question: Question, council: Council, sql: str) -> str:
    """The nearest year in which the question is answered for the council, as a sentence; nothing where none is."""
    year = _year_of(sql)
    rows = _coverage(copy, question, council, sql) if year else []
    near = {row["nearest_year"] for row in rows if row["financial_year"] == year and row["nearest_year"]}
    if not near:
        return ""
    nearest = min(sorted(near, reverse=True), key=lambda one: words.years_away(one, year))
    return f" The nearest year that answers is {nearest}."


def described(answer: Answer, as_format: str) -> str:
    shown: dict[str, Callable[[Answer], str]] = {"table": _as_table, "csv": _as_csv, "json": _as_json}
    return shown[as_format](answer)


def _as_csv(answer: Answer) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, answer.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(answer.rows)
    return file.getvalue().rstrip("\n")


def _as_json(answer: Answer) -> str:
    return json.dumps(
        {
            "question": answer.question.words,
            "number": answer.question.number,
            "council": answer.council.name,
            "asked": answer.asked,
            "notes": answer.notes,
            "rows": answer.rows,
            "query": answer.sql,
        },
        indent=2,
        default=_plain,
    )


def _plain(value: object) -> object:
    return float(value) if type(value).__name__ == "Decimal" else str(value)


def _as_table(answer: Answer) -> str:
    """At most 80 columns wide: as a table where it fits, else one figure a line, row by row."""
    lines = [f"{answer.question.number}. {answer.question.words}", *_who_and_when(answer), ""]
    texts = [{name: _shown(row[name]) for name in answer.columns} for row in answer.rows]
    widths = {name: max(len(name), *(len(row[name]) for row in texts)) for name in answer.columns} if texts else {}
    if texts and sum(widths.values()) + 2 * len(widths) <= 80:
        lines += ["  ".join(name.ljust(widths[name]) for name in widths).rstrip()]
        lines += ["  ".join(row[name].ljust(widths[name]) for name in widths).rstrip() for row in texts]
    else:
        for row in texts:
            lines += [*(f"{name:<28} {text}" for name, text in row.items() if text), ""]
    return "\n".join([*lines, *[f"note: {note}" for note in answer.notes], "", "the query:", answer.sql])


def _who_and_when(answer: Answer) -> list[str]:
    """The council, year and peer set that were asked for, and the measure."""
    asked = answer.asked
    day = asked.get("financial_year") or asked.get("snapshot_date")
    named = [f"{answer.council.name} ({answer.council.code})", day,
             f"compared with {asked['peer_set']}" if "peer_set" in asked else None]
    return [", ".join(filter(None, named)), *(asked[name] for name in ("measure_id", "figure_id") if name in asked)]


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.2f}" if type(value).__name__ in ("Decimal", "float") else str(value)
