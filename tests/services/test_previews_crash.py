"""The controller dies before or after any word to the database while a lead is previewed and called (I4).

Afterwards every lead is called to its end by pressing, none is dialled while a call to it lives, and none is answered
twice without a result in between.
"""

import contextlib
from typing import Any

import pytest

from telephony.domain.attempts import CallState, Result
from telephony.domain.campaigns import DialMode
from telephony.domain.leads import LeadState
from telephony.domain.operators import OperatorState
from telephony.domain.outcomes import TRIED_AGAIN
from telephony.domain.previews import SkipReason
from telephony.ids import AttemptId
from telephony.services.preview_desk import PreviewError
from tests.services.virtual_time import passes, virtual
from tests.services.whole_site import Site, site

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
        house.task(house.parts.desk.choose_result(operator, Result.COMPLETE))
    elif state is OperatorState.PAUSED:
        await house.parts.desk.ready(operator)
    for permit in house.dialled:
        call = house.exchange.calls[permit.attempt_id]
        if call.trunk and permit.attempt_id not in seen and call.trunk in house.exchange.gate.live:
            seen.add(permit.attempt_id)
            house.task(_talk(house, permit.attempt_id))


async def _skip(house: Site) -> None:
    offer = house.parts.preview.offers.of(house.operator(1))
    if offer is None:
        return
    with contextlib.suppress(PreviewError):
        await house.parts.preview.desk.skip(house.operator(1), offer.preview.preview_id, SkipReason.OTHER)


async def _press(house: Site) -> None:
    offer = house.parts.preview.offers.of(house.operator(1))
    if offer is None:
        return
    with contextlib.suppress(PreviewError):
        await house.parts.preview.desk.call(house.operator(1), offer.preview.preview_id)


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
        await house.campaign(3, "Preview", mode=DialMode.PREVIEW)
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
