import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select

from telephony.domain.leads.leads import Lead, LeadState, NewLead, RejectedRow
from telephony.errors import ConflictError, NotFoundError, StoreError
from telephony.ids import CampaignId, LeadId, ListId
from telephony.ports.store import Store
from telephony.storage import open_store
from telephony.storage.leads.due_leads import _AGAIN, _FIRST_CLOCK, _FRESH, _NEXT_CLOCK, _NEXT_LEVEL, LISTS_CALLED
from tests.mends import ROOT
from tests.storage.store_rows import (
    NOW,
    approved,
    explain,
    in_list,
    loaded,
    new_campaign,
    new_leads,
    new_list,
    number,
    sql,
)


def made_up(count: int) -> list[NewLead]:
    """Leads with numbers all different; only their shape is a number's."""
    return [NewLead(f"0000{row:08d}", f"Person {row}", {"town": "Exampleville"}, row + 2) for row in range(count)]


async def test_a_list_is_counted_kept_and_entered_in_the_ledger(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "x")
    async with store.leads.load(new_list(campaign.campaign_id)) as load:
        assert await load.add(new_leads(7)) == []
        await load.reject([RejectedRow(9, "too_short", "the number is too short", ("0199", "Person"))])
        done = await load.finish()
    assert (done.rows_read, done.accepted, done.rejected, done.duplicates) == (8, 7, 1, 0)
    assert (done.loaded_by, done.loaded_at, done.file_sha256) == ("Mme Loading", NOW, "ab" * 32)
    assert await store.leads.lists(campaign.campaign_id) == [done]
    *_, last = [entry async for entry in store.ledger.entries()]
    assert (last.note.kind, last.note.subject, last.note.body["accepted"]) == ("list_loaded", str(done.list_id), 7)


async def test_numbers_the_campaign_has_are_left_out_within_a_list_and_across_lists(store: Store):
    campaign, _ = await loaded(store, 5)
    twice = NewLead(number(7), "Twice", {"town": "Elsewhere"}, 90)
    async with store.leads.load(new_list(campaign.campaign_id, "second")) as load:
        left_out = await load.add([*new_leads(8), twice])
        done = await load.finish()
    await approved(store, done)
    assert [lead.row for lead in left_out] == [2, 3, 4, 5, 6, 90]
    assert (done.rows_read, done.accepted, done.rejected, done.duplicates) == (9, 3, 0, 6)
    assert [row.row for row in await store.leads.rejected(done.list_id)] == [2, 3, 4, 5, 6, 90]
    assert len(await store.leads.waiting(campaign.campaign_id, 100)) == 8


async def test_another_campaign_may_have_the_same_numbers(store: Store):
    await loaded(store, 5, "North")
    _, south = await loaded(store, 5, "South")
    assert south.accepted == 5


async def test_rejected_rows_come_in_file_order_with_their_values_and_duplicates_count_once(store: Store):
    campaign, _ = await loaded(store, 1)
    short = RejectedRow(3, "too_short", "the number is too short", ("0199", "Zoë", ""))
    async with store.leads.load(new_list(campaign.campaign_id)) as load:
        await load.reject([RejectedRow(9, "empty", "there is no number", ("", "Nobody", "x"))])
        (left_out,) = await load.add(new_leads(1))
        as_read = RejectedRow(left_out.row, "duplicate", "the campaign has it", ("01 99 00 00 00", "Person 0", "town"))
        await load.reject([short, as_read])
        done = await load.finish()
    assert (done.rows_read, done.rejected, done.duplicates) == (3, 2, 1)
    assert [row.row for row in await store.leads.rejected(done.list_id)] == [2, 3, 9]
    assert (await store.leads.rejected(done.list_id))[:2] == [as_read, short]


async def test_waiting_leads_come_in_list_order_and_whole(store: Store):
    campaign, first = await loaded(store, 3)
    async with store.leads.load(new_list(campaign.campaign_id, "second")) as load:
        await load.add(list(reversed(new_leads(3, 3))))
        second = await load.finish()
    assert len(await store.leads.waiting(campaign.campaign_id, 100)) == 3  # the second waits for approval
    await approved(store, second)
    waiting = await store.leads.waiting(campaign.campaign_id, 100)
    assert [lead.number for lead in waiting] == [number(row) for row in range(6)]
    assert [lead.list_id for lead in waiting] == [first.list_id] * 3 + [second.list_id] * 3
    assert waiting[0] == Lead(
        waiting[0].lead_id,
        first.list_id,
        campaign.campaign_id,
        number(0),
        "Person 0",
        LeadState.WAITING,
        {"town": "Exampleville"},
        clock="33",
        bucket="landline",
    )
    assert await store.leads.waiting(campaign.campaign_id, 2) == waiting[:2]
    assert await store.leads.get(waiting[4].lead_id) == waiting[4]


async def test_fields_keep_any_character(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "x")
    fields = {"note": "œuf \"quoted\" \u2028 \x07 'x'; --", "emoji 🙂": "€", "empty": ""}
    await in_list(store, campaign.campaign_id, [NewLead(number(1), "Zoë O'Hara", fields, 2)])
    (lead,) = await store.leads.waiting(campaign.campaign_id, 1)
    assert (lead.name, lead.fields) == ("Zoë O'Hara", fields)


async def test_a_load_that_fails_leaves_nothing_behind(store: Store, url: str):
    campaign = await store.campaigns.add(new_campaign(), "x")
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - where it is raised is the point
        async with store.leads.load(new_list(campaign.campaign_id)) as load:
            await load.add(made_up(2500))
            await load.reject([RejectedRow(9000, "empty", "there is no number", ("",))])
            await load.finish()
            raise ZeroDivisionError
    for table in ("leads", "lists", "rejected_rows"):
        assert sql(url, f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608 - our own words
    assert [entry.note.kind async for entry in store.ledger.entries()] == ["campaign_added"]
    async with store.leads.load(new_list(campaign.campaign_id)) as load:
        assert await load.add(made_up(2500)) == []
        await load.finish()


async def test_a_load_that_is_cancelled_leaves_nothing_behind(store: Store, url: str):
    campaign = await store.campaigns.add(new_campaign(), "x")
    written = asyncio.Event()

    async def load_for_ever() -> None:
        async with store.leads.load(new_list(campaign.campaign_id)) as load:
            await load.add(new_leads(5))
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(load_for_ever())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sql(url, "SELECT count(*) FROM leads") == [(0,)]


async def test_nothing_of_a_load_is_seen_before_it_is_finished_and_others_may_write(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "x")
    async with store.leads.load(new_list(campaign.campaign_id)) as load:
        await load.add(new_leads(5))
        assert await store.leads.waiting(campaign.campaign_id, 10) == []
        assert await store.leads.lists(campaign.campaign_id) == []
        assert (await store.campaigns.progress(campaign.campaign_id)).leads == 0
        await store.campaigns.add(new_campaign("Other"), "x")
        done = await load.finish()
    assert await store.leads.waiting(campaign.campaign_id, 10) == []
    await approved(store, done)
    assert len(await store.leads.waiting(campaign.campaign_id, 10)) == 5


async def test_a_load_without_finish_is_refused(store: Store, url: str):
    campaign = await store.campaigns.add(new_campaign(), "x")
    with pytest.raises(StoreError, match="finish"):
        async with store.leads.load(new_list(campaign.campaign_id)) as load:
            await load.add(new_leads(5))
    assert sql(url, "SELECT count(*) FROM leads") == [(0,)]


async def test_one_load_at_a_time_per_campaign(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "x")
    other = await store.campaigns.add(new_campaign("Other"), "x")
    async with store.leads.load(new_list(campaign.campaign_id)) as load:
        with pytest.raises(ConflictError, match="another list is being loaded"):
            async with store.leads.load(new_list(campaign.campaign_id)):
                pytest.fail("two loads at once")
        async with store.leads.load(new_list(other.campaign_id)) as beside:
            await beside.add(new_leads(2))
            await beside.finish()
        await load.add(new_leads(2))
        await load.finish()


async def test_an_unknown_campaign_or_lead_is_not_found(store: Store):
    with pytest.raises(NotFoundError, match="campaign 5"):
        async with store.leads.load(new_list(CampaignId(5))):
            pytest.fail("there is no such campaign")
    with pytest.raises(NotFoundError, match="lead 5"):
        await store.leads.get(LeadId(5))
    assert await store.leads.rejected(ListId(5)) == []


LOAD_AND_HANG = """
import asyncio, sys
from tests.storage.store_rows import new_campaign, new_leads, new_list
from telephony.storage import open_store
async def main():
    opened = await open_store(sys.argv[1])
    campaign = await opened.store.campaigns.add(new_campaign(), "x")
    async with opened.store.leads.load(new_list(campaign.campaign_id)) as load:
        await load.add(new_leads(2500))
        print("written", flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.mark.slow
async def test_what_a_killed_load_has_left_is_removed_at_the_next_opening(url: str):
    program = [sys.executable, "-c", LOAD_AND_HANG, url]
    child = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    assert child.stdout is not None
    assert await child.stdout.readline() == b"written\n"
    child.send_signal(signal.SIGKILL)
    await child.wait()
    async with await open_store(url) as opened:
        campaign = await opened.store.campaigns.by_name("Survey")
        with pytest.raises(ConflictError, match="one minute if that load was killed"):
            async with opened.store.leads.load(new_list(campaign.campaign_id)):
                pytest.fail("it may still be alive")
    _age_loads(url)
    async with await open_store(url) as opened:
        assert sql(url, "SELECT count(*) FROM leads") == [(0,)]
        async with opened.store.leads.load(new_list(campaign.campaign_id)) as load:
            assert await load.add(new_leads(5)) == []
            await load.finish()


async def test_a_load_given_up_for_dead_cannot_go_on(store: Store, url: str):
    campaign = await store.campaigns.add(new_campaign(), "x")
    with pytest.raises(ConflictError, match="wrote nothing for a minute"):  # noqa: PT012 - so is here the whole context
        async with store.leads.load(new_list(campaign.campaign_id)) as slow:
            await slow.add(new_leads(3))
            _age_loads(url)
            async with store.leads.load(new_list(campaign.campaign_id, "quick")) as quick:
                assert await quick.add(new_leads(3)) == []
                await quick.finish()
            await slow.add(new_leads(3, 3))
    assert [lead_list.name for lead_list in await store.leads.lists(campaign.campaign_id)] == ["quick"]
    assert sql(url, "SELECT count(*) FROM leads") == [(3,)]


def _age_loads(url: str) -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    value = int(long_ago.timestamp()) * 1_000_000 if url.startswith("sqlite") else long_ago
    sql(url, "UPDATE lists SET touched_at = ?", value)


def explained(url: str, statement: Select[Any]) -> str:
    """The plan of a statement, which reads leads through an index and in its order."""
    plan = explain(url, statement)
    assert "leads_by_list" in plan or "leads_by_bucket" in plan, plan
    assert "SCAN leads" not in plan, plan
    assert "TEMP B-TREE" not in plan, plan
    assert "Seq Scan on leads" not in plan, plan
    return plan


async def test_twenty_thousand_rows_are_loaded_and_found_through_an_index(store: Store, url: str):
    campaign = await store.campaigns.add(new_campaign(), "x")
    rows = made_up(20_000)
    async with store.leads.load(new_list(campaign.campaign_id)) as load:
        for begin in range(0, len(rows), 5000):
            assert await load.add(rows[begin : begin + 5000]) == []
        done = await load.finish()
    assert done.accepted == 20_000
    await approved(store, done)
    sql(url, "UPDATE leads SET state = 'done' WHERE row < 15000")
    waiting = await store.leads.waiting(campaign.campaign_id, 50)
    assert [lead.row for lead in rows if lead.number == waiting[0].number] == [15_000]
    assert len(waiting) == 50
    ((clock,),) = sql(url, "SELECT DISTINCT clock FROM leads")  # one that leads live on, as in a feed's poll
    queries = [
        _AGAIN.params(wanted=done.list_id, clock=clock, level=5, at=NOW, most=50),
        _FRESH.params(wanted=done.list_id, clock=clock, level=5, most=50),
        _NEXT_LEVEL.params(wanted=done.list_id, clock=clock, level=10),
        _FIRST_CLOCK.params(wanted=done.list_id),
        _NEXT_CLOCK.params(wanted=done.list_id, clock=clock),
    ]
    for statement in queries:
        plan = explained(url, statement)
        assert "Sort" not in plan, plan
    plan = explained(url, LISTS_CALLED.params(campaign=campaign.campaign_id))
    assert "Sort Key" not in plan.replace("Sort Key: lists", ""), plan  # lists are few
