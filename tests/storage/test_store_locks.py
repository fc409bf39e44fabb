from datetime import UTC, datetime

import pytest

from telephony.domain.security.locks import Lock, LockScope
from telephony.errors import NotFoundError
from telephony.ports.store import Store

AT = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
ROOM = Lock(LockScope.SITE, "", "S. Martin", AT, "visite")


async def test_a_lock_holds_until_it_is_lifted_and_both_stand_in_the_ledger(store: Store):
    assert await store.locks.add(ROOM)
    assert await store.locks.active() == [ROOM]
    lifted = await store.locks.release(LockScope.SITE, "", "M. Durand", "la visite est finie", AT)
    assert (lifted.released_by, lifted.release_reason, lifted.released_at) == ("M. Durand", "la visite est finie", AT)
    assert await store.locks.active() == []
    assert await store.locks.recent(5) == [lifted]
    notes = [(entry.note.kind, entry.note.subject, entry.note.body["by"]) async for entry in store.ledger.entries()]
    assert notes == [("locked", "site", "S. Martin"), ("unlocked", "site", "M. Durand")]


async def test_the_same_thing_is_locked_once_and_again_only_when_it_was_lifted(store: Store):
    seat = Lock(LockScope.SEAT, "3", "cli:root", AT, "", ends_calls=False)
    assert await store.locks.add(seat)
    assert not await store.locks.add(seat)
    assert await store.locks.add(Lock(LockScope.SEAT, "4", "cli:root", AT))
    await store.locks.release(LockScope.SEAT, "3", "cli:root", "essai", AT)
    assert await store.locks.add(seat)
    assert [lock.target for lock in await store.locks.active()] == ["4", "3"]


async def test_a_lock_in_force_is_made_to_end_calls_once_and_that_stands_in_the_ledger(store: Store):
    assert not await store.locks.end_calls(LockScope.SITE, "", "M. Durand", AT)
    await store.locks.add(ROOM)
    assert await store.locks.end_calls(LockScope.SITE, "", "M. Durand", AT)
    assert not await store.locks.end_calls(LockScope.SITE, "", "M. Durand", AT)
    assert [lock.ends_calls for lock in await store.locks.active()] == [True]
    kinds = [(entry.note.kind, entry.note.body["by"]) async for entry in store.ledger.entries()]
    assert kinds == [("locked", "S. Martin"), ("lock_ends_calls", "M. Durand")]


async def test_what_is_not_locked_cannot_be_lifted(store: Store):
    with pytest.raises(NotFoundError, match="campaign 9 is not locked"):
        await store.locks.release(LockScope.CAMPAIGN, "9", "cli:root", "essai", AT)
