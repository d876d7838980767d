"""What no published text may hold: what identifies a person, and a person's initials next to a fact about them."""

from __future__ import annotations

import re

from orchestration import identifiers
from orchestration.reference import abbreviations

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
KINDS = {
    **identifiers.IDENTIFIERS, INITIALS: rf"{_EDGE}{_CAPITALS}{_AFTER}|{_FACT}{_BESIDE}{_CAPITALS}{_END}"}
ANY_KIND = "|".join(f"({pattern})" for pattern in KINDS.values())
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


def holds(text: str, kind: str) -> bool:
    """Whether a published text holds what is of this kind, one of ``KINDS``."""
    return holds_initials(text) if kind == INITIALS else identifiers.contains_identifier(text, kind)


def holds_initials(text: str) -> bool:
    """Whether ``text`` has a person's initials within a few words of an age, a weekly price or a diagnosis.

    Two or three capitals are found with points, in brackets or bare, before or after such a fact. ``LD 18-64`` and
    ``PD 65`` are not: they are terms of the field; nor are ages of a group, letters of a spreadsheet's column, and
    short words written in capitals.
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
