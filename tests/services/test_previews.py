"""Preview mode: a lead is offered to one operator, who presses call or skips; nobody else hears it (I4)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.operators import OperatorState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import CampaignState
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.domain.leads.callbacks import Later
from telephony.domain.leads.leads import LeadState
from telephony.domain.leads.preview import PreviewEnding, SkipReason
from telephony.domain.rules.whitelist import NewRule, RuleEffect, RuleKind
from telephony.domain.security.locks import SITE, LockScope
from telephony.errors import StoreError
from telephony.ids import CampaignId, LeadId
from telephony.services.preview.desk import GONE, NOTHING, PRESSED, PreviewError
from tests.scenes.controller_on_doubles import ControllerOnDoubles, controller_on_doubles
from tests.services.preview_acts import last, lies, looking, offered, offers, press, pressed, preview, read
from tests.virtual_time import passes, until, virtual

READY, PREVIEW = OperatorState.READY, OperatorState.PREVIEW
RESERVED, TALKING, WRAP_UP, PAUSED = (
    OperatorState.RESERVED,
    OperatorState.TALKING,
    OperatorState.WRAP_UP,
    OperatorState.PAUSED,
)


@virtual
async def test_nothing_is_dialled_before_the_operator_presses_and_then_only_they_hear_it():
    async with controller_on_doubles(seats=2) as site:
        await preview(site)
        await site.log_in(1, 2)
        mine, other = await offered(site, 1), await offered(site, 2)
        assert mine != other
        await passes(20)
        assert site.dialled == []
        permit = await pressed(site)
        assert permit.lead_id == mine
        assert site.state(1) is RESERVED
        assert lies(site, 2) == other
        call = await site.exchange.answer(permit.attempt_id)
        assert call.seat == 1
        assert site.state(1) is TALKING
        site.exchange.hang_up(permit.attempt_id)
        await site.parts.screens.desk.choose_result(site.operator(1), Result.COMPLETE)
        ended = await site.ended(permit.attempt_id)
        assert (ended.outcome, ended.operator_id, ended.guaranteed_to) == (
            Outcome.ANSWERED,
            site.operator(1),
            site.operator(1),
        )
        assert await offered(site, 1) not in (mine, other)
        assert site.not_durable == []
        assert {offer.ending for offer in offers(site) if offer.lead_id == mine} == {PreviewEnding.CALLED}


@virtual
async def test_a_ready_colleague_never_gets_the_call_whose_operator_is_gone():
    async with controller_on_doubles(seats=2) as site:
        await preview(site, leads=1)
        phone = await site.exchange.log_in(1)
        await offered(site, 1)
        await site.log_in(2)
        permit = await pressed(site)
        site.exchange.ring(permit.attempt_id)
        assert phone is not None
        site.exchange.switch.end(phone)
        await passes(1)
        call = await site.exchange.answer(permit.attempt_id)
        assert call.seat is None
        assert site.state(2) is READY
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.ABANDONED


@virtual
async def test_a_call_whose_operator_is_gone_is_withdrawn_after_fifteen_seconds_of_ringing():
    async with controller_on_doubles(seats=1) as site:
        await preview(site, leads=1)
        phone = await site.exchange.log_in(1)
        await offered(site)
        permit = await pressed(site)
        site.exchange.ring(permit.attempt_id)
        assert phone is not None
        site.exchange.switch.end(phone)
        await passes(13)
        assert site.attempt(permit.attempt_id).outcome is None
        assert (await site.ended(permit.attempt_id, 5)).outcome is Outcome.WITHDRAWN


@virtual
async def test_unanswered_makes_the_operator_ready_and_the_next_lead_comes():
    async with controller_on_doubles(seats=1) as site:
        first = await looking(site)
        permit = await pressed(site)
        site.exchange.ring(permit.attempt_id)
        await passes(10)
        assert site.state(1) is RESERVED
        site.exchange.no_answer(permit.attempt_id)
        assert await offered(site) != first
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.NO_ANSWER


@virtual
async def test_a_press_meant_for_a_lead_that_is_gone_neither_calls_nor_skips_the_next():
    async with controller_on_doubles(seats=1, preview={"look_s": 20}) as site:
        await looking(site, 2)
        gone = read(site)
        await until("paused", lambda: site.state(1) is PAUSED, 30)
        await site.parts.screens.desk.ready(site.operator(1))
        await offered(site)
        assert read(site) != gone
        for act in (
            site.parts.screens.desk.call(site.operator(1), gone),
            site.parts.screens.desk.skip(site.operator(1), gone, SkipReason.OTHER),
        ):
            with pytest.raises(PreviewError) as refused:
                await act
            assert refused.value.why == GONE
        await passes(1)
        assert site.dialled == []
        assert last(site).ending is None
        await press(site)
        assert len(await site.dials(1)) == 1


@virtual
async def test_pressing_twice_dials_once():
    async with controller_on_doubles(seats=1) as site:
        await looking(site, 2)
        site.watched.before["attempts.begin"] = lambda: passes(0.2)
        first = site.task(press(site))
        await passes(0.1)
        with pytest.raises(PreviewError) as second:
            await press(site)
        await first
        with pytest.raises(PreviewError) as third:
            await press(site)
        assert [second.value.why, third.value.why] == [PRESSED, NOTHING]
        assert len(await site.dials(1)) == len(site.dialled) == 1


@virtual
async def test_looking_too_long_gives_the_lead_back_and_pauses_and_never_calls():
    async with controller_on_doubles(seats=2, preview={"look_s": 20}) as site:
        lead = await looking(site, 1)
        await passes(19)
        assert site.state(1) is PREVIEW
        await until("paused", lambda: site.state(1) is PAUSED, 3)
        assert last(site).ending is PreviewEnding.EXPIRED
        await site.log_in(2)
        assert await offered(site, 2) == lead
        assert site.dialled == []


@pytest.mark.slow
@virtual
async def test_a_skipped_lead_waits_and_skips_are_limited_but_for_people_one_knows():
    async with controller_on_doubles(seats=1, preview={"skips_per_hour": 2, "skip_wait_min": 30}) as site:
        await preview(site, leads=6)
        await site.log_in(1)
        desk = site.parts.preview.desk
        for reason in (SkipReason.UNCLEAR, SkipReason.KNOWN_PERSON, SkipReason.OTHER):
            lead = await offered(site)
            await desk.skip(site.operator(1), read(site), reason)
            assert site.tables.leads[lead].state is LeadState.WAITING
            assert site.tables.leads[lead].not_before == site.clock.now() + timedelta(minutes=30)
        await offered(site)
        assert desk.skips_left(site.operator(1)) == 0
        with pytest.raises(PreviewError, match="2 leads skipped"):
            await desk.skip(site.operator(1), read(site), SkipReason.OTHER)
        await desk.skip(site.operator(1), read(site), SkipReason.KNOWN_PERSON)
        assert [offer.reason for offer in offers(site) if offer.ending is PreviewEnding.SKIPPED] == [
            "unclear",
            "known_person",
            "other",
            "known_person",
        ]
        await passes(3600)
        assert desk.skips_left(site.operator(1)) == 2


@virtual
async def test_a_person_an_operator_knows_goes_to_others_only():
    async with controller_on_doubles(seats=2, preview={"skip_wait_min": 1}) as site:
        lead = await looking(site, 1)
        await site.parts.preview.desk.skip(site.operator(1), read(site), SkipReason.KNOWN_PERSON)
        await passes(200)
        assert lies(site) is None
        assert site.state(1) is READY
        await site.log_in(2)
        await until("offered to the colleague", lambda: lies(site, 2) == lead, 120)


@virtual
async def test_a_database_that_refuses_dials_nothing_and_leaves_the_lead_where_it_is():
    async with controller_on_doubles(seats=1) as site:
        lead = await looking(site, 1)
        site.watched.refused.add("attempts.begin")
        with pytest.raises(StoreError):
            await press(site)
        assert site.dialled == []
        site.watched.refused.clear()
        assert lies(site) == lead
        assert (await pressed(site)).lead_id == lead


async def _deny(site: ControllerOnDoubles, lead: LeadId) -> None:
    now, digits = site.clock.now(), site.tables.leads[lead].number
    await site.fake.store.whitelist.add(
        NewRule(RuleEffect.DENY, RuleKind.EXACT, digits, "wrong", "test", now, is_immediate=True), now
    )


@virtual
async def test_a_number_withdrawn_while_it_is_looked_at_disappears_and_is_not_called():
    async with controller_on_doubles(seats=1) as site:
        lead = await looking(site, 2)
        await _deny(site, lead)
        await until("the next one", lambda: lies(site) not in (None, lead))
        ended = next(offer for offer in offers(site) if offer.lead_id == lead)
        assert (ended.ending, ended.reason) == (PreviewEnding.TAKEN_BACK, "number_denied")
        assert site.tables.leads[lead].state is LeadState.REFUSED


@virtual
async def test_a_number_withdrawn_in_the_very_moment_of_the_press_is_not_called():
    async with controller_on_doubles(seats=1, dialing={"poll_s": 5.0}) as site:
        lead = await looking(site, 1)
        await _deny(site, lead)
        with pytest.raises(PreviewError):
            await press(site)
        assert site.dialled == []
        assert site.tables.leads[lead].state is LeadState.REFUSED


@virtual
async def test_a_link_lost_while_the_press_reads_the_database_is_not_called():
    async with controller_on_doubles(seats=1, dialing={"poll_s": 5.0}) as site:
        lead = await looking(site, 1)

        async def lose_the_link() -> None:
            site.exchange.gate.lose_link()

        site.watched.before["whitelist.standing"] = lose_the_link
        with pytest.raises(PreviewError) as caught:
            await press(site)
        assert caught.value.why.code == "blocked.link"
        assert site.dialled == []
        assert site.tables.leads[lead].state is LeadState.WAITING


def _paused(site: ControllerOnDoubles, campaign_id: CampaignId) -> None:
    site.change(campaign_id, state=CampaignState.PAUSED)


def _progressive(site: ControllerOnDoubles, campaign_id: CampaignId) -> None:
    site.change(campaign_id, mode=DialMode.PROGRESSIVE)


@pytest.mark.parametrize("change", [_paused, _progressive])
@virtual
async def test_a_campaign_paused_or_switched_takes_its_leads_back(
    change: Callable[[ControllerOnDoubles, CampaignId], None],
):
    async with controller_on_doubles(seats=1) as site:
        campaign_id = await preview(site, leads=3)
        await site.log_in(1)
        await offered(site)
        change(site, campaign_id)
        await until("taken back", lambda: lies(site) is None)
        assert site.state(1) is READY
        if change is _progressive:
            (permit,) = await site.dials(1)
            assert (await site.exchange.answer(permit.attempt_id)).seat == 1
        else:
            await passes(5)
            assert site.dialled == []


@virtual
async def test_switched_to_preview_calls_in_the_air_end_under_the_rules_they_left_under():
    async with controller_on_doubles(leads=5, seats=2) as site:
        (campaign_id,) = site.tables.campaigns
        await site.log_in(1, 2)
        first, second = await site.dials(2)
        site.change(campaign_id, mode=DialMode.PREVIEW)
        await passes(5)
        assert site.state(1) is site.state(2) is READY  # both calls in the air count on them
        site.exchange.no_answer(first.attempt_id)
        await until("one looks", lambda: PREVIEW in (site.state(1), site.state(2)))
        call = await site.exchange.answer(second.attempt_id)
        assert call.seat is not None
        assert site.state(call.seat) is TALKING
        assert len(site.dialled) == 2


@virtual
async def test_a_lock_of_the_site_and_of_the_seat_take_the_lead_back():
    async with controller_on_doubles(seats=1) as site:
        await looking(site)
        locks = site.parts.calls.security.locks
        await locks.lock(LockScope.SITE, SITE, "test")
        await until("taken back", lambda: lies(site) is None)
        await passes(3)
        assert site.state(1) is READY
        assert lies(site) is None
        await locks.unlock(LockScope.SITE, SITE, "test", "over")
        await offered(site)
        await locks.lock(LockScope.SEAT, "1", "test")
        await until("paused", lambda: site.state(1) is PAUSED and lies(site) is None)
        with pytest.raises(PreviewError):
            await press(site)
        assert site.dialled == []


@virtual
async def test_other_campaigns_that_dial_come_first():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await preview(site, first=100)
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await passes(3)
        assert lies(site) is None
        site.exchange.no_answer(permit.attempt_id)
        await offered(site)


@virtual
async def test_a_pause_gives_the_lead_back():
    async with controller_on_doubles(seats=1) as site:
        await looking(site)
        await site.parts.screens.desk.pause(site.operator(1))
        assert site.state(1) is PAUSED
        await until("taken back", lambda: lies(site) is None)
        assert last(site).reason == "operator_left"


@virtual
async def test_after_an_abandoned_call_only_a_press_may_reach_the_number_within_72_hours():
    async with controller_on_doubles(leads=1, seats=1) as site:
        (campaign_id,) = site.tables.campaigns
        row = next(iter(site.tables.leads))
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await site.parts.screens.desk.pause(site.operator(1))
        await site.exchange.answer(permit.attempt_id)
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.ABANDONED
        site.tables.set_lead(row, LeadState.WAITING, not_before=None)
        await site.parts.screens.desk.ready(site.operator(1))
        await until("postponed", lambda: site.tables.leads[row].reason == "protected_after_abandon")
        assert len(site.dialled) == 1
        site.change(campaign_id, mode=DialMode.PREVIEW)
        await passes(1)
        site.tables.set_lead(row, LeadState.WAITING, not_before=None)
        assert await offered(site) == row
        again = await pressed(site)
        assert (await site.exchange.answer(again.attempt_id)).seat == 1


@virtual
async def test_a_callback_is_offered_to_whoever_promised_it():
    async with controller_on_doubles(seats=2) as site:
        lead = await looking(site, 1)
        permit = await pressed(site)
        await site.exchange.answer(permit.attempt_id)
        site.exchange.hang_up(permit.attempt_id)
        at = site.clock.now() + timedelta(minutes=2)
        local = at.astimezone(ZoneInfo("Europe/Paris"))
        await site.parts.screens.desk.choose_result(
            site.operator(1), Result.CALL_BACK, Later(f"{local:%Y-%m-%d %H:%M}", is_anyone=False)
        )
        await site.log_in(2)
        await passes(130)
        assert lies(site, 2) is None
        await until("offered again", lambda: lies(site, 1) == lead)


@virtual
async def test_the_person_stays_on_the_desk_until_the_result_and_never_with_a_number():
    async with controller_on_doubles(seats=1, preview={"fields": ["ville"]}) as site:
        await preview(site, leads=2)
        for key, row in site.tables.leads.items():
            site.tables.leads[key] = replace(row, fields={"ville": "Exempleville", "tel": row.number})
        await site.log_in(1)
        await offered(site)
        desk = site.parts.screens.desk

        def seen() -> tuple[str, bool] | None:
            view = desk.preview_of(site.operator(1))
            assert view is None or view.fields == (("ville", "Exempleville"),)
            return None if view is None else (view.name, view.is_called)

        assert seen() == ("Person 0", False)
        permit = await pressed(site)
        assert seen() == ("Person 0", True)
        await site.exchange.answer(permit.attempt_id)
        assert seen() == ("Person 0", True)
        site.exchange.hang_up(permit.attempt_id)
        assert site.state(1) is WRAP_UP
        assert seen() == ("Person 0", True)
        await desk.choose_result(site.operator(1), Result.COMPLETE)
        assert seen() is None
        await offered(site)
        assert seen() == ("Person 1", False)
