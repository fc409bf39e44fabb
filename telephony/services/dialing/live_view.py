"""The live view: the state that the pacer reads, fed by the tracker and the seats (PACING's interface).

It only has counts and times; the pacer decides, the launcher dials. A dial is in the air as soon as it is ordered, so
that none is ordered twice while attempts are written; the pacer gets DIAL when it has left. ``pacer_events`` has the
events, ``day_counters`` the day's counts, ``coverage`` the reservations.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from telephony.domain.calls.events import (
    CallEventValue,
    CarrierRang,
    MachineJudged,
    NobodyFree,
    OperatorChosen,
    OperatorConnected,
    PersonAnswered,
)
from telephony.domain.calls.lifecycle import Call
from telephony.domain.calls.operators import OperatorEvent, OperatorState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.pacing.interface import NO_ID, Dial, Kind
from telephony.domain.pacing.shared import DayCounts
from telephony.ids import AttemptId, CampaignId
from telephony.services.calls.coverage import Coverage
from telephony.services.calls.seats import Seat
from telephony.services.dialing.day_counters import DayCounters
from telephony.services.dialing.pacer_events import PacerEvents
from telephony.services.dialing.ring_limits import RingLimits

_NOT_SOON: Final = frozenset(OperatorState) - {OperatorState.READY, OperatorState.TALKING, OperatorState.RESERVED}
"""States of operators who will not be free soon; wrap-up without a phone counts as one."""


@dataclass(frozen=True, slots=True)
class PacingLimits:
    """The limits of every pacer.

    Attributes:
        max_lines: simultaneous calls, all trunks together.
        cps: new calls per second, all trunks together.
        grace: seconds an answered call may wait for an operator.
        ring_timeout: seconds a call rings.
    """

    max_lines: int
    cps: float
    grace: float
    ring_timeout: float


class LiveView:
    """Implements ``telephony.domain.pacing.shared.SharedView``."""

    def __init__(
        self,
        limits: PacingLimits,
        events: PacerEvents,
        counters: DayCounters,
        coverage: Coverage,
        ringing: RingLimits,
    ) -> None:
        """``ringing`` decides which ringing calls may be cancelled, and cancels them."""
        self.max_lines, self.cps = limits.max_lines, limits.cps
        self.grace, self.ring_timeout = limits.grace, limits.ring_timeout
        self.now = 0.0
        self.end = float("inf")
        self.free: dict[int, float] = {}
        self.talking: dict[int, float] = {}
        self.wrapping: dict[int, float] = {}
        self.inflight: dict[int, Dial] = {}
        self.waiting: dict[int, float] = {}
        self.campaigns: dict[int, CampaignId] = {}
        """The campaign of each call in flight, waiting or connected."""
        self.events = events
        self.counters = counters
        self._coverage = coverage
        self._ringing = ringing
        self._ids: dict[AttemptId, int] = {}
        self._attempts: dict[int, AttemptId] = {}
        self._promised: set[int] = set()
        self._last = 0

    @property
    def reserved(self) -> Collection[int]:
        """Calls for which an operator is reserved."""
        return self._coverage.calls

    @property
    def days(self) -> Mapping[CampaignId, DayCounts]:
        """Each campaign's counts of today; the counts below are the floor's."""
        return self.counters.days

    @property
    def n_dials(self) -> int:
        """Dials today."""
        return self.counters.floor.n_dials

    @property
    def n_human(self) -> int:
        """People who answered today."""
        return self.counters.floor.n_human

    @property
    def n_connected(self) -> int:
        """People connected today."""
        return self.counters.floor.n_connected

    @property
    def n_abandoned(self) -> int:
        """People abandoned today."""
        return self.counters.floor.n_abandoned

    @property
    def ordered(self) -> int:
        """Ordered dials for which the pacer has not had a DIAL event yet."""
        return self.events.ordered

    @property
    def min_ring(self) -> float:
        """Seconds of ringing before which ``cancel`` always refuses."""
        return self._ringing.least_ring_s()

    async def next(self, tick_s: float) -> tuple[Kind, int, int]:
        """Return the next event, or a TICK if none comes within ``tick_s``; then ``now`` is the present time."""
        event = await self.events.next(tick_s)
        self.now = _now()
        return event

    def cancel(self, call: int) -> bool:
        """Cancel an unanswered dial that has rung long enough and is no promised callback; it ends as NOANSWER."""
        dial = self.inflight.get(call)
        if dial is None or dial.rang_at is None or dial.answered_at is not None or call in self._promised:
            return False
        return self._ringing.withdraw(self._attempts[call], _now() - dial.rang_at)

    # Orders

    def order(self, campaign_id: CampaignId | None = None, *, is_reserved: bool = False) -> int:
        """Count a dial as in the air from now on; return its number, for ``dialled`` or ``give_back``.

        Args:
            campaign_id: the dial's campaign; None if not known yet.
            is_reserved: an operator is reserved for it.
        """
        self._last += 1
        self.inflight[self._last] = Dial(_now())
        self.events.order()
        if campaign_id is not None:
            self.campaigns[self._last] = campaign_id
        if is_reserved:
            self._coverage.reserve(self._last)
        return self._last

    def give_back(self, number: int) -> None:
        """Forget an ordered dial that is not made."""
        self.inflight.pop(number, None)
        self.campaigns.pop(number, None)
        self.events.take_back()
        self._coverage.release(number)

    def dialled(
        self, number: int, attempt_id: AttemptId, campaign_id: CampaignId, *, is_promised: bool = False
    ) -> float:
        """Record that an ordered dial has left; return the seconds since the order.

        A promised callback is never cancelled.
        """
        now = _now()
        dial = self.inflight[number]
        took_s = now - (dial.dialled_at or now)
        self._ids[attempt_id] = number
        self._attempts[number] = attempt_id
        self._coverage.dialled(number, attempt_id)
        self.campaigns[number] = campaign_id
        if is_promised:
            self._promised.add(number)
        self.inflight[number] = dial._replace(dialled_at=now)
        self.counters.count(campaign_id, dials=1)
        self.events.emit(Kind.DIAL, number)
        return took_s

    # The day

    def set_day(self, campaign_id: CampaignId, counts: DayCounts) -> None:
        """Set a campaign's counts of today; adds the people who wait for an operator now."""
        counts.n_human += sum(1 for call in self.waiting if self.campaigns.get(call) == campaign_id)
        self.counters.days[campaign_id] = counts

    # Events

    def on_call(self, call: Call, event: CallEventValue) -> None:
        """Follow one call."""
        number = self._ids.get(call.attempt.attempt_id)
        if number is None:
            self._count_untracked(call)
            return
        campaign_id = self.campaigns[number]
        dial = self.inflight.get(number)
        match event:
            case CarrierRang() if dial is not None:
                self.inflight[number] = dial._replace(rang_at=dial.rang_at or _now())
                self.events.emit(Kind.RING, number)
            case PersonAnswered() if dial is not None:
                del self.inflight[number]
                self.waiting[number] = _now()
                self.counters.count(campaign_id, human=1)
                self.events.emit(Kind.ANSWER, number)
                self.events.emit(Kind.HUMAN, number)
            case MachineJudged() if call.is_machine:
                self.waiting.pop(number, None)
                self.counters.count(campaign_id, human=-1)
                self.events.emit(Kind.MACHINE, number)
                self._coverage.release(number)
            case OperatorConnected():
                self.waiting.pop(number, None)
                self.counters.count(campaign_id, connected=1)
                self.events.emit(Kind.CONNECT, number, call.attempt.operator_id or NO_ID)
                self._coverage.release(number)
            case NobodyFree() | OperatorChosen():
                self.waiting.pop(number, None)
                self._coverage.release(number)
            case _:
                pass
        if call.has_ended:
            self._ended(call, number)

    def _count_untracked(self, call: Call) -> None:
        """Count a call from before a restart that ends abandoned: it is part of its campaign's budget of the day."""
        attempt = call.attempt
        is_dialled = attempt.guaranteed_to is None  # calls that an operator pressed for are in no budget
        if attempt.campaign_id in self.days and is_dialled and attempt.outcome is Outcome.ABANDONED:
            self.counters.count(attempt.campaign_id, human=1, abandoned=1)

    def _ended(self, call: Call, number: int) -> None:
        attempt = call.attempt
        del self._ids[attempt.attempt_id], self._attempts[number]
        self._promised.discard(number)
        self.inflight.pop(number, None)
        self.waiting.pop(number, None)
        match attempt.outcome:
            case Outcome.ABANDONED:
                self.counters.count(self.campaigns[number], abandoned=1)
                self.events.emit(Kind.ABANDON, number)
            case Outcome.NO_ANSWER:
                self.events.emit(Kind.NOANSWER, number)
            case Outcome.WITHDRAWN:
                self.counters.count_cancelled(attempt.campaign_id)
                self.events.emit(Kind.NOANSWER, number)
            case Outcome.MACHINE:
                self.counters.count_machine(attempt.campaign_id)
            case Outcome.ANSWERED:
                pass
            case _:
                self.events.emit(Kind.FAIL, number)
        del self.campaigns[number]
        self._coverage.release(number)

    def count_seats(self, seats: Iterable[Seat]) -> None:
        """Count operators who stayed logged in while the controller was away."""
        for seat in seats:
            self.on_seat(seat, OperatorEvent.READY_ASKED)

    def on_seat(self, seat: Seat, event: OperatorEvent) -> None:
        """Follow one operator."""
        del event
        agent = seat.row.operator_id
        if agent is None:
            return
        for where in (self.free, self.talking, self.wrapping):
            where.pop(agent, None)
        match seat.state:
            case OperatorState.READY:
                self.free[agent] = _now()
                self.events.emit(Kind.READY, NO_ID, agent)
            case OperatorState.TALKING:
                self.talking[agent] = _now()
            case OperatorState.WRAP_UP if seat.row.channel:
                self.wrapping[agent] = _now()
                self.events.emit(Kind.TALKEND, NO_ID, agent)
            case state if state in _NOT_SOON:
                self.events.emit(Kind.OFF, NO_ID, agent)
            case _:
                pass


def _now() -> float:
    return asyncio.get_running_loop().time()
