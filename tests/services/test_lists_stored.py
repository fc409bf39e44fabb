"""Loading lists into a real database gives what loading them into the in-memory store gives."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from telephony.domain.calls.attempts import AttemptStart, CallState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.calls.permits import PermitRequest, give_permit
from telephony.domain.campaigns.campaigns import Campaign, NewCampaign
from telephony.domain.campaigns.dialing_options import DialingOptions
from telephony.domain.law.basis import CampaignKind
from telephony.domain.leads.leads import Lead
from telephony.domain.leads.retries import RetryPlan, RetryRule
from telephony.domain.trunks.routes import Route
from telephony.ids import AttemptId, RecordingId
from telephony.ports.pages import every
from telephony.ports.store import Store
from telephony.services.lists.faults import SETTLED, said
from telephony.services.lists.importer import DUPLICATE_SETTLED, ListImporter
from telephony.storage import open_store, upgrade
from telephony.words import english, say
from tests.doubles.store import FakeStore

EXAMPLES = Path(__file__).parents[2] / "config" / "examples"
FILES = [
    EXAMPLES / "leads-300.csv",
    EXAMPLES / "bad" / "wrong-numbers.csv",
    EXAMPLES / "bad" / "mixed-separators.csv",
    EXAMPLES / "bad" / "latin-1.csv",
    EXAMPLES / "bad" / "utf-16.csv",
    EXAMPLES / "bad" / "wrong-numbers.csv",
]
HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class StoppedClock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Store]:
    url = f"sqlite:///{tmp_path}/telephony.db"
    await upgrade(url)
    async with await open_store(url) as opened:
        yield opened.store


async def campaign_in(store: Store) -> Campaign:
    new = NewCampaign(
        "Essai", "Alpha", CampaignKind.SURVEY, (Route("lab", "33199000000"),), DialingOptions(0.03), 40, NOW
    )
    return await store.campaigns.add(new, "test")


async def loaded(store: Store) -> list[object]:
    """Load every file and return all that the store and the reports contain, without the ids it chose."""
    campaign = await campaign_in(store)
    importer = ListImporter(store, StoppedClock())
    messages: list[object] = []
    for file in FILES:
        report = await importer.load_file(file, campaign=campaign, name=file.name, by="paul")
        counts = report.list
        await store.whitelist.approve_list(counts.list_id, "second", NOW)
        messages.append((counts.rows_read, counts.accepted, counts.rejected, counts.duplicates, counts.file_sha256))
        messages.append((report.reasons, report.examples, report.encoding, report.separator, report.notes))
        messages.append(list(await store.leads.rejected(counts.list_id)))
    waiting = await store.leads.waiting(campaign.campaign_id, 1000)
    assert waiting
    messages.append([(lead.number, lead.name, lead.fields) for lead in waiting])
    return messages


async def test_both_stores_tell_the_same_of_every_example_list(database: Store) -> None:
    assert await loaded(database) == await loaded(FakeStore().store)


async def test_twenty_thousand_rows_reach_the_database_and_none_is_lost(database: Store) -> None:
    rows = [f"06 39 98 {index // 100:02d} {index % 100:02d};Nom {index}" for index in range(10_000)]
    text = "\n".join(["numero;nom", *rows, *rows]) + "\n"
    campaign = await campaign_in(database)
    report = await ListImporter(database, StoppedClock()).load_file(
        text.encode(), campaign=campaign, name="grande", by="paul"
    )
    assert (report.list.rows_read, report.list.accepted, report.list.duplicates) == (20_000, 10_000, 10_000)
    assert (await database.campaigns.progress(campaign.campaign_id)).waiting == 10_000
    duplicates = every(lambda last: database.leads.rejected(report.list.list_id, after=last))
    assert len([row async for row in duplicates]) == 10_000


@pytest.mark.parametrize("is_fake", [False, True])
async def test_a_withdrawn_list_makes_nobody_of_the_mended_file_a_duplicate(database: Store, is_fake: bool) -> None:
    store = FakeStore().store if is_fake else database
    campaign, importer = await campaign_in(store), ListImporter(store, StoppedClock())
    wrong = b"nom;tel\nA;0639980001\nB;0639980002\nC;0639980003\n"
    first = await importer.load_file(wrong, campaign=campaign, name="wrong", by="paul")
    await store.whitelist.withdraw_list(first.list.list_id, "paul", "wrong names", NOW)
    mended = wrong.replace(b"A", b"Anne")
    again = await importer.load_file(mended, campaign=campaign, name="mended", by="paul")
    assert (again.list.accepted, again.list.duplicates, again.notes) == (3, 0, ())
    await store.whitelist.approve_list(again.list.list_id, "second", NOW)
    waiting = await store.leads.waiting(campaign.campaign_id, 10)
    assert [lead.name for lead in waiting] == ["Anne", "B", "C"]
    assert {lead.list_id for lead in waiting} == {again.list.list_id}
    more = await importer.load_file(mended, campaign=campaign, name="twice", by="paul")
    assert (more.list.accepted, more.list.duplicates) == (0, 3)


def call_of(lead: Lead, at: datetime) -> AttemptStart:
    word = f"00000000-0000-4000-8000-{lead.lead_id:012d}"
    request = PermitRequest(
        AttemptId(word),
        RecordingId(word),
        lead.campaign_id,
        lead.list_id,
        lead.lead_id,
        lead.number,
        "33199000000",
        "lab",
        "g1",
    )
    return AttemptStart(give_permit(request, f"{lead.lead_id:036d}", at, timedelta(minutes=1)), at)


async def called(store: Store, lead: Lead, outcome: Outcome) -> None:
    begin = call_of(lead, NOW)
    assert await store.attempts.begin([begin], [])
    attempt = await store.attempts.get(begin.permit.attempt_id)
    done = replace(attempt, state=CallState.ENDED, outcome=outcome, ended_at=NOW + timedelta(seconds=20))
    await store.attempts.save([], [done])


@pytest.mark.parametrize("is_fake", [False, True])
async def test_the_mended_file_calls_whoever_was_not_reached_and_says_who_is_finished_with(
    database: Store, is_fake: bool
) -> None:
    store = FakeStore().store if is_fake else database
    campaign, importer = await campaign_in(store), ListImporter(store, StoppedClock())
    await store.campaigns.set_plan(
        campaign.campaign_id, RetryPlan({Outcome.BUSY: RetryRule(HOUR, 2, jitter=0)}), "x", NOW
    )
    wrong = b"nom;tel\nA;0639980001\nB;0639980002\nC;0639980003\n"
    first = await importer.load_file(wrong, campaign=campaign, name="wrong", by="paul")
    await store.whitelist.approve_list(first.list.list_id, "second", NOW)
    busy, answered, _ = await store.leads.waiting(campaign.campaign_id, 10)
    await called(store, busy, Outcome.BUSY)
    await called(store, answered, Outcome.ANSWERED)
    await store.whitelist.withdraw_list(first.list.list_id, "paul", "wrong names", NOW)
    mended = wrong.replace(b"A", b"Anne")
    again = await importer.load_file(mended, campaign=campaign, name="mended", by="paul")
    assert (again.list.rows_read, again.list.accepted, again.list.duplicates) == (3, 2, 1)
    assert again.reasons == {"duplicate_settled": 1}
    (note,) = again.notes
    assert english(note).startswith("people from a revoked list who are not called again: 1;")
    assert say(note, "fr").startswith("personnes d’une liste retirée qui ne seront pas rappelées\u202f: 1\u202f;")
    (row,) = await store.leads.rejected(again.list.list_id)
    assert (row.row, row.reason, row.text) == (3, DUPLICATE_SETTLED, english(SETTLED))
    assert said(row.text, "fr") == say(SETTLED, "fr")
    await store.whitelist.approve_list(again.list.list_id, "second", NOW)
    late = await store.leads.waiting(campaign.campaign_id, 10, NOW + 2 * HOUR)
    assert sorted((lead.name, lead.tries, lead.list_id) for lead in late) == [
        ("Anne", 1, again.list.list_id),
        ("C", 0, again.list.list_id),
    ]
    now = await store.leads.waiting(campaign.campaign_id, 10, NOW)
    assert [lead.name for lead in now] == ["C"]
