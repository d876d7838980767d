"""The published ODS and XLS files, and ZIP archives of published files, spoiled at random.

Each spoiled file must be refused in words or read as it is printed, within ``MOST_SECONDS``; nothing may end the
process that reads it. ``run`` reads them in processes of their own, so that an abort is seen as one. As a script:
``python tests/harness/spoiled_originals.py TODAY 2000``, with the folder of the published files of 2022 to 2025 (the
folder ``data`` is beside it).
"""

from __future__ import annotations

import io
import json
import random
import re
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestration.faults import CarequartileError
from orchestration.survey import SurveyedFile, survey_landing

MOST_SECONDS = 30.0
MOST_ADDED_BYTES = 50_000_000
A_PROCESS = 100  # so many files are read by one process
SHEETS = "outturn/RSX_LA_Data_2024-25_data_by_LA.ods"
OLD_SHEETS = "outturn/Revenue_Outturn_Summary__RS__data_2010-11_by_LA_-_27-Nov-2012-v2.xls"
ARCHIVE = ("outturn/RSX_2022-23_data_by_LA.csv", SHEETS, "reference/LTLA-UTLA_Apr23_Lookup_England-Wales.csv")
# Those that are read in a fraction of a second: for a sample that everybody waits for.
QUICK = ("ods", "xls", "zip")
# How often each original is drawn: the large ones seldom.
ORIGINALS = {
    "ods": (SHEETS, 6), "xls": (OLD_SHEETS, 6), "zip": ("", 6), "ods ascof": ("ascof/ascof_2024_25.ods", 2),
    "ods ro3": ("outturn/RO3_LA_Data_2024-25_data_by_LA.ods", 2),
    "ods ro3 2022": ("outturn/RO3_2022-23_data_by_LA.ods", 1),
    "xls pssex1": ("../data/returns/pssex1/2007-08/GrossNetPSS2007-08 (values only).xls", 4),
    "xls expenditure": ("../data/returns/pssex1/2007-08/expend2008 (values only).xls", 3),
    "xls 2018": ("population/ukmidyearestimates20182019ladcodes.xls", 1),
    "xls 2021": ("population/ukpopestimatesmid2021on2021geographyfinal.xls", 1),
}
TEXTS = ("", "0", "-1", "1e309", "NaN", "[x]", "£12", "=1+1", "2010-11", "E06000004", "\u202e12", "x" * 5000, "١٢")
LONG_NUMBERS = ("0", "-1", "1000000", "2147483647", "4294967296", "99999999999999999999", "x")


@dataclass(frozen=True)
class Outcome:
    """What was done to which original, how reading it ended (``refused``, ``loaded``, ``traceback`` and so on), what is
    wrong with that (empty where nothing is), and how long it took.
    """

    number: int
    of: str
    how: str
    ended: str
    wrong: str
    seconds: float


# --- what is done to a file -------------------------------------------------------------------------------------------


def bytes_changed(drawn: random.Random, content: bytes) -> tuple[bytes, str]:
    found, n = bytearray(content), drawn.choice([1, 1, 3, 20, 200])
    for _ in range(n):
        found[_place(drawn, found)] = drawn.choice([0, 1, 0x7F, 0x80, 0xFF, drawn.randrange(256)])
    return bytes(found), f"{n} bytes changed"


def bytes_moved(drawn: random.Random, content: bytes) -> tuple[bytes, str]:
    at, length = _place(drawn, content), drawn.choice([1, 2, 16, 512, 4096, 60_000])
    piece, what = content[at:at + length], drawn.choice(["cut off", "deleted", "doubled", "zeroed", "put first"])
    after = content[at + length:]
    return {"cut off": content[:at], "deleted": content[:at] + after, "doubled": content[:at] + piece * 2 + after,
            "zeroed": content[:at] + bytes(len(piece)) + after, "put first": piece + content[:at] + after,
            }[what], f"{length} bytes at {at} {what}"


def _place(drawn: random.Random, content: bytes | bytearray) -> int:
    """Any byte; the first 600 and the last as often as all others: there a file says where its parts are."""
    third, edge = drawn.randrange(4), min(600, len(content))
    return drawn.randrange(edge) if third == 0 else len(content) - 1 - drawn.randrange(edge) if third == 1 else \
        drawn.randrange(len(content))


def markup_changed(drawn: random.Random, content: bytes) -> tuple[bytes, str]:
    """A member of an archive whose text is changed: the archive itself stays whole."""
    members = _members(content)
    name = drawn.choice([name for name, part in members if part and name.endswith((".xml", ".csv"))]
                        + [name for name, _ in members if name == "content.xml"] * 6)
    done = []

    def change(part: bytes) -> bytes:
        for _ in range(drawn.choice([1, 1, 2, 8])):
            part, how = drawn.choice([_number, _element_gone, _element_doubled, _text, _slice])(drawn, part)
            done.append(how)
        return part

    return _packed([(at, change(part) if at == name else part) for at, part in members]), f"{name}: {', '.join(done)}"


def _number(drawn: random.Random, part: bytes) -> tuple[bytes, str]:
    """A number of an attribute: how often a cell is repeated, how many columns it spans, what it holds."""
    wanted = rb'(repeated|spanned|value)="(-?[\d.]+)"' if drawn.random() < 0.7 else rb'="()(-?[\d.]+)"'
    found = _any(drawn, list(re.finditer(wanted, part)))
    new = drawn.choice(LONG_NUMBERS)
    return (part[:found.start(2)] + new.encode() + part[found.end(2):] if found else part), f"a number became {new}"


def _element_gone(drawn: random.Random, part: bytes) -> tuple[bytes, str]:
    start, end = _element(drawn, part)
    return part[:start] + part[end:], "a row or cell deleted"


def _element_doubled(drawn: random.Random, part: bytes) -> tuple[bytes, str]:
    start, end = _element(drawn, part)
    n = min(drawn.choice([1, 1, 5000]), MOST_ADDED_BYTES // max(end - start, 1))
    return part[:end] + part[start:end] * n + part[end:], f"a row or cell {n} times more"


def _element(drawn: random.Random, part: bytes) -> tuple[int, int]:
    """Where a row or a cell begins and ends; in text without them, a line."""
    tag = drawn.choice([b"table:table-row", b"table:table-cell", b"table:table", b"text:p"])
    starts = [found.start() for found in re.finditer(rb"<" + tag + rb"[ >]", part)]
    if not starts:
        start = part.rfind(b"\n", 0, drawn.randrange(len(part) + 1)) + 1
        return start, max(part.find(b"\n", start) + 1, start)
    start = starts[drawn.randrange(min(12, len(starts)))] if drawn.random() < 0.5 else drawn.choice(starts)
    end = part.find(b"</" + tag + b">", start)
    return start, end + len(tag) + 3 if end >= 0 else start


def _text(drawn: random.Random, part: bytes) -> tuple[bytes, str]:
    found = _any(drawn, list(re.finditer(rb">([^<>]+)<", part))) or _any(drawn, list(re.finditer(rb",([^,]*),", part)))
    new = drawn.choice(TEXTS)
    how = f"a text became {new[:20]!r}"
    return (part[:found.start(1)] + new.encode() + part[found.end(1):] if found else part), how


def _slice(drawn: random.Random, part: bytes) -> tuple[bytes, str]:
    at, length = drawn.randrange(len(part) + 1), drawn.choice([1, 10, 1000])
    return part[:at] + part[at + length:], f"{length} bytes of it deleted"


def _any(drawn: random.Random, found: list) -> object | None:
    return drawn.choice(found) if found else None


def members_changed(drawn: random.Random, content: bytes) -> tuple[bytes, str]:
    members, at = _members(content), drawn.randrange(len(_members(content)))
    name, part = members[at]
    what = drawn.choice(["gone", "emptied", "named ../../x", "named /etc/x", "doubled", "packed itself", "a text",
                         "swapped with the next"])
    changed = {"gone": [], "emptied": [(name, b"")], "named ../../x": [(f"../../{name}", part)],
               "named /etc/x": [(f"/etc/{name}", part)], "doubled": [(name, part)] * 2,
               "packed itself": [(name, _packed([(name, part)]))], "a text": [(name, b"a text, and no more\n")],
               "swapped with the next": [(name, members[(at + 1) % len(members)][1])]}[what]
    return _packed(members[:at] + changed + members[at + 1:]), f"{name}: {what}"


def headers_changed(drawn: random.Random, content: bytes) -> tuple[bytes, str]:
    """What an archive says of a member: how it is packed, its size, whether it has a password."""
    found, marks = bytearray(content), [place.start() for place in re.finditer(rb"PK(\x01\x02|\x03\x04)", content)]
    at, offset = drawn.choice(marks), drawn.choice([4, 6, 8, 14, 16, 18, 20, 22, 24, 26, 28, 42])
    n = drawn.choice([1, 4])
    for place in range(at + offset, min(at + offset + n, len(found))):
        found[place] = drawn.choice([0, 1, 0xFF, drawn.randrange(256)])
    return bytes(found), f"byte {offset} of a header at {at}"


def _members(content: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def _packed(members: list[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        warnings.simplefilter("ignore")  # the same name twice is meant so
        for name, part in members:
            archive.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def records_changed(drawn: random.Random, content: bytes) -> tuple[bytes, str]:
    """Records of an XLS: their kind, their length, or what they hold."""
    found, records = bytearray(content), _records(content)
    n = drawn.choice([1, 1, 5, 50])
    for _ in range(n):
        at, length = records[drawn.randrange(min(200, len(records)))] if drawn.random() < 0.5 else drawn.choice(records)
        what = drawn.randrange(3)
        if what == 0:
            struct.pack_into("<H", found, at, drawn.choice([0x0809, 0x00FD, 0x0203, 0x00FC, 0x0085, 0xFFFF,
                                                            drawn.randrange(65536)]))
        elif what == 1 or length < 4:
            struct.pack_into("<H", found, at + 2, drawn.choice([0, 1, 8224, 0xFFFF, drawn.randrange(65536)]))
        else:
            place = at + 4 + drawn.randrange(length - 1)
            struct.pack_into("<H", found, place, drawn.choice([0, 0xFFFF, 0x7FFF, drawn.randrange(65536)]))
    return bytes(found), f"{n} records changed"


def sectors_changed(drawn: random.Random, content: bytes) -> tuple[bytes, str]:
    """The tables by which an XLS finds its own parts: its first sector, the chain of sectors, the directory."""
    found, places = bytearray(content), [*range(24, 512, 4)]
    for name in ("Workbook", "Root Entry", "Book"):
        entry = content.find(name.encode("utf-16-le"))
        places += range(entry + 64, entry + 128, 4) if entry >= 0 else []
    table = 512 * (1 + struct.unpack_from("<I", content, 76)[0])
    places += range(table, min(table + 512, len(content) - 4), 4)
    n = drawn.choice([1, 1, 2, 10])
    for place in (drawn.choice(places) for _ in range(n)):
        struct.pack_into("<I", found, place, drawn.choice([0, 1, 2, 0xFFFFFFFE, 0xFFFFFFFF, 0x7FFFFFFF,
                                                           drawn.randrange(5000)]))
    return bytes(found), f"{n} numbers of its tables changed"


def _records(content: bytes) -> list[tuple[int, int]]:
    """Where the records of the book begin, and their lengths, as far as its sectors follow each other."""
    at = content.find(b"\x09\x08\x10\x00")
    found = []
    while 0 <= at <= len(content) - 4 and len(found) < 100_000:
        length = struct.unpack_from("<H", content, at + 2)[0]
        if length > 8224 or at + 6 + length > len(content):
            break
        found.append((at, length))
        at += 4 + length
    return found


Change = Callable[[random.Random, bytes], tuple[bytes, str]]
CHANGES: dict[str, tuple[Change, ...]] = {
    "ods": (markup_changed, markup_changed, markup_changed, members_changed, headers_changed, bytes_changed,
            bytes_moved),
    "zip": (markup_changed, members_changed, members_changed, headers_changed, headers_changed, bytes_changed,
            bytes_moved),
    "xls": (records_changed, records_changed, sectors_changed, bytes_changed, bytes_moved),
}


# --- how it is read ---------------------------------------------------------------------------------------------------


def original(of: str, today: Path) -> bytes:
    """The bytes of an original; an archive is packed here from three published files."""
    if of != "zip":
        return (today / ORIGINALS[of][0]).read_bytes()
    return _packed([(Path(name).name, (today / name).read_bytes()) for name in ARCHIVE])


def spoil(number: int, today: Path, folder: Path, only: tuple[str, ...] = tuple(ORIGINALS)) -> tuple[Path, str, str]:
    """Writes the spoiled file of a number, the same on every machine: its path, its original and what was done."""
    drawn = random.Random(number)
    of = drawn.choices(only, [ORIGINALS[name][1] for name in only])[0]
    change = drawn.choice(CHANGES[of[:3]])
    content, how = change(drawn, original(of, today))
    path = folder / f"spoiled_{number}.{of[:3]}"
    path.write_bytes(content)
    return path, of, f"{change.__name__}: {how}"


def judge(number: int, path: Path, of: str, how: str) -> Outcome:
    """Reads a file as a landing is read."""
    begun = time.monotonic()
    try:
        survey = survey_landing([path])
        ended, wrong = " and ".join(sorted({file.status for file in survey.files})), _what_is_wrong(survey.files)
    except CarequartileError as error:
        ended, wrong = "refused", "" if "Next:" in str(error) else f"no next step: {error}"
    except Exception:  # noqa: BLE001 - whatever it is, it is what this looks for
        ended, wrong = "traceback", traceback.format_exc()[-1500:]
    seconds = time.monotonic() - begun
    return Outcome(number, of, how, ended, wrong or (f"{seconds:.0f} s" if seconds > MOST_SECONDS else ""), seconds)


def _what_is_wrong(files: list[SurveyedFile]) -> str:
    for file in files:
        if file.status == "not_recognised" and not file.reason:
            return "it does not say why it is not read"
        for fault in file.faults:
            if not fault.next_step or not fault.file.startswith("spoiled_"):
                return f"a fault without its file or next step: {fault}"
        for reading in file.readings if file.status == "loaded" else []:
            grid = file.file.grids[reading.sheet]
            if any(cell.text != grid[cell.row - 1][cell.column - 1] for cell in reading.cells):
                return "a cell is read otherwise than it is printed"
    return ""


def run(n: int, today: Path, first: int = 0) -> Iterator[Outcome]:
    """Spoils and reads n files, ``A_PROCESS`` of them a process; one that ends its process is an outcome ``abort``."""
    number, last = first, first + n
    while number < last:
        until = min(number + A_PROCESS, last)
        with subprocess.Popen([sys.executable, __file__, "--serve", str(today), str(number), str(until)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                outcome = Outcome(**json.loads(line))
                yield outcome
                number = outcome.number + 1
            said = process.stderr.read()
        if number < until:
            yield Outcome(number, "?", "", "abort", f"the process ended with {process.returncode}: {said[-500:]}", 0.0)
            number += 1


def _serve(today: Path, first: int, until: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, until):
            path, of, how = spoil(number, today, Path(folder))
            print(json.dumps(asdict(judge(number, path, of, how))), flush=True)
            path.unlink()


def main(today: Path, n: int, first: int = 0) -> None:
    counted, slowest = Counter(), Outcome(0, "", "", "", "", 0.0)
    for outcome in run(n, today, first):
        counted[f"{outcome.of[:3]} {outcome.ended}"] += 1
        slowest = max(slowest, outcome, key=lambda one: one.seconds)
        if outcome.wrong:
            print(outcome, flush=True)
    print(dict(sorted(counted.items())), f"the slowest: {slowest}", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        _serve(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
