from datetime import timedelta

import pytest

from telephony.errors import ConflictError, NotFoundError
from telephony.ports.evidence.ledger import Incident
from telephony.ports.store import Store
from tests.storage.store_rows import NOW

STALLED = Incident("recording_stalled", "a1", "The recording of attempt a1 stood still: the call was ended.", NOW)


async def opened(store: Store) -> int:
    assert await store.ledger.open_incident(STALLED)
    (incident, *_) = await store.ledger.incidents(10)
    assert incident.incident == STALLED
    assert incident.is_open
    return incident.incident_id


async def test_an_incident_is_closed_by_two_persons_and_every_step_stands_in_the_ledger(store: Store):
    number = await opened(store)
    said = await store.ledger.explain_incident(number, "l.petit", "cli:root", "disk replaced", NOW)
    assert (said.explained_by, said.typed_by, said.close_reason) == ("l.petit", "cli:root", "disk replaced")
    assert said.is_open
    assert await store.ledger.open_incidents() == [STALLED]
    closed = await store.ledger.close_incident(number, "s.martin", NOW + timedelta(hours=1))
    assert (closed.closed_by, closed.close_reason, closed.is_open) == ("s.martin", "disk replaced", False)
    assert await store.ledger.incident(number) == closed
    assert await store.ledger.open_incidents() == []
    assert await store.ledger.incidents(10) == [closed]
    notes = [entry.note async for entry in store.ledger.entries()]
    assert [note.kind for note in notes] == ["incident_opened", "incident_explained", "incident_closed"]
    assert {note.subject for note in notes} == {"a1"}
    fields = {"kind": "recording_stalled", "incident": number, "reason": "disk replaced"}
    assert notes[1].body == fields | {"by": "l.petit", "typed_by": "cli:root"}
    assert notes[2].body == fields | {"by": "s.martin", "explained_by": "l.petit"}


@pytest.mark.parametrize("second", ["l.petit", "L.Petit", "h.moreau"])
async def test_whoever_gave_the_cause_or_typed_it_does_not_close_it(store: Store, second: str):
    number = await opened(store)
    await store.ledger.explain_incident(number, "l.petit", "cli:h.moreau", "disk replaced", NOW)
    with pytest.raises(ConflictError, match="a second person closes it"):
        await store.ledger.close_incident(number, second, NOW)
    assert (await store.ledger.incident(number)).is_open


async def test_another_cause_takes_the_first_ones_place_and_its_second_person(store: Store):
    number = await opened(store)
    await store.ledger.explain_incident(number, "l.petit", "", "disk replaced", NOW)
    await store.ledger.explain_incident(number, "s.martin", "", "cable replaced", NOW)
    with pytest.raises(ConflictError, match=r"s\.martin gave the cause"):
        await store.ledger.close_incident(number, "s.martin", NOW)
    assert (await store.ledger.close_incident(number, "l.petit", NOW)).close_reason == "cable replaced"


async def test_an_incident_is_closed_once_and_opens_again_when_it_happens_again(store: Store):
    number = await opened(store)
    with pytest.raises(ConflictError, match="no cause yet"):
        await store.ledger.close_incident(number, "s.martin", NOW)
    await store.ledger.explain_incident(number, "l.petit", "", "disk replaced", NOW)
    await store.ledger.close_incident(number, "s.martin", NOW)
    with pytest.raises(ConflictError, match=r"closed by s\.martin already"):
        await store.ledger.close_incident(number, "h.moreau", NOW)
    with pytest.raises(ConflictError, match=r"closed by s\.martin already"):
        await store.ledger.explain_incident(number, "l.petit", "", "again", NOW)
    assert await store.ledger.open_incident(STALLED)
    again, before = await store.ledger.incidents(10)
    assert again.is_open
    assert before.incident_id == number


async def test_an_incident_that_does_not_exist_is_not_closed(store: Store):
    with pytest.raises(NotFoundError, match="no incident 7"):
        await store.ledger.explain_incident(7, "l.petit", "", "x", NOW)
    with pytest.raises(NotFoundError, match="no incident 7"):
        await store.ledger.close_incident(7, "l.petit", NOW)
