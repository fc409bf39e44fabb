"""A campaign under way on real Asterisk, with the controller as a process of its own that can be killed.

What the tests kill and when is theirs; here is the campaign, the wait for facts, and what must hold in the end.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from telephony.app.wiring.services import Services
from telephony.app.workbench import workbench
from telephony.asterisk.call_records import gate_legs
from telephony.domain.calls.attempts import Attempt, CallState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.evidence.ledger import first_break
from telephony.domain.evidence.proof import match
from telephony.domain.evidence.recordings import RecordingQuery
from telephony.workshop.demo import robots
from telephony.workshop.demo.setup import Stage, staged
from telephony.workshop.demo.verdict import judge
from telephony.workshop.lab import carrier_invites
from tests.waiting import until

SEATS = 3
DEADLINE_S = 120.0
BOUND_S = 10.0
"""Within this the calls that were up at a crash have ended or are taken over."""
TALKERS = tuple(f"{voice}1{seconds:02d}" for seconds in (5, 6, 4) for voice in range(5))
"""Rings a second, talks some seconds (docs/lab.md)."""
OTHERS = ("5000", "5001", "5200", "8000")


@dataclass
class Running:
    """The stage and its books."""

    stage: Stage
    bench: Services

    async def attempts(self) -> Sequence[Attempt]:
        return await self.bench.store.attempts.recent(None, 10_000)

    async def until(self, what: str, is_so: Callable[[Sequence[Attempt]], object], within_s: float) -> None:
        """Wait for a fact in the books."""

        async def is_in_the_books() -> bool:
            return bool(is_so(await self.attempts()))

        try:
            await until(is_in_the_books, within_s)
        except TimeoutError:
            pytest.fail(f"not so after {within_s:.0f} s: {what}; see {self.stage.log}")

    async def until_one_is(self, states: set[CallState]) -> None:
        await self.until(f"a call is {states}", lambda rows: any(row.state in states for row in rows), DEADLINE_S)

    async def until_seat_is(self, state: str) -> None:

        async def is_a_seat() -> bool:
            return any(row.state == state for row in await self.bench.store.seats.all())

        await until(is_a_seat, DEADLINE_S)

    async def crash_and_restart(self) -> None:
        """Kill the controller, start it again; what was up then ends or is taken over within the bound."""
        self.stage.kill_controller()
        assert self.stage.controller is not None
        await self.stage.controller.wait()
        left = {row.attempt_id for row in await self.attempts() if row.state is not CallState.ENDED}
        await self.stage.start_controller()
        await self.until("every call that was up has ended or is taken over", lambda rows: settled(rows, left), BOUND_S)

    async def start_again(self) -> None:
        """Start a controller that ended because it lost its lock, as systemd does."""
        assert self.stage.controller is not None
        async with asyncio.timeout(BOUND_S):
            assert await self.stage.controller.wait() > 0, "systemd starts again what failed"
        await self.stage.start_controller()

    async def until_over(self) -> None:
        """Wait until every lead is done and every recording finished."""

        async def is_over() -> bool:
            progress = await self.bench.store.campaigns.progress(self.stage.campaign.campaign_id)
            return not (progress.waiting or progress.in_progress or await self.bench.store.recordings.missing())

        await until(is_over, DEADLINE_S)

    async def check_books(self) -> None:
        """What holds whatever was killed: no attempt dialled twice, no lead lost or called again, the chain whole."""
        attempts = await self.attempts()
        assert {row.state for row in attempts} == {CallState.ENDED}
        invites = Counter(invite.number for invite in carrier_invites(self.stage.lab))
        dialled = Counter(str(row.number) for row in attempts if row.trunk_channel)
        assert invites == dialled, "the carrier saw exactly the attempts that had a trunk leg"
        finished = Counter(str(row.number) for row in attempts if row.outcome is not Outcome.INTERRUPTED)
        assert set(finished.values()) == {1}, "every lead came to one end"
        assert len(finished) == len(TALKERS) + len(OTHERS)
        assert first_break([entry async for entry in self.bench.store.ledger.entries()]) is None
        legs = Counter(leg.permit_id for leg in gate_legs(self.stage.settings.gate.log))
        assert set(legs.values()) <= {1}
        assert set(legs) <= {row.permit_id for row in attempts}

    async def check_everything(self) -> None:
        """With both Asterisks alive all the time, everything that was promised holds."""
        await self.check_books()
        verdict = await judge(self.stage)
        assert not verdict.faults, verdict.faults
        assert verdict.connected >= len(TALKERS) - SEATS * 4

    async def check_recorded(self) -> None:
        """Every answered leg has its recording or an open incident."""
        rows = await self.bench.store.recordings.search(RecordingQuery(answered_only=False, limit=10_000))
        heard = {row.tag.attempt_id for row in rows if row.file is not None}
        open_ = {incident.subject for incident in await self.bench.store.ledger.open_incidents()}
        answered = {row.attempt_id for row in await self.attempts() if row.answered_at is not None}
        assert answered <= heard | open_
        recorded = {row.tag.attempt_id: row.file is not None for row in rows}
        proof = match(gate_legs(self.stage.settings.gate.log), await self.attempts(), recorded)
        assert proof.without_permit == 0


def settled(rows: Sequence[Attempt], left: set[str]) -> bool:
    """Return True if nobody is left ringing; what was answered without an operator ends after its message."""
    settled_states = (CallState.ENDED, CallState.ANSWERED, CallState.CONNECTED)
    return all(row.state in settled_states for row in rows if row.attempt_id in left)


@contextlib.asynccontextmanager
async def running_campaign(folder: Path, database: str | None = None) -> AsyncIterator[Running]:
    """Set everything up, start the campaign, let the robots work. ``database``: URL of an empty one."""
    leads = folder / "leads.csv"
    numbers = [f"063998{digits}" for digits in (*OTHERS[:2], *TALKERS, *OTHERS[2:])]
    leads.write_text("\n".join(["telephone", *numbers]) + "\n", encoding="utf-8")
    async with staged(SEATS, leads, lambda _: None, keep=False, database=database) as stage:
        working = asyncio.create_task(robots.work(stage))
        try:
            async with workbench(stage.settings) as bench:
                await bench.campaigns.start(stage.campaign.campaign_id, "test")
                yield Running(stage, bench)
        finally:
            working.cancel()
            await asyncio.wait((working,))
