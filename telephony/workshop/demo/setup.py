"""What the demonstration runs on: a lab, a database with people and a campaign, a controller as its own process."""

import asyncio
import contextlib
import os
import signal
import sys
import tomllib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from telephony.app.wiring.services import Services
from telephony.app.workbench import workbench
from telephony.domain.accounts import Account, Role
from telephony.domain.campaigns.campaigns import Campaign, CampaignWish
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.domain.law.basis import CampaignKind
from telephony.domain.leads.retries import ONCE
from telephony.errors import LabError
from telephony.ids import SeatNumber
from telephony.settings import Settings, load_settings
from telephony.shipped import shipped
from telephony.storage import upgrade
from telephony.workshop.lab import Lab, LabOptions, lab_down, lab_made, load_lab

NAMES: Final = (
    "Claire", "Nadia", "Inès", "Sophie", "Anaïs", "Julie", "Karim", "Hugo", "Lina", "Marc", "Rose", "Yanis",
    "Alice", "Bruno", "Chloé", "David", "Emma", "Farid", "Gaëlle", "Henri", "Irène", "Jules", "Kenza", "Léon",
)  # fmt: skip
"""Invented work names, one per seat."""
PEOPLE: Final = (
    ("s.martin", "S. Martin", Role.SUPERVISOR),
    ("l.petit", "L. Petit", Role.COMPLIANCE),
    ("m.durand", "M. Durand", Role.CAMPAIGN_MANAGER),
)
START_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Person:
    """A generated account, valid in this demonstration only."""

    username: str
    password: str
    role: Role
    seat: int = 0


@dataclass(slots=True)
class Stage:
    """Everything that was set up."""

    lab: Lab
    settings: Settings
    campaign: Campaign
    people: tuple[Person, ...]
    controller: asyncio.subprocess.Process | None = field(default=None)

    @property
    def address(self) -> str:
        """Base address of the pages."""
        return f"http://{self.settings.web.host}:{self.settings.web.port}"

    @property
    def log(self) -> Path:
        """The controller's log."""
        return self.lab.folder / "controller.log"

    def person(self, role: Role) -> Person:
        """Return the first person of a role."""
        return next(person for person in self.people if person.role is role)

    async def start_controller(self) -> None:
        """Start ``telephony serve`` and wait until it reports that it is ready.

        Raises:
            LabError: it ended or was not ready in time; the message shows the end of its log.
        """
        with self.log.open("ab") as log:
            self.controller = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "telephony", "--config", str(self.lab.settings), "serve",
                stdout=asyncio.subprocess.PIPE, stderr=log, start_new_session=True,
            )  # fmt: skip
        assert self.controller.stdout is not None  # noqa: S101  asked for above
        try:
            async with asyncio.timeout(START_S):
                while line := await self.controller.stdout.readline():
                    if line.startswith(b"ready:"):
                        return
        except TimeoutError:
            pass
        tail = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
        raise LabError("the controller did not start: " + " | ".join(tail))

    def kill_controller(self) -> None:
        """Kill the controller, as a power cut would."""
        if self.controller is not None and self.controller.returncode is None:
            os.kill(self.controller.pid, signal.SIGKILL)

    async def stop_controller(self) -> None:
        """Ask the controller to stop, and wait."""
        if self.controller is None or self.controller.returncode is not None:
            return
        self.controller.terminate()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_S):
                await self.controller.wait()
                return
        self.kill_controller()


@contextlib.asynccontextmanager
async def staged(
    seats: int,
    leads: Path,
    report: Callable[[str], None],
    *,
    keep: bool,
    dialing: Mapping[str, Any] | None = None,
    database: str | None = None,
    mode: DialMode = DialMode.PROGRESSIVE,
) -> AsyncIterator[Stage]:
    """Prepare a demonstration, yield it, and leave nothing behind unless ``keep``.

    Args:
        seats: number of operators, 1-24.
        leads: CSV file of the campaign's list.
        report: called with each step, as one sentence.
        keep: leave lab and controller running.
        dialing: settings of the table of that name; None: the lab's own, with a short ring time-out.
        database: URL of an empty database; None: a file of the lab's own.
        mode: how the campaign's calls are paced.
    """
    settings_of_lab = {"dialing": dict(dialing)} if dialing else {}
    options = LabOptions(seats=seats, has_warden=True, settings=settings_of_lab, database=database)
    lab = await lab_made(options, report)
    stage: Stage | None = None
    try:
        report("making the database, people, campaign and list")
        settings = load_settings(lab.settings)
        await upgrade(settings.database.url)
        async with workbench(settings) as bench:
            people = await _people(bench, seats)
            campaign = await _campaign(bench, leads, mode)
        stage = Stage(load_lab(lab.lab_id), settings, campaign, people)
        report("starting the controller")
        await stage.start_controller()
        yield stage
    finally:
        if not keep:
            if stage is not None:
                await stage.stop_controller()
            await asyncio.to_thread(lab_down, lab.lab_id)


async def _people(bench: Services, seats: int) -> tuple[Person, ...]:
    people = []
    for username, name, role in PEOPLE:
        _account, password = await bench.accounts.create(username, name, role)
        people.append(Person(username, password, role))
    for number in range(1, seats + 1):
        username = f"poste{number}"
        name = NAMES[(number - 1) % len(NAMES)]
        _operator, password = await bench.accounts.add_operator(username, name, name, SeatNumber(number))
        people.append(Person(username, password, Role.OPERATOR, number))
    return tuple(people)


async def _campaign(bench: Services, leads: Path, mode: DialMode) -> Campaign:
    table = tomllib.loads((shipped("config") / "examples" / "campaign.toml").read_text(encoding="utf-8"))
    values = table.get("campaign", table)
    kind = CampaignKind(values["kind"])
    wish = CampaignWish(values["name"], values["client_company"], kind, plan=ONCE, options={"mode": mode})
    campaign = await bench.campaigns.create(wish, by="demo")
    manager, officer = await _account(bench, Role.CAMPAIGN_MANAGER), await _account(bench, Role.COMPLIANCE)
    report = await bench.lists.load_file(leads, campaign=campaign, name=leads.name, by=manager.username)
    await bench.whitelist.approve_list(report.list.list_id, officer)
    return campaign


async def _account(bench: Services, role: Role) -> Account:
    return next(account for account in await bench.store.accounts.all() if account.role is role)
