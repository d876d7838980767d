"""Finds what identifies a person in a text, however it is typed: before placements are stored, and in all that is
published. ``masked`` takes it out of what is shown: a refusal never repeats what it refuses.
"""

from __future__ import annotations

import datetime as dt
import html
import re
import unicodedata
from functools import lru_cache

# What must never be stored with a placement or published: the kind, and the pattern that finds it in a text.
IDENTIFIERS = {
    "an e-mail address": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}",
    "a National Insurance number": (r"(^|[^A-Za-z0-9])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]"
                                    r"($|[^A-Za-z0-9])"),
    "a postcode": r"(^|[^A-Za-z0-9])[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}($|[^A-Za-z0-9])",
    "an NHS number": r"(^|[^A-Za-z0-9.])\d{3}[ -]?\d{3}[ -]?\d{4}($|[^A-Za-z0-9])",
}
# A published text that may hold one in a disguise: digits, letters or an @ of other alphabets than ours.
DISGUISED = "[\uff20\ufe6b\u200b-\u200f\u2060\ufeff\u00ad]|[^ -~]\\p{Nd}|\\p{Nd}[^ -~]"

# Dots, dashes and the like between the characters of one number; slashes are of dates.
_BETWEEN = r"[ ._-]{0,3}"
_NOT_INSIDE, _NOT_GOING_ON = r"(?<![A-Z0-9])", r"(?![A-Z0-9])"
# A birthday is of this year or earlier: a later day is that of an export, or of its records.
_LAST_BIRTH_YEAR = 2005
_MONTHS = {name[:3].upper(): number for number, name in enumerate(
    ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
     "December"), 1)}
_MONTH = "(?P<word>" + "|".join(_MONTHS) + r")[A-Z]{0,6}\.?"
_DAY, _YEAR, _SEPARATOR = r"(?P<day>\d{1,2})(?:ST|ND|RD|TH)?", r"(?P<year>(?:1[89]|20)\d{2}|\d{2})", r"[ ./,_-]{1,3}"
_DATES = [re.compile(pattern) for pattern in (
    rf"(?<!\d)(?<!\d[.,]){_DAY}{_SEPARATOR}(?:OF )?{_MONTH}{_SEPARATOR}{_YEAR}(?!\d)",
    rf"(?<![A-Z]){_MONTH}{_SEPARATOR}{_DAY}{_SEPARATOR}{_YEAR}(?!\d)",
    rf"(?<!\d)(?<!\d[.,])(?P<day>\d{{1,2}}) ?(?P<by>[./_-]) ?(?P<month>\d{{1,2}}) ?(?P=by) ?{_YEAR}(?!\d)",
    r"(?<!\d)(?P<year>(?:1[89]|20)\d{2})(?P<by>[ ./_-])(?P<month>\d{1,2})(?P=by)(?P<day>\d{1,2})(?!\d)",
    r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<month>[01]\d)(?P<day>[0-3]\d)(?!\d)",
    r"(?<!\d)(?P<day>[0-3]\d)(?P<month>[01]\d)(?P<year>(?:19|20)\d{2})(?!\d)")]
_BORN = re.compile(r"(?<![A-Z])(D\.?O\.?B|BORN|BIRTH(?:DAY|DATE)?)(?![A-Z])")
_TELEPHONE = re.compile(r"(?<![\dA-Z.])(?:(?:\+|00)44[ .-]{0,2}(?:\(0\))?|\(?0)[ .()-]{0,2}[1-37]"
                        r"(?:[ .()-]{0,3}\d){8,9}(?![ .-]?\d|:)")
_EMAIL = re.compile(r"[A-Z0-9._%+-]+ ?@ ?[A-Z0-9-]+(?: ?\. ?[A-Z0-9-]+)*? ?\. ?[A-Z]{2,}")
_SPELT_EMAIL = re.compile(r"[A-Z0-9._%+-]+ AT [A-Z0-9-]+(?:(?: DOT |\.)[A-Z0-9-]+)* DOT [A-Z]{2,}")
# No number begins with BG, GB, KN, NK, NT, TN or ZZ.
_NATIONAL_INSURANCE = re.compile(
    rf"{_NOT_INSIDE}(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z]{_BETWEEN}[A-CEGHJ-NPR-TW-Z]"
    rf"{_BETWEEN}\d{_BETWEEN}\d{_BETWEEN}\d{_BETWEEN}\d{_BETWEEN}\d{_BETWEEN}\d{_BETWEEN}[A-D]{_NOT_GOING_ON}")
_AREAS = ("A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]"
          "|L[ADELNSU]?|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?"
          "|YO|ZE")
_POSTCODE = re.compile(rf"{_NOT_INSIDE}(?:{_AREAS}){_BETWEEN}\d[A-Z\d]?{_BETWEEN}"
                       rf"\d{_BETWEEN}[ABD-HJLNP-UW-Z]{_BETWEEN}[ABD-HJLNP-UW-Z]{_NOT_GOING_ON}")
# Letters of other alphabets that look like ours.
_ALIKE = str.maketrans("АВЕКМНОРСТХІЈЅаеорсхіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTXIJSaeopcxijsABEZHIKMNOPTYX")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """A text as its reader sees it: full-width and other forms as plain letters and digits (NFKC), digits of any script
    as 0 to 9, every dash as ``-``, every space as one space, no invisible characters, and a spelt ``[at]`` as ``@``.
    """
    plain = unicodedata.normalize("NFKC", html.unescape(text).replace("%40", "@")).translate(_ALIKE)
    if not plain.isascii():
        plain = "".join(_folded(character) for character in plain)
    plain = re.sub(r"\s+", " ", plain)
    plain = re.sub(r" *[(\[{<] *at *[)\]}>] *", "@", plain, flags=re.IGNORECASE)
    return re.sub(r" *[(\[{<] *dot *[)\]}>] *", ".", plain, flags=re.IGNORECASE)


def _folded(character: str) -> str:
    if character.isascii():
        return character
    kind = unicodedata.category(character)
    if kind == "Nd":
        return str(unicodedata.decimal(character))
    if kind in ("Cf", "Mn", "Me", "Cn", "Co") or character in "\u115f\u1160\u3164\uffa0":
        return ""
    return "-" if kind == "Pd" or character in "\u2212\u00af\u02d7\u00b7\u2022\u30fc" else character


def find_identifier(text: str, is_name: bool = False) -> str | None:
    """The kind of identifier in a text to be stored with placements, however it is typed; None where there is none.

    ``is_name`` is for the name of a file, sheet or column, which may hold the day of the records: there a day is a
    birthday only where it says so, or where no one kept such records yet.
    """
    # The id of a Care Quality Commission location is not a person's number.
    folded = re.sub(r"(?<![A-Z0-9-])1-\d{8,11}(?![A-Z0-9])", "", fold(text).upper())
    if re.fullmatch(r"[-+£ ]*[\d,]*\.\d+ ?%?", folded):
        return None  # An amount: its digits are no number of anyone.
    if _EMAIL.search(folded) or _SPELT_EMAIL.search(folded):
        return "an e-mail address"
    if _has_nhs_number(folded):
        return "an NHS number"
    for kind, pattern in (("a National Insurance number", _NATIONAL_INSURANCE), ("a postcode", _POSTCODE),
                          ("a telephone number", _TELEPHONE)):
        if pattern.search(folded):
            return kind
    days = _dates(folded)
    if days and (not is_name or _BORN.search(folded) or any(map(_may_be_birthday, days))):
        return "a date"
    return None


def _may_be_birthday(day: dt.date) -> bool:
    """Whether a day in a name or message is more likely a birthday than the beginning or end of a financial year."""
    return day.year <= _LAST_BIRTH_YEAR and (day.month, day.day) not in ((4, 1), (3, 31))


def _has_nhs_number(folded: str) -> bool:
    joined = re.sub(r"(?<=\d)[ ._/()-]{1,3}(?=\d)", "", folded)
    # Letters may come before or after them (NHS9434765919); with other digits the word is a hash or an id.
    return any(_is_nhs_number(digits) for text in (joined, folded)
               for digits in re.findall(r"(?<![A-Z0-9])[A-Z]*(\d{10})[A-Z]*(?![A-Z0-9])", text))


def _dates(folded: str) -> list[dt.date]:
    """The days in a folded text in capitals; of two digits, a year up to this one is of this century."""
    days = []
    for found in (found for pattern in _DATES for found in pattern.finditer(folded)):
        part = found.groupdict()
        month = _MONTHS[part["word"]] if part.get("word") else int(part["month"])
        day, year = int(part["day"]), int(part["year"])
        if year < 100:
            year += 2000 if year <= dt.date.today().year % 100 else 1900
        for first, second in ((day, month), (month, day)):  # Some write the month first.
            try:
                days.append(dt.date(year, second, first))
                break
            except ValueError:
                continue
    return days


def masked(text: str) -> str:
    """A text to be shown, without what in it identifies a person: each word with a digit or an @ is replaced."""
    if not find_identifier(text, is_name=True):
        return text
    words = ["\u2026" if re.search(r"[\d@]|%40|&", unicodedata.normalize("NFKC", word)) else word
             for word in re.split(r"(\s+)", text)]
    shown = re.sub("\u2026(\\s+\u2026)+", "\u2026", "".join(words))
    return "\u2026" if find_identifier(shown, is_name=True) else shown


def masked_name(path: str) -> str:
    """The path of a file without what in it identifies a person: suffixes and other folders stay."""
    return "/".join(map(_masked_part, path.split("/")))


def _masked_part(name: str) -> str:
    suffix = re.search(r"[.](csv|tsv|txt|xls[xmb]?|ods|parquet|ya?ml|json|zip|gz|docx?|pdf)$", name, re.IGNORECASE)
    stem = name[:suffix.start()] if suffix else name
    return f"(name withheld){suffix[0] if suffix else ''}" if find_identifier(stem, is_name=True) else name


def contains_identifier(text: str, kind: str) -> bool:
    """Whether a published text holds an identifier of this kind."""
    folded = fold(text)
    return holds_nhs_number(folded) if kind == "an NHS number" else re.search(IDENTIFIERS[kind], folded) is not None


def _is_nhs_number(digits: str) -> bool:
    """Whether ten digits are an NHS number by their check digit (modulus 11)."""
    check = (11 - sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), digits)) % 11) % 11
    return check != 10 and check == int(digits[9]) and len(set(digits)) > 1


def holds_nhs_number(text: str) -> bool:
    """Whether ``text`` has ten digits as a separate word that are an NHS number by their check digit (modulus 11).

    Digits inside a longer word are part of a hash or an id: one sha256 in a hundred would be mistaken for a person's
    number. Digits after ``1-`` are ignored too: they are a location of the Care Quality Commission.
    """
    return any(_is_nhs_number("".join(found.groups())) for found in re.finditer(
        r"(?<![0-9A-Za-z.])(?<!\b1-)(\d{3})[ -]?(\d{3})[ -]?(\d{4})(?![0-9A-Za-z])", text))


# --- in SQL, for references: there are millions, and none of them is stored -------------------------------------------


@lru_cache(maxsize=1)
def _other_digits() -> tuple[str, str]:
    """The digits of all scripts but ours, and ours for each."""
    others = "".join(chr(code) for code in range(0x80, 0x20000) if unicodedata.category(chr(code)) == "Nd")
    return others, "".join(str(unicodedata.decimal(digit)) for digit in others)


def _plain_sql(text: str) -> str:
    """SQL: a reference in capitals, digits of any script as ours, without what separates them or is not seen."""
    others, ours = _other_digits()
    as_ours = f"case when strlen({text}) = length({text}) then {text} else translate({text}, '{others}', '{ours}') end"
    return f"regexp_replace(upper({as_ours}), '[\\p{{Cf}}\\p{{Z}}\\p{{Pd}}\\p{{Mn}}\u2212._/()+-]+', '', 'g')"


def has_ten_digits_sql(text: str) -> str:
    """SQL: whether a text is ten digits, however an NHS number is typed."""
    return (f"case when length({text}) >= 10 "
            f"then regexp_full_match({_plain_sql(text)}, '(NHS(NO|NUM|NUMBER)?:?)?[0-9]{{10}}') else false end")


def is_nhs_number_sql(text: str) -> str:
    """SQL: whether a text is an NHS number by its check digit, as ``holds_nhs_number`` decides it."""
    digits = f"right({_plain_sql(text)}, 10)"
    total = " + ".join(f"{11 - nth} * cast(substr({digits}, {nth}, 1) as integer)" for nth in range(1, 11))
    # The weighted sum of the nine digits plus the check digit (weight 1) is a multiple of eleven.
    return (f"case when {has_ten_digits_sql(text)} "
            f"then ({total}) % 11 = 0 and {digits} <> repeat(left({digits}, 1), 10) else false end")


def has_insurance_form_sql(text: str) -> str:
    """SQL: whether a text is two letters, six digits and a letter, however separated."""
    return (f"case when length({text}) >= 9 then regexp_full_match({_plain_sql(text)}, '[A-Z]{{2}}[0-9]{{6}}[A-Z]') "
            "else false end")


def is_insurance_number_sql(text: str) -> str:
    """SQL: whether a text is a National Insurance number, which begins and ends with some letters only."""
    return (f"case when {has_insurance_form_sql(text)} then regexp_matches({_plain_sql(text)}, "
            "'^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z].*[A-D]$') "
            f"and not regexp_matches({_plain_sql(text)}, '^(BG|GB|KN|NK|NT|TN|ZZ)') else false end")
