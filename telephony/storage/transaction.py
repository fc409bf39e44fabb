"""One write transaction: its connection, and what is written once at its end, ledger entries and running counts.

Beginning, committing and sharing it between several units of work is left to ``database``.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from telephony.domain.ledger import GENESIS, LedgerNote, seal
from telephony.ids import CampaignId
from telephony.storage.columns import as_utc
from telephony.storage.tables import ledger, tallies

_HEAD: Final = select(ledger.c.sequence, ledger.c.hash).order_by(ledger.c.sequence.desc()).limit(1)
_APPEND: Final = insert(ledger)
_new: Final = upsert(tallies)
_COUNT: Final = _new.on_conflict_do_update(
    index_elements=[tallies.c.campaign_id, tallies.c.kind, tallies.c.word],
    set_={"count": tallies.c.count + _new.excluded.count},
)

Body = Mapping[str, str | int | float | bool | None]
Mark = tuple[int, Counter[tuple[CampaignId, str, str]]]


class Transaction:
    """What a unit of work is given. Nobody else writes, in any process, until it ends."""

    def __init__(self, connection: Connection) -> None:
        """Begin with nothing to enter."""
        self.connection = connection
        self._notes: list[LedgerNote] = []
        self._counts: Counter[tuple[CampaignId, str, str]] = Counter()

    def enter(self, kind: str, subject: object, at: datetime, body: Body) -> None:
        """Enter something in the ledger, in this transaction."""
        self.enter_note(LedgerNote(kind, str(subject), body, at))

    def enter_note(self, note: LedgerNote) -> None:
        """Enter a note as it was given, its time in UTC: the hash covers the text of the time."""
        self._notes.append(replace(note, at=as_utc(note.at)))

    def count(self, campaign_id: CampaignId, kind: str, word: str, by: int = 1) -> None:
        """Change a running count; ``kind`` is ``lead``, ``outcome`` or ``result``."""
        self._counts[campaign_id, kind, word] += by

    def mark(self) -> Mark:
        """Remember what has been entered and counted so far."""
        return len(self._notes), self._counts.copy()

    def rewind(self, mark: Mark) -> None:
        """Forget what was entered and counted since, because its unit of work failed."""
        notes, self._counts = mark
        del self._notes[notes:]

    def flush(self) -> None:
        """Write counts and ledger entries: the chain's head is read once, the entries go in one statement."""
        counts = [
            {"campaign_id": campaign, "kind": kind, "word": word, "count": by}
            for (campaign, kind, word), by in self._counts.items()
            if by
        ]
        if counts:
            self.connection.execute(_COUNT, counts)
        if self._notes:
            self._append()

    def _append(self) -> None:
        head = self.connection.execute(_HEAD).one_or_none()
        sequence, previous = (head.sequence, head.hash) if head else (0, GENESIS)
        rows = []
        for note in self._notes:
            entry = seal(note, sequence + 1, previous)
            sequence, previous = entry.sequence, entry.hash
            rows.append(
                {
                    "sequence": sequence,
                    "at": note.at,
                    "kind": note.kind,
                    "subject": note.subject,
                    "body": dict(note.body),
                    "previous": entry.previous,
                    "hash": entry.hash,
                }
            )
        self.connection.execute(_APPEND, rows)
