"""Replaces a person's reference by a keyed hash: HMAC-SHA256, cut to half as RFC 2104 allows.

The key is the value of ``CAREQUARTILE_PERSON_KEY``, else the file ``person.key`` in the home, made on first use with
mode 600. It is never printed and never stored in the warehouse, so that no one can try out references with the
warehouse alone. Another key gives other hashes for the same people, so ``store.snapshots`` refuses it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.faults import UnusableInput
from orchestration.home import Home

VARIABLE = "CAREQUARTILE_PERSON_KEY"
FEWEST_CHARACTERS = 32
_BLOCK_BYTES = 64


@dataclass(frozen=True)
class PseudonymisationKey:
    """A key as HMAC uses it: two pads of one block. Its printed form hides it, so that no message can show it."""

    inner: bytes = field(repr=False)
    outer: bytes = field(repr=False)
    check: str

    @classmethod
    def of(cls, secret: str) -> PseudonymisationKey:
        key = secret.encode()
        if len(key) > _BLOCK_BYTES:
            key = hashlib.sha256(key).digest()
        block = key.ljust(_BLOCK_BYTES, b"\0")
        return cls(bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block),
                   hmac.new(key, b"carequartile person key", hashlib.sha256).hexdigest()[:16])


def load_key(home: Home, is_in_use: bool = False) -> PseudonymisationKey:
    """The home's key, made if there is none yet.

    Raises UnusableInput where it is too short, where other users may read it, or where it is missing although stored
    snapshots were pseudonymised with it (``is_in_use``).
    """
    if given := os.environ.get(VARIABLE):
        if len(given) < FEWEST_CHARACTERS:
            raise UnusableInput(f"{VARIABLE} has {len(given)} characters. Next: set one of at least "
                                f"{FEWEST_CHARACTERS} random characters, and keep it: with another key everyone is a "
                                "new person.")
        return PseudonymisationKey.of(given)
    try:
        if home.person_key.exists():
            return PseudonymisationKey.of(_read(home.person_key))
        if is_in_use:
            raise UnusableInput(f"{home.person_key.name} is gone from the home, and the stored snapshots were "
                                f"pseudonymised with it. Next: put it back from your backup (or set {VARIABLE}), or "
                                "move the warehouse away and land all snapshots again.")
        return PseudonymisationKey.of(_make(home.person_key))
    except OSError as error:
        raise UnusableInput(f"{home.person_key.name} cannot be read or made ({error.strerror}). Next: make it a file "
                            "that this user alone may read.") from error


def _read(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        raise UnusableInput(f"{path.name} may be read by others than its owner. Next: chmod 600 {path.name} in the "
                            "home, and think about who may have read it.")
    secret = path.read_text(encoding="ascii", errors="replace").strip()
    if len(secret) < FEWEST_CHARACTERS:
        raise UnusableInput(f"{path.name} holds fewer than {FEWEST_CHARACTERS} characters. Next: put back the key from "
                            "your backup; with another one everyone in the next snapshot is a new person.")
    return secret


def _make(path: Path) -> str:
    secret = secrets.token_hex(32)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secret + "\n")
    return secret


def hash_sql(text: str) -> str:
    """SQL: the keyed hash of a text, given the key's pads as the parameters ``inner`` and ``outer``."""
    return (f"substr(sha256(cast($outer as blob) || unhex(sha256(cast($inner as blob) || encode({text})))), 1, 32)")
