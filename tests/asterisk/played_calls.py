"""One evening in the lab: the whole controller calls a list that holds every kind of person; what is left is evidence.

The controller runs in this process, on real Asterisk and a real database; its operators are the lab's robots. The
tests in ``test_first_call`` only read.
"""

import asyncio
import contextlib
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from telephony.app.controller import Controller, running
from telephony.app.wiring.services import Services
from telephony.app.workbench import workbench
from telephony.asterisk.call_records import gate_legs
from telephony.domain.calls.attempts import Attempt, CallState, Result
from telephony.domain.calls.operators import OperatorEvent, OperatorState
from telephony.domain.campaigns.campaigns import Campaign, CampaignWish
from telephony.domain.evidence.proof import Proof, match
from telephony.domain.evidence.recordings import Recording, RecordingQuery
from telephony.domain.law.basis import CampaignKind
from telephony.domain.leads.retries import ONCE
from telephony.domain.pacing.interface import View
from telephony.domain.text.reason import Reason
from telephony.ids import ChannelId, SeatNumber
from telephony.services.calls.seats import Seat
from telephony.settings import load_settings
from telephony.storage import upgrade
from telephony.workshop.bench.desks import at_their_desks
from telephony.workshop.lab import CarrierInvite, Lab, carrier_invites, phone_hang_up, phone_login
from tests.approving import approve
from tests.asterisk.lab_peers import ManagerListener
from tests.waiting import until

RATE = 8000
DEADLINE_S = 120.0
FICTION = "3363998"

KINDS = {
    "talks": "0105",
    "busy": "5000",
    "congestion": "5100",
    "unallocated": "5200",
    "rejects": "5300",
    "unavailable": "5400",
    "machine": "6103",
    "rings for ever": "7000",
    "hangs up soon": "8000",
    "redirects": "8100",
    "early media, then answers": "8203",
    "early media, then unallocated": "8300",
    "talks until hung up": "8500",
}
"""What the person does (docs/lab.md): the last four digits."""
NOBODY_READY = "8501"
"""Called while no operator is logged in; talks until hung up."""


@dataclass(frozen=True)
class Sound:
    """One recording: samples of the operator's and of the called person's side, -1 to 1."""

    operator: npt.NDArray[np.float64]
    called: npt.NDArray[np.float64]
    before_answer_s: float
    tag: dict[str, str]

    @property
    def length_s(self) -> float:
        return len(self.operator) / RATE


@dataclass(frozen=True)
class Evidence:
    """What is left."""

    attempts: dict[str, Attempt]
    recordings: dict[str, Recording]
    sounds: dict[str, Sound]
    invites: tuple[CarrierInvite, ...]
    proof: Proof
    manager_events: str
    lab: Lab

    def attempt(self, kind: str) -> Attempt:
        return self.attempts[FICTION + KINDS.get(kind, kind)]

    def recording(self, kind: str) -> Recording:
        return self.recordings[FICTION + KINDS.get(kind, kind)]

    def sound(self, kind: str) -> Sound:
        return self.sounds[FICTION + KINDS.get(kind, kind)]


def loudness(side: npt.NDArray[np.float64], begin_s: float = 0.0, end_s: float | None = None) -> float:
    """Root mean square of a stretch, 0 when there is none; speech in the lab is above 0.02."""
    part = side[int(begin_s * RATE) : None if end_s is None else int(end_s * RATE)]
    return float(np.sqrt(np.mean(part**2))) if len(part) else 0.0


def files_that_hold(folder: Path, numbers: Sequence[str]) -> list[str]:
    """Every file below ``folder`` that holds a dialled number, in national or international form, as text or bytes."""
    patterns = [number.removeprefix("33") for number in numbers]
    done = subprocess.run(
        ["grep", "-r", "-l", "-a", "-F", *(f"-e{pattern}" for pattern in patterns), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.split()


class OneCall:
    """A pacer that asks for one call, whatever operators are free."""

    tick = 0.5

    def __init__(self) -> None:
        self._view: View | None = None

    def start(self, view: View) -> None:
        self._view = view

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        assert self._view is not None
        return 0 if self._view.n_dials else 1

    def reason(self) -> Reason:
        return Reason("pace.one_per_seat")


class Robots:
    """Operators: they choose a result as soon as one is due, and end a call nobody else would end."""

    def __init__(self, controller: Controller, ends: str, after_s: float) -> None:
        self._parts = controller.parts
        self._ends, self._after_s = ends, after_s
        self._tasks: set[asyncio.Task[None]] = set()
        self._parts.calls.seats.observe(self)

    def on_seat(self, seat: Seat, event: OperatorEvent) -> None:
        if seat.state is OperatorState.WRAP_UP and seat.row.operator_id is not None:
            self._do(self._parts.screens.desk.choose_result(seat.row.operator_id, Result.COMPLETE))
        elif seat.state is OperatorState.TALKING and seat.row.attempt_id is not None:
            call = self._parts.calls.tracker.call(seat.row.attempt_id)
            if call is not None and call.attempt.number == self._ends:
                self._do(self._hang_up(ChannelId(call.attempt.attempt_id)))

    async def _hang_up(self, channel: ChannelId) -> None:
        await asyncio.sleep(self._after_s)  # the length of a talk, not a wait for a fact
        await self._parts.calls.exchanges.pbx.hang_up(channel)

    def _do(self, work: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def play(lab: Lab) -> Evidence:
    """Call everybody, then one person with nobody ready, and gather the evidence."""
    settings = load_settings(lab.settings)
    await upgrade(settings.database.url)
    async with workbench(settings) as bench:
        for seat in lab.seats:
            name = f"poste{seat.number}"
            await bench.accounts.add_operator(name, name, f"Name {seat.number}", SeatNumber(seat.number))
        everybody = await _campaign(bench, "Everybody", [FICTION + digits for digits in KINDS.values()])
        late = await _campaign(bench, "Nobody ready", [FICTION + NOBODY_READY])
        async with ManagerListener(lab.pbx).connected() as listener:
            async with running(settings) as controller, contextlib.AsyncExitStack() as desks:
                desks.enter_context(at_their_desks(controller.parts))
                Robots(controller, FICTION + KINDS["talks until hung up"], 4.0)
                for seat in lab.seats:
                    await asyncio.to_thread(phone_login, lab, seat.number)
                await _dialled(bench, controller, everybody)
                for seat in lab.seats:
                    await asyncio.to_thread(phone_hang_up, lab, seat.number)
                await until(lambda: _are(controller, OperatorState.OFFLINE), DEADLINE_S)
            async with running(settings, OneCall()) as controller:
                await _dialled(bench, controller, late)
            events = "\n".join(listener.raw)
        return await _gathered(bench, lab, events)


def _are(controller: Controller, state: OperatorState) -> bool:
    return all(seat.state is state for seat in controller.parts.calls.seats.seats.values())


async def _campaign(bench: Services, name: str, numbers: Sequence[str]) -> Campaign:
    wish = CampaignWish(name, "Example SA", CampaignKind.SURVEY, plan=ONCE)
    campaign = await bench.campaigns.create(wish, by="test")
    rows = "\n".join(["telephone", *("+" + number for number in numbers)])
    report = await bench.lists.load_file(rows.encode(), campaign=campaign, name=name, by="test")
    await approve(bench, report)
    return campaign


async def _dialled(bench: Services, controller: Controller, campaign: Campaign) -> None:
    """Start the campaign and return when every lead is done and every recording finished."""
    await bench.campaigns.start(campaign.campaign_id, "test")

    async def is_over() -> bool:
        assert not controller.failed.done()
        progress = await bench.store.campaigns.progress(campaign.campaign_id)
        return not progress.waiting and not progress.in_progress and not await bench.store.recordings.missing()

    await until(is_over, DEADLINE_S)
    await bench.campaigns.stop(campaign.campaign_id, "test")


async def _gathered(bench: Services, lab: Lab, events: str) -> Evidence:
    attempts = await bench.store.attempts.recent(None, 1000)
    recordings = await bench.store.recordings.search(RecordingQuery(answered_only=False, limit=1000))
    sounds = {}
    for recording in recordings:
        if recording.file is not None:
            data, rate = soundfile.read(bench.archive.location(recording.file), dtype="float64")
            assert (rate, data.shape[1]) == (RATE, 2)
            tag = await bench.archive.read_tag(recording.file)
            sounds[str(recording.tag.number)] = Sound(data[:, 0], data[:, 1], recording.file.before_answer_s, tag)
    recorded = {recording.tag.attempt_id: recording.file is not None for recording in recordings}
    proof = match(gate_legs(bench.settings.gate.log), attempts, recorded)
    assert all(attempt.state is CallState.ENDED for attempt in attempts)
    return Evidence(
        {str(attempt.number): attempt for attempt in attempts},
        {str(recording.tag.number): recording for recording in recordings},
        sounds,
        carrier_invites(lab),
        proof,
        events,
        lab,
    )


def has_number(text: str, number: str) -> bool:
    """Return True if a text shows a number in any usual writing."""
    digits = re.sub(r"[ .\-]", "", text)
    return number.removeprefix("33") in digits
