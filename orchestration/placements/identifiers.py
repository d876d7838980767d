"""Finds what identifies a person in a text: in placements before they are stored, and in all that is published."""

from __future__ import annotations

import re

from orchestration.reference import abbreviations

# What must never be stored with a placement or published: the kind, and the pattern that finds it in a text.
IDENTIFIERS = {
    "an e-mail address": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}",
    "a National Insurance number": (r"(^|[^A-Za-z0-9])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]"
                                    r"($|[^A-Za-z0-9])"),
    "a postcode": r"(^|[^A-Za-z0-9])[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}($|[^A-Za-z0-9])",
    "an NHS number": r"(^|[^A-Za-z0-9.])\d{3}[ -]?\d{3}[ -]?\d{4}($|[^A-Za-z0-9])",
}

# Initials with what was found out about their owner. Two or three capitals are nearly always an abbreviation, so they
# count only where an age, a weekly price or a diagnosis is within a few words of them, and where they are no
# abbreviation of the field (seeds/reference/abbreviation.csv, which is also a table of docs/glossary.md).
INITIALS = "initials with an age, a weekly price or a diagnosis"
_CAPITALS = r"([A-Z]{2,3}|[A-Z]\.? ?[A-Z]\.?( ?[A-Z]\.)?|[A-Z] [A-Z]( [A-Z])?)"
_AGE = r"(([Aa]ged?|AGED?):? *\d{1,3}|\d{1,3}[ -]?([Yy](ea)?rs?|YEARS?|YRS?|[Yy]/?[Oo])([ -]([Oo]ld|OLD))?)"
_PRICE = r"((£|GBP) ?\d[\d,.]*k?|\d[\d,.]*) ?(pw|p/w|PW|a week|per week|each week|weekly|/ ?(wk|week))"
_CONDITION = (
    r"((?i:autis(m|tic)|asperger'?s?|adhd|down'?s|dementia|alzheimer'?s?|schizophreni[ac]|bipolar|psychosis|psychotic"
    r"|epilep(sy|tic)|cerebral palsy|parkinson'?s|huntington'?s|multiple sclerosis|motor neurone|prader.willi"
    r"|korsakoff'?s|(brain|head|spinal) injur(y|ies)|stroke|tetraplegi[ac]|quadriplegi[ac]|paraplegi[ac]"
    r"|personality disorder|depression|anxiety|anorexia|diabet(es|ic)|cancer|visually impaired|deaf(blind)?"
    r"|blind|alcoholi(c|sm)|self.harm(s|ing)?|challenging behaviou?r|sectioned"
    r"|(has|had|with|have) (a |an )?((mild|moderate|severe|profound)"
    r" )?learning (disabilit(y|ies)|difficult(y|ies))))")
_FACT = f"({_AGE}|{_PRICE}|{_CONDITION})"
_BESIDE = r"[ ,:;()\[\]/-]+(['A-Za-z]+[ ,:()-]+){0,4}"
# A number alone is an age where nothing else follows that it could count: at an end, or before male or female.
_BARE_AGE = (r"( is| was| turned)?[ ,:]*[ (,:]\d{2,3}([,;)\]]|\.($| )|$"
             r"| ?(M|F|m|f|male|female|man|woman|MALE|FEMALE)($|[^A-Za-z]))")
_EDGE, _END = r"(^|[^A-Za-z0-9_&/.'-])", r"($|[^A-Za-z0-9_&-])"
_AFTER = rf"({_BESIDE}{_FACT}|{_BARE_AGE})"

# What is looked for in all that is published. DuckDB runs the patterns too, so they look neither ahead nor back.
PUBLISHED_KINDS = {
    **IDENTIFIERS, INITIALS: rf"{_EDGE}{_CAPITALS}{_AFTER}|{_FACT}{_BESIDE}{_CAPITALS}{_END}"}
ANY_KIND = "|".join(f"({pattern})" for pattern in PUBLISHED_KINDS.values())
_STANDING_ALONE = re.compile(rf"(?<![A-Za-z0-9_&/.'-])(?<!\bcolumn ){_CAPITALS}(?![A-Za-z0-9_&])")
_FACT_AFTER, _FACT_BEFORE = re.compile(_AFTER), re.compile(rf"(?<![A-Za-z0-9.,]){_FACT}{_BESIDE}$")
# 18 to 64 and 65 and over are ages of a group.
_OF_A_GROUP = re.compile(r"\d{1,3} ?(to|-|–|\+|and (over|under|above)|or (over|under|above|more)|plus)", re.IGNORECASE)
# Short words in a text that is all capitals.
_WORDS = frozenset({
    "A", "AGE", "ALL", "AN", "AND", "ANY", "ARE", "AS", "AT", "BE", "BUT", "BY", "CUT", "DAY", "DO", "DOT",
    "ETC", "FEW", "FOR", "HAS", "HE", "HER", "HIS", "HOW", "I", "IF", "ILL", "IN", "IS", "IT", "ITS", "MAN",
    "MAY", "MEN", "NET", "NEW", "NO", "NON", "NOR", "NOT", "NOW", "OF", "OFF", "OLD", "ON", "ONE", "OR", "OUR",
    "OUT", "OWN", "PER", "SEE", "SET", "SHE", "SIX", "SO", "SUM", "TEN", "THE", "TO", "TOO", "TWO", "UP", "US",
    "USE", "WAS", "WE", "WHO", "YES",
})

# Before a placement is stored, these count too: a provider has no birthday, and its telephone number is not needed
# here.
_IN_PLACEMENTS = {
    "a date": r"(^|\D)\d{1,2}[/.-]\d{1,2}[/.-](19|20)?\d{2}($|\D)",
    "a telephone number": r"(^|\D)0\d{3,4} ?\d{3} ?\d{3,4}($|\D)",
}


def find_identifier(text: str) -> str | None:
    """The kind of identifier in a text to be stored with placements, however it is spelt; None where there is none.

    Digits may be separated by dots, dashes and the like or follow letters, a postcode may be in small letters or have
    dots and spaces in it, and an @ may be spelt out.
    """
    # The id of a Care Quality Commission location is not a person's number.
    spelt = re.sub(r"\b1-\d{8,11}\b", "", text.upper())
    spelt = re.sub(r"\s*[(\[]\s*AT\s*[)\]]\s*", "@", spelt)
    spaced = " ".join(re.sub(r"(?<=[A-Z0-9])[.](?=[A-Z0-9 ])|(?<=[A-Z0-9])-(?=[A-Z0-9])", " ", spelt).split())
    joined = re.sub(r"(?<=\d)[\s._/-]+(?=\d)", "", spelt)
    for digits in re.findall(r"(?<!\d)\d{10}(?!\d)", joined):
        if holds_nhs_number(digits):
            return "an NHS number"
    for kind, pattern in {**IDENTIFIERS, **_IN_PLACEMENTS}.items():
        # T.S.18 1AA: single letters with spaces between them are read as one word.
        variants = (spelt, spaced, re.sub(r"\b([A-Z]) (?=[A-Z]? ?\d)", r"\1", spaced))
        if kind != "an NHS number" and any(re.search(pattern, variant) for variant in variants):
            return kind
    return None


def contains_identifier(text: str, kind: str) -> bool:
    """Whether a published text holds an identifier of this kind, one of ``PUBLISHED_KINDS``."""
    if kind == INITIALS:
        return holds_initials(text)
    return holds_nhs_number(text) if kind == "an NHS number" else re.search(IDENTIFIERS[kind], text) is not None


def holds_initials(text: str) -> bool:
    """Whether ``text`` has a person's initials within a few words of an age, a weekly price or a diagnosis.

    ``JS aged 47``, ``J.S., 47`` and ``dementia (JS)`` are found. ``LD 18-64`` and ``PD 65`` are not: they are terms of
    the field; nor are ages of a group, letters of a spreadsheet's column, and short words written in capitals.
    """
    known = abbreviations()
    for found in _STANDING_ALONE.finditer(text):
        letters = re.sub("[^A-Z]", "", found[0])
        if letters in known or letters in _WORDS or set(found[0].replace(".", " ").split()) <= {*known, *_WORDS}:
            continue
        after, before = text[found.end():found.end() + 90], text[max(0, found.start() - 90):found.start()]
        if any(fact and not _OF_A_GROUP.search(near[fact.start():fact.end() + 12])
               for fact, near in ((_FACT_AFTER.match(after), after), (_FACT_BEFORE.search(before), before))):
            return True
    return False


def holds_nhs_number(text: str) -> bool:
    """Whether ``text`` has ten digits as a separate word that are an NHS number by their check digit (modulus 11).

    Digits inside a longer word are part of a hash or an id: one sha256 in a hundred would be mistaken for a person's
    number. Digits after ``1-`` are ignored too: they are a location of the Care Quality Commission.
    """
    for found in re.finditer(r"(?<![0-9A-Za-z.])(?<!\b1-)(\d{3})[ -]?(\d{3})[ -]?(\d{4})(?![0-9A-Za-z])", text):
        digits = [int(digit) for digit in "".join(found.groups())]
        check = (11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits)) % 11) % 11
        if check != 10 and check == digits[9] and len(set(digits)) > 1:
            return True
    return False


def has_ten_digits_sql(text: str) -> str:
    """SQL: whether a text is ten digits, grouped as an NHS number is printed."""
    return (f"case when length({text}) between 10 and 12 "
            f"then regexp_full_match({text}, '[0-9]{{3}}[ -]?[0-9]{{3}}[ -]?[0-9]{{4}}') else false end")


def is_nhs_number_sql(text: str) -> str:
    """SQL: whether a text is an NHS number by its check digit, as ``holds_nhs_number`` decides it."""
    digits = f"regexp_replace({text}, '[ -]', '', 'g')"
    total = " + ".join(f"{11 - nth} * cast(substr({digits}, {nth}, 1) as integer)" for nth in range(1, 11))
    # The weighted sum of the nine digits plus the check digit (weight 1) is a multiple of eleven.
    return (f"case when {has_ten_digits_sql(text)} "
            f"then ({total}) % 11 = 0 and {digits} <> repeat(left({digits}, 1), 10) else false end")
