"""I3 and I4 on real Asterisk: whatever is killed, whenever, calls end or go on, and no lead is called twice or lost."""

import asyncio
import signal
from pathlib import Path

import pytest

from telephony.domain.calls.attempts import CallState
from telephony.workshop.lab import carrier_invites, start_instance, stop_instance
from telephony.workshop.lab.console import command
from telephony.workshop.lab.tree import AsteriskTree
from tests.chaos.running_campaign import BOUND_S, DEADLINE_S, running_campaign
from tests.postgresql import PostgresqlServer
from tests.waiting import until

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.measures,
    pytest.mark.slow,
    # A robot's thread may be on the telephone to the pages when the robot is ended.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


async def test_the_controller_is_killed_at_every_stage_of_a_call(asterisk_tree: AsteriskTree, tmp_path: Path):
    async with running_campaign(tmp_path) as campaign:
        await campaign.until_one_is({CallState.PERMITTED, CallState.DIALLING})
        await campaign.crash_and_restart()
        await campaign.until_one_is({CallState.RINGING})
        await campaign.crash_and_restart()
        await campaign.until_one_is({CallState.CONNECTED})
        await campaign.crash_and_restart()
        await campaign.until_seat_is("wrap_up")
        await campaign.crash_and_restart()
        await campaign.until_over()
        await campaign.check_everything()


async def test_the_pbx_is_killed_and_comes_back(asterisk_tree: AsteriskTree, tmp_path: Path):
    async with running_campaign(tmp_path) as campaign:
        lab = campaign.stage.lab
        await campaign.until_one_is({CallState.CONNECTED})
        await asyncio.to_thread(stop_instance, lab, "pbx", is_killed=True)
        left = {row.attempt_id for row in await campaign.attempts() if row.state is not CallState.ENDED}
        dialled = len(await campaign.attempts())
        await asyncio.to_thread(start_instance, lab, "pbx")
        await campaign.until(
            "every call that was up has ended: the gate follows 20 s after the last sound",
            lambda rows: all(row.state is CallState.ENDED for row in rows if row.attempt_id in left),
            20 + BOUND_S,
        )
        await campaign.until("dialling goes on", lambda rows: len(rows) > dialled, DEADLINE_S)
        await campaign.until_over()
        await campaign.check_books()
        await campaign.check_recorded()


async def test_the_gate_is_killed_and_comes_back(asterisk_tree: AsteriskTree, tmp_path: Path):
    async with running_campaign(tmp_path) as campaign:
        lab = campaign.stage.lab
        await campaign.until_one_is({CallState.CONNECTED})
        await asyncio.to_thread(stop_instance, lab, "gate", is_killed=True)
        left = {row.attempt_id for row in await campaign.attempts() if row.state is not CallState.ENDED}
        dialled = len(await campaign.attempts())
        await asyncio.to_thread(start_instance, lab, "gate")
        await campaign.until(
            "every call that was up has ended: the pbx follows within 40 s",
            lambda rows: all(row.state is CallState.ENDED for row in rows if row.attempt_id in left),
            40 + BOUND_S,
        )
        await campaign.until("dialling goes on", lambda rows: len(rows) > dialled, DEADLINE_S)
        await campaign.until_over()
        await campaign.check_books()
        await campaign.check_recorded()


@pytest.mark.postgresql
async def test_the_database_is_killed_and_comes_back(
    asterisk_tree: AsteriskTree, sure_postgresql: PostgresqlServer, tmp_path: Path
):
    url = sure_postgresql.url(sure_postgresql.create())
    async with running_campaign(tmp_path, url) as campaign:
        lab = campaign.stage.lab
        await campaign.until_one_is({CallState.CONNECTED})
        await asyncio.to_thread(sure_postgresql.stop, signal.SIGKILL)
        # What was consumed before the kill may still be proving its recording, for 50 checks of 0.02 s in the gate's
        # dialplan, and only that bound shows when no INVITE of theirs can come any more.
        await asyncio.sleep(1)  # that bound: nothing reports that a call will not begin
        before = len(carrier_invites(lab))

        async def is_silent() -> bool:
            return not await asyncio.to_thread(command, lab.gate.control, "core show channels concise")

        await until(is_silent, BOUND_S + 6)
        assert len(carrier_invites(lab)) == before
        await asyncio.to_thread(sure_postgresql.start)
        await campaign.start_again()
        await campaign.until_over()
        await campaign.check_books()
        await campaign.check_recorded()
