from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from telephony.domain.accounts import Role
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.evidence.recordings import (
    Listening,
    ListeningKind,
    ListeningReason,
    Recording,
    RecordingQuery,
    RecordingStep,
)
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import CampaignId, OperatorId, RecordingId, SeatNumber
from telephony.ports.evidence.ledger import Incident
from telephony.ports.store import Store
from telephony.storage import OpenStore
from telephony.storage.evidence.recordings import search_statement
from tests.storage.store_rows import NOW, begun, ended, explain, loaded, recording, sql, start

MINUTE = timedelta(minutes=1)


async def kept(store: Store, count: int = 8) -> list[Recording]:
    """Recordings a minute apart, oldest first: of two operators in turn, every fourth unanswered."""
    campaign, _ = await loaded(store, count)
    leads = await store.leads.waiting(campaign.campaign_id, count)
    starts = [start(lead, NOW + MINUTE * row) for row, lead in enumerate(leads)]
    await store.attempts.begin(starts, [])
    recordings = []
    for row, begin in enumerate(starts):
        made = recording(begin, is_answered=row % 4 != 3)
        tag = replace(
            made.tag, operator_id=OperatorId(1 + row % 2), operator=f"Work {row % 2}", seat=SeatNumber(row + 1)
        )
        recordings.append(replace(made, tag=tag))
        await store.recordings.add(recordings[-1])
    return recordings


async def test_a_recording_comes_back_as_it_was_kept_and_is_in_the_ledger(store: Store):
    (begin,) = await begun(store)
    made = recording(begin)
    assert made.file is not None
    made = replace(made, file=replace(made.file, operator_s=4.5, called_s=3.5))
    await store.recordings.add(made)
    stored = await store.recordings.get(made.tag.recording_id)
    assert stored == made
    assert stored.file is not None
    assert (stored.file.operator_s, stored.file.called_s) == (4.5, 3.5)
    *_, last = [entry.note async for entry in store.ledger.entries()]
    assert (last.kind, last.subject) == ("recording_kept", made.tag.recording_id)
    assert last.body["sha256"] == "cd" * 32
    assert made.tag.number not in str(last)


async def test_a_leg_without_audio_is_kept_without_file(store: Store):
    (begin,) = await begun(store)
    silent = replace(recording(begin, is_answered=False), file=None)
    await store.recordings.add(silent)
    assert await store.recordings.get(silent.tag.recording_id) == silent


async def test_one_recording_per_attempt(store: Store):
    (begin,) = await begun(store)
    made = recording(begin)
    await store.recordings.add(made)
    with pytest.raises(ConflictError):
        await store.recordings.add(made)
    other = replace(made, tag=replace(made.tag, recording_id=RecordingId(str(uuid4()))))
    with pytest.raises(ConflictError):
        await store.recordings.add(other)


async def test_a_recording_nobody_gave_a_permit_for_is_refused(store: Store):
    (begin,) = await begun(store)
    made = recording(begin)
    with pytest.raises(NotFoundError):
        await store.recordings.add(replace(made, tag=replace(made.tag, recording_id=RecordingId(str(uuid4())))))
    with pytest.raises(NotFoundError):
        await store.recordings.get(made.tag.recording_id)


async def test_missing_names_ended_attempts_with_a_trunk_leg_and_no_recording_oldest_first(store: Store):
    campaign, _ = await loaded(store, 5)
    leads = await store.leads.waiting(campaign.campaign_id, 5)
    starts = [start(lead, NOW - MINUTE * row) for row, lead in enumerate(leads)]
    await store.attempts.begin(starts, [])
    for row, begin in enumerate(starts[:4]):
        await ended(store, begin, Outcome.ANSWERED, channel="" if row == 2 else f"gate1-5.{row}")
    await store.recordings.add(recording(starts[1]))
    missing = [attempt.attempt_id for attempt in await store.recordings.missing()]
    assert missing == [starts[3].permit.attempt_id, starts[0].permit.attempt_id]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        (RecordingQuery(), [6, 5, 4, 2, 1, 0]),
        (RecordingQuery(answered_only=False), [7, 6, 5, 4, 3, 2, 1, 0]),
        (RecordingQuery(operator_id=OperatorId(2)), [5, 1]),
        (RecordingQuery(operator_id=OperatorId(3)), []),
        (RecordingQuery(campaign_id=CampaignId(1), limit=2), [6, 5]),
        (RecordingQuery(campaign_id=CampaignId(2)), []),
        (RecordingQuery(last_digits="05"), [5]),
        (RecordingQuery(last_digits="5"), [5]),
        (RecordingQuery(last_digits="005"), [5]),
        (RecordingQuery(last_digits="0005"), [5]),
        (RecordingQuery(last_digits="00005"), [5]),
        (RecordingQuery(last_digits="9900 0005"), []),
        (RecordingQuery(last_digits="199000005"), [5]),
        (RecordingQuery(last_digits="3199000005"), [5]),
        (RecordingQuery(last_digits="3319900000"), []),
        (RecordingQuery(last_digits="1990000005"), []),
        (RecordingQuery(last_digits="%5"), []),
        (RecordingQuery(begins_at=NOW + MINUTE * 2, ends_at=NOW + MINUTE * 5), [4, 2]),
        (RecordingQuery(operator_id=OperatorId(1), last_digits="06", ends_at=NOW + MINUTE * 9), [6]),
    ],
    ids=str,
)
async def test_search_narrows_by_every_field_newest_first(store: Store, query: RecordingQuery, rows: list[int]):
    recordings = await kept(store)
    assert await store.recordings.search(query) == [recordings[row] for row in rows]


async def test_search_by_attempt_and_by_the_whole_number(store: Store):
    recordings = await kept(store, 3)
    tag = recordings[1].tag
    assert await store.recordings.search(RecordingQuery(attempt_id=tag.attempt_id)) == [recordings[1]]
    assert await store.recordings.search(RecordingQuery(last_digits=tag.number)) == [recordings[1]]


async def test_pages_neither_lose_nor_repeat_recordings_that_began_together(store: Store, url: str):
    await kept(store, 7)
    sql(url, f"UPDATE recordings SET started_at = (SELECT min(started_at) FROM recordings)")  # noqa: F541
    everything = await store.recordings.search(RecordingQuery(answered_only=False))
    seen: list[Recording] = []
    query = RecordingQuery(answered_only=False, limit=2)
    while page := await store.recordings.search(query):
        seen += page
        query = replace(query, after=(page[-1].tag.started_at, page[-1].tag.recording_id))
    assert seen == everything
    assert len(seen) == 7


async def test_listenings_and_refusals_are_kept_in_order_and_entered(store: Store):
    (begin,) = await begun(store)
    account = await store.accounts.add("claire", "Claire", Role.COMPLIANCE, "hash", NOW)
    key = begin.permit.recording_id
    refused = Listening(ListeningKind.REFUSED, key, None, None, "", "", "no_reason", "127.0.0.9", NOW)
    stated = Listening(
        ListeningKind.STATED,
        key,
        account.account_id,
        ListeningReason.COMPLAINT,
        "REF-7",
        "as asked",
        "",
        "127.0.0.9",
        NOW,
    )
    heard = replace(stated, kind=ListeningKind.LISTENED, note="", at=NOW + MINUTE)
    for entry in (refused, stated, heard):
        await store.recordings.log_listening(entry)
    assert await store.recordings.listenings(key) == [refused, stated, heard]
    *_, ledger_note, said, two = [entry.note async for entry in store.ledger.entries()]
    assert (said.kind, said.body["reason"]) == ("listening_reason_stated", "complaint")
    assert (ledger_note.kind, ledger_note.body["refused"]) == ("listening_refused", "no_reason")
    assert (two.kind, two.subject, two.body["reason"]) == ("recording_listened", key, "complaint")


PAGE = (NOW, RecordingId("ffffffff-ffff-4fff-bfff-ffffffffffff"))


INDEXES = [
    (RecordingQuery(), "recordings_by_time"),
    (RecordingQuery(after=PAGE), "recordings_by_time"),
    (RecordingQuery(begins_at=NOW, ends_at=NOW + MINUTE), "recordings_by_time"),
    (RecordingQuery(operator_id=OperatorId(3)), "recordings_by_operator"),
    (RecordingQuery(operator_id=OperatorId(3), after=PAGE), "recordings_by_operator"),
    (RecordingQuery(campaign_id=CampaignId(7)), "recordings_by_campaign"),
    (RecordingQuery(last_digits="27"), "recordings_by_last2"),
    (RecordingQuery(last_digits="127"), "recordings_by_last2"),
    (RecordingQuery(last_digits="4127"), "recordings_by_last4"),
    (RecordingQuery(last_digits="0004127"), "recordings_by_last4"),
    (RecordingQuery(last_digits="4127", operator_id=OperatorId(3)), "recordings_by_last4"),
    (RecordingQuery(last_digits="4127", campaign_id=CampaignId(3)), "recordings_by_last4"),
    (RecordingQuery(last_digits="27", operator_id=OperatorId(3)), "recordings_by_operator"),
    (RecordingQuery(last_digits="4127", after=PAGE, answered_only=False), "recordings_by_last4"),
]


def test_search_reads_one_page_through_an_index(many: str):
    for query, index in INDEXES:
        plan = explain(many, search_statement(query))
        assert index in plan, f"{query}\n{plan}"
        assert "Seq Scan" not in plan, plan


@pytest.fixture
def many(url: str, opened: OpenStore) -> str:
    """Thirty thousand recordings, written past the store; only what is searched for differs."""
    columns = (
        "recording_id, attempt_id, campaign_id, campaign, list_id, lead_id, operator_id, operator, number, last2,"
        " last4, started_at, answered_at, ended_at"
    )
    numbers = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)"
        if url.startswith("sqlite")
        else "WITH n(i) AS (SELECT generate_series(1, 30000))"
    )
    moment = "i * 1000000" if url.startswith("sqlite") else "to_timestamp(i)"
    digits = "CAST(10000 + i * 7919 % 10000 AS text)"
    make = (
        f"INSERT INTO recordings ({columns}) {numbers} SELECT 'r' || i, 'a' || i, i % 300, 'Survey', 1, i, i % 500,"  # noqa: S608
        f" 'Work', '3319900' || substr({digits}, 2, 4), substr({digits}, 4, 2), substr({digits}, 2, 4),"
        f" {moment}, {moment}, {moment} FROM n"
    )
    if url.startswith("sqlite"):
        sql(url, make)
        sql(url, "ANALYZE")
    else:
        sql(url, f"SET session_replication_role = replica; {make}; ANALYZE recordings")
    return url


def test_the_plan_helper_sees_a_scan_for_what_it_is(many: str):
    plan = explain(many, text("SELECT * FROM recordings WHERE path = 'x'"))
    assert "SCAN recordings" in plan or "Seq Scan" in plan


async def test_what_is_left_to_do_is_kept_with_the_row_and_crossed_out_with_its_incident_once(store: Store):
    (begin,) = await begun(store)
    made = recording(begin)
    key = made.tag.recording_id
    left = {RecordingStep.INCIDENT: "a side is short", RecordingStep.DISCARD: ""}
    await store.recordings.add(made, left)
    assert {step_left.step: step_left.detail for step_left in await store.recordings.steps_of(key)} == left
    assert await store.recordings.steps_left(10) == await store.recordings.steps_of(key)
    assert len(await store.recordings.steps_left(1)) == 1
    assert await store.recordings.steps_left(10, key) == []
    incident = Incident("recording_incomplete", made.tag.attempt_id, "a side is short", NOW)
    for _ in range(2):
        await store.recordings.step_done(key, RecordingStep.INCIDENT, incident, NOW)
    (opened,) = await store.ledger.incidents(10)
    assert opened.incident == incident
    assert [step_left.step for step_left in await store.recordings.steps_of(key)] == [RecordingStep.DISCARD]
    await store.recordings.step_done(key, RecordingStep.DISCARD, None, NOW)
    assert await store.recordings.steps_left(10) == []


async def test_a_row_that_is_refused_leaves_nothing_to_do(store: Store):
    (begin,) = await begun(store)
    made = recording(begin)
    await store.recordings.add(made)
    with pytest.raises(ConflictError):
        await store.recordings.add(made, {RecordingStep.TONES: ""})
    assert await store.recordings.steps_left(10) == []
