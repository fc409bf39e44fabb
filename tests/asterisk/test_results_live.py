"""On real Asterisk: a handset that is hung up loses no result, and who answers a dead controller was abandoned."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from telephony.domain.calls.attempts import Attempt, CallState, Result
from telephony.domain.calls.operators import OperatorState
from telephony.domain.calls.outcomes import Outcome
from telephony.ids import SeatNumber
from telephony.workshop.lab import Lab, carrier_invites, phone_hang_up, phone_login
from tests.scenes.lab_site import TALKERS, LabSite, open_lab_site, serving
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.slow]

RINGS_LONG = "3319900" + "0505"
"""Rings five seconds, answers, talks five (docs/lab.md)."""


async def attempts(made: LabSite) -> list[Attempt]:
    return list(await made.bench.store.attempts.recent(None, 10))


async def test_a_handset_that_is_hung_up_ends_the_call_and_the_result_stays_due(lab_site: LabSite):
    await lab_site.campaign("Two", TALKERS[:2])
    (attempt,) = await lab_site.talking(1)
    seat = lab_site.parts.calls.seats.seats[SeatNumber(1)]
    assert seat.row.operator_id is not None
    await asyncio.to_thread(phone_hang_up, lab_site.lab, 1)
    await until(lambda: lab_site.is_over(attempt), 5)
    await until(lambda: seat.state is OperatorState.WRAP_UP and not seat.row.channel, 5)
    await lab_site.parts.screens.desk.choose_result(seat.row.operator_id, Result.NO_MORE_CALLS)
    assert (await lab_site.bench.store.attempts.get(attempt)).result is Result.NO_MORE_CALLS
    assert seat.state is OperatorState.OFFLINE


async def test_who_answers_while_the_controller_is_dead_was_abandoned_and_is_not_called_again(
    watched: Lab, tmp_path: Path
):
    async with open_lab_site(watched, tmp_path, is_here=False) as made:
        await made.campaign("Late", [RINGS_LONG])

        async def rings() -> bool:
            return any(attempt.state is CallState.RINGING for attempt in await attempts(made))

        async def is_over() -> bool:
            return all(attempt.state is CallState.ENDED for attempt in await attempts(made))

        async with serving(made) as controller:
            await asyncio.to_thread(phone_login, watched, 1)
            await until(rings, 20)
            os.kill(controller.pid, signal.SIGKILL)
            await controller.wait()
        await until(lambda: not made.trunk_legs(), 40)  # answered, heard the message, hung up; nobody watched
        before = len(carrier_invites(watched))
        async with serving(made):
            await until(is_over, 20)
            (row,) = await attempts(made)
            assert row.outcome is Outcome.ABANDONED
            assert row.answered_at is not None
        assert len(carrier_invites(watched)) == before
