import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from telephony.domain.calls.attempts import Refusal, Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import AnsweredCounts, CampaignState
from telephony.domain.campaigns.dialing_options import OPTIONS, DialingOptions, DialMode, Option
from telephony.domain.trunks.routes import Route
from telephony.errors import ConflictError, InputError, NotFoundError, StoreError
from telephony.ids import CampaignId, OperatorId
from telephony.ports.store import Store
from tests.storage.store_rows import NOW, begun, ended, loaded, new_campaign, sql, start

RUNNING, STOPPED, PAUSED = CampaignState.RUNNING, CampaignState.STOPPED, CampaignState.PAUSED


async def test_a_campaign_is_kept_as_given_and_entered_in_the_ledger(store: Store):
    added = await store.campaigns.add(new_campaign(), "Mme Campaign")
    expected = asdict(new_campaign()) | {"campaign_id": added.campaign_id, "state": CampaignState.READY}
    del expected["plan"]  # asked for by itself: it is not read with every lead
    assert asdict(added) == expected
    assert await store.campaigns.get(added.campaign_id) == added == await store.campaigns.by_name("Survey")
    (entry,) = [entry async for entry in store.ledger.entries()]
    assert (entry.note.kind, entry.note.subject, entry.note.body["by"]) == (
        "campaign_added",
        str(added.campaign_id),
        "Mme Campaign",
    )


async def test_a_name_taken_is_a_conflict_and_enters_nothing(store: Store):
    await store.campaigns.add(new_campaign(), "Mme Campaign")
    with pytest.raises(ConflictError, match="'Survey' already"):
        await store.campaigns.add(new_campaign(), "Mme Campaign")
    assert len([entry async for entry in store.ledger.entries()]) == 1


async def test_what_is_not_there_is_not_found_and_the_message_lists_what_is(store: Store):
    await store.campaigns.add(new_campaign("North"), "x")
    await store.campaigns.add(new_campaign("South"), "x")
    with pytest.raises(NotFoundError, match="'West'; there are: 'North', 'South'"):
        await store.campaigns.by_name("West")
    for ask in (store.campaigns.get, store.campaigns.progress):
        with pytest.raises(NotFoundError, match="no campaign 77"):
            await ask(CampaignId(77))
    with pytest.raises(NotFoundError):
        await store.campaigns.set_state(CampaignId(77), RUNNING, "x", NOW)


async def test_all_campaigns_come_oldest_first(store: Store):
    for name in ("B", "A", "C"):
        await store.campaigns.add(new_campaign(name), "x")
    assert [campaign.name for campaign in await store.campaigns.all()] == ["B", "A", "C"]


async def test_a_state_moves_as_the_table_allows_and_stopped_is_permanent(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "x")
    for state in (RUNNING, PAUSED, RUNNING, STOPPED):
        moved = await store.campaigns.set_state(campaign.campaign_id, state, "Mme Campaign", NOW)
        assert moved.state is state
    with pytest.raises(ConflictError, match="is stopped; what may follow is nothing"):
        await store.campaigns.set_state(campaign.campaign_id, RUNNING, "Mme Campaign", NOW)
    moves = [entry.note.body async for entry in store.ledger.entries() if entry.note.kind == "campaign_moved"]
    assert [move["to"] for move in moves] == ["running", "paused", "running", "stopped"]


async def test_progress_counts_leads_outcomes_and_results(store: Store):
    campaign, _ = await loaded(store, 10)
    leads = await store.leads.waiting(campaign.campaign_id, 10)
    starts = [start(lead) for lead in leads[:5]]
    refusal = Refusal(campaign.campaign_id, leads[9].lead_id, "hours", "outside calling hours", NOW)
    await store.attempts.begin(starts, [refusal])
    await ended(store, starts[0], Outcome.ANSWERED)
    await ended(store, starts[1], Outcome.ANSWERED)
    await ended(store, starts[2], Outcome.BUSY)
    await ended(store, starts[3], Outcome.INTERRUPTED)
    await store.attempts.set_result(starts[0].permit.attempt_id, Result.OTHER, OperatorId(1), NOW)
    await store.attempts.set_result(starts[0].permit.attempt_id, Result.COMPLETE, OperatorId(1), NOW)
    await store.attempts.set_result(starts[1].permit.attempt_id, Result.COMPLETE, OperatorId(1), NOW)
    progress = await store.campaigns.progress(campaign.campaign_id)
    assert (progress.leads, progress.waiting, progress.in_progress, progress.done) == (10, 5, 1, 4)
    assert progress.outcomes == {"answered": 2, "busy": 1, "interrupted": 1}
    assert progress.results == {"complete": 2}


async def test_running_counts_equal_the_counted_rows(store: Store, url: str):
    starts = await begun(store, 6)
    for begin, outcome in zip(starts, [*Outcome][:6], strict=True):
        await ended(store, begin, outcome)
    progress = await store.campaigns.progress(starts[0].permit.campaign_id)
    states = dict(sql(url, "SELECT state, count(*) FROM leads GROUP BY state"))
    assert progress.waiting == states["waiting"]
    assert progress.done == states["done"]
    assert progress.outcomes == dict(sql(url, "SELECT outcome, count(*) FROM attempts GROUP BY outcome"))


async def test_times_come_back_as_the_same_moment_in_utc(store: Store):
    paris = timezone(timedelta(hours=1))
    at = datetime(2026, 11, 20, 15, 30, 0, 7, tzinfo=paris)
    campaign = await store.campaigns.add(new_campaign(), "x")
    await store.campaigns.set_state(campaign.campaign_id, RUNNING, "x", at)
    *_, last = [entry async for entry in store.ledger.entries()]
    assert last.note.at.isoformat() == "2026-11-20T14:30:00.000007+00:00"
    assert last.note.at.tzinfo is UTC


async def test_naive_times_are_refused_and_nothing_is_written(store: Store):
    naive = datetime(2026, 11, 20, 15, 30)  # noqa: DTZ001 - the very thing under test
    campaign = await store.campaigns.add(new_campaign(), "x")
    with pytest.raises(StoreError, match="without a time zone"):
        await store.campaigns.set_state(campaign.campaign_id, RUNNING, "x", naive)
    assert (await store.campaigns.get(campaign.campaign_id)).state is CampaignState.READY
    with pytest.raises(StoreError, match="without a time zone"):
        await store.attempts.since(campaign.campaign_id, naive)


async def test_a_campaign_keeps_its_routes_and_a_change_stands_in_the_ledger(store: Store):
    routes = (Route("north", "33199000000", 70), Route("south", "33199000001", 30))
    made = await store.campaigns.add(replace(new_campaign(), routes=routes), "test")
    assert (made.routes, made.trunk, made.caller_id) == (routes, "north", "33199000000")
    other = (Route("south", "33199000001", 1), Route("north", "33199000000"))
    changed = await store.campaigns.change(made.campaign_id, "c.martin", NOW, routes=other)
    assert changed.routes == other == (await store.campaigns.get(made.campaign_id)).routes
    last = [entry.note async for entry in store.ledger.entries()][-1]
    assert (last.kind, last.body["by"]) == ("campaign_changed", "c.martin")
    assert json.loads(str(last.body["from"])) == {
        "routes": [["north", "33199000000", 70], ["south", "33199000001", 30]]
    }
    assert (await store.campaigns.change(made.campaign_id, "c.martin", NOW, routes=other[:1])).routes == other[:1]


CHANGES: dict[str, tuple[object, object]] = {
    "mode": ("predictive", "predictive"),
    "ratio": (2.0, 20),
    "withdraw_after_s": (15, 15),
    "call_order": ("learned", "learned"),
    "shown_name": ("none", "none"),
    "first_sentence": ("Bonjour.", "Bonjour."),
}
"""By key, what is given and what is stored then; what is true or false becomes true."""


async def test_every_option_has_its_column_and_is_as_its_field_says_where_nothing_was_stored(store: Store, url: str):
    sql(
        url,
        "INSERT INTO campaigns"
        " (name, client_company, kind, state, caller_id, trunk, abandon_cap, wrap_up_s, created_at)"
        " VALUES ('Old', 'Example SA', 'survey', 'ready', '33199000000', 'main', 0.03, 40, ?)",
        NOW if "postgresql" in url else 0,
    )
    assert (await store.campaigns.by_name("Old")).dialing == DialingOptions(0.03)


@pytest.mark.parametrize("option", [option for option in OPTIONS if not option.is_fixed], ids=lambda option: option.key)
async def test_an_option_is_changed_and_its_difference_stands_in_the_ledger(store: Store, option: Option):
    campaign = await store.campaigns.add(new_campaign(), "x")
    if option.key == "ratio":
        campaign = await store.campaigns.change(campaign.campaign_id, "x", NOW, {"mode": "power"})
    given, stored = CHANGES.get(option.key, (True, True))
    before, after = {option.name: getattr(campaign.dialing, option.name)}, {option.name: stored}
    changed = await store.campaigns.change(campaign.campaign_id, "Mme Campaign", NOW, {option.key: given})
    assert changed == replace(campaign, dialing=replace(campaign.dialing, **after))
    assert await store.campaigns.get(campaign.campaign_id) == changed != campaign
    note = [entry async for entry in store.ledger.entries()][-1].note
    assert (note.kind, note.body["by"]) == ("campaign_changed", "Mme Campaign")
    assert (json.loads(str(note.body["from"])), json.loads(str(note.body["to"]))) == (before, after)
    with pytest.raises(NotFoundError):
        await store.campaigns.change(CampaignId(77), "x", NOW, {option.key: given})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"abandon_cap": 0.02}, "abandon_cap is chosen when a campaign is created and cannot be changed"),
        ({"wrap_up_s": 0}, "unknown option wrap_up_s; known: abandon_cap"),
        ({"state": "running"}, "unknown option state"),
        ({"power_tenths": 30}, "unknown option power_tenths"),
        ({"ratio": 2.0}, "a ratio applies to power mode only"),
        ({"mode": "power", "ratio": 4}, "1.0 to 3.0"),
        ({"mode": "power", "ratio": True}, "ratio must be a number"),
        ({"mode": "telepathic"}, "mode is not possible"),
        ({"detects_machines": 1}, "detects_machines is not possible"),
        ({"withdraw_after_s": 14}, "rings 15 s at least"),
        ({"first_sentence": "Rappelez le 01 99 00 41 27"}, "leave it out"),
    ],
)
async def test_a_change_that_is_refused_changes_and_enters_nothing(store: Store, given: dict[str, Any], says: str):
    campaign = await store.campaigns.add(new_campaign(), "x")
    with pytest.raises(InputError, match=says):
        await store.campaigns.change(campaign.campaign_id, "x", NOW, {"shown_name": "none"} | given)
    assert await store.campaigns.get(campaign.campaign_id) == campaign
    assert len([entry async for entry in store.ledger.entries()]) == 1


async def test_a_change_that_changes_nothing_enters_nothing(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "x")
    assert await store.campaigns.change(campaign.campaign_id, "x", NOW, {"mode": "progressive"}) == campaign
    assert len([entry async for entry in store.ledger.entries()]) == 1


async def test_a_power_ratio_is_kept_while_another_mode_is_chosen(store: Store):
    campaign_id = (await store.campaigns.add(new_campaign(), "x")).campaign_id
    await store.campaigns.change(campaign_id, "x", NOW, {"mode": DialMode.POWER, "ratio": 2.0})
    await store.campaigns.change(campaign_id, "x", NOW, {"mode": DialMode.PROGRESSIVE})
    changed = await store.campaigns.change(campaign_id, "x", NOW, {"mode": DialMode.POWER})
    assert changed.dialing.power_tenths == 20


async def test_a_days_answers_are_counted_from_its_midnight(store: Store):
    campaign_id = (await store.campaigns.add(new_campaign(), "x")).campaign_id
    assert await store.campaigns.answered_since(campaign_id, NOW) == AnsweredCounts(0, 0, 0)
