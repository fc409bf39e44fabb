"""A whole site under watch, in the lab: the warden beside the gate, a controller here or as a process of its own.

People of the numbers 85CD talk until they are hung up, so that a call ends only because something ends it.
"""

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from telephony.app.controller import Controller, running
from telephony.app.wiring.parts import Parts
from telephony.app.wiring.services import Services
from telephony.app.workbench import workbench
from telephony.domain.calls.operators import OperatorState
from telephony.domain.campaigns.campaigns import Campaign, CampaignWish
from telephony.domain.evidence.recordings import RecordingQuery
from telephony.domain.law.basis import CampaignKind
from telephony.domain.leads.retries import ONCE
from telephony.domain.pacing import AnyPacer
from telephony.ids import AttemptId, RecordingId, SeatNumber
from telephony.settings import Settings, load_settings
from telephony.storage import upgrade
from telephony.words import english
from telephony.workshop.bench.desks import at_their_desks
from telephony.workshop.lab import Lab, LabOptions, carrier_invites, phone_hang_up, phone_login, start_warden
from telephony.workshop.lab.console import command
from telephony.workshop.lab.warden import warden_pids
from tests.approving import approve
from tests.asterisk.desks import signed_in
from tests.waiting import until

TALKERS = tuple(f"33639988{500 + n}" for n in range(100))
GONE_S = 6.0
"""The controller counts as gone after that long here; 30 s by default."""
OPTIONS = LabOptions(
    seats=3,
    settings={"dialing": {"ring_timeout_s": 15, "poll_s": 0.2}, "watch": {"controller_gone_s": GONE_S}},
    has_warden=True,
)


class LabSite:
    """One lab with a fresh database."""

    def __init__(self, lab: Lab, settings: Settings, bench: Services, passwords: Mapping[str, str]) -> None:
        self.lab = lab
        self.settings = settings
        self.bench = bench
        self.passwords = passwords
        self.campaigns: list[Campaign] = []
        self.controller: Controller | None = None
        self._before = len(carrier_invites(lab))

    @property
    def parts(self) -> Parts:
        assert self.controller is not None
        return self.controller.parts

    @property
    def invites(self) -> list[str]:
        """Numbers that reached the carrier since the site is there."""
        return [invite.number for invite in carrier_invites(self.lab)[self._before :]]

    async def telephony(self, *words: str) -> tuple[int | None, bytes]:
        """Run the command line as somebody at another terminal would, on this database: exit status and output."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "telephony", "--config", str(self.lab.settings), *words,
            env={**os.environ, "TELEPHONY_DATABASE__URL": self.settings.database.url}, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        return process.returncode, out

    def trunk_legs(self) -> list[tuple[str, str]]:
        """Name and unique id of every trunk leg at the gate now."""
        rows = [line.split("!") for line in command(self.lab.gate.control, "core show channels concise").splitlines()]
        return [(row[0], row[-1]) for row in rows if len(row) > 12 and row[0].startswith(f"PJSIP/{self.lab.trunk}-")]

    async def campaign(
        self, name: str, numbers: Sequence[str], more_trunks: Sequence[str] = (), **options: Any
    ) -> Campaign:
        wish = CampaignWish(
            name, "Example SA", CampaignKind.SURVEY, more_trunks=more_trunks, plan=ONCE, options=options
        )
        campaign = await self.bench.campaigns.create(wish, by="test")
        rows = "\n".join(["telephone", *("+" + number for number in numbers)])
        report = await self.bench.lists.load_file(rows.encode(), campaign=campaign, name=name, by="test")
        await approve(self.bench, report)
        campaign = await self.bench.campaigns.start(campaign.campaign_id, "test")
        self.campaigns.append(campaign)
        return campaign

    async def talking(self, count: int, within_s: float = 20.0) -> list[AttemptId]:
        """Log that many operators in and wait until each talks; gives the attempts."""
        for seat in range(1, count + 1):
            await asyncio.to_thread(phone_login, self.lab, seat)
        await until(lambda: len(self.talks()) >= count, within_s)
        return self.talks()

    async def connected(self, count: int, within_s: float = 30.0) -> None:
        """Wait until N calls stand in the database as connected: for a controller that is not here."""

        async def are_connected() -> bool:
            rows = await self.bench.store.attempts.unfinished()
            return sum(1 for row in rows if row.connected_at is not None) >= count

        await until(are_connected, within_s)

    def talks(self) -> list[AttemptId]:
        """Calls that are connected now."""
        attempts = [call.attempt for call in self.parts.calls.tracker.calls() if call.customer_gone_at is None]
        return [
            attempt.attempt_id for attempt in attempts if attempt.connected_at is not None and attempt.trunk_channel
        ]

    def seat(self, attempt_id: AttemptId) -> SeatNumber:
        call = self.parts.calls.tracker.call(attempt_id)
        assert call is not None
        assert call.attempt.seat is not None
        return call.attempt.seat

    def raw(self, attempt_id: AttemptId) -> tuple[Path, Path, Path]:
        """The gate's three raw files of a call that is up."""
        call = self.parts.calls.tracker.call(attempt_id)
        assert call is not None
        folder, name = self.settings.gate.spool / "monitor", call.attempt.recording_id
        return folder / f"{name}.wav", folder / f"{name}-rx.wav", folder / f"{name}-tx.wav"

    def is_over(self, attempt_id: AttemptId) -> bool:
        return self.parts.calls.tracker.call(attempt_id) is None

    async def grown(self, attempt_id: AttemptId, more_s: float = 0.1) -> None:
        """Wait until the recording is N seconds longer than now, to the block of two seconds."""
        paths = self.raw(attempt_id)
        expected = min(path.stat().st_size for path in paths) + 16_000 * more_s
        await until(lambda: min(path.stat().st_size for path in paths) >= expected, more_s + 8)

    async def incident(self, kind: str, within_s: float = 5.0) -> str:
        """Wait for an open incident of that kind; gives its text, which holds no number."""

        async def found() -> str | None:
            rows = await self.bench.store.ledger.open_incidents()
            return next((row.text for row in rows if row.kind == kind), None)

        text = await until(found, within_s)
        assert text is not None
        assert not re.search(r"\d{9}", re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|(gate|pbx)-\d+\.\d+", "", text)), text
        return text

    async def kept(self, attempt_id: AttemptId, within_s: float = 20.0) -> RecordingId:
        """Wait for the recording's row."""
        query = RecordingQuery(attempt_id=attempt_id)
        rows = await until(lambda: self.bench.store.recordings.search(query), within_s)
        return rows[0].tag.recording_id

    def blocking_reason(self) -> str:
        why = self.parts.calls.blockers.site()
        return english(why) if why else ""

    async def no_new_call(self, act: Callable[[], object], seconds: float) -> None:
        """Do something, then check for some seconds that nothing new reaches the carrier, whoever is free."""
        act()
        before = len(self.invites)
        deadline = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < deadline:
            assert len(self.invites) == before
            await asyncio.sleep(0.1)  # nothing is waited for: that nothing happens for so long is the fact


@contextlib.asynccontextmanager
async def open_lab_site(
    lab: Lab, folder: Path, *, is_here: bool = True, pacer: AnyPacer | None = None
) -> AsyncIterator[LabSite]:
    """A site with a fresh database in ``folder``, operators at every seat, and its controller running here.

    ``pacer``: how many dials; None: as each campaign's mode says.
    """
    if not warden_pids(lab.folder):
        await asyncio.to_thread(start_warden, lab.folder)
    settings = load_settings(lab.settings)
    database = settings.database.model_copy(update={"url": f"sqlite:///{folder}/watch.db"})
    settings = settings.model_copy(update={"database": database})
    await upgrade(settings.database.url)
    async with workbench(settings) as bench:
        passwords: dict[str, str] = {}
        for seat in lab.seats:
            name = f"poste{seat.number}"
            _operator, password = await bench.accounts.add_operator(
                name, name, f"Name {seat.number}", SeatNumber(seat.number)
            )
            passwords[name] = password
        lab_site = LabSite(lab, settings, bench, passwords)
        try:
            if is_here:
                async with running(settings, pacer) as lab_site.controller:
                    with at_their_desks(lab_site.parts):
                        await until(lambda: lab_site.blocking_reason() == "", 10)
                        yield lab_site
                        await _emptied(lab_site)
            else:
                yield lab_site
        finally:
            for seat in lab.seats:
                await asyncio.to_thread(phone_hang_up, lab, seat.number)


async def _emptied(lab_site: LabSite) -> None:
    """End what is still up, so that the next test begins with an empty gate."""
    for campaign in lab_site.campaigns:
        with contextlib.suppress(Exception):
            await lab_site.bench.campaigns.stop(campaign.campaign_id, "test")
    await asyncio.to_thread(command, lab_site.lab.gate.control, "channel request hangup all")
    await until(lambda: not lab_site.trunk_legs(), 10)


@contextlib.asynccontextmanager
async def serving(lab_site: LabSite) -> AsyncIterator[asyncio.subprocess.Process]:
    """The controller as a process of its own, that can be killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "telephony", "--config", str(lab_site.lab.settings), "serve",
        env={**os.environ, "TELEPHONY_DATABASE__URL": lab_site.settings.database.url},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            while not (await process.stdout.readline()).startswith(b"ready"):
                assert process.returncode is None
        web = lab_site.settings.web
        async with signed_in(f"http://{web.host}:{web.port}", lab_site.passwords):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def all_ready(lab_site: LabSite) -> bool:
    return all(seat.state is OperatorState.READY for seat in lab_site.parts.calls.seats.seats.values())
