"""Recognises what identifies a person in a text: at the door for placements, and in everything to be published."""

from __future__ import annotations

import re

# Identifying values that must never be stored with a placement or published, by what a text
# would look like with one in it.
IDENTIFIERS = {
    "an e-mail address": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}",
    "a National Insurance number": (r"(^|[^A-Za-z0-9])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]"
                                    r"($|[^A-Za-z0-9])"),
    "a postcode": r"(^|[^A-Za-z0-9])[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}($|[^A-Za-z0-9])",
    "an NHS number": r"(^|[^A-Za-z0-9.])\d{3}[ -]?\d{3}[ -]?\d{4}($|[^A-Za-z0-9])",
}
ANY_KIND = "|".join(f"({pattern})" for pattern in IDENTIFIERS.values())


# At the door more is taken for a person: a provider has no birthday, and its telephone number is of no use here.
_AT_THE_DOOR = {
    "a date": r"(^|\D)\d{1,2}[/.-]\d{1,2}[/.-](19|20)?\d{2}($|\D)",
    "a telephone number": r"(^|\D)0\d{3,4} ?\d{3} ?\d{3,4}($|\D)",
}


def found_at_the_door(text: str) -> str | None:
    """What of a person a text to be stored with placements holds, however it is spelt; None where it holds nothing.

    Digits may stand apart by dots, dashes and the like or behind letters, a postcode may be in small letters or have
    dots and spaces in it, and an @ may be spelt out.
    """
    # A location of the Care Quality Commission is no person.
    spelt = re.sub(r"\b1-\d{8,11}\b", "", text.upper())
    spelt = re.sub(r"\s*[(\[]\s*AT\s*[)\]]\s*", "@", spelt)
    spaced = " ".join(re.sub(r"(?<=[A-Z0-9])[.](?=[A-Z0-9 ])|(?<=[A-Z0-9])-(?=[A-Z0-9])", " ", spelt).split())
    joined = re.sub(r"(?<=\d)[\s._/-]+(?=\d)", "", spelt)
    for digits in re.findall(r"(?<!\d)\d{10}(?!\d)", joined):
        if holds_nhs_number(digits):
            return "an NHS number"
    for kind, pattern in {**IDENTIFIERS, **_AT_THE_DOOR}.items():
        # T.S.18 1AA: single letters apart are one word.
        variants = (spelt, spaced, re.sub(r"\b([A-Z]) (?=[A-Z]? ?\d)", r"\1", spaced))
        if kind != "an NHS number" and any(re.search(pattern, variant) for variant in variants):
            return kind
    return None


def looks_like(text: str, kind: str) -> bool:
    """Whether a published text holds an identifier of this kind."""
    return holds_nhs_number(text) if kind == "an NHS number" else re.search(IDENTIFIERS[kind], text) is not None


def holds_nhs_number(text: str) -> bool:
    """Whether ten digits standing alone in ``text`` are an NHS number by its check digit (modulus 11).

    Digits inside a longer word are part of a hash or an id: one sha256 in a hundred would be taken for a person. So are
    those behind ``1-``: a location of the Care Quality Commission.
    """
    for found in re.finditer(r"(?<![0-9A-Za-z.])(?<!\b1-)(\d{3})[ -]?(\d{3})[ -]?(\d{4})(?![0-9A-Za-z])", text):
        digits = [int(digit) for digit in "".join(found.groups())]
        check = (11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits)) % 11) % 11
        if check != 10 and check == digits[9] and len(set(digits)) > 1:
            return True
    return False
