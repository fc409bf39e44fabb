"""One write transaction: its connection, and the ledger entries and running counts written at its end.

``database`` begins and commits it, and shares it between units of work.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from telephony.domain.evidence.ledger import GENESIS, LedgerEntry, LedgerNote, seal
from telephony.errors import StoreError
from telephony.ids import CampaignId
from telephony.storage.tables import ledger, tallies
from telephony.storage.tables.types import as_utc

_HEAD: Final = select(ledger.c.sequence, ledger.c.hash).order_by(ledger.c.sequence.desc()).limit(1)
_APPEND: Final = insert(ledger)
_new: Final = upsert(tallies)
_COUNT: Final = _new.on_conflict_do_update(
    index_elements=[tallies.c.campaign_id, tallies.c.kind, tallies.c.word],
    set_={"count": tallies.c.count + _new.excluded.count},
)

Body = Mapping[str, str | int | float | bool | None]
Mark = tuple[int, int, str, Counter[tuple[CampaignId, str, str]]]


class Transaction:
    """The argument of a unit of work. No other process or thread writes until it ends."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._entries: list[LedgerEntry] = []
        self._sequence = -1
        self._previous = ""
        self._counts: Counter[tuple[CampaignId, str, str]] = Counter()

    def enter(self, kind: str, subject: object, at: datetime, body: Body) -> None:
        """Add an entry to the ledger in this transaction."""
        self.enter_note(LedgerNote(kind, str(subject), body, at))

    def enter_note(self, note: LedgerNote) -> None:
        """Add a note to the ledger, its time converted to UTC: the hash covers the text of the time.

        Raises:
            StoreError: its time is naive, or its body contains values that are not small JSON values.
        """
        if self._sequence < 0:
            self._read_head()
        try:
            entry = seal(replace(note, at=as_utc(note.at)), self._sequence + 1, self._previous)
        except (TypeError, ValueError):
            raise StoreError(f"a ledger note {note.kind!r} has a value JSON cannot store; use plain values") from None
        self._entries.append(entry)
        self._sequence, self._previous = entry.sequence, entry.hash

    def count(self, campaign_id: CampaignId, kind: str, word: str, by: int = 1) -> None:
        """Add ``by`` to a running count; ``kind`` is ``lead``, ``outcome`` or ``result``."""
        self._counts[campaign_id, kind, word] += by

    def mark(self) -> Mark:
        """Return a mark of the entries and counts so far, for ``rewind``."""
        return len(self._entries), self._sequence, self._previous, self._counts.copy()

    def rewind(self, mark: Mark) -> None:
        """Discard entries and counts added since the mark, because their unit of work failed."""
        entries, self._sequence, self._previous, self._counts = mark
        del self._entries[entries:]

    def flush(self) -> None:
        """Write the counts and the ledger entries, one statement each."""
        counts = [
            {"campaign_id": campaign, "kind": kind, "word": word, "count": by}
            for (campaign, kind, word), by in self._counts.items()
            if by
        ]
        if counts:
            self.connection.execute(_COUNT, counts)
        if self._entries:
            self.connection.execute(_APPEND, [_row(entry) for entry in self._entries])

    def _read_head(self) -> None:
        """Read the end of the chain once: nobody else can append before this transaction ends."""
        head = self.connection.execute(_HEAD).one_or_none()
        self._sequence, self._previous = (head.sequence, head.hash) if head else (0, GENESIS)


def _row(entry: LedgerEntry) -> dict[str, object]:
    note = entry.note
    return {
        "sequence": entry.sequence,
        "at": note.at,
        "kind": note.kind,
        "subject": note.subject,
        "body": dict(note.body),
        "previous": entry.previous,
        "hash": entry.hash,
    }
