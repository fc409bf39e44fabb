"""Refusals that anybody can cause: one ledger entry for each source, rule and minute, with a count.

The ledger is append-only, so an attacker with unlimited refusals would fill it and the disk. The first refusal is
entered at once; those of the next minute are counted and entered together when it is over. The counts are in memory,
for a bounded number of sources; further sources share one count.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from telephony.domain.evidence.ledger import LedgerNote
from telephony.errors import StoreError
from telephony.ports.clock import Clock
from telephony.ports.evidence.ledger import LedgerStore

log = structlog.get_logger(__name__)

MINUTE: Final = timedelta(minutes=1)
SOURCES: Final = 256
"""Most sources counted apart, by rule; further ones share a count, so that many addresses do not fill the ledger."""
OTHERS: Final = "others"
KNOWN_APART: Final = 64
"""Refusals of a signed-in account that are entered one by one, for each rule and minute."""

Key = tuple[str, str, str]
Body = Mapping[str, str | int | float | bool | None]


@dataclass(slots=True)
class _Counted:
    entered_at: datetime
    subject: str
    body: Body
    apart: int = 1
    waiting: int = 0


class Refusals:
    """Enters refusals, at most one a minute for each source and rule."""

    def __init__(self, ledger: LedgerStore, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._counted: dict[Key, _Counted] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def note(self, kind: str, subject: str, source: str, rule: str, body: Body, *, apart: int = 1) -> bool:
        """Enter a refusal, or count it; return True if it was entered.

        Args:
            kind: kind of the ledger entry.
            subject: what it is about; counted refusals name the latest subject.
            source: who caused it: an address, a gate.
            rule: the rule that refused.
            body: further content of the entry; ``count`` is added.
            apart: refusals of a minute that are entered one by one before counting begins: more than one for
                signed-in accounts, whose refusals should each be visible.

        Raises:
            StoreError: it could not be entered.
        """
        key, now = self._key(kind, source, rule), self._clock.now()
        known = self._counted.get(key)
        is_of_the_minute = known is not None and now - known.entered_at < MINUTE
        if known is not None and is_of_the_minute and known.apart >= apart:
            known.waiting += 1
            known.subject, known.body = subject, body
            if known.waiting == 1:
                self._later(key)
            return False
        count = 1 + (known.waiting if known is not None else 0)
        if known is not None and is_of_the_minute:
            known.apart += 1
        else:
            self._counted[key] = _Counted(now, subject, body)
        await self._ledger.enter([LedgerNote(kind, subject, {**body, "count": count}, now)])
        return True

    async def settle(self) -> None:
        """Enter all counted refusals, whether their minute is over or not.

        Raises:
            StoreError: it could not be entered; it stays counted.
        """
        for key in list(self._counted):
            await self._enter(key)

    def _key(self, kind: str, source: str, rule: str) -> Key:
        key = (kind, source, rule)
        if key in self._counted:
            return key
        if len(self._counted) >= SOURCES:
            now = self._clock.now()
            expired = [
                old_key for old_key, at in self._counted.items() if not at.waiting and now - at.entered_at >= MINUTE
            ]
            for old_key in expired:
                del self._counted[old_key]
        return key if len(self._counted) < SOURCES else (kind, OTHERS, rule)

    def _later(self, key: Key) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(MINUTE.total_seconds(), self._begin_entering, key)

    def _begin_entering(self, key: Key) -> None:
        task = asyncio.get_running_loop().create_task(self._enter_counted(key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _enter_counted(self, key: Key) -> None:
        try:
            await self._enter(key)
        except StoreError as error:
            log.error("refusals_not_written", kind=key[0], rule=key[2], reason=str(error))
            self._later(key)

    async def _enter(self, key: Key) -> None:
        known = self._counted.get(key)
        if known is None or not known.waiting:
            return
        count, known.waiting = known.waiting, 0
        known.entered_at = self._clock.now()
        note = LedgerNote(key[0], known.subject, {**known.body, "count": count}, known.entered_at)
        try:
            await self._ledger.enter([note])
        except StoreError:
            known.waiting += count
            raise
