"""The law's facts in the database: terms of leads, earlier attempts, do-not-call lists, exemptions, one cheap query."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from telephony.domain.calls.attempts import Attempt, AttemptStart, Refusal, Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.law.basis import NO_TERMS, Basis, LeadTerms, Sector
from telephony.domain.law.provisions import Law
from telephony.domain.leads.leads import LeadState, NewLead
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import LeadId, Number, OperatorId
from telephony.ports.rules.whitelist import Standing
from telephony.ports.store import Store
from telephony.storage.rules.do_not_call import _OPPOSED
from telephony.storage.rules.law import _CONTACTS
from tests.storage.store_rows import NOW, begun, ended, explain, in_list, loaded, new_campaign, number, start

DAY = timedelta(days=1)
CONSENT = LeadTerms(Basis.CONSENT, NOW - DAY, "form", "v3", "p-17", any_time=True, zone="Indian/Reunion")
HERE = Number("33199001234")


async def one_lead(
    store: Store, terms: LeadTerms = NO_TERMS, number: Number = HERE, name: str = "One", company: str = "Example SA"
) -> tuple[Campaign, LeadId]:
    new = replace(new_campaign(name), client_company=company, sector=Sector.PRESS)
    campaign = await store.campaigns.add(new, "test")
    await in_list(store, campaign.campaign_id, [NewLead(number, "Person", {}, 2, terms=terms)])
    (lead,) = await store.leads.waiting(campaign.campaign_id, 1)
    return campaign, lead.lead_id


async def standing(store: Store, lead_id: LeadId) -> Standing:
    return (await store.whitelist.standing([lead_id]))[lead_id]


async def use(store: Store, begin: AttemptStart) -> None:
    assert await store.permits.use(begin.permit.permit_id, "gate1", begin.started_at) == ""


async def test_the_terms_of_a_lead_are_kept_and_read_where_a_call_is_decided(store: Store):
    campaign, lead_id = await one_lead(store, CONSENT)
    facts = await standing(store, lead_id)
    assert (facts.terms, facts.contacts, facts.opposed, facts.exemptions) == (CONSENT, (), (), ())
    assert facts.campaign == campaign
    assert campaign.sector is Sector.PRESS
    (lead,) = await store.leads.waiting(campaign.campaign_id, 1)
    begin = start(lead)
    await store.attempts.begin([begin], [])
    at_gate = await store.permits.at_gate(begin.permit.permit_id)
    assert at_gate is not None
    assert at_gate.standing.terms == CONSENT


async def test_the_basis_used_is_kept_with_the_attempt(store: Store):
    campaign, _ = await one_lead(store, CONSENT)
    (lead,) = await store.leads.waiting(campaign.campaign_id, 1)
    begin = replace(start(lead), legal_basis=CONSENT.record())
    await store.attempts.begin([begin], [])
    await use(store, begin)
    done = await ended(store, begin)
    attempt = await store.attempts.get(begin.permit.attempt_id)
    assert LeadTerms.of(attempt.legal_basis) == LeadTerms.of(done.legal_basis) == CONSENT
    bodies = [entry.note.body async for entry in store.ledger.entries() if entry.note.kind == "permit_given"]
    assert [body["basis"] for body in bodies] == ["consent"]


async def attempt(store: Store, campaign: Campaign, *, is_used: bool, outcome: Outcome | None) -> Attempt:
    """One more attempt at the campaign's lead; a refused one's permit is void."""
    (lead,) = await store.leads.waiting(campaign.campaign_id, 1)
    begin = start(lead)
    await store.attempts.begin([begin], [])
    if is_used:
        await use(store, begin)
    elif outcome is not None:
        await store.permits.refuse(begin.permit.permit_id, "locked", NOW)
    return await store.attempts.get(begin.permit.attempt_id) if outcome is None else await ended(store, begin, outcome)


async def test_attempts_at_a_number_are_found_over_campaigns_and_companies(store: Store):
    first, _ = await one_lead(store)
    other, lead_id = await one_lead(store, name="Two", company="Beta")
    called = await attempt(store, first, is_used=True, outcome=Outcome.ABANDONED)
    await store.attempts.set_result(called.attempt_id, Result.NO_MORE_CALLS, OperatorId(1), NOW)
    (contact,) = (await standing(store, lead_id)).contacts
    assert (contact.attempt_id, contact.client_company) == (called.attempt_id, "Example SA")
    assert (contact.started_at, contact.ended_at) == (called.started_at, called.ended_at)
    assert (contact.outcome, contact.result) == (Outcome.ABANDONED, Result.NO_MORE_CALLS)
    assert other.client_company == "Beta"


@pytest.mark.parametrize(
    ("is_used", "outcome", "counts"),
    [
        (True, Outcome.NO_ANSWER, True),
        (True, Outcome.WITHDRAWN, True),
        (True, Outcome.INTERRUPTED, True),
        (True, None, True),
        (False, None, True),
        (False, Outcome.REFUSED, False),
        (False, Outcome.INTERRUPTED, False),
        (True, Outcome.CARRIER_FAILED, False),
    ],
)
async def test_an_attempt_that_never_reached_the_carrier_is_none_to_the_law(
    store: Store, is_used: bool, outcome: Outcome | None, counts: bool
):
    campaign, lead_id = await one_lead(store)
    await attempt(store, campaign, is_used=is_used, outcome=outcome)
    assert len((await standing(store, lead_id)).contacts) == counts


async def oppose(store: Store, keys: Sequence[str], company: str = "") -> int:
    list_id = await store.do_not_call.begin("objections", company, "ab" * 32, "m.durand", NOW)
    added = await store.do_not_call.oppose(list_id, keys)
    done = await store.do_not_call.finish(list_id, NOW)
    assert done.entries == added
    return added


@pytest.mark.parametrize(
    "key",
    [
        HERE,
        *(hashlib.new(kind, text.encode()).hexdigest()
          for kind in ("md5", "sha1", "sha256") for text in (HERE, f"+{HERE}", "0199001234")),
    ],
)  # fmt: skip
async def test_a_number_is_found_on_a_do_not_call_list_plain_or_hashed(store: Store, key: str):
    _, lead_id = await one_lead(store)
    before = (await standing(store, lead_id)).version
    await oppose(store, ["33199009998"])
    assert (await standing(store, lead_id)).opposed == ()
    assert await oppose(store, [key, key]) == 1
    facts = await standing(store, lead_id)
    assert (facts.opposed, facts.version) == (("objections",), before + 2)
    assert await store.do_not_call.opposed(HERE, "whoever") == ("objections",)


async def test_a_permit_given_is_decided_again_as_soon_as_its_number_is_opposed_and_no_other_one(store: Store):
    _, lead_id = await one_lead(store)
    (begin,) = await store.attempts.begin([start(await store.leads.get(lead_id), datetime.now(UTC))], [])
    version = (await standing(store, lead_id)).version
    list_id = await store.do_not_call.begin("objections", "", "ef" * 32, "test", NOW)
    await store.do_not_call.oppose(list_id, ["33199009998"])
    assert (await standing(store, lead_id)).version == version
    await store.do_not_call.oppose(list_id, [begin.permit.number])
    assert (await standing(store, lead_id)).version == version + 1
    assert [dnc_list.entries for dnc_list in await store.do_not_call.lists()] == [2]


async def test_a_do_not_call_list_of_one_company_binds_that_company(store: Store):
    _, lead_id = await one_lead(store)
    await oppose(store, [HERE], "Beta")
    assert (await standing(store, lead_id)).opposed == ()
    await oppose(store, [HERE], "example  sa")
    assert (await standing(store, lead_id)).opposed == ("objections",)
    assert [dnc_list.client_company for dnc_list in await store.do_not_call.lists()] == ["Beta", "example  sa"]


async def test_an_exemption_needs_a_second_person_and_everything_stands_in_the_ledger(store: Store):
    _, lead_id = await one_lead(store)
    version = (await standing(store, lead_id)).version
    exemption = await store.law.ask_exemption(Law.CALLING_DAYS, None, NOW, NOW + DAY, "m.durand", "flood alert", NOW)
    assert (await standing(store, lead_id)).version == version
    with pytest.raises(ConflictError, match="second person"):
        await store.law.approve_exemption(exemption.exemption_id, "cli:M.Durand", NOW)
    done = await store.law.approve_exemption(exemption.exemption_id, "l.petit", NOW)
    with pytest.raises(ConflictError):
        await store.law.approve_exemption(exemption.exemption_id, "s.martin", NOW)
    facts = await standing(store, lead_id)
    assert (facts.exemptions, facts.version) == ((done,), version + 1)
    over = await store.law.end_exemption(exemption.exemption_id, "s.martin", NOW + DAY / 2)
    assert tuple(await store.law.exemptions()) == (over,)
    with pytest.raises(ConflictError):
        await store.law.end_exemption(exemption.exemption_id, "s.martin", NOW)
    with pytest.raises(NotFoundError):
        await store.law.approve_exemption(99, "l.petit", NOW)
    notes = [entry.note async for entry in store.ledger.entries() if entry.note.kind.startswith("exemption")]
    assert [(note.kind, note.body["by"]) for note in notes] == [
        ("exemption_asked", "m.durand"),
        ("exemption_approved", "l.petit"),
        ("exemption_ended", "s.martin"),
    ]
    assert {note.body["reason"] for note in notes} == {"flood alert"}


async def test_a_rule_of_time_postpones_its_lead_and_sets_none_aside(store: Store):
    campaign, lead_id = await one_lead(store)
    until = NOW + timedelta(hours=19)
    refusal = Refusal(campaign.campaign_id, lead_id, "calling_hours", "Too late.", NOW, False, until)
    await store.attempts.begin([], [refusal])
    lead = await store.leads.get(lead_id)
    assert (lead.state, lead.not_before) == (LeadState.WAITING, until)
    assert await store.leads.waiting(campaign.campaign_id, 1, until - DAY) == []
    assert [lead.lead_id for lead in await store.leads.waiting(campaign.campaign_id, 1, until)] == [lead_id]


async def test_only_leads_on_open_clocks_are_read_in_the_order_of_the_list_and_the_others_are_named(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "x")
    numbers = ["33199000001", "262262612345", "33199000002", "596596123456", "33199000003"]
    rows = [NewLead(Number(text), "", {}, row) for row, text in enumerate(numbers)]
    rows[4] = replace(rows[4], terms=LeadTerms(Basis.CONTRACT, zone="Indian/Reunion"))
    rows.append(NewLead(Number("262692612345"), "", {}, 9, priority=8))
    await in_list(store, campaign.campaign_id, rows)

    async def read(*open_: str) -> tuple[list[str], set[str]]:
        due = await store.leads.due(campaign.campaign_id, 50, NOW, [], lambda word: word in open_)
        return [lead.number for window in due.windows for lead in window.leads], set(due.shut)

    everywhere = {"33", "33|Indian/Reunion", "262", "596"}
    assert await read(*everywhere) == (["262692612345", *numbers], set())
    assert await read("33") == (["33199000001", "33199000002"], everywhere - {"33"})
    assert await read("33", "596") == ([numbers[0], numbers[2], numbers[3]], {"262", "33|Indian/Reunion"})
    assert await read() == ([], everywhere)
    first = (await store.leads.waiting(campaign.campaign_id, 1))[0]
    assert (first.number, first.clock) == ("262692612345", "262")


async def test_what_is_next_on_open_clocks_and_callbacks_on_shut_ones(store: Store):
    campaign, lead_id = await one_lead(store)
    later = NOW + timedelta(hours=3)
    await store.attempts.begin([], [Refusal(campaign.campaign_id, lead_id, "frequency", "", NOW, False, later)])
    assert (await store.leads.due(campaign.campaign_id, 50, NOW, [])).next_at == later
    due_leads = await store.leads.due(campaign.campaign_id, 50, NOW, [], lambda _: False)
    assert (due_leads.next_at, due_leads.windows, len(due_leads.shut)) == (None, (), 1)


async def test_what_the_gate_asks_of_the_law_is_indexed(store: Store, url: str):
    await begun(store, 3)
    await loaded(store, name="More")
    plans = {
        "attempts_by_number": explain(url, _CONTACTS.params(numbers=[number(1)], most=200)),
        "opposition_numbers": explain(url, _OPPOSED.params(keys=[number(1)])),
    }
    for index, plan in plans.items():
        if "sqlite" in url:
            assert index in plan, plan
            assert "SCAN attempts" not in plan


async def test_attempts_at_a_number_kept_in_an_earlier_form_count(store: Store):
    """Earlier versions kept a shared range as it was written, with the overseas code."""
    _, old = await one_lead(store, number=Number("262268858040"))
    begin = start(await store.leads.get(old))
    await store.attempts.begin([begin], [])
    await use(store, begin)
    _, new = await one_lead(store, number=Number("33268858040"), name="Two")
    (contact,) = (await standing(store, new)).contacts
    assert contact.started_at == begin.started_at
