"""Proves that comments, docstrings, messages and docs are in plain English: no phrase of the list below comes back."""

import io
import re
import subprocess
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Phrases that are nearly always wrong here, and what to write instead. A space matches a line break in a comment too.
# Leave out a word that also has a good use ("stand for", "look up"): the list must not be a nuisance.
BETTER = {
    r"nobody": "no one",
    r"somebody": "someone",
    r"(is|are|was|were|be|been|being) said": "is reported, is printed, is named",
    r"(goes|go|went|going) before": "comes before, takes precedence over",
    r"(lies|lie|lay) (in|under|there|next to|still)": "is, is stored",
    r"(stands|stand) (in|within|between|under|there|next to|still|beside|apart|anywhere)": "is, is printed",
    r"(is|are) there (once|twice|\d+ times|more than once)": "appears once, appears twice",
    r"an? [\w-]+ of (its|his|their) own": "a separate one, or: its own table",
    r"told (apart|from)": "distinguished",
    r"(set|sets) apart": "left out, kept separate",
    r"(let|lets|letting) go": "releases",
    r"the door": "on entry, the only reader",
    r"riddles?": "what is unclear",
    r"in silence": "without a message",
    r"the very same": "the same",
    r"(is|are|was|were) let (run|through|in)": "passes, is allowed",
}
# Reviewed: file and phrase, with the reason why it is right there.
ALLOWED = {
    ("tests/placements/test_placement_entry.py", "nobody"): "a word in an export, which the mapping looks for",
}
# Texts of seeds/reference are published and change only with a release; the rest is generated or not prose.
NOT_READ = re.compile(r"\.png$|\.(csv|json|lock|js|css|svg)$|^CHANGELOG\.md$|^LICENSE$|^tests/test_words\.py$")
GAP = r"[\s#*>-]+"
PHRASES = {re.compile(rf"\b{phrase.replace(' ', GAP)}\b", re.IGNORECASE): better for phrase, better in BETTER.items()}


def prose(name, text):
    """The text with everything that is not prose blanked, line for line."""
    if name.endswith(".py"):
        return comments_and_strings(text)
    if name.endswith(".md"):
        text = re.sub(r"^```.*?^```", blank, text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", blank, text)


def blank(found):
    return re.sub(r"[^\n]", " ", found[0])


def comments_and_strings(text):
    lines = [[" "] * len(line) for line in text.splitlines()]
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", None)):
            (row, column), parts = token.start, token.string.split("\n")
            for number, part in enumerate(parts):
                begin = 0 if number else column
                lines[row - 1 + number][begin:begin + len(part)] = part
    return "\n".join("".join(line) for line in lines)


def findings(name, text):
    """File, line, phrase and the better words for every phrase of the list."""
    readable = prose(name, text)
    return [f"{name}:{readable.count(chr(10), 0, found.start()) + 1}: {' '.join(found[0].split())!r}, better: {better}"
            for pattern, better in PHRASES.items() for found in pattern.finditer(readable)
            if (name, found[0].lower()) not in ALLOWED]


def tracked():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.splitlines() if not NOT_READ.search(name) and (ROOT / name).is_file()]


def test_no_phrase_of_the_list_is_used():
    found = [line for name in tracked() for line in findings(name, (ROOT / name).read_text(encoding="utf-8"))]
    assert not found, "\n" + "\n".join(sorted(found))


@pytest.mark.parametrize(("name", "text", "line"), [
    ("a.py", "x = 1\n# A row that nobody\n# reads.\n", "a.py:2: 'nobody', better: no one"),
    ("a.py", 'def f():\n    """The reason\n    is said here."""\n', "a.py:3: 'is said', better: is reported"),
    ("a.py", "# This one goes\n# before that one.\n", "a.py:1: 'goes # before', better: comes before"),
    ("a.py", 'print(f"{1} stands next to 2")\n', "a.py:1: 'stands next to', better: is, is printed"),
    ("a.sql", "select 1 -- nobody knows\n", "a.sql:1: 'nobody', better: no one"),
    ("a.yml", "description: A year is there\n  twice.\n", "a.yml:1: 'is there twice', better: appears once"),
    ("a.md", "One\n\nIt has a table of its own.\n", "a.md:3: 'a table of its own', better: a separate one"),
])
def test_a_phrase_is_found_with_file_line_and_better_words(name, text, line):
    [found] = findings(name, text)
    assert found.startswith(line)


@pytest.mark.parametrize(("name", "text"), [
    ("a.py", "nobody = 1\n"), ("a.md", "Run `nobody`.\n\n```\nnobody\n```\n"),
    ("a.md", "GP stands for general practice.\n"), ("a.sql", "select standstill\n"),
])
def test_names_code_and_good_uses_are_left_alone(name, text):
    assert findings(name, text) == []


def test_every_exception_is_still_needed():
    for name, phrase in ALLOWED:
        assert phrase in prose(name, (ROOT / name).read_text(encoding="utf-8")).lower(), (name, phrase)
