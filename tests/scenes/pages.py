"""A whole web part on real storage and real recording files, with a floor and a desk that the test moves by hand."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from uuid import uuid4

from argon2 import PasswordHasher

from telephony.app.wiring.system import SystemDice
from telephony.archive import LocalArchive
from telephony.domain.accounts import Operator, Role
from telephony.domain.calls.attempts import Attempt, AttemptStart, CallState, Result
from telephony.domain.calls.operators import IllegalOperatorEventError, OperatorEvent, OperatorState, follow
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.calls.permits import PermitRequest, give_permit
from telephony.domain.campaigns.campaigns import Campaign, CampaignState, CampaignWish
from telephony.domain.campaigns.dialing_options import DialingOptions
from telephony.domain.evidence.day_facts import RawFile, Share
from telephony.domain.evidence.proof import GateRecords
from telephony.domain.evidence.recordings import Recording, RecordingTag
from telephony.domain.floor.operator_desk import SiteFacts
from telephony.domain.floor.snapshot import CampaignView, FloorView, LinkView, SeatView
from telephony.domain.floor.talk import Talk
from telephony.domain.law.basis import CampaignKind
from telephony.domain.leads.callbacks import Later
from telephony.domain.leads.leads import NewLead
from telephony.domain.leads.preview import PreviewView, SkipReason
from telephony.domain.text.reason import Reason
from telephony.ids import AttemptId, CampaignId, Number, OperatorId, PreviewId, RecordingId, SeatNumber
from telephony.ports.evidence.proof import ProofStore
from telephony.ports.leads.leads import NewList
from telephony.ports.store import Store
from telephony.services.calls.own_call import NoCallError
from telephony.services.calls.results_due import MissingResults
from telephony.services.campaigns.campaigns import Campaigns
from telephony.services.evidence.chain import HeadFile
from telephony.services.evidence.daily_proof import DailyProof
from telephony.services.evidence.incidents import Incidents
from telephony.services.evidence.proofs import Proofs
from telephony.services.floor.desk_feed import DeskFeed
from telephony.services.lists.importer import ListImporter
from telephony.services.people.accounts import AccountsService
from telephony.services.preview.desk import GONE, PreviewError
from telephony.services.recordings.playback import ListeningService
from telephony.services.rules.do_not_call import DoNotCallLists
from telephony.services.rules.whitelist import Whitelist
from telephony.services.security.locks import Locks
from telephony.settings import CampaignDefaults, SiteSettings, TrunkSettings, WebSettings
from telephony.storage import Days, open_store
from telephony.web import WebDeps
from tests.made_database import make_database

NOW = datetime(2026, 11, 20, 14, 5, 9, tzinfo=UTC)
CALLER_ID = "33199009999"
FICTION = ("3319900", "3326191", "3335301", "3346571", "3353649")
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
RAW = Path(__file__).parents[1] / "services" / "recordings"
PACE = Reason("pace.progressive")
NAMES = ("Claire", "Nadia", "Inès", "Lucie", "Awa", "Sonia", "Karine", "Léa", "Mina", "Rose", "Olga", "Jade")


@dataclass
class HandClock:
    """A clock the test moves; ``live`` lets it run for browsers."""

    at: datetime = NOW
    live: bool = False

    def now(self) -> datetime:
        return datetime.now(UTC) if self.live else self.at


class HandFloor:
    """A floor the test draws."""

    def __init__(self, view: FloorView) -> None:
        self._view = view
        self._drawn = asyncio.Condition()
        self.watchers = 0

    def view(self) -> FloorView:
        return self._view

    async def changes(self, after_version: int) -> AsyncIterator[FloorView]:
        version = after_version
        self.watchers += 1
        try:
            while True:
                async with self._drawn:
                    while self._view.version <= version:
                        await self._drawn.wait()
                    view = self._view
                version = view.version
                yield view
        finally:
            self.watchers -= 1

    async def draw(self, view: FloorView) -> None:
        async with self._drawn:
            self._view = replace(view, version=self._view.version + 1)
            self._drawn.notify_all()
        await asyncio.sleep(0)  # lets watchers read before the next snapshot

    async def seat(self, number: int, state: OperatorState, at: datetime) -> None:
        seats = tuple(
            replace(seat, state=state, since_at=at) if seat.seat == number else seat for seat in self._view.seats
        )
        await self.draw(replace(self._view, seats=seats, at=at))

    async def campaign(self, **changes: Any) -> None:
        first, *others = self._view.campaigns
        await self.draw(replace(self._view, campaigns=(replace(first, **changes), *others)))


class NoCalls:
    """What the gate keeps when nobody was called: a file of call records with nothing in it."""

    async def records(self, _since: datetime, _until: datetime, _share: Share) -> GateRecords:
        return GateRecords(legs=())

    async def spool(self) -> Sequence[RawFile]:
        return ()


class HandDesk:
    """One seat per operator, moved through the domain's own table."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self.seats: dict[OperatorId, SeatView] = {}
        self.here: list[OperatorId] = []
        """Everybody heard of at their desk, each time."""
        self.results: list[tuple[OperatorId, Result]] = []
        self.later: Later | None = None
        self.preview: PreviewView | None = None
        self.pressed = 0
        self.skipped: list[SkipReason] = []
        self.why: Reason | None = None
        self.facts = SiteFacts(recorder_age_s=0)
        self.feed = DeskFeed(self, self)
        self.ended: list[int | None] = []
        self.talking: Talk | None = None

    def read(self) -> SiteFacts:
        return self.facts

    @contextmanager
    def connected(self, operator_id: OperatorId) -> Iterator[None]:
        self.here.append(operator_id)
        yield

    def seen(self, operator_id: OperatorId) -> None:
        self.here.append(operator_id)

    def left(self, operator_id: OperatorId) -> None:
        self.here = [present_id for present_id in self.here if present_id != operator_id]

    def seat_of(self, operator_id: OperatorId) -> SeatView:
        return self.seats[operator_id]

    def move(self, operator_id: OperatorId, event: OperatorEvent) -> None:
        seat = self.seats[operator_id]
        self.seats[operator_id] = replace(seat, state=follow(seat.state, event), since_at=self._clock.now())
        self.feed.wake(operator_id)

    def put(self, operator_id: OperatorId, state: OperatorState) -> None:
        self.seats[operator_id] = replace(self.seats[operator_id], state=state, since_at=self._clock.now())
        self.feed.wake(operator_id)

    def preview_of(self, operator_id: OperatorId) -> PreviewView | None:
        return self.preview if self.seats[operator_id].state is OperatorState.PREVIEW else None

    def refuse(self, preview_id: PreviewId) -> None:
        if self.why is not None:
            raise PreviewError(self.why)
        if self.preview is None or self.preview.preview_id != preview_id:
            raise PreviewError(GONE)

    async def call(self, operator_id: OperatorId, preview_id: PreviewId) -> None:
        self.refuse(preview_id)
        self.move(operator_id, OperatorEvent.CALL_PRESSED)
        self.seats[operator_id] = replace(self.seats[operator_id], is_calling=True)
        self.pressed += 1

    async def skip(self, operator_id: OperatorId, preview_id: PreviewId, reason: SkipReason) -> None:
        self.refuse(preview_id)
        self.move(operator_id, OperatorEvent.LEAD_GIVEN_BACK)
        self.skipped.append(reason)

    async def talk(self, operator_id: OperatorId) -> Talk | None:
        states = (OperatorState.RESERVED, OperatorState.TALKING, OperatorState.WRAP_UP)
        return self.talking if self.seats[operator_id].state in states else None

    def end(self, operator_id: OperatorId, since_ms: int | None = None) -> None:
        if self.seats[operator_id].state is not OperatorState.TALKING:
            raise NoCallError
        self.ended.append(since_ms)
        self.move(operator_id, OperatorEvent.CALL_ENDED)

    async def choose_result(self, operator_id: OperatorId, result: Result, later: Later | None = None) -> None:
        self.move(operator_id, OperatorEvent.RESULT_CHOSEN)
        self.results.append((operator_id, result))
        self.later = later

    async def pause(self, operator_id: OperatorId) -> None:
        self.move(operator_id, OperatorEvent.PAUSE_ASKED)

    async def ready(self, operator_id: OperatorId) -> None:
        if self.seats[operator_id].state is not OperatorState.PAUSED:
            raise IllegalOperatorEventError("ready is not possible now")
        self.move(operator_id, OperatorEvent.READY_ASKED)


@dataclass
class Pages:
    """The web part on a real store, and what a test needs to know of it."""

    deps: WebDeps
    store: Store
    archive: LocalArchive
    clock: HandClock
    floor: HandFloor
    desk: HandDesk
    campaign: Campaign
    operator: Operator
    spool: Path
    folder: Path
    passwords: dict[str, str] = field(default_factory=dict)
    calls: int = 0

    async def recording(
        self,
        digits: str = "4127",
        started_at: datetime = NOW - timedelta(days=1),
        sound: bool = True,
        raw: Path = RAW,
    ) -> RecordingId:
        """Add a call, answered when it has sound, with its recording made from real raw files."""
        self.calls += 1
        number = Number(FICTION[self.calls % len(FICTION)] + digits)
        lead = NewLead(number, "Personne Inventée", {}, 2)
        async with self.store.leads.load(
            NewList(self.campaign.campaign_id, f"list {uuid4().hex[:6]}", uuid4().hex * 2, "manager", NOW)
        ) as load:
            await load.add([lead])
            loaded = await load.finish()
        await self.store.whitelist.approve_list(loaded.list_id, "compliance", NOW)
        waiting = await self.store.leads.waiting(self.campaign.campaign_id, 10_000)
        waiting_lead = next(lead for lead in waiting if lead.list_id == loaded.list_id)
        start = attempt_start(waiting_lead.campaign_id, waiting_lead.list_id, waiting_lead.lead_id, number, started_at)
        await self.store.attempts.begin([start], [])
        tag = self._tag(start, waiting_lead.number, started_at, sound)
        file = None
        if sound:
            for end in ("", "-rx", "-tx"):
                shutil.copy(raw / f"answered{end}.wav", self.spool / f"{tag.recording_id}{end}.wav")
            file = await self.archive.finish(tag, None)
        attempt = await self.store.attempts.get(tag.attempt_id)
        await self.store.attempts.save([], [ended(attempt, tag)])
        await self.store.recordings.add(Recording(tag, file))
        return tag.recording_id

    def _tag(self, start: AttemptStart, number: Number, at: datetime, sound: bool) -> RecordingTag:
        permit = start.permit
        return RecordingTag(
            recording_id=permit.recording_id,
            attempt_id=permit.attempt_id,
            campaign_id=permit.campaign_id,
            campaign=self.campaign.name,
            list_id=permit.list_id,
            lead_id=permit.lead_id,
            operator_id=self.operator.operator_id if sound else None,
            operator=self.operator.name if sound else "",
            seat=self.operator.seat if sound else None,
            number=number,
            started_at=at,
            answered_at=at + timedelta(seconds=2) if sound else None,
            ended_at=at + timedelta(seconds=9),
        )

    def location(self, recording: Recording) -> Path:
        assert recording.file is not None
        return self.archive.location(recording.file)


def attempt_start(campaign_id: CampaignId, list_id: int, lead_id: int, number: Number, at: datetime) -> AttemptStart:
    request = PermitRequest(
        attempt_id=AttemptId(str(uuid4())),
        recording_id=RecordingId(str(uuid4())),
        campaign_id=campaign_id,
        list_id=list_id,  # type: ignore[arg-type]
        lead_id=lead_id,  # type: ignore[arg-type]
        number=number,
        caller_id=CALLER_ID,
        trunk="main",
        gate="gate",
    )
    return AttemptStart(give_permit(request, f"{uuid4().int % 10**36:036d}", at, timedelta(seconds=30)), at)


def ended(attempt: Attempt, tag: RecordingTag) -> Attempt:
    return replace(
        attempt,
        state=CallState.ENDED,
        outcome=Outcome.ANSWERED if tag.answered_at else Outcome.NO_ANSWER,
        trunk_channel=f"trunk-{tag.attempt_id[:8]}",
        operator_id=tag.operator_id,
        seat=tag.seat,
        answered_at=tag.answered_at,
        connected_at=tag.answered_at,
        ended_at=tag.ended_at,
    )


def a_floor(campaign: Campaign, seats: int, at: datetime) -> FloorView:
    states = (OperatorState.TALKING, OperatorState.TALKING, OperatorState.READY, OperatorState.WRAP_UP)
    more = (OperatorState.TALKING, OperatorState.PAUSED, OperatorState.READY, OperatorState.OFFLINE)
    return FloorView(
        version=1,
        at=at,
        seats=tuple(
            SeatView(
                seat=SeatNumber(number),
                operator_id=OperatorId(number),
                operator=NAMES[(number - 1) % len(NAMES)],
                state=(*states, *more)[(number - 1) % 8],
                since_at=at - timedelta(seconds=17 * number),
                campaign=campaign.name if number % 8 in {1, 2, 5} else "",
            )
            for number in range(1, seats + 1)
        ),
        campaigns=(campaign_view(campaign),),
        links=(LinkView("pbx", is_connected=True), LinkView("gate", is_connected=True)),
        incidents=(),
    )


def campaign_view(campaign: Campaign) -> CampaignView:
    return CampaignView(
        campaign_id=campaign.campaign_id,
        name=campaign.name,
        state=CampaignState.RUNNING,
        leads=6553,
        waiting=2140,
        done=4413,
        lines=9,
        talking=17,
        outcomes={"answered": 419, "abandoned": 9, "no_answer": 1204, "busy": 311, "failed": 88, "refused": 12},
        abandoned=9,
        answered=428,
        dialing=DialingOptions(0.03),
        calls_per_minute=34,
        pace=PACE,
    )


@asynccontextmanager
async def open_pages(
    folder: Path, *, seats: int = 6, live: bool = False, language: str = "fr", secure_cookies: bool = False
) -> AsyncIterator[Pages]:
    """Build it in ``folder``: five roles named after themselves, one campaign, one operator at seat 3."""
    url = await make_database(folder / "telephony.db")
    clock = HandClock(live=live)
    spool, finished = folder / "spool", folder / "recordings"
    spool.mkdir()
    async with await open_store(url) as opened:
        store = opened.store
        archive = LocalArchive(spool, finished)
        trunk = TrunkSettings(name="main", host=IPv4Address("127.0.0.9"), caller_ids=(CALLER_ID,))
        campaigns = Campaigns(store, clock, [trunk], CampaignDefaults())
        wish = CampaignWish("Satisfaction fibre", "Alpha Télécom", CampaignKind.SURVEY)
        campaign = await campaigns.create(wish, by="manager")
        accounts = AccountsService(store, clock, SystemDice(), hasher=CHEAP)
        passwords = await people(accounts)
        operator, passwords["claire"] = await accounts.add_operator("claire", "Claire D.", "Claire", SeatNumber(3))
        desk = HandDesk(clock)
        desk.seats[operator.operator_id] = SeatView(
            SeatNumber(3), operator.operator_id, "Claire", OperatorState.READY, clock.now(), ""
        )
        floor = HandFloor(a_floor(campaign, seats, clock.now()))

        @asynccontextmanager
        async def proving() -> AsyncIterator[tuple[DailyProof, ProofStore]]:
            days = Days(opened.database)
            head = HeadFile(folder / "head.json")
            gate = NoCalls()
            yield DailyProof(store, days, archive, gate, clock, head, "R1", "Europe/Paris"), days

        deps = WebDeps(
            accounts=accounts,
            listening=ListeningService(store, archive, clock),
            floor=floor,
            campaigns=campaigns,
            lists=ListImporter(store, clock),
            leads=store.leads,
            whitelist=Whitelist(store, clock, {"main": [CALLER_ID]}),
            desk=desk,
            results=MissingResults(opened.store.attempts, clock),
            desk_feed=desk.feed,
            own_call=desk,
            locks=Locks(store.locks, clock),
            incidents=Incidents(store.ledger, clock),
            do_not_call=DoNotCallLists(store, clock),
            proofs=Proofs(proving, folder / "proof.key", folder / "proofs"),
            clock=clock,
            web=WebSettings(secure_cookies=secure_cookies),
            site=SiteSettings(language=language),  # type: ignore[arg-type]
        )
        yield Pages(deps, store, archive, clock, floor, desk, campaign, operator, spool, finished, passwords)


async def people(accounts: AccountsService) -> dict[str, str]:
    named: Sequence[tuple[str, str, Role]] = (
        ("supervisor", "S. Martin", Role.SUPERVISOR),
        ("manager", "H. Moreau", Role.CAMPAIGN_MANAGER),
        ("compliance", "L. Petit", Role.COMPLIANCE),
        ("admin", "P. Garnier", Role.ADMINISTRATOR),
    )
    return {username: (await accounts.create(username, name, role))[1] for username, name, role in named}
