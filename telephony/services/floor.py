"""The floor: one picture of seats, campaigns and links, drawn at most four times a second when something changed."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from telephony.domain.attempts import CallState
from telephony.domain.callbacks import Repeated
from telephony.domain.calls import Call, CallEventValue, Originated
from telephony.domain.campaigns import Campaign, CampaignProgress, CampaignState
from telephony.domain.floor import CampaignView, FloorView, IncidentView, PaceReason, SeatView
from telephony.domain.law.abandonment import CROSSED_SHARE
from telephony.domain.law.wording import Text
from telephony.domain.locks import Lock
from telephony.domain.operators import OperatorEvent, OperatorState
from telephony.domain.order_words import LIST_ORDER
from telephony.domain.outcomes import Outcome
from telephony.errors import StoreError
from telephony.ids import CampaignId, OperatorId
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.services.nobody_due import NobodyDue
from telephony.services.readiness import Readiness
from telephony.services.seats import Seat, Seats
from telephony.services.tracker import Tracker

log = structlog.get_logger(__name__)

DRAW_S: Final = 0.25
"""Seconds between pictures at most."""
COUNT_S: Final = 2.0
"""Seconds between counts in the database."""
REPEATED: Final = 20
"""People called back again and again who are shown, at most."""
MINUTE: Final = timedelta(seconds=60)
_SPEAKS: Final = frozenset({OperatorState.RESERVED, OperatorState.TALKING})


class Floor:
    """Makes the picture and hands it to everyone who watches."""

    def __init__(
        self,
        store: Store,
        tracker: Tracker,
        seats: Seats,
        readiness: Readiness,
        reason: Callable[[CampaignId], PaceReason],
        clock: Clock,
        timezone: str,
        locks: Callable[[], tuple[Lock, ...]] = tuple,
        mistaken: Callable[[CampaignId], float] = lambda _: 0.0,
        say_first: Callable[[Campaign], Text | None] = lambda _: None,
        skips: Callable[[OperatorId], int] = lambda _: 0,
        order: Callable[[Campaign], PaceReason] = lambda _: LIST_ORDER,
        nobody: NobodyDue | None = None,
        has_nobody: Callable[[CampaignId], bool] = lambda _: False,
        results_due: Callable[[], int] = lambda: 0,
    ) -> None:
        """Begin with an empty picture."""
        self._nobody = nobody
        self._has_nobody = has_nobody
        self._order = order
        self._results_due = results_due
        self._locks = locks
        self._mistaken = mistaken
        self._say_first = say_first
        self._skips = skips
        self._store = store
        self._tracker = tracker
        self._seats = seats
        self._readiness = readiness
        self._reason = reason
        self._clock = clock
        self._zone = ZoneInfo(timezone)
        self._campaigns: dict[CampaignId, Campaign] = {}
        self._progress: dict[CampaignId, CampaignProgress] = {}
        self._outcomes: dict[CampaignId, Counter[str]] = {}
        self._begun: dict[CampaignId, deque[datetime]] = {}
        self._today: datetime | None = None
        self._incidents: tuple[IncidentView, ...] = ()
        self._repeated: tuple[PaceReason, ...] = ()
        self._view = FloorView(0, clock.now(), (), (), (), ())
        self._dirty = True
        self._drawn = asyncio.Condition()
        tracker.listen(self._on_call)
        seats.listen(self._on_seat)

    def view(self) -> FloorView:
        """Return the latest picture."""
        return self._view

    async def changes(self, after_version: int) -> AsyncIterator[FloorView]:
        """Yield every picture newer than ``after_version``; a slow watcher gets the latest only."""
        version = after_version
        while True:
            async with self._drawn:
                while self._view.version <= version:
                    await self._drawn.wait()
                view = self._view
            version = view.version
            yield view

    def _on_call(self, call: Call, event: CallEventValue) -> None:
        attempt = call.attempt
        if call.has_ended and attempt.outcome is not None:
            self._outcomes.setdefault(attempt.campaign_id, Counter())[attempt.outcome] += 1
        if isinstance(event, Originated):
            self._begun.setdefault(attempt.campaign_id, deque()).append(event.at)
        self._dirty = True

    def _on_seat(self, _seat: Seat, _event: OperatorEvent) -> None:
        self._dirty = True

    async def run(self) -> None:
        """Count and draw until cancelled."""
        loop = asyncio.get_running_loop()
        counted_at = -COUNT_S
        while True:
            if loop.time() - counted_at >= COUNT_S:
                counted_at = loop.time()
                await self._count()
                self._dirty = True
            if self._dirty or self._view.locks != self._locks():
                self._dirty = False
                await self._draw()
            await asyncio.sleep(DRAW_S)

    async def _count(self) -> None:
        now = self._clock.now()
        midnight = now.astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        try:
            campaigns = await self._store.campaigns.all()
            self._campaigns = {one.campaign_id: one for one in campaigns}
            for one in campaigns:
                self._progress[one.campaign_id] = await self._store.campaigns.progress(one.campaign_id)
                if self._today != midnight or one.campaign_id not in self._outcomes:
                    await self._tracker.flush()
                    counts = await self._store.attempts.since(one.campaign_id, midnight)
                    self._outcomes[one.campaign_id] = Counter(counts)
            self._today = midnight
            if self._nobody is not None:
                await self._nobody.look([one for one in campaigns if self._has_nobody(one.campaign_id)])
            found = await self._store.ledger.open_incidents()
            self._incidents = tuple(IncidentView(one.kind, one.subject, one.text) for one in found)
            repeated = await self._store.callbacks.repeated(midnight, REPEATED)
            self._repeated = tuple(self._said(one) for one in repeated)
        except StoreError as error:
            log.error("floor_not_counted", reason=str(error))

    def _said(self, one: Repeated) -> PaceReason:
        at = f"{one.at.astimezone(self._zone):%H:%M}"
        return PaceReason(
            fr=f"Fiche {one.lead_id}\u202f: {one.count} rappels promis aujourd’hui à cette personne,"
            f" le prochain à {at}.",
            en=f"Lead {one.lead_id}: {one.count} callbacks promised today to this person, the next at {at}.",
        )

    async def _draw(self) -> None:
        async with self._drawn:
            self._view = FloorView(
                version=self._view.version + 1,
                at=self._clock.now(),
                seats=tuple(self.seat_view(seat) for _number, seat in sorted(self._seats.seats.items())),
                campaigns=tuple(self._campaign(one) for one in self._campaigns.values()),
                links=self._readiness.links(),
                incidents=self._incidents,
                locks=self._locks(),
                blocked=self._readiness.why_not(),
                results_due=self._results_due(),
                repeated=self._repeated,
            )
            self._drawn.notify_all()

    def seat_view(self, seat: Seat) -> SeatView:
        """Draw one seat as it is now."""
        call = self._tracker.call(seat.row.attempt_id) if seat.row.attempt_id else None
        campaign = self._campaigns.get(call.attempt.campaign_id) if call else None
        return SeatView(
            seat=seat.row.seat,
            operator_id=seat.row.operator_id,
            operator=seat.operator_name,
            state=seat.state,
            since_at=seat.row.since_at,
            campaign=campaign.name if campaign else "",
            say_first=self._say_first(campaign) if campaign and seat.state in _SPEAKS else None,
            skips=self._skips(seat.row.operator_id) if seat.row.operator_id is not None else 0,
            is_calling=_is_calling(seat, call),
            has_phone=bool(seat.row.channel),
        )

    def _campaign(self, one: Campaign) -> CampaignView:
        calls = [call.attempt for call in self._tracker.calls() if call.attempt.campaign_id == one.campaign_id]
        outcomes = self._outcomes.get(one.campaign_id, Counter())
        progress = self._progress.get(one.campaign_id)
        talking = sum(1 for attempt in calls if attempt.state is CallState.CONNECTED)
        return CampaignView(
            campaign_id=one.campaign_id,
            name=one.name,
            state=one.state,
            leads=progress.leads if progress else 0,
            waiting=progress.waiting if progress else 0,
            done=progress.done if progress else 0,
            lines=len(calls) - talking,
            talking=talking,
            outcomes=dict(outcomes),
            abandoned=outcomes[Outcome.ABANDONED],
            answered=outcomes[Outcome.ANSWERED] + outcomes[Outcome.ABANDONED],
            abandon_cap=one.abandon_cap,
            calls_per_minute=self._per_minute(one.campaign_id),
            pace=self._pace(one),
            unheard=outcomes[Outcome.MACHINE] * self._mistaken(one.campaign_id)
            + outcomes[Outcome.WITHDRAWN] * CROSSED_SHARE,
            mode=one.mode,
            power_tenths=one.power_tenths,
            order=self._order(one),
            held=self._nobody.held(one.campaign_id) if self._nobody is not None else (),
        )

    def _per_minute(self, campaign_id: CampaignId) -> int:
        begun = self._begun.get(campaign_id, deque())
        since = self._clock.now() - MINUTE
        while begun and begun[0] < since:
            begun.popleft()
        return len(begun)

    def _pace(self, one: Campaign) -> PaceReason:
        if one.state is CampaignState.RUNNING:
            return self._reason(one.campaign_id)
        return PaceReason(fr="La campagne ne tourne pas.", en="The campaign does not run.")


def _is_calling(seat: Seat, call: Call | None) -> bool:
    """Tell whether the call the operator pressed for has not been answered."""
    return seat.state is OperatorState.RESERVED and call is not None and call.attempt.answered_at is None
