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
