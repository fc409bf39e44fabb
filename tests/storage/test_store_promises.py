"""Callbacks, quotas and the work on lists: what is due, in which order, and what people change."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from telephony.domain.accounts import Role
from telephony.domain.calls.attempts import AttemptStart, Refusal, Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.leads.callbacks import CallbackState, CallbackWish
from telephony.domain.leads.leads import Lead, LeadState, NewLead
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import CallbackId, CampaignId, LeadId, ListId, OperatorId, SeatNumber
from telephony.ports.store import Store
from tests.storage.store_rows import NOW, begun, ended, in_list, loaded, new_campaign, number, start

HOUR = timedelta(hours=1)
PARIS = "Europe/Paris"


async def operators(store: Store) -> tuple[OperatorId, OperatorId]:
    made = []
    for seat in (1, 2):
        account = await store.accounts.add(f"poste{seat}", f"Poste {seat}", Role.OPERATOR, "hash", NOW)
        made.append(
            (await store.accounts.add_operator(account.account_id, f"Name {seat}", SeatNumber(seat))).operator_id
        )
    return made[0], made[1]


async def promised(store: Store, mine: OperatorId | None, *, is_ended: bool = True) -> AttemptStart:
    """A call in which a callback in two hours was promised, kept for the operator one hour."""
    (begin,) = await begun(store)
    if is_ended:
        await ended(store, begin, Outcome.ANSWERED)
    wish = CallbackWish(NOW + 2 * HOUR, PARIS, mine, NOW + 3 * HOUR)
    await store.attempts.set_result(begin.permit.attempt_id, Result.CALL_BACK, mine or OperatorId(1), NOW, wish)
    return begin


async def lead_of(store: Store, begin: AttemptStart) -> Lead:
    return await store.leads.get(begin.permit.lead_id)


async def test_a_promised_lead_waits_for_its_moment_and_goes_first(store: Store):
    begin = await promised(store, None)
    lead = await lead_of(store, begin)
    assert (lead.state, lead.not_before, lead.reason) == (LeadState.WAITING, NOW + 2 * HOUR, "callback")
    campaign = begin.permit.campaign_id
    early = await store.leads.due(campaign, 50, NOW + HOUR, [])
    assert early.promises == ()
    assert lead.lead_id not in [lead.lead_id for lead in early.windows[0].leads]
    due = await store.leads.due(campaign, 50, NOW + 2 * HOUR, [])
    assert [(promise.lead.lead_id, promise.operator_id) for promise in due.promises] == [(lead.lead_id, None)]
    (callback,) = await store.callbacks.open(campaign)
    assert (callback.lead_id, callback.attempt_id, callback.zone) == (lead.lead_id, begin.permit.attempt_id, PARIS)


async def test_a_promise_is_kept_for_its_operator_and_later_for_anyone(store: Store):
    mine, other = await operators(store)
    begin = await promised(store, mine)
    campaign = begin.permit.campaign_id

    async def offered(after: timedelta, *free: OperatorId) -> list[OperatorId | None]:
        due = await store.leads.due(campaign, 50, NOW + after, free)
        return [promise.operator_id for promise in due.promises]

    assert await offered(2 * HOUR) == []
    assert await offered(2 * HOUR, other) == []
    assert await offered(2 * HOUR, other, mine) == [mine]
    assert await offered(3 * HOUR) == [None]


async def test_the_call_makes_the_callback_and_gives_the_leads_priority_back(store: Store):
    begin = await promised(store, None)
    (again,) = await store.attempts.begin([start(await lead_of(store, begin), NOW + 2 * HOUR)], [])
    with pytest.raises(ConflictError, match="under way"):
        await store.callbacks.cancel((await store.callbacks.open())[0].callback_id, "x", NOW)
    await ended(store, again, Outcome.INTERRUPTED)
    assert len(await store.callbacks.open()) == 1, "an interrupted call has not kept it"
    (again,) = await store.attempts.begin([start(await lead_of(store, begin), NOW + 2 * HOUR)], [])
    await ended(store, again, Outcome.NO_ANSWER)
    lead = await lead_of(store, begin)
    assert (lead.state, lead.priority, lead.reason) == (LeadState.DONE, 5, "no_answer")
    (callback,) = await store.callbacks.of_lead(lead.lead_id)
    assert callback.state is CallbackState.MADE


async def test_a_promise_that_a_rule_refuses_at_the_gate_is_cancelled_and_says_so(store: Store):
    begin = await promised(store, None)
    (again,) = await store.attempts.begin([start(await lead_of(store, begin), NOW + 2 * HOUR)], [])
    await ended(store, again, Outcome.REFUSED)
    lead = await lead_of(store, begin)
    assert (lead.state, lead.priority, lead.reason) == (LeadState.DONE, 5, "refused")
    (callback,) = await store.callbacks.of_lead(lead.lead_id)
    assert callback.state is CallbackState.CANCELLED
    assert "callback_cancelled" in [entry.note.kind async for entry in store.ledger.entries()]


async def test_a_promise_made_before_the_call_has_ended_is_kept_by_its_end(store: Store):
    begin = await promised(store, None, is_ended=False)
    await ended(store, begin, Outcome.ANSWERED)
    assert (await lead_of(store, begin)).not_before == NOW + 2 * HOUR


async def test_another_result_takes_the_promise_back(store: Store):
    begin = await promised(store, None)
    await store.attempts.set_result(begin.permit.attempt_id, Result.COMPLETE, OperatorId(1), NOW)
    lead = await lead_of(store, begin)
    assert (lead.state, lead.priority, lead.reason) == (LeadState.DONE, 5, "complete")
    assert await store.callbacks.open() == []


async def test_a_callback_is_moved_and_cancelled_and_both_stand_in_the_ledger(store: Store):
    begin = await promised(store, None)
    (callback,) = await store.callbacks.open()
    moved = await store.callbacks.move(callback.callback_id, NOW + 9 * HOUR, "Indian/Reunion", "Mme Moving", NOW)
    assert (moved.at, moved.zone, moved.anyone_from) == (NOW + 9 * HOUR, "Indian/Reunion", NOW + 10 * HOUR)
    assert (await lead_of(store, begin)).not_before == NOW + 9 * HOUR
    cancelled = await store.callbacks.cancel(callback.callback_id, "Mme Moving", NOW)
    assert cancelled.state is CallbackState.CANCELLED
    lead = await lead_of(store, begin)
    assert (lead.state, lead.priority, lead.reason) == (LeadState.DONE, 5, "callback_cancelled")
    kinds = [entry.note.kind async for entry in store.ledger.entries()]
    assert kinds[-2:] == ["callback_moved", "callback_cancelled"]
    with pytest.raises(ConflictError, match="is cancelled"):
        await store.callbacks.move(callback.callback_id, NOW + HOUR, PARIS, "x", NOW)
    with pytest.raises(NotFoundError):
        await store.callbacks.cancel(CallbackId(99), "x", NOW)


async def test_a_promised_lead_that_a_rule_refuses_permanently_has_no_callback_left(store: Store):
    begin = await promised(store, None)
    refusal = Refusal(begin.permit.campaign_id, begin.permit.lead_id, "number_denied", "", NOW)
    await store.attempts.begin([], [refusal])
    lead = await lead_of(store, begin)
    assert (lead.state, lead.reason) == (LeadState.REFUSED, "number_denied")
    assert await store.callbacks.open() == []
    anew = await store.work.reactivate(lead.lead_id, "allowed again", "x", NOW)
    assert (anew.state, anew.priority, anew.not_before) == (LeadState.WAITING, 5, None), "and it is called again"


async def test_a_paused_lists_leads_are_left_untouched_until_it_is_resumed(store: Store):
    campaign, lead_list = await loaded(store, 3)
    paused = await store.work.pause_list(lead_list.list_id, "Mme Pausing", NOW)
    assert (paused.paused_by, paused.paused_at) == ("Mme Pausing", NOW)
    assert await store.leads.waiting(campaign.campaign_id, 9) == []
    with pytest.raises(ConflictError, match="already"):
        await store.work.pause_list(lead_list.list_id, "x", NOW)
    version = await store.whitelist.version()
    assert (await store.work.resume_list(lead_list.list_id, "x", NOW)).paused_at is None
    assert await store.whitelist.version() > version, "what the gate decided before is decided again"
    assert len(await store.leads.waiting(campaign.campaign_id, 9)) == 3
    with pytest.raises(ConflictError, match="not paused"):
        await store.work.resume_list(lead_list.list_id, "x", NOW)


async def test_lists_with_a_share_come_first_each_with_its_own_window(store: Store):
    campaign, old = await loaded(store, 3)
    lists = []
    for first in (3, 6):
        leads = [NewLead(number(row), "", {}, row) for row in range(first, first + 3)]
        lists.append((await in_list(store, campaign.campaign_id, leads, f"list {first}")).list_id)
    await store.work.set_share(lists[1], 70, "x", NOW)
    due = await store.leads.due(campaign.campaign_id, 2, NOW, [])
    assert [(window.list_id, window.share, len(window.leads)) for window in due.windows] == [
        (lists[1], 70, 2),
        (old.list_id, 0, 2),
    ]


async def test_when_nobody_is_due_it_is_known_when_somebody_is(store: Store):
    (begin,) = await begun(store)
    campaign = begin.permit.campaign_id
    await ended(store, begin, Outcome.BUSY)
    rest = await store.leads.waiting(campaign, 50)
    refusals = [
        Refusal(campaign, lead.lead_id, "hours", "", NOW, not_before=NOW + HOUR * (row + 2))
        for row, lead in enumerate(rest)
    ]
    await store.attempts.begin([], refusals)
    due = await store.leads.due(campaign, 50, NOW, [])
    assert (due.promises, due.windows, due.next_at) == ((), (), NOW + 2 * HOUR)


async def test_higher_priorities_are_called_first(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "x")
    leads = [NewLead(number(row), "", {}, row, priority=priority) for row, priority in enumerate((5, 0, 9, 5))]
    await in_list(store, campaign.campaign_id, leads)
    rows = await store.leads.waiting(campaign.campaign_id, 9)
    assert [row.number for row in rows] == [number(row) for row in (2, 0, 3, 1)]
    await store.work.set_priority(rows[3].lead_id, 9, "x", NOW)
    assert (await store.leads.waiting(campaign.campaign_id, 2))[0].lead_id == rows[3].lead_id


async def test_recycling_requeues_those_with_that_ending_alone(store: Store):
    begins = await begun(store, 3)
    for begin, outcome in zip(begins, (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.NO_ANSWER), strict=True):
        await ended(store, begin, outcome)
    assert await store.work.recycle(begins[0].permit.list_id, {"no_answer"}, "x", NOW) == 2
    states = [await lead_of(store, begin) for begin in begins]
    assert [state.state for state in states] == [LeadState.WAITING, LeadState.DONE, LeadState.WAITING]
    assert (states[0].tries, states[0].reason) == (0, "")
    progress = await store.campaigns.progress(begins[0].permit.campaign_id)
    assert (progress.waiting, progress.done) == (9, 1)
    with pytest.raises(NotFoundError):
        await store.work.recycle(ListId(99), {"busy"}, "x", NOW)


async def test_who_asked_for_no_more_calls_is_never_called_again(store: Store):
    (begin,) = await begun(store)
    with pytest.raises(ConflictError, match="only a finished or refused lead"):
        await store.work.reactivate(begin.permit.lead_id, "why", "x", NOW)
    await ended(store, begin, Outcome.ANSWERED)
    await store.attempts.set_result(begin.permit.attempt_id, Result.NO_MORE_CALLS, OperatorId(1), NOW)
    with pytest.raises(ConflictError, match="asked for no more calls"):
        await store.work.reactivate(begin.permit.lead_id, "why", "x", NOW)
    with pytest.raises(NotFoundError):
        await store.work.reactivate(LeadId(99), "why", "x", NOW)


async def test_completed_answers_fill_their_cell_and_a_result_replaced_no_longer_counts(store: Store):
    begins = await begun(store, 2)
    campaign = begins[0].permit.campaign_id
    quota, _ = await store.quotas.set(campaign, {"Town": "exampleville"}, 2, "x", NOW)
    other, _ = await store.quotas.set(campaign, {"town": "Elsewhere"}, 2, "x", NOW)
    for begin in begins:
        await ended(store, begin, Outcome.ANSWERED)
        await store.attempts.set_result(begin.permit.attempt_id, Result.COMPLETE, OperatorId(1), NOW)
    assert [quota.completed for quota in await store.quotas.of(campaign)] == [2, 0]
    assert [quota.is_full for quota in await store.quotas.of(campaign)] == [True, False]
    await store.attempts.set_result(begins[0].permit.attempt_id, Result.OTHER, OperatorId(1), NOW)
    assert [quota.completed for quota in await store.quotas.of(campaign)] == [1, 0]
    kinds = [entry.note.kind async for entry in store.ledger.entries()]
    assert kinds.count("quota_full") == 1
    assert quota.quota_id != other.quota_id
    with pytest.raises(NotFoundError):
        await store.quotas.set(CampaignId(99), {"town": "x"}, 1, "x", NOW)


async def test_closed_leads_keep_their_reason_and_come_back_when_the_target_is_raised(store: Store):
    campaign, _ = await loaded(store, 3)
    quota, _ = await store.quotas.set(campaign.campaign_id, {"town": "Exampleville"}, 0, "x", NOW)
    leads = await store.leads.waiting(campaign.campaign_id, 2)
    await store.quotas.close(quota, [lead.lead_id for lead in leads], NOW)
    closed = await store.leads.get(leads[0].lead_id)
    assert (closed.state, closed.reason) == (LeadState.DONE, quota.reason)
    assert (await store.campaigns.progress(campaign.campaign_id)).done == 2
    raised, opened = await store.quotas.set(campaign.campaign_id, {"town": "Exampleville"}, 5, "x", NOW)
    assert (raised, opened) == (replace(quota, target=5), 2)
    assert len(await store.leads.waiting(campaign.campaign_id, 9)) == 3
    assert (await store.campaigns.progress(campaign.campaign_id)).done == 0


async def test_the_story_of_a_lead_is_its_attempts_oldest_first(store: Store):
    (begin,) = await begun(store)
    await ended(store, begin, Outcome.INTERRUPTED)
    (again,) = await store.attempts.begin([start(await lead_of(store, begin), NOW + HOUR)], [])
    story = await store.work.attempts_of(begin.permit.lead_id)
    assert [attempt.attempt_id for attempt in story] == [begin.permit.attempt_id, again.permit.attempt_id]


def wish_at(at: datetime) -> CallbackWish:
    """Return a callback at least one hour from the person's others."""

    def bounds(others: Sequence[datetime]) -> None:
        if any(abs(at - other) < HOUR for other in others):
            raise ConflictError("too close to another one")

    return CallbackWish(at, PARIS, None, at + HOUR, bounds)


async def two_calls_to_one_person(store: Store) -> list[AttemptStart]:
    begins = []
    for row in (1, 2):
        campaign = await store.campaigns.add(new_campaign(f"campaign {row}"), "x")
        await in_list(store, campaign.campaign_id, [NewLead(number(row), "", {}, row, client_key="c-17")])
        (lead,) = await store.leads.waiting(campaign.campaign_id, 1)
        begins += await store.attempts.begin([start(lead)], [])
        await ended(store, begins[-1], Outcome.ANSWERED)
    return begins


async def test_of_two_callbacks_promised_to_one_person_at_once_the_second_is_refused_and_nothing_of_it_is_kept(
    store: Store,
):
    begins = await two_calls_to_one_person(store)
    wish, operator = wish_at(NOW + 2 * HOUR), OperatorId(1)
    said = await asyncio.gather(
        *(
            store.attempts.set_result(begin.permit.attempt_id, Result.CALL_BACK, operator, NOW, wish)
            for begin in begins
        ),
        return_exceptions=True,
    )
    assert [type(error) for error in said] == [type(None), ConflictError]
    (callback,) = await store.callbacks.of_person(begins[1].permit.lead_id)
    assert callback.attempt_id == begins[0].permit.attempt_id
    assert (await store.attempts.get(begins[1].permit.attempt_id)).result is None
    kinds = [entry.note.kind async for entry in store.ledger.entries()]
    assert (kinds.count("result_chosen"), kinds.count("callback_set")) == (1, 1)
    again = wish_at(NOW + 3 * HOUR)
    await store.attempts.set_result(begins[1].permit.attempt_id, Result.CALL_BACK, operator, NOW, again)
    assert len(await store.callbacks.open()) == 2


async def test_a_callback_moved_towards_one_promised_meanwhile_is_refused_and_stays_where_it_was(store: Store):
    begins = await two_calls_to_one_person(store)
    for begin, hours in zip(begins, (2, 4), strict=True):
        wish = wish_at(NOW + hours * HOUR)
        await store.attempts.set_result(begin.permit.attempt_id, Result.CALL_BACK, OperatorId(1), NOW, wish)
    first, second = await store.callbacks.open()
    at = NOW + 2.5 * HOUR
    with pytest.raises(ConflictError, match="too close"):
        await store.callbacks.move(second.callback_id, at, PARIS, "x", NOW, wish_at(at).bounds)
    assert await store.callbacks.open() == [first, second]
    await store.callbacks.move(first.callback_id, at, PARIS, "x", NOW, wish_at(at).bounds)


async def test_a_promise_chosen_again_in_the_same_call_keeps_no_distance_from_itself(store: Store):
    begins = await two_calls_to_one_person(store)
    for minutes in (120, 130):
        wish = wish_at(NOW + timedelta(minutes=minutes))
        await store.attempts.set_result(begins[0].permit.attempt_id, Result.CALL_BACK, OperatorId(1), NOW, wish)
    assert [callback.at for callback in await store.callbacks.open()] == [NOW + timedelta(minutes=130)]
