"""Preview mode: a lead lies before one operator, who presses call or skips; nobody else hears it (I4)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from telephony.domain.attempts import Result
from telephony.domain.callbacks import Later
from telephony.domain.campaigns import CampaignState
from telephony.domain.dialing_options import DialMode
from telephony.domain.leads import LeadState
from telephony.domain.locks import SITE, LockScope
from telephony.domain.operators import OperatorState
from telephony.domain.outcomes import Outcome
from telephony.domain.previews import PreviewEnding, SkipReason
from telephony.domain.whitelist import NewRule, RuleEffect, RuleKind
from telephony.errors import StoreError
from telephony.ids import CampaignId, LeadId
from telephony.services.preview_desk import GONE, NOTHING, PRESSED, PreviewError
from tests.services.preview_acts import last, lies, looking, offered, offers, press, pressed, preview, read
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import Site, site

READY, PREVIEW = OperatorState.READY, OperatorState.PREVIEW
RESERVED, TALKING, WRAP_UP, PAUSED = (
    OperatorState.RESERVED,
    OperatorState.TALKING,
    OperatorState.WRAP_UP,
    OperatorState.PAUSED,
)


@virtual
async def test_nothing_is_dialled_before_the_operator_presses_and_then_only_they_hear_it():
    async with site(seats=2) as house:
        await preview(house)
        await house.log_in(1, 2)
        mine, other = await offered(house, 1), await offered(house, 2)
        assert mine != other
        await passes(20)
        assert house.dialled == []
        permit = await pressed(house)
        assert permit.lead_id == mine
        assert house.state(1) is RESERVED
        assert lies(house, 2) == other
        call = await house.exchange.answer(permit.attempt_id)
        assert call.seat == 1
        assert house.state(1) is TALKING
        house.exchange.hang_up(permit.attempt_id)
        await house.parts.screens.desk.choose_result(house.operator(1), Result.COMPLETE)
        ended = await house.ended(permit.attempt_id)
        assert (ended.outcome, ended.operator_id, ended.guaranteed_to) == (
            Outcome.ANSWERED,
            house.operator(1),
            house.operator(1),
        )
        assert await offered(house, 1) not in (mine, other)
        assert house.not_durable == []
        assert {one.ending for one in offers(house) if one.lead_id == mine} == {PreviewEnding.CALLED}


@virtual
async def test_a_ready_colleague_never_gets_the_call_whose_operator_is_gone():
    async with site(seats=2) as house:
        await preview(house, leads=1)
        phone = await house.exchange.log_in(1)
        await offered(house, 1)
        await house.log_in(2)
        permit = await pressed(house)
        house.exchange.ring(permit.attempt_id)
        assert phone is not None
        house.exchange.switch.end(phone)
        await passes(1)
        call = await house.exchange.answer(permit.attempt_id)
        assert call.seat is None
        assert house.state(2) is READY
        assert (await house.ended(permit.attempt_id)).outcome is Outcome.ABANDONED


@virtual
async def test_a_call_whose_operator_is_gone_is_withdrawn_after_fifteen_seconds_of_ringing():
    async with site(seats=1) as house:
        await preview(house, leads=1)
        phone = await house.exchange.log_in(1)
        await offered(house)
        permit = await pressed(house)
        house.exchange.ring(permit.attempt_id)
        assert phone is not None
        house.exchange.switch.end(phone)
        await passes(13)
        assert house.attempt(permit.attempt_id).outcome is None
        assert (await house.ended(permit.attempt_id, 5)).outcome is Outcome.WITHDRAWN


@virtual
async def test_unanswered_makes_the_operator_ready_and_the_next_lead_comes():
    async with site(seats=1) as house:
        first = await looking(house)
        permit = await pressed(house)
        house.exchange.ring(permit.attempt_id)
        await passes(10)
        assert house.state(1) is RESERVED
        house.exchange.no_answer(permit.attempt_id)
        assert await offered(house) != first
        assert (await house.ended(permit.attempt_id)).outcome is Outcome.NO_ANSWER


@virtual
async def test_a_press_meant_for_a_lead_that_is_gone_neither_calls_nor_skips_the_next():
    async with site(seats=1, preview={"look_s": 20}) as house:
        await looking(house, 2)
        gone = read(house)
        await until("paused", lambda: house.state(1) is PAUSED, 30)
        await house.parts.screens.desk.ready(house.operator(1))
        await offered(house)
        assert read(house) != gone
        for act in (
            house.parts.screens.desk.call(house.operator(1), gone),
            house.parts.screens.desk.skip(house.operator(1), gone, SkipReason.OTHER),
        ):
            with pytest.raises(PreviewError) as refused:
                await act
            assert refused.value.why == GONE
        await passes(1)
        assert house.dialled == []
        assert last(house).ending is None
        await press(house)
        assert len(await house.dials(1)) == 1


@virtual
async def test_pressing_twice_dials_once():
    async with site(seats=1) as house:
        await looking(house, 2)
        house.watched.before["attempts.begin"] = lambda: passes(0.2)
        first = house.task(press(house))
        await passes(0.1)
        with pytest.raises(PreviewError) as second:
            await press(house)
        await first
        with pytest.raises(PreviewError) as third:
            await press(house)
        assert [second.value.why, third.value.why] == [PRESSED, NOTHING]
        assert len(await house.dials(1)) == len(house.dialled) == 1


@virtual
async def test_looking_too_long_gives_the_lead_back_and_pauses_and_never_calls():
    async with site(seats=2, preview={"look_s": 20}) as house:
        lead = await looking(house, 1)
        await passes(19)
        assert house.state(1) is PREVIEW
        await until("paused", lambda: house.state(1) is PAUSED, 3)
        assert last(house).ending is PreviewEnding.EXPIRED
        await house.log_in(2)
        assert await offered(house, 2) == lead
        assert house.dialled == []


@pytest.mark.slow
@virtual
async def test_a_skipped_lead_waits_and_skips_are_limited_but_for_people_one_knows():
    async with site(seats=1, preview={"skips_per_hour": 2, "skip_wait_min": 30}) as house:
        await preview(house, leads=6)
        await house.log_in(1)
        desk = house.parts.preview.desk
        for reason in (SkipReason.UNCLEAR, SkipReason.KNOWN_PERSON, SkipReason.OTHER):
            lead = await offered(house)
            await desk.skip(house.operator(1), read(house), reason)
            assert house.tables.leads[lead].state is LeadState.WAITING
            assert house.tables.leads[lead].not_before == house.clock.now() + timedelta(minutes=30)
        await offered(house)
        assert desk.skips_left(house.operator(1)) == 0
        with pytest.raises(PreviewError, match="2 leads skipped"):
            await desk.skip(house.operator(1), read(house), SkipReason.OTHER)
        await desk.skip(house.operator(1), read(house), SkipReason.KNOWN_PERSON)
        assert [one.reason for one in offers(house) if one.ending is PreviewEnding.SKIPPED] == [
            "unclear",
            "known_person",
            "other",
            "known_person",
        ]
        await passes(3600)
        assert desk.skips_left(house.operator(1)) == 2


@virtual
async def test_a_person_an_operator_knows_goes_to_others_only():
    async with site(seats=2, preview={"skip_wait_min": 1}) as house:
        lead = await looking(house, 1)
        await house.parts.preview.desk.skip(house.operator(1), read(house), SkipReason.KNOWN_PERSON)
        await passes(200)
        assert lies(house) is None
        assert house.state(1) is READY
        await house.log_in(2)
        await until("offered to the colleague", lambda: lies(house, 2) == lead, 120)


@virtual
async def test_a_database_that_refuses_dials_nothing_and_leaves_the_lead_where_it_is():
    async with site(seats=1) as house:
        lead = await looking(house, 1)
        house.watched.refused.add("attempts.begin")
        with pytest.raises(StoreError):
            await press(house)
        assert house.dialled == []
        house.watched.refused.clear()
        assert lies(house) == lead
        assert (await pressed(house)).lead_id == lead


async def _deny(house: Site, lead: LeadId) -> None:
    now, digits = house.clock.now(), house.tables.leads[lead].number
    await house.fake.store.whitelist.add(
        NewRule(RuleEffect.DENY, RuleKind.EXACT, digits, "wrong", "test", now, is_immediate=True), now
    )


@virtual
async def test_a_number_withdrawn_while_it_is_looked_at_disappears_and_is_not_called():
    async with site(seats=1) as house:
        lead = await looking(house, 2)
        await _deny(house, lead)
        await until("the next one", lambda: lies(house) not in (None, lead))
        ended = next(one for one in offers(house) if one.lead_id == lead)
        assert (ended.ending, ended.reason) == (PreviewEnding.TAKEN_BACK, "number_denied")
        assert house.tables.leads[lead].state is LeadState.REFUSED


@virtual
async def test_a_number_withdrawn_in_the_very_moment_of_the_press_is_not_called():
    async with site(seats=1, dialing={"poll_s": 5.0}) as house:
        lead = await looking(house, 1)
        await _deny(house, lead)
        with pytest.raises(PreviewError):
            await press(house)
        assert house.dialled == []
        assert house.tables.leads[lead].state is LeadState.REFUSED


def _paused(house: Site, campaign_id: CampaignId) -> None:
    house.change(campaign_id, state=CampaignState.PAUSED)


def _progressive(house: Site, campaign_id: CampaignId) -> None:
    house.change(campaign_id, mode=DialMode.PROGRESSIVE)


@pytest.mark.parametrize("change", [_paused, _progressive])
@virtual
async def test_a_campaign_paused_or_switched_takes_its_leads_back(change: Callable[[Site, CampaignId], None]):
    async with site(seats=1) as house:
        campaign_id = await preview(house, leads=3)
        await house.log_in(1)
        await offered(house)
        change(house, campaign_id)
        await until("taken back", lambda: lies(house) is None)
        assert house.state(1) is READY
        if change is _progressive:
            (permit,) = await house.dials(1)
            assert (await house.exchange.answer(permit.attempt_id)).seat == 1
        else:
            await passes(5)
            assert house.dialled == []


@virtual
async def test_switched_to_preview_calls_in_the_air_end_under_the_rules_they_left_under():
    async with site(leads=5, seats=2) as house:
        (campaign_id,) = house.tables.campaigns
        await house.log_in(1, 2)
        first, second = await house.dials(2)
        house.change(campaign_id, mode=DialMode.PREVIEW)
        await passes(5)
        assert house.state(1) is house.state(2) is READY  # both calls in the air count on them
        house.exchange.no_answer(first.attempt_id)
        await until("one looks", lambda: PREVIEW in (house.state(1), house.state(2)))
        call = await house.exchange.answer(second.attempt_id)
        assert call.seat is not None
        assert house.state(call.seat) is TALKING
        assert len(house.dialled) == 2


@virtual
async def test_a_lock_of_the_site_and_of_the_seat_take_the_lead_back():
    async with site(seats=1) as house:
        await looking(house)
        locks = house.parts.shared.watching.locks
        await locks.lock(LockScope.SITE, SITE, "test")
        await until("taken back", lambda: lies(house) is None)
        await passes(3)
        assert house.state(1) is READY
        assert lies(house) is None
        await locks.unlock(LockScope.SITE, SITE, "test", "over")
        await offered(house)
        await locks.lock(LockScope.SEAT, "1", "test")
        await until("paused", lambda: house.state(1) is PAUSED and lies(house) is None)
        with pytest.raises(PreviewError):
            await press(house)
        assert house.dialled == []


@virtual
async def test_other_campaigns_that_dial_come_first():
    async with site(leads=1, seats=1) as house:
        await preview(house, first=100)
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await passes(3)
        assert lies(house) is None
        house.exchange.no_answer(permit.attempt_id)
        await offered(house)


@virtual
async def test_a_pause_gives_the_lead_back():
    async with site(seats=1) as house:
        await looking(house)
        await house.parts.screens.desk.pause(house.operator(1))
        assert house.state(1) is PAUSED
        await until("taken back", lambda: lies(house) is None)
        assert last(house).reason == "operator_left"


@virtual
async def test_after_an_abandoned_call_only_a_press_may_reach_the_number_within_72_hours():
    async with site(leads=1, seats=1) as house:
        (campaign_id,) = house.tables.campaigns
        row = next(iter(house.tables.leads))
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await house.parts.screens.desk.pause(house.operator(1))
        await house.exchange.answer(permit.attempt_id)
        assert (await house.ended(permit.attempt_id)).outcome is Outcome.ABANDONED
        house.tables.set_lead(row, LeadState.WAITING, not_before=None)
        await house.parts.screens.desk.ready(house.operator(1))
        await until("postponed", lambda: house.tables.leads[row].reason == "protected_after_abandon")
        assert len(house.dialled) == 1
        house.change(campaign_id, mode=DialMode.PREVIEW)
        await passes(1)
        house.tables.set_lead(row, LeadState.WAITING, not_before=None)
        assert await offered(house) == row
        again = await pressed(house)
        assert (await house.exchange.answer(again.attempt_id)).seat == 1


@virtual
async def test_a_callback_is_offered_to_whoever_promised_it():
    async with site(seats=2) as house:
        lead = await looking(house, 1)
        permit = await pressed(house)
        await house.exchange.answer(permit.attempt_id)
        house.exchange.hang_up(permit.attempt_id)
        at = house.clock.now() + timedelta(minutes=2)
        local = at.astimezone(ZoneInfo("Europe/Paris"))
        await house.parts.screens.desk.choose_result(
            house.operator(1), Result.CALL_BACK, Later(f"{local:%Y-%m-%d %H:%M}", is_anyone=False)
        )
        await house.log_in(2)
        await passes(130)
        assert lies(house, 2) is None
        await until("offered again", lambda: lies(house, 1) == lead)


@virtual
async def test_the_person_stays_on_the_desk_until_the_result_and_never_with_a_number():
    async with site(seats=1, preview={"fields": ["ville"]}) as house:
        await preview(house, leads=2)
        for key, row in house.tables.leads.items():
            house.tables.leads[key] = replace(row, fields={"ville": "Exempleville", "tel": row.number})
        await house.log_in(1)
        await offered(house)
        desk = house.parts.screens.desk

        def seen() -> tuple[str, bool] | None:
            view = desk.preview_of(house.operator(1))
            assert view is None or view.fields == (("ville", "Exempleville"),)
            return None if view is None else (view.name, view.is_called)

        assert seen() == ("Person 0", False)
        permit = await pressed(house)
        assert seen() == ("Person 0", True)
        await house.exchange.answer(permit.attempt_id)
        assert seen() == ("Person 0", True)
        house.exchange.hang_up(permit.attempt_id)
        assert house.state(1) is WRAP_UP
        assert seen() == ("Person 0", True)
        await desk.choose_result(house.operator(1), Result.COMPLETE)
        assert seen() is None
        await offered(house)
        assert seen() == ("Person 1", False)
