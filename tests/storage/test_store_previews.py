"""Offers of leads to operators: one open per lead and per operator, ended once, or by the attempt itself (I4)."""

from dataclasses import replace
from datetime import timedelta

from telephony.domain.accounts import Role
from telephony.domain.calls.attempts import AttemptStart, CallState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.leads.leads import Lead, LeadState
from telephony.domain.leads.preview import Preview, PreviewEnding
from telephony.ids import OperatorId, PreviewId, SeatNumber
from telephony.ports.store import Store
from tests.storage.store_rows import NOW, begun, loaded, start

LATER = NOW + timedelta(hours=1)


async def people(store: Store, count: int = 2) -> list[OperatorId]:
    operator_ids = []
    for seat in range(1, count + 1):
        account = await store.accounts.add(f"poste{seat}", f"Poste {seat}", Role.OPERATOR, "hash", NOW)
        operator_ids.append(
            (await store.accounts.add_operator(account.account_id, f"N{seat}", SeatNumber(seat))).operator_id
        )
    return operator_ids


async def waiting(store: Store) -> list[Lead]:
    campaign, _ = await loaded(store)
    return list(await store.leads.waiting(campaign.campaign_id, 3))


async def laid(store: Store, lead: Lead, operator: OperatorId) -> Preview:
    preview = await store.previews.offer(lead, operator, NOW)
    assert preview is not None
    return preview


def pressed(lead: Lead, offer: Preview) -> AttemptStart:
    return replace(start(lead), guaranteed_to=offer.operator_id, preview_id=offer.preview_id)


async def test_a_lead_is_offered_to_one_operator_and_an_operator_has_one(store: Store):
    (operator_id, two), (lead, other, _) = await people(store), await waiting(store)
    offer = await laid(store, lead, operator_id)
    assert (offer.lead_id, offer.operator_id, offer.offered_at, offer.ending) == (lead.lead_id, operator_id, NOW, None)
    assert await store.previews.offer(lead, two, NOW) is None
    assert await store.previews.offer(other, operator_id, NOW) is None
    assert await store.previews.open() == [offer]
    assert (await store.leads.get(lead.lead_id)).state is LeadState.WAITING
    assert [entry async for entry in store.ledger.entries()][-1].note.kind == "lead_offered"


async def test_an_offer_ends_once_and_a_skipped_lead_waits(store: Store):
    (operator_id, _), (lead, *_) = await people(store), await waiting(store)
    offer = await laid(store, lead, operator_id)
    assert await store.previews.end(offer.preview_id, PreviewEnding.SKIPPED, NOW, "unclear", LATER)
    assert not await store.previews.end(offer.preview_id, PreviewEnding.EXPIRED, NOW)
    assert not await store.previews.end(PreviewId(99), PreviewEnding.EXPIRED, NOW)
    after = await store.leads.get(lead.lead_id)
    assert (after.state, after.not_before, after.reason) == (LeadState.WAITING, LATER, "skipped")
    assert await store.previews.offer(lead, operator_id, NOW) is None
    assert await store.previews.offer(lead, operator_id, LATER) is not None
    (skip,) = await store.previews.skipped(NOW)
    assert (skip.reason, skip.ended_at, skip.ending) == ("unclear", NOW, PreviewEnding.SKIPPED)
    assert await store.previews.skipped(NOW + timedelta(seconds=1)) == []


async def test_a_person_an_operator_knows_is_never_offered_to_them_again(store: Store):
    (operator_id, two), (lead, *_) = await people(store), await waiting(store)
    offer = await laid(store, lead, operator_id)
    await store.previews.end(offer.preview_id, PreviewEnding.SKIPPED, NOW, "known_person", NOW)
    assert await store.previews.offer(lead, operator_id, LATER) is None
    assert await store.previews.offer(lead, two, LATER) is not None


async def test_pressing_ends_the_offer_with_the_attempt_and_only_once(store: Store):
    (operator_id, two), (lead, other, _) = await people(store), await waiting(store)
    offer, theirs = await laid(store, lead, operator_id), await laid(store, other, two)
    assert await store.attempts.begin([pressed(lead, theirs)], []) == []
    assert await store.attempts.begin([pressed(lead, replace(offer, operator_id=two))], []) == []
    assert (await store.leads.get(lead.lead_id)).state is LeadState.WAITING
    (held,) = await store.attempts.begin([pressed(lead, offer)], [])
    attempt = await store.attempts.get(held.permit.attempt_id)
    assert (attempt.guaranteed_to, attempt) == (operator_id, held.attempt())
    assert await store.previews.open() == [theirs]
    assert await store.attempts.begin([pressed(lead, offer)], []) == []
    notes = [entry.note async for entry in store.ledger.entries()]
    given = next(note for note in notes if note.kind == "permit_given")
    assert (given.body["operator"], given.body["preview"]) == (operator_id, offer.preview_id)
    assert next(note for note in notes if note.kind == "lead_offer_ended").body["ending"] == "called"


async def test_an_offer_taken_back_may_not_be_pressed(store: Store):
    (operator_id, _), (lead, *_) = await people(store), await waiting(store)
    offer = await laid(store, lead, operator_id)
    await store.previews.end(offer.preview_id, PreviewEnding.TAKEN_BACK, NOW, "number_denied")
    assert await store.attempts.begin([pressed(lead, offer)], []) == []


async def test_whose_call_it_is_is_never_changed_afterwards(store: Store):
    (operator_id, two), (lead, *_) = await people(store), await waiting(store)
    (held,) = await store.attempts.begin([pressed(lead, await laid(store, lead, operator_id))], [])
    ended = replace(held.attempt(), guaranteed_to=two, state=CallState.ENDED, outcome=Outcome.NO_ANSWER, ended_at=LATER)
    await store.attempts.save([], [ended])
    attempt = await store.attempts.get(held.permit.attempt_id)
    assert (attempt.guaranteed_to, attempt.outcome) == (operator_id, Outcome.NO_ANSWER)


async def test_a_pacers_attempt_is_guaranteed_to_nobody(store: Store):
    (held,) = await begun(store)
    assert (await store.attempts.get(held.permit.attempt_id)).guaranteed_to is None
