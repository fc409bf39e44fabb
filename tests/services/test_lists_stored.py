"""Loading lists into a real database gives what loading them into the in-memory store gives."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from telephony.domain.campaigns import Campaign, CampaignKind, NewCampaign
from telephony.ports.store import Store
from telephony.services.lists import ListImporter
from telephony.storage import open_store, upgrade
from tests.services.fake_store import FakeStore

EXAMPLES = Path(__file__).parents[2] / "config" / "examples"
FILES = [
    EXAMPLES / "leads-300.csv",
    EXAMPLES / "bad" / "wrong-numbers.csv",
    EXAMPLES / "bad" / "mixed-separators.csv",
    EXAMPLES / "bad" / "latin-1.csv",
    EXAMPLES / "bad" / "utf-16.csv",
    EXAMPLES / "bad" / "wrong-numbers.csv",
]
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
    new = NewCampaign("Essai", "Alpha", CampaignKind.SURVEY, "33199000000", "lab", 0.03, 40, NOW)
    return await store.campaigns.add(new, "test")


async def loaded(store: Store) -> list[object]:
    """Load every file and return all that the store and the reports say, without the ids it chose."""
    campaign = await campaign_in(store)
    importer = ListImporter(store, StoppedClock())
    told: list[object] = []
    for file in FILES:
        report = await importer.load_file(file, campaign=campaign, name=file.name, by="paul")
        counts = report.list
        await store.whitelist.approve_list(counts.list_id, "second", NOW)
        told.append((counts.rows_read, counts.accepted, counts.rejected, counts.duplicates, counts.file_sha256))
        told.append((report.reasons, report.examples, report.encoding, report.separator, report.notes))
        told.append(list(await store.leads.rejected(counts.list_id)))
    waiting = await store.leads.waiting(campaign.campaign_id, 1000)
    assert waiting
    told.append([(lead.number, lead.name, lead.fields) for lead in waiting])
    return told


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
    assert len(await database.leads.rejected(report.list.list_id)) == 10_000


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
