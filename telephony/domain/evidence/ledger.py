"""The ledger: append-only entries, each sealed to the previous one by a hash (I7).

Pure: computes an entry's hash and finds a broken chain. Writing is left to storage, which serialises appends.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

GENESIS: Final = "0" * 64
"""What the first entry is chained to."""


@dataclass(frozen=True, slots=True)
class LedgerNote:
    """Something to enter in the ledger.

    Attributes:
        kind: code in the past tense, e.g. ``permit_given``, ``permit_used``, ``permit_refused``, ``recording_kept``.
        subject: id of the thing it is about.
        body: small JSON values; ids, never names or full numbers.
    """

    kind: str
    subject: str
    body: Mapping[str, str | int | float | bool | None]
    at: datetime


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An entered note; ``sequence`` counts from 1 without gaps, ``hash`` covers everything including ``previous``."""

    sequence: int
    note: LedgerNote
    previous: str
    hash: str


def seal(note: LedgerNote, sequence: int, previous: str) -> LedgerEntry:
    """Chain ``note`` to the entry whose hash is ``previous``."""
    text = json.dumps(
        [sequence, note.at.isoformat(), note.kind, note.subject, dict(note.body), previous],
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    )
    return LedgerEntry(sequence, note, previous, hashlib.sha256(text.encode()).hexdigest())


def first_break(entries: Iterable[LedgerEntry], previous: str = GENESIS, sequence: int = 0) -> str | None:
    """Return a message about the first changed, removed or inserted entry, or None when the chain is valid.

    Args:
        entries: in order of sequence.
        previous: hash of the entry before the first one given.
        sequence: its sequence number.
    """
    for entry in entries:
        sequence += 1
        if entry.sequence != sequence:
            return f"entry {sequence} is missing: the next one found is {entry.sequence}"
        if entry.previous != previous:
            return f"entry {sequence} does not follow entry {sequence - 1}: one of them was changed or inserted"
        if seal(entry.note, sequence, previous).hash != entry.hash:
            return f"entry {sequence} was changed after it was entered"
        previous = entry.hash
    return None
