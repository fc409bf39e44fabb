"""One person with several numbers and leads, and one call at a time to a number and to a person, in the database."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from telephony.domain.calls.attempts import AttemptStart, Refusal, Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.law.basis import CampaignKind
from telephony.domain.law.provisions import Law
from telephony.domain.leads.callbacks import CallbackWish
from telephony.domain.leads.leads import Lead, LeadState, NewLead
from telephony.domain.leads.persons import MOST_NUMBERS
from telephony.domain.leads.retries import RetryPlan, RetryRule
from telephony.ids import CampaignId, LeadId, Number, OperatorId
from telephony.ports.rules.whitelist import Standing
from telephony.ports.store import Store
from telephony.storage import OpenStore
from telephony.storage.calls.on_line import _OPEN
from telephony.storage.leads.callbacks import _REPEATED
from telephony.storage.leads.persons import _KEYED, _KEYED_IN, MOST_LEADS
from telephony.storage.rules.law import _PERSON_CONTACTS
from tests.storage.fetching import counted
from tests.storage.store_rows import NOW, ended, explain, in_list, loaded, new_campaign, number, sql, start

ONE, TWO, THREE = number(1), number(2), number(3)
COMPANY = "Example SA"


async def campaign(store: Store, name: str, leads: Sequence[NewLead], company: str = COMPANY) -> list[Lead]:
    new = replace(new_campaign(name), client_company=company)
    made = await store.campaigns.add(new, "test")
    await in_list(store, made.campaign_id, leads)
    return list(await store.leads.waiting(made.campaign_id, len(leads)))


def keyed(number: Number, key: str = "c-17", row: int = 2) -> NewLead:
    return NewLead(number, "Person", {}, row, client_key=key)


async def standing(store: Store, lead_id: LeadId) -> Standing:
    return (await store.whitelist.standing([lead_id]))[lead_id]


async def called(store: Store, lead: Lead, result: Result | None = None, days: int = 0) -> AttemptStart:
    """One attempt that reached the carrier and has ended."""
    begin = start(lead, NOW + timedelta(days=days))
    (held,) = await store.attempts.begin([begin], [])
    assert await store.permits.use(held.permit.permit_id, "gate1", begin.started_at) == ""
    await ended(store, begin, Outcome.NO_ANSWER if result is None else Outcome.ANSWERED)
    if result is not None:
        await store.attempts.set_result(begin.permit.attempt_id, result, OperatorId(1), begin.started_at)
    return begin


async def test_attempts_at_a_person_are_found_by_the_clients_key_over_numbers_and_campaigns_of_one_company(
    store: Store,
):
    (first,) = await campaign(store, "a", [keyed(ONE)])
    (second,) = await campaign(store, "b", [keyed(TWO)], " example  SA")
    (stranger,) = await campaign(store, "c", [keyed(THREE)], "Beta")
    begin = await called(store, first, Result.NO_MORE_CALLS)
    facts = await standing(store, second.lead_id)
    assert facts.contacts == ()
    (contact,) = facts.person_contacts
    assert (contact.attempt_id, contact.result) == (begin.permit.attempt_id, Result.NO_MORE_CALLS)
    assert (await standing(store, stranger.lead_id)).person_contacts == ()


async def test_a_lead_without_a_key_is_a_person_of_its_own_and_shared_numbers_make_no_chain(store: Store):
    (first,) = await campaign(store, "a", [NewLead(ONE, "Person", {}, 2, others=(TWO,))])
    (second,) = await campaign(store, "b", [NewLead(TWO, "Person", {}, 2, others=(THREE,))])
    begin = await called(store, first)
    mine, other = await standing(store, first.lead_id), await standing(store, second.lead_id)
    assert [person_contact.attempt_id for person_contact in mine.person_contacts] == [begin.permit.attempt_id]
    assert (other.contacts, other.person_contacts) == ((), ())


async def test_a_lead_that_has_gone_on_to_its_next_number_keeps_what_was_tried_at_the_first(store: Store):
    (lead,) = await campaign(store, "a", [NewLead(ONE, "Person", {}, 2, others=(TWO,))])
    begin = await called(store, lead)
    later = await store.leads.get(lead.lead_id)
    assert later.number == TWO
    facts = await standing(store, lead.lead_id)
    assert facts.contacts == ()
    assert [person_contact.attempt_id for person_contact in facts.person_contacts] == [begin.permit.attempt_id]


async def test_a_reference_that_stands_on_every_row_is_nobodys_key(store: Store):
    leads = await campaign(store, "a", [keyed(number(100 + row), "ref-2026", row) for row in range(30)])
    begins = [start(leads[0]), start(leads[1])]
    assert list(await store.attempts.begin(begins, [])) == begins
    standings = await store.whitelist.standing([lead.lead_id for lead in leads[:3]])
    assert [len(standings[lead.lead_id].person_contacts) for lead in leads[:3]] == [1, 1, 0]


async def test_the_other_numbers_of_a_person_are_looked_up_on_do_not_call_lists(store: Store):
    (lead,) = await campaign(store, "a", [NewLead(ONE, "Person", {}, 2, others=(TWO,))])
    (first,) = await campaign(store, "b", [keyed(THREE)])
    await campaign(store, "c", [keyed(number(4))])
    list_id = await store.do_not_call.begin("objections", "", "ab" * 32, "m.durand", NOW)
    await store.do_not_call.oppose(list_id, [TWO, number(4)])
    await store.do_not_call.finish(list_id, NOW)
    for lead_id in (lead.lead_id, first.lead_id):
        facts = await standing(store, lead_id)
        assert (facts.opposed, tuple(facts.person_opposed)) == ((), ("objections",))


async def test_a_lead_refused_for_another_number_waits_again_when_that_one_is_removed_from_the_list(store: Store):
    (lead,) = await campaign(store, "a", [NewLead(ONE, "Person", {}, 2, others=(TWO,))])
    (second,) = await campaign(store, "b", [keyed(THREE)])
    await campaign(store, "c", [NewLead(TWO, "Person", {}, 2, client_key="c-17")])
    (apart,) = await campaign(store, "d", [keyed(number(4), "c-18")])
    list_id = await store.do_not_call.begin("objections", "", "ab" * 32, "m.durand", NOW)
    await store.do_not_call.oppose(list_id, [TWO])
    await store.do_not_call.finish(list_id, NOW)
    leads = [lead, second, apart]
    await store.attempts.begin(
        [], [Refusal(lead.campaign_id, lead.lead_id, str(Law.OPPOSITION), "", NOW) for lead in leads]
    )
    removal = await store.do_not_call.ask_withdrawal(list_id, TWO, "m.durand", "letter", NOW)
    await store.do_not_call.approve_withdrawal(removal.withdrawal_id, "l.petit", NOW)
    states = [(await store.leads.get(lead.lead_id)).state for lead in leads]
    assert states == [LeadState.WAITING, LeadState.WAITING, LeadState.REFUSED]


@pytest.mark.usefixtures("url")  # the bound is the database's
async def test_an_objection_is_found_however_many_attempts_came_after_it(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("telephony.storage.rules.law.MOST_CONTACTS", 2)
    leads = await campaign(store, "a", [keyed(ONE)])
    other = await campaign(store, "b", [keyed(TWO), keyed(THREE, "c-18", 3)])
    objected = await called(store, leads[0], Result.NO_MORE_CALLS)
    for day in range(1, 4):
        (more,) = await campaign(store, f"again {day}", [keyed(ONE)])
        await called(store, more, days=day)
    for lead in (more, other[0]):
        facts = await standing(store, lead.lead_id)
        assert objected.permit.attempt_id in {person_contact.attempt_id for person_contact in facts.person_contacts}
    assert objected.permit.attempt_id in {
        contact.attempt_id for contact in (await standing(store, more.lead_id)).contacts
    }
    both = await store.whitelist.standing([more.lead_id, other[1].lead_id])
    assert len(both[more.lead_id].contacts) == 3
    assert both[other[1].lead_id].contacts == ()


@pytest.mark.parametrize("is_same_number", [True, False])
async def test_a_number_and_a_person_are_called_by_one_attempt_at_a_time(store: Store, is_same_number: bool):
    (first,) = await campaign(store, "a", [keyed(ONE)])
    twin = keyed(ONE, "") if is_same_number else keyed(TWO)
    (second,) = await campaign(store, "b", [twin], "Beta" if is_same_number else COMPANY)
    (free,) = await campaign(store, "c", [keyed(THREE, "c-18")])
    begin = start(first)
    assert list(await store.attempts.begin([begin], [])) == [begin]
    late, other = start(second), start(free)
    assert list(await store.attempts.begin([late, other], [])) == [other]
    assert (await store.leads.get(second.lead_id)).state is LeadState.WAITING
    await ended(store, begin, Outcome.INTERRUPTED)
    again = start(second)
    assert list(await store.attempts.begin([again], [])) == [again]


async def test_of_two_in_one_batch_the_first_is_written_and_the_other_goes_on_waiting(store: Store):
    (first,) = await campaign(store, "a", [keyed(ONE)])
    (second,) = await campaign(store, "b", [keyed(ONE, "")])
    (third,) = await campaign(store, "c", [keyed(TWO)])
    starts = [start(first), start(second), start(third)]
    assert list(await store.attempts.begin(starts, [])) == starts[:1]
    states = [(await store.leads.get(lead.lead_id)).state for lead in (first, second, third)]
    assert states == [LeadState.CLAIMED, LeadState.WAITING, LeadState.WAITING]


SAME = {
    "number": "UPDATE attempts SET number = (SELECT min(number) FROM attempts)",
    "person": "UPDATE attempts SET person = (SELECT min(person) FROM attempts)",
}


@pytest.mark.parametrize("column", list(SAME))
async def test_two_open_attempts_at_one_number_or_person_are_refused_by_the_schema(store: Store, url: str, column: str):
    leads = await campaign(store, "a", [keyed(ONE), keyed(TWO, "c-18", 3)])
    begins = [start(lead) for lead in leads]
    assert len(await store.attempts.begin(begins, [])) == 2
    change = SAME[column]
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.UniqueViolation)):
        sql(url, change)
    await ended(store, begins[0])
    sql(url, change)


async def test_what_persons_and_calls_up_are_looked_up_by_is_indexed(store: Store, url: str):
    await loaded(store)
    plans = {
        "attempts_by_lead": explain(url, _PERSON_CONTACTS.params(leads=[1], most=200)),
        "leads_by_client_key": explain(url, _KEYED.params(key="c-17")),
        "leads_by_client_key (client_key=? AND campaign_id=?": explain(
            url, _KEYED_IN.params(key="c-17", campaigns=[1, 2], most=41)
        ),
        "attempts_one_open_per_": explain(url, _OPEN.params(numbers=[ONE], persons=["lead:1"])),
    }
    plans["callbacks_by_promise"] = explain(url, _REPEATED.params(since=NOW, most=10))
    for index, plan in plans.items():
        if "sqlite" in url:
            assert index in plan, plan
            assert "SCAN attempts\n" not in plan
            assert "SCAN attempts USING INDEX attempts_one_open_per_" in plan or "SCAN attempts" not in plan


PLAN = RetryPlan({Result.NOT_TODAY: RetryRule(timedelta(days=1), 3, jitter=0)})


@pytest.mark.parametrize("calls_for", list(CampaignKind))
async def test_a_refusal_of_the_day_keeps_its_lead_until_the_law_allows_it_again(store: Store, calls_for: CampaignKind):
    made = await store.campaigns.add(replace(new_campaign(), kind=calls_for, plan=PLAN), "test")
    await in_list(store, made.campaign_id, [keyed(ONE)])
    (lead,) = await store.leads.waiting(made.campaign_id, 1)
    await called(store, lead, Result.NOT_TODAY)
    after = await store.leads.get(lead.lead_id)
    assert after.state is LeadState.WAITING
    assert after.not_before is not None
    is_bound = calls_for in (CampaignKind.CONSUMER, CampaignKind.CONTRACT)
    assert (after.not_before - NOW > timedelta(days=60)) == is_bound
    assert CampaignId(made.campaign_id) == after.campaign_id


async def test_the_callbacks_of_a_person_are_found_under_all_their_leads_and_who_waits_for_one_more_is_named(
    store: Store,
):
    (first,) = await campaign(store, "a", [keyed(ONE)])
    (second,) = await campaign(store, "b", [keyed(TWO)])
    (apart,) = await campaign(store, "c", [keyed(THREE, "c-18")])
    for lead, days in ((first, 0), (second, 0), (apart, 0), (second, 1)):
        begin = start(await store.leads.get(lead.lead_id), NOW + timedelta(days=days))
        assert len(await store.attempts.begin([begin], [])) == 1
        await ended(store, begin)
        wish = CallbackWish(begin.started_at + timedelta(hours=2), "Europe/Paris", None, begin.started_at)
        attempt_id = begin.permit.attempt_id
        await store.attempts.set_result(attempt_id, Result.CALL_BACK, OperatorId(1), begin.started_at, wish)
    callbacks = await store.callbacks.of_person(first.lead_id)
    assert [callback.lead_id for callback in callbacks] == [first.lead_id, second.lead_id, second.lead_id]
    assert [callback.lead_id for callback in await store.callbacks.of_person(apart.lead_id)] == [apart.lead_id]
    assert await store.callbacks.of_person(LeadId(999_999)) == []
    (again,) = await store.callbacks.repeated(NOW, 10)
    assert (again.lead_id, again.count, again.at) == (first.lead_id, 3, NOW + timedelta(hours=2))
    assert await store.callbacks.repeated(NOW + timedelta(hours=1), 10) == []


async def test_a_person_is_found_whole_whatever_other_companies_have_under_the_same_key(store: Store):
    for few in range(2):
        many = [keyed(number(500 + few * 100 + row), row=row) for row in range(60)]
        await campaign(store, f"theirs {few}", many, f"Company {few}")
    (first,) = await campaign(store, "a", [keyed(ONE)])
    (second,) = await campaign(store, "b", [keyed(TWO)], " example  SA")
    begin = await called(store, first, Result.NO_MORE_CALLS)
    (contact,) = (await standing(store, second.lead_id)).person_contacts
    assert (contact.attempt_id, contact.result) == (begin.permit.attempt_id, Result.NO_MORE_CALLS)


async def test_a_person_is_found_whole_however_many_lists_came_before(store: Store):
    for day in range(MOST_LEADS + 1):
        await campaign(store, f"day {day}", [keyed(ONE)])
    (first,) = await campaign(store, "a", [keyed(ONE)])
    (second,) = await campaign(store, "b", [keyed(TWO)])
    begin = await called(store, first, Result.NO_MORE_CALLS)
    (contact,) = (await standing(store, second.lead_id)).person_contacts
    assert contact.attempt_id == begin.permit.attempt_id
    (third,) = await campaign(store, "c", [keyed(THREE)])
    up = start(second)
    assert list(await store.attempts.begin([up], [])) == [up]
    assert list(await store.attempts.begin([start(third)], [])) == [], "one call at a time"


async def test_a_reference_on_every_row_is_nobodys_key_however_late_its_21st_number_comes(store: Store):
    (first,) = await campaign(store, "first", [keyed(ONE)])
    for day in range(MOST_LEADS):
        await campaign(store, f"day {day}", [keyed(ONE)])
    leads = await campaign(store, "a", [keyed(number(100 + row), row=row) for row in range(MOST_NUMBERS)])
    await called(store, first, Result.NO_MORE_CALLS)
    assert (await standing(store, leads[1].lead_id)).person_contacts == ()


async def test_a_key_of_a_whole_list_is_not_read_from_end_to_end(
    opened: OpenStore, store: Store, monkeypatch: pytest.MonkeyPatch
):
    for name in ("a", "b"):
        await campaign(store, name, [keyed(number(row), row=row) for row in range(2_000)])
    (mine,) = await campaign(store, "c", [keyed(ONE)], "Alpha")
    fetched = counted(opened.database, monkeypatch)
    assert await store.callbacks.of_person(mine.lead_id) == []
    assert max(fetched) == MOST_LEADS


async def test_repeated_callbacks_are_counted_for_the_person_and_who_waits_for_none_is_not_named(store: Store):
    leads = [(await campaign(store, name, [new_lead]))[0] for name, new_lead in (("a", keyed(ONE)), ("b", keyed(TWO)))]
    (same_key,) = await campaign(store, "c", [keyed(THREE)], "Beta")
    for lead in (*leads, same_key):
        begin = await called(store, lead)
        wish = CallbackWish(NOW + timedelta(hours=1 + lead.lead_id), "Europe/Paris", None, NOW)
        await store.attempts.set_result(begin.permit.attempt_id, Result.CALL_BACK, OperatorId(1), NOW, wish)
    (named,) = await store.callbacks.repeated(NOW, 10)
    assert (named.lead_id, named.count) == (leads[0].lead_id, 2)
    first, second, _ = await store.callbacks.open()
    await store.callbacks.cancel(first.callback_id, "x", NOW)
    (named,) = await store.callbacks.repeated(NOW, 10)
    assert (named.lead_id, named.count, named.at) == (leads[1].lead_id, 2, second.at)
    await store.callbacks.cancel(second.callback_id, "x", NOW)
    assert await store.callbacks.repeated(NOW, 10) == []
