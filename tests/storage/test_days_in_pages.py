"""A day is read in pages: no single read grows with the day, and no row is lost between two."""

from datetime import timedelta

import pytest

from telephony.domain.evidence.day_facts import WHOLE, day_of
from telephony.storage import Days, OpenStore
from telephony.storage.evidence.days import entries_of
from telephony.storage.evidence.filling_days import CHUNK, copy_call
from tests.storage.fetching import counted
from tests.storage.store_rows import NOW, begun, ended, explain, recording

pytestmark = pytest.mark.slow

MANY = 20_000
MOST = 5_000


async def test_no_read_of_a_day_grows_with_the_day(opened: OpenStore, monkeypatch: pytest.MonkeyPatch):
    (attempt_start,) = await begun(opened.store)
    assert await opened.store.permits.use(attempt_start.permit.permit_id, "gate1", NOW) == ""
    await ended(opened.store, attempt_start, channel="gate-1.0")
    await opened.store.recordings.add(recording(attempt_start, is_answered=False))
    for few in range(0, MANY, CHUNK):
        # four at each time, so that pages end between rows of the same time
        moments = [NOW + timedelta(seconds=1 + index // 4) for index in range(few, few + CHUNK)]
        await copy_call(opened.database, attempt_start.permit.attempt_id, moments)
    fetched = counted(opened.database, monkeypatch)
    facts = await Days(opened.database).day(day_of(NOW.date(), "Europe/Paris"), WHOLE)
    assert max(fetched) <= MOST
    assert len({call.attempt_id for call in facts.attempts}) == len(facts.attempts) == MANY + 1
    ours = {call.permit_id for call in facts.attempts}
    assert facts.permits.keys() == facts.used_at.keys() == ours
    assert facts.recordings.keys() == {call.attempt_id for call in facts.attempts}
    assert facts.sealed.keys() == {call.recording_id for call in facts.attempts}


async def test_what_is_sealed_is_found_by_its_subject_not_by_walking_the_day(url: str):
    plan = explain(url, entries_of(["a", "b"]))
    assert "ledger_by_subject" in plan
    assert "ledger_by_kind" not in plan
