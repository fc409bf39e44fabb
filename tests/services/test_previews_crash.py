"""The controller dies while a lead is previewed and called: at any request to the database, and at chosen times (I4).

Afterwards every lead is called to its end by pressing, none is dialled while a call to it lives, and none is answered
twice without a result in between.
"""

import contextlib
from dataclasses import replace
from typing import Any

import pytest

from telephony.domain.calls.attempts import CallState, Result
from telephony.domain.calls.operators import OperatorState
from telephony.domain.calls.outcomes import TRIED_AGAIN, Outcome
from telephony.domain.leads.leads import LeadState
from telephony.domain.leads.preview import PreviewEnding, SkipReason
from telephony.ids import AttemptId, SeatNumber
from telephony.services.preview.desk import PreviewError
from tests.scenes.controller_on_doubles import ControllerOnDoubles, controller_on_doubles
from tests.services.preview_acts import looking, offered, offers, press, pressed, preview, read
from tests.virtual_time import passes, until, virtual

pytestmark = pytest.mark.slow

METHODS = (
    "previews.offer",
    "previews.end",
    "whitelist.standing",
    "attempts.begin",
    "permits.at_gate",
    "permits.use",
    "attempts.save",
    "attempts.set_result",
    "seats.save",
    "leads.due",
)


class Death:
    """Stops the controller at the n-th call of a method, before or after it took effect."""

    def __init__(self, site: ControllerOnDoubles, method: str, nth: int, *, after: bool) -> None:
        self._house = site
        self._method = method
        self._left = nth
        self._after = after
        self._ask = site.watched.ask
        self.has_struck = False
        self.is_over = False
        site.watched.ask = self.ask  # type: ignore[method-assign]

    async def ask(self, name: str, method: Any, *args: Any, **kwargs: Any) -> Any:
        if name == self._method and not self.has_struck:
            self._left -= 1
            if self._left == 0:
                self.has_struck = True
                if self._after:
                    await self._ask(name, method, *args, **kwargs)
                await passes(10_000)  # the rest is never reached: the controller is taken away meanwhile
        return await self._ask(name, method, *args, **kwargs)


async def one_step(site: ControllerOnDoubles, seen: set[AttemptId]) -> None:
    """Do what carrier and operator would do now."""
    state = site.state(1)
    operator = site.operator(1)
    if state is OperatorState.OFFLINE:
        site.task(site.exchange.log_in(1))
    elif state is OperatorState.PREVIEW and site.parts.preview.desk.view(operator) is not None:
        site.task(_skip(site) if len(site.tables.previews) <= 2 else _press(site))
    elif state is OperatorState.WRAP_UP:
        site.task(site.parts.screens.desk.choose_result(operator, Result.COMPLETE))
    elif state is OperatorState.PAUSED:
        await site.parts.screens.desk.ready(operator)
    for permit in site.dialled:
        call = site.exchange.calls[permit.attempt_id]
        if call.trunk and permit.attempt_id not in seen and call.trunk in site.exchange.gate.live:
            seen.add(permit.attempt_id)
            site.task(_talk(site, permit.attempt_id))


async def _skip(site: ControllerOnDoubles) -> None:
    with contextlib.suppress(PreviewError):
        await site.parts.preview.desk.skip(site.operator(1), read(site), SkipReason.OTHER)


async def _press(site: ControllerOnDoubles) -> None:
    with contextlib.suppress(PreviewError):
        await press(site)


async def _talk(site: ControllerOnDoubles, attempt_id: AttemptId) -> None:
    await passes(0.5)
    if site.controller is not None:
        await site.exchange.answer(attempt_id)
        await passes(1)
    site.exchange.hang_up(attempt_id)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("method", METHODS)
@virtual
async def test_it_dies_at_any_word_to_the_database(method: str, nth: int, after: bool):
    async with controller_on_doubles(seats=1, preview={"look_s": 15, "skip_wait_min": 1}) as site:
        await preview(site, 3)
        await site.log_in(1)
        death = Death(site, method, nth, after=after)
        seen: set[AttemptId] = set()
        for _ in range(1500):
            await one_step(site, seen)
            await passes(0.2)
            _none_is_dialled_twice_at_once(site)
            if death.has_struck and site.controller is not None and not death.is_over:
                death.is_over = True
                await site.crash()
                await site.start()
            if site.leads(LeadState.DONE) == 3:
                break
        assert death.has_struck
        assert site.leads(LeadState.DONE) == 3
        assert site.not_durable == []
        for lead_id in site.tables.leads:
            attempts = [attempt for attempt in site.tables.attempts.values() if attempt.lead_id == lead_id]
            assert sum(1 for attempt in attempts if attempt.outcome not in TRIED_AGAIN) == 1


def _none_is_dialled_twice_at_once(site: ControllerOnDoubles) -> None:
    living = [attempt.lead_id for attempt in site.tables.attempts.values() if attempt.state is not CallState.ENDED]
    assert len(living) == len(set(living))


@virtual
async def test_skips_are_remembered_over_a_restart():
    async with controller_on_doubles(seats=1, preview={"skips_per_hour": 1}) as site:
        await looking(site)
        await site.parts.preview.desk.skip(site.operator(1), read(site), SkipReason.OTHER)
        await passes(1)
        await site.crash()
        await site.start()
        await offered(site)
        assert site.parts.preview.desk.skips_left(site.operator(1)) == 0


@virtual
async def test_an_offer_survives_a_restart_with_its_operator():
    async with controller_on_doubles(seats=2) as site:
        await preview(site)
        await site.log_in(1, 2)
        before = [await offered(site, seat) for seat in (1, 2)]
        await passes(1)
        await site.crash()
        await site.start()
        assert [await offered(site, seat) for seat in (1, 2)] == before
        assert len(offers(site)) == 2


@virtual
async def test_a_crash_before_the_seat_was_saved_gives_the_lead_back():
    async with controller_on_doubles(seats=1) as site:
        await preview(site)
        await site.log_in(1)
        await passes(1)
        site.tables.seats[SeatNumber(1)] = replace(site.tables.seats[SeatNumber(1)], state="ready")
        await site.crash()
        await site.start()
        await offered(site)
        assert [offer.ending for offer in offers(site)] == [PreviewEnding.TAKEN_BACK, None]


@pytest.mark.parametrize("method", ["attempts.begin", "whitelist.standing"])
@virtual
async def test_a_crash_while_the_call_is_being_written_dials_nothing_and_loses_nothing(method: str):
    async with controller_on_doubles(seats=1) as site:
        lead = await looking(site, 2)
        await passes(1)
        site.watched.before[method] = lambda: passes(1000)
        pressing = site.task(press(site))
        await passes(1)
        pressing.cancel()
        await site.crash()
        del site.watched.before[method]
        await site.start()
        assert await offered(site) == lead
        assert site.dialled == []


@virtual
async def test_a_crash_between_the_written_attempt_and_the_dial_tries_the_lead_again():
    async with controller_on_doubles(seats=1) as site:
        lead = await looking(site, 1)
        await passes(1)
        site.exchange.switch.on_originate = None
        pressing = site.task(press(site))
        await until("written", lambda: bool(site.tables.attempts))
        pressing.cancel()
        await site.crash()
        (attempt,) = site.tables.attempts.values()
        await site.start()
        assert (await site.ended(attempt.attempt_id)).outcome is Outcome.INTERRUPTED
        assert await offered(site) == lead


@virtual
async def test_a_restart_while_it_rings_ends_the_call_and_the_operator_is_ready():
    async with controller_on_doubles(seats=1) as site:
        await looking(site, 1)
        permit = await pressed(site)
        site.exchange.ring(permit.attempt_id)
        await passes(1)
        await site.crash()
        await site.start()
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.INTERRUPTED
        await offered(site)


@virtual
async def test_an_answer_while_the_controller_restarts_still_goes_to_its_operator():
    async with controller_on_doubles(seats=2) as site:
        await looking(site, 1)
        await site.log_in(2)
        permit = await pressed(site)
        await passes(1)
        await site.crash()
        site.exchange.pick_up(permit.attempt_id)
        await site.start()
        await until("settled", site.parts.recovery.ready.is_set)
        call = await site.exchange.answer(permit.attempt_id)
        assert call.seat == 1
        assert site.state(2) is OperatorState.READY
