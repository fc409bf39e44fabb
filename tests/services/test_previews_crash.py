"""The controller dies while a lead is previewed and called: at any word to the database, and at chosen moments (I4).

Afterwards every lead is called to its end by pressing, none is dialled while a call to it lives, and none is answered
twice without a result in between.
"""

import contextlib
from dataclasses import replace
from typing import Any

import pytest

from telephony.domain.attempts import CallState, Result
from telephony.domain.leads import LeadState
from telephony.domain.operators import OperatorState
from telephony.domain.outcomes import TRIED_AGAIN, Outcome
from telephony.domain.previews import PreviewEnding, SkipReason
from telephony.ids import AttemptId, SeatNumber
from telephony.services.preview_desk import PreviewError
from tests.services.preview_acts import looking, offered, offers, press, pressed, preview, read
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import Site, site

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

    def __init__(self, house: Site, method: str, nth: int, *, after: bool) -> None:
        self._house = house
        self._method = method
        self._left = nth
        self._after = after
        self._ask = house.watched.ask
        self.has_struck = False
        self.is_over = False
        house.watched.ask = self.ask  # type: ignore[method-assign]

    async def ask(self, name: str, method: Any, *args: Any, **kwargs: Any) -> Any:
        if name == self._method and not self.has_struck:
            self._left -= 1
            if self._left == 0:
                self.has_struck = True
                if self._after:
                    await self._ask(name, method, *args, **kwargs)
                await passes(10_000)  # the rest is never reached: the controller is taken away meanwhile
        return await self._ask(name, method, *args, **kwargs)


async def one_step(house: Site, seen: set[AttemptId]) -> None:
    """Do what carrier and operator would do now."""
    state = house.state(1)
    operator = house.operator(1)
    if state is OperatorState.OFFLINE:
        house.task(house.exchange.log_in(1))
    elif state is OperatorState.PREVIEW and house.parts.preview.desk.view(operator) is not None:
        house.task(_skip(house) if len(house.tables.previews) <= 2 else _press(house))
    elif state is OperatorState.WRAP_UP:
        house.task(house.parts.screens.desk.choose_result(operator, Result.COMPLETE))
    elif state is OperatorState.PAUSED:
        await house.parts.screens.desk.ready(operator)
    for permit in house.dialled:
        call = house.exchange.calls[permit.attempt_id]
        if call.trunk and permit.attempt_id not in seen and call.trunk in house.exchange.gate.live:
            seen.add(permit.attempt_id)
            house.task(_talk(house, permit.attempt_id))


async def _skip(house: Site) -> None:
    with contextlib.suppress(PreviewError):
        await house.parts.preview.desk.skip(house.operator(1), read(house), SkipReason.OTHER)


async def _press(house: Site) -> None:
    with contextlib.suppress(PreviewError):
        await press(house)


async def _talk(house: Site, attempt_id: AttemptId) -> None:
    await passes(0.5)
    if house.controller is not None:
        await house.exchange.answer(attempt_id)
        await passes(1)
    house.exchange.hang_up(attempt_id)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("method", METHODS)
@virtual
async def test_it_dies_at_any_word_to_the_database(method: str, nth: int, after: bool):
    async with site(seats=1, preview={"look_s": 15, "skip_wait_min": 1}) as house:
        await preview(house, 3)
        await house.log_in(1)
        death = Death(house, method, nth, after=after)
        seen: set[AttemptId] = set()
        for _ in range(1500):
            await one_step(house, seen)
            await passes(0.2)
            _none_is_dialled_twice_at_once(house)
            if death.has_struck and house.controller is not None and not death.is_over:
                death.is_over = True
                await house.crash()
                await house.start()
            if house.leads(LeadState.DONE) == 3:
                break
        assert death.has_struck
        assert house.leads(LeadState.DONE) == 3
        assert house.not_durable == []
        for lead_id in house.tables.leads:
            told = [one for one in house.tables.attempts.values() if one.lead_id == lead_id]
            assert sum(1 for one in told if one.outcome not in TRIED_AGAIN) == 1


def _none_is_dialled_twice_at_once(house: Site) -> None:
    living = [one.lead_id for one in house.tables.attempts.values() if one.state is not CallState.ENDED]
    assert len(living) == len(set(living))


@virtual
async def test_skips_are_remembered_over_a_restart():
    async with site(seats=1, preview={"skips_per_hour": 1}) as house:
        await looking(house)
        await house.parts.preview.desk.skip(house.operator(1), read(house), SkipReason.OTHER)
        await passes(1)
        await house.crash()
        await house.start()
        await offered(house)
        assert house.parts.preview.desk.skips_left(house.operator(1)) == 0


@virtual
async def test_an_offer_survives_a_restart_with_its_operator():
    async with site(seats=2) as house:
        await preview(house)
        await house.log_in(1, 2)
        before = [await offered(house, seat) for seat in (1, 2)]
        await passes(1)
        await house.crash()
        await house.start()
        assert [await offered(house, seat) for seat in (1, 2)] == before
        assert len(offers(house)) == 2


@virtual
async def test_a_crash_before_the_seat_was_saved_gives_the_lead_back():
    async with site(seats=1) as house:
        await preview(house)
        await house.log_in(1)
        await passes(1)
        house.tables.seats[SeatNumber(1)] = replace(house.tables.seats[SeatNumber(1)], state="ready")
        await house.crash()
        await house.start()
        await offered(house)
        assert [one.ending for one in offers(house)] == [PreviewEnding.TAKEN_BACK, None]


@pytest.mark.parametrize("method", ["attempts.begin", "whitelist.standing"])
@virtual
async def test_a_crash_while_the_call_is_being_written_dials_nothing_and_loses_nothing(method: str):
    async with site(seats=1) as house:
        lead = await looking(house, 2)
        await passes(1)
        house.watched.before[method] = lambda: passes(1000)
        pressing = house.task(press(house))
        await passes(1)
        pressing.cancel()
        await house.crash()
        del house.watched.before[method]
        await house.start()
        assert await offered(house) == lead
        assert house.dialled == []


@virtual
async def test_a_crash_between_the_written_attempt_and_the_dial_tries_the_lead_again():
    async with site(seats=1) as house:
        lead = await looking(house, 1)
        await passes(1)
        house.exchange.switch.on_originate = None
        pressing = house.task(press(house))
        await until("written", lambda: bool(house.tables.attempts))
        pressing.cancel()
        await house.crash()
        (attempt,) = house.tables.attempts.values()
        await house.start()
        assert (await house.ended(attempt.attempt_id)).outcome is Outcome.INTERRUPTED
        assert await offered(house) == lead


@virtual
async def test_a_restart_while_it_rings_ends_the_call_and_the_operator_is_ready():
    async with site(seats=1) as house:
        await looking(house, 1)
        permit = await pressed(house)
        house.exchange.ring(permit.attempt_id)
        await passes(1)
        await house.crash()
        await house.start()
        assert (await house.ended(permit.attempt_id)).outcome is Outcome.INTERRUPTED
        await offered(house)


@virtual
async def test_an_answer_while_the_controller_restarts_still_goes_to_its_operator():
    async with site(seats=2) as house:
        await looking(house, 1)
        await house.log_in(2)
        permit = await pressed(house)
        await passes(1)
        await house.crash()
        house.exchange.pick_up(permit.attempt_id)
        await house.start()
        await until("settled", house.parts.recovery.ready.is_set)
        call = await house.exchange.answer(permit.attempt_id)
        assert call.seat == 1
        assert house.state(2) is OperatorState.READY
