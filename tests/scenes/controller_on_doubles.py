"""A whole controller on doubles: the product's own wiring over a fake exchange, store and archive.

The test plays carrier, operators and fate: it answers calls, cuts links, takes the database away, and kills the
controller so that only the store and the exchange are left. Use in virtual time.
"""

import asyncio
import contextlib
import random
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import telephony
from telephony.app.controller import Controller
from telephony.app.wiring.adapters import Outside
from telephony.app.wiring.parts import Parts, wire
from telephony.domain.accounts import Role
from telephony.domain.calls.attempts import Attempt
from telephony.domain.calls.operators import OperatorState
from telephony.domain.calls.permits import DialPermit
from telephony.domain.campaigns.campaigns import Campaign, CampaignState, NewCampaign
from telephony.domain.campaigns.dialing_options import DialingOptions, DialMode
from telephony.domain.law.basis import NO_TERMS, CampaignKind, LeadTerms
from telephony.domain.leads.leads import LeadState, NewLead
from telephony.domain.leads.retries import ONCE, RetryPlan
from telephony.domain.text.reason import Reason
from telephony.domain.trunks.routes import Route
from telephony.errors import StoreUnavailableError
from telephony.ids import AttemptId, CampaignId, Number, OperatorId, SeatNumber
from telephony.ports.leads.leads import NewList
from telephony.ports.store import Store
from telephony.services.rules.readiness import SingleController
from telephony.settings import Settings
from telephony.settings.load import settings_from
from telephony.workshop.bench.memory_exchange import MemoryExchange
from telephony.workshop.bench.unblocked import HeldLock
from tests.doubles.files import FakeArchive, FakeRecords
from tests.doubles.store import FakeStore
from tests.doubles.warden import FakeWarden
from tests.virtual_time import LoopClock, passes, until

CALLER_ID = "33199009999"
TRUNK = "carrier"
PRODUCT = Path(telephony.__file__).parent
PLAIN = ("load", "entries", "note", "take")
"""Store methods that are no coroutines."""


def number(row: int) -> Number:
    return Number(f"3319900{row:04d}")


def settings(**tables: dict[str, Any]) -> Settings:
    """A site's settings; none of its addresses is ever used."""

    def node(name: str, user_id: int, host: str, port: int) -> dict[str, Any]:
        folders = {part: f"/nonexistent/{name}/{part}" for part in ("etc", "lib", "spool", "run", "log")}
        return folders | {
            "user_id": user_id, "ami_host": host, "ami_port": port, "ami_secret": "sixteen letters!",
            "rtp_start": 10_000 + user_id * 100, "rtp_end": 10_099 + user_id * 100, "sip_host": host,
        }  # fmt: skip

    whole: dict[str, Any] = {
        "pbx": node("pbx", 1, "127.0.0.2", 5038),
        "gate": node("gate", 2, "127.0.0.3", 5039) | {"sip_secret": "sixteen letters!", "trunk_host": "127.0.0.4"},
        "trunks": [
            {"name": TRUNK, "host": "127.0.0.5", "caller_ids": [CALLER_ID], "channels": 300, "calls_per_second": 50}
        ],
        "recording": {"archive": "/nonexistent/archive", "minimum_free_mib": 100},
        "dialing": {"poll_s": 0.1},
    }
    return settings_from({name: whole.get(name, {}) for name in whole.keys() | tables.keys()} | _laid(whole, tables))


def _laid(whole: dict[str, Any], tables: dict[str, Any]) -> dict[str, Any]:
    return {name: whole.get(name, {}) | table if isinstance(table, dict) else table for name, table in tables.items()}


class CountedDice:
    """Repeatable dice."""

    def __init__(self) -> None:
        self._random = random.Random(7)

    def digits(self, count: int) -> str:
        return f"{self._random.randrange(10**count):0{count}d}"

    def uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def token(self) -> str:
        return self.digits(40)

    def password(self) -> str:
        return self.digits(20)


class WatchedStore:
    """A store that notes what was asked in ``journal`` and can be taken away."""

    def __init__(self, store: Store, journal: list[str]) -> None:
        self.journal = journal
        self.is_away = False
        self.refused: set[str] = set()
        """Methods that refuse, e.g. ``attempts.begin``."""
        self.before: dict[str, Callable[[], Any]] = {}
        """Awaited before a method does its work."""
        names = [field.name for field in fields(Store)]
        self.store = Store(**{name: _Capability(name, getattr(store, name), self) for name in names})

    async def ask(self, name: str, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.journal.append(name)
        if name in self.before:
            await self.before[name]()
        if self.is_away or name in self.refused:
            raise StoreUnavailableError("the database does not answer")
        return await method(*args, **kwargs)


class _Capability:
    def __init__(self, name: str, inner: Any, watched: WatchedStore) -> None:
        self._name, self._inner, self._watched = name, inner, watched

    def __getattr__(self, method: str) -> Any:
        value = getattr(self._inner, method)
        return value if method in PLAIN else partial(self._watched.ask, f"{self._name}.{method}", value)


def is_the_products(task: asyncio.Task[Any]) -> bool:
    """Return True when the task runs code of the product: that is what ends with the controller's process."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and Path(code.co_filename).is_relative_to(PRODUCT)


class ControllerOnDoubles:
    """Everything; ``start`` and ``crash`` make and unmake the controller."""

    def __init__(self, **tables: Any) -> None:
        self.settings = settings(**tables)
        self.clock = LoopClock()
        self.exchange = MemoryExchange(self.clock.now)
        self.archive = FakeArchive(self.exchange)
        self.records = FakeRecords(self.exchange)
        self.fake = FakeStore()
        self.tables = self.fake.tables
        self.journal: list[str] = []
        self.watched = WatchedStore(self.fake.store, self.journal)
        self.dice = CountedDice()
        self.not_durable: list[AttemptId] = []
        """Attempts that were dialled before they were written down."""
        self.controller: Controller | None = None
        self.lock = HeldLock()
        self.pacer: Any = None
        self._tasks: set[asyncio.Task[None]] = set()
        secret = self.settings.gate.ami_secret.get_secret_value()
        self.warden = FakeWarden(self.exchange, secret, self.clock.now)
        self._watching: asyncio.Task[Any] | None = None
        self.absent: set[int] = set()
        """Seats at whose desk nobody is signed in; at the others somebody always is."""
        self._sitting: asyncio.Task[Any] | None = None
        take = self.exchange.switch.on_originate
        assert take is not None

        def originated(permit: DialPermit) -> None:
            self.journal.append("originate")
            if permit.attempt_id not in self.tables.attempts:
                self.not_durable.append(permit.attempt_id)
            take(permit)
            self.task(self.exchange.settle())

        self.exchange.switch.on_originate = originated

    def task(self, work: Any) -> asyncio.Task[Any]:
        """Let something happen meanwhile."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    @property
    def parts(self) -> Parts:
        assert self.controller is not None
        return self.controller.parts

    async def people(self, seats: int) -> None:
        """Give seats 1 to ``seats`` an operator each."""
        accounts = self.fake.store.accounts
        for seat in range(1, seats + 1):
            account = await accounts.add(f"poste{seat}", f"Poste {seat}", Role.OPERATOR, "hash", self.clock.now())
            await accounts.add_operator(account.account_id, f"Name {seat}", SeatNumber(seat))

    async def campaign(
        self,
        leads: int,
        name: str = "Survey",
        *,
        first: int = 0,
        caller_id: str = CALLER_ID,
        trunk: str = TRUNK,
        kind: CampaignKind = CampaignKind.SURVEY,
        terms: LeadTerms = NO_TERMS,
        also: Sequence[NewLead] = (),
        plan: RetryPlan = ONCE,
        mode: DialMode = DialMode.PROGRESSIVE,
    ) -> Campaign:
        """Make a running campaign with that many leads."""
        store, now = self.fake.store, self.clock.now()
        routes, dialing = (Route(trunk, caller_id),), DialingOptions(0.03, mode=mode)
        new = NewCampaign(name, "Example SA", kind, routes, dialing, 40, now, plan)
        campaign = await store.campaigns.add(new, "test")
        async with store.leads.load(NewList(campaign.campaign_id, "list", "ab" * 32, "test", now)) as load:
            rows = range(first, first + leads)
            await load.add([NewLead(number(row), f"Person {row}", {}, row + 2, terms=terms) for row in rows])
            await load.add(also)
            loaded = await load.finish()
        await store.whitelist.approve_list(loaded.list_id, "second", now)
        return await store.campaigns.set_state(campaign.campaign_id, CampaignState.RUNNING, "test", now)

    async def start(self) -> None:
        """Start a controller on what there is."""
        outside = Outside(
            self.exchange.switch,
            self.exchange.gate,
            self.exchange.desk,
            self.archive,
            self.records,
            self.clock,
            self.dice,
        )
        self.controller = Controller(
            wire(self.settings, self.watched.store, outside, self.pacer, SingleController(self.lock))
        )
        await self.controller.start()
        self.sit_down()
        if self._sitting is None:
            self._sitting = self.task(self._sit())
        if self._watching is None:
            self._watching = self.task(self.warden.run())
            await asyncio.sleep(0)  # its first word

    async def crash(self) -> None:
        """End the controller as a power cut would: nothing is flushed, nothing is reported."""
        assert self.controller is not None
        controller, self.controller = self.controller, None
        self.exchange.switch.forget_listener()
        self.exchange.gate.forget_listener()
        self.exchange.desk.is_listening = False
        tasks = [task for task in asyncio.all_tasks() if is_the_products(task)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        controller.failed.cancel()

    async def stop(self) -> None:
        """Stop the controller in order."""
        if self.controller is not None:
            controller, self.controller = self.controller, None
            assert not controller.failed.done(), controller.failed
            await controller.stop()

    def end_tasks(self) -> None:
        """End what still happens meanwhile."""
        for task in list(self._tasks):
            task.cancel()

    def pause_all(self) -> None:
        """Pause every campaign: nothing new is dialled."""
        for campaign_id in self.tables.campaigns:
            self.change(campaign_id, state=CampaignState.PAUSED)

    def change(self, campaign_id: CampaignId, **values: Any) -> None:
        """Change a campaign as it is stored, its options too; the controller sees it at its next poll."""
        row = self.tables.campaigns[campaign_id]
        options = {name: values.pop(name) for name in list(values) if hasattr(row.dialing, name)}
        self.tables.campaigns[campaign_id] = replace(row, dialing=replace(row.dialing, **options), **values)

    def sit_down(self) -> None:
        """Note a request from the desk of every operator who is not ``absent``."""
        for operator in self.tables.operators.values():
            if operator.seat not in self.absent:
                self.parts.screens.desk.seen(operator.operator_id)

    async def _sit(self) -> None:
        while True:
            await passes(10)
            if self.controller is not None:
                self.sit_down()

    async def log_in(self, *seats: int) -> None:
        """Log operators in."""
        self.sit_down()
        for seat in seats:
            assert await self.exchange.log_in(seat), f"seat {seat} was not let in"

    def reason(self, campaign_id: CampaignId) -> Reason:
        """Return why a campaign dials as it does, as the floor shows it."""
        return self.parts.screens.modes.reason(self.tables.campaigns[campaign_id])

    def state(self, seat: int) -> OperatorState:
        return self.parts.calls.seats.seats[SeatNumber(seat)].state

    def operator(self, seat: int) -> OperatorId:
        operator_id = self.parts.calls.seats.seats[SeatNumber(seat)].row.operator_id
        assert operator_id is not None
        return operator_id

    @property
    def dialled(self) -> list[DialPermit]:
        """Every permit that was ever dialled, in order."""
        return self.exchange.switch.originated

    async def dials(self, count: int) -> list[DialPermit]:
        """Wait until that many calls in all have come to the gate and have a trunk leg or were refused."""
        await until(f"{count} calls dialled", lambda: len(self.dialled) >= count)
        await self.exchange.settle()
        return self.dialled[:count]

    def attempt(self, attempt_id: AttemptId) -> Attempt:
        """The attempt as it is stored."""
        return self.tables.attempts[attempt_id]

    async def ended(self, attempt_id: AttemptId, within_s: float = 30.0) -> Attempt:
        """Wait until the attempt is stored as ended."""
        await until(f"attempt {attempt_id} ended", lambda: self.attempt(attempt_id).outcome is not None, within_s)
        return self.attempt(attempt_id)

    def leads(self, state: LeadState) -> int:
        return sum(1 for lead in self.tables.leads.values() if lead.state is state)

    def lead_of(self, attempt_id: AttemptId) -> LeadState:
        return self.tables.leads[self.attempt(attempt_id).lead_id].state

    def kinds(self) -> Sequence[str]:
        """What stands in the ledger, by kind."""
        return [entry.note.kind for entry in self.tables.ledger]


@contextlib.asynccontextmanager
async def controller_on_doubles(
    leads: int = 0, seats: int = 0, *, is_started: bool = True, pacer: Any = None, **tables: Any
) -> AsyncIterator[ControllerOnDoubles]:
    """A site with a running campaign of ``leads`` and ``seats`` operators, its controller running."""
    site = ControllerOnDoubles(**tables)
    site.pacer = pacer
    await site.people(seats)
    if leads:
        await site.campaign(leads)
    if is_started:
        await site.start()
    try:
        yield site
    finally:
        site.end_tasks()
        await site.stop()


class Fixed:
    """A pacer that wants the same number of dials at every step."""

    tick = 0.1

    def __init__(self, count: int) -> None:
        self.count = count

    def start(self, view: Any) -> None:
        pass

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        return self.count

    def reason(self) -> Any:
        return Reason("pace.fixed_rate")
