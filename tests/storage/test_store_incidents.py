from datetime import timedelta

import pytest

from telephony.errors import ConflictError, NotFoundError
from telephony.ports.ledger import Incident
from telephony.ports.store import Store
from tests.storage.store_rows import NOW

STALLED = Incident("recording_stalled", "a1", "The recording of attempt a1 stood still: the call was ended.", NOW)


async def test_an_incident_is_closed_with_a_cause_and_both_stand_in_the_ledger(store: Store):
    assert await store.ledger.open_incident(STALLED)
    (one,) = await store.ledger.incidents(10)
    assert one.incident == STALLED
    assert one.is_open
    closed = await store.ledger.close_incident(one.incident_id, "l.petit", "disk replaced", NOW + timedelta(hours=1))
    assert (closed.closed_by, closed.close_reason, closed.is_open) == ("l.petit", "disk replaced", False)
    assert await store.ledger.incident(one.incident_id) == closed
    assert await store.ledger.open_incidents() == []
    assert await store.ledger.incidents(10) == [closed]
    entries = [entry.note async for entry in store.ledger.entries()]
    assert [(note.kind, note.subject) for note in entries] == [("incident_opened", "a1"), ("incident_closed", "a1")]
    assert entries[1].body == {
        "kind": "recording_stalled",
        "incident": one.incident_id,
        "by": "l.petit",
        "reason": "disk replaced",
    }


async def test_an_incident_is_closed_once_and_opens_anew_when_it_happens_again(store: Store):
    await store.ledger.open_incident(STALLED)
    (one,) = await store.ledger.incidents(10)
    await store.ledger.close_incident(one.incident_id, "l.petit", "disk replaced", NOW)
    with pytest.raises(ConflictError, match=r"closed by l\.petit already"):
        await store.ledger.close_incident(one.incident_id, "s.martin", "again", NOW)
    assert await store.ledger.open_incident(STALLED)
    again, before = await store.ledger.incidents(10)
    assert again.is_open
    assert before.incident_id == one.incident_id


async def test_an_incident_that_does_not_exist_is_not_closed(store: Store):
    with pytest.raises(NotFoundError, match="no incident 7"):
        await store.ledger.close_incident(7, "l.petit", "x", NOW)
