"""What the pacer sees: the live view of PACING's interface, fed by the tracker and the seats.

It only counts and remembers since when; deciding is the pacer's, dialling the launcher's. A dial is in the air for it
from the moment it is ordered, so that none is ordered twice while attempts are written; DIAL is told when it has left.
"""

import asyncio
import math
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Final

from telephony.domain.calls import (
    Call,
    CallEventValue,
    CarrierRang,
    MachineJudged,
    NobodyFree,
    OperatorChosen,
    OperatorConnected,
    PersonAnswered,
)
from telephony.domain.law.abandonment import CROSSED_SHARE
from telephony.domain.operators import OperatorEvent, OperatorState
from telephony.domain.outcomes import Outcome
from telephony.domain.pacing import Kind
from telephony.domain.shared_pace import DayCounts
from telephony.ids import AttemptId, CampaignId
from telephony.services.seats import Seat

NONE = -1
_NOT_SOON: Final = frozenset(OperatorState) - {OperatorState.READY, OperatorState.TALKING, OperatorState.RESERVED}
"""Whoever is there, or owes a result without a phone, is nobody to count on."""


class DialingView:
    """Implements ``telephony.domain.shared_pace.SharedView``."""

    def __init__(
        self,
        max_lines: int,
        cps: float,
        grace: float,
        ring_timeout: float,
        mistaken_share: Callable[[CampaignId], float] = lambda _: 0.0,
        least_ring: Callable[[], float] = lambda: math.inf,
        withdraw: Callable[[AttemptId, float], bool] = lambda *_: False,
        uncovered: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin empty.

        Args:
            max_lines: simultaneous calls, all trunks together.
            cps: new calls per second, all trunks together.
            grace: seconds an answered call may wait for an operator.
            ring_timeout: seconds a call rings.
            mistaken_share: share of people among a campaign's machines: they count as abandoned.
            least_ring: seconds of ringing after which a dial may be withdrawn at the earliest; infinite: never.
            withdraw: hangs up an attempt that has rung so many seconds, if it may be; tells whether it will be.
            uncovered: told when an operator is not kept for a call any more.
        """
        self.free: dict[int, float] = {}
        self.talking: dict[int, float] = {}
        self.wrapping: dict[int, float] = {}
        self.inflight: dict[int, list[float | None]] = {}
        self.waiting: dict[int, float] = {}
        self.campaigns: dict[int, CampaignId] = {}
        """Call in flight, waiting or connected: its campaign."""
        self.covered: set[int] = set()
        """Calls for which an operator is kept free."""
        self.days: dict[CampaignId, DayCounts] = {}
        """Each campaign's counts of today; those below are the floor's."""
        self.n_dials = self.n_human = self.n_connected = self.n_abandoned = 0
        self.max_lines = max_lines
        self.cps = cps
        self.grace = grace
        self.ring_timeout = ring_timeout
        self.now = 0.0
        self.end = float("inf")
        self._mistaken_share = mistaken_share
        self._mistaken: defaultdict[CampaignId, float] = defaultdict(float)
        self._crossed: defaultdict[CampaignId, float] = defaultdict(float)
        self._least_ring = least_ring
        self._withdraw = withdraw
        self._uncovered = uncovered
        self._ids: dict[AttemptId, int] = {}
        self._attempts: dict[int, AttemptId] = {}
        self._kept: set[int] = set()
        self._last = 0
        self.ordered = 0
        """Dials ordered of which the pacer has not been told that they left."""
        self.behind_s = 0.0
        """How long the event handed out last had waited for the pacer, seconds."""
        self._events: deque[tuple[float, int, int, int]] = deque()
        self._wake = asyncio.Event()

    @property
    def min_ring(self) -> float:
        """Seconds of ringing before which ``cancel`` is never honoured."""
        return self._least_ring()

    def cancel(self, call: int) -> bool:
        """Withdraw a dial that has rung long enough, keeps no promise and is not answered; it ends as a NOANSWER."""
        flight = self.inflight.get(call)
        if flight is None or flight[1] is None or flight[2] is not None or call in self._kept:
            return False
        return self._withdraw(self._attempts[call], _now() - flight[1])

    def count_unheard(self, campaign_id: CampaignId, machines: int, withdrawn: int) -> int:
        """Begin the day's estimates anew: people taken for machines, or hung up on unseen; return what they come to."""
        self._mistaken[campaign_id] = machines * self._mistaken_share(campaign_id)
        self._crossed[campaign_id] = withdrawn * CROSSED_SHARE
        return math.ceil(self._mistaken[campaign_id]) + round(self._crossed[campaign_id])

    async def next(self, tick_s: float) -> tuple[int, int, int]:
        """Return the next event, or a TICK when none comes within ``tick_s``."""
        if not self._events:
            self._wake.clear()
            try:
                async with asyncio.timeout(tick_s):
                    await self._wake.wait()
            except TimeoutError:
                self.behind_s = 0.0
                return Kind.TICK, NONE, NONE
        since, kind, call, agent = self._events.popleft()
        self.ordered -= kind == Kind.DIAL
        self.behind_s = _now() - since
        return kind, call, agent

    def _emit(self, kind: Kind, call: int = NONE, agent: int = NONE) -> None:
        self._events.append((_now(), kind, call, agent))
        self._wake.set()

    def order(self, campaign_id: CampaignId | None = None, *, is_covered: bool = False) -> int:
        """Count a dial as in the air from now on; return its number, for ``dialled`` or ``give_back``.

        Args:
            campaign_id: whose dial it will be, None when that is not known yet.
            is_covered: an operator is kept free for it.
        """
        self._last += 1
        self.inflight[self._last] = [_now(), None, None]
        self.ordered += 1
        if campaign_id is not None:
            self.campaigns[self._last] = campaign_id
        if is_covered:
            self.covered.add(self._last)
        return self._last

    def give_back(self, number: int) -> None:
        """A dial that was ordered is not made."""
        self.inflight.pop(number, None)
        self.campaigns.pop(number, None)
        self.ordered -= 1
        self._uncover(number)

    def dialled(
        self, number: int, attempt_id: AttemptId, campaign_id: CampaignId, *, is_promised: bool = False
    ) -> float:
        """A dial that was ordered has left; return how long that took, seconds.

        One that was promised as a callback is never withdrawn.
        """
        now = _now()
        took_s = now - (self.inflight[number][0] or now)
        self._ids[attempt_id] = number
        self._attempts[number] = attempt_id
        self.campaigns[number] = campaign_id
        if is_promised:
            self._kept.add(number)
        self.inflight[number][0] = now
        self._count(number, dials=1)
        self._emit(Kind.DIAL, number)
        return took_s

    def kept_from(self, attempt_id: AttemptId) -> int:
        """Return how many of the free operators are kept for other calls than this one."""
        return 0 if self._ids.get(attempt_id) in self.covered else len(self.covered)

    def set_day(self, campaign_id: CampaignId, counts: DayCounts) -> None:
        """Set a campaign's counts of today; calls that wait for an operator now are people in neither count yet."""
        counts.n_human += sum(1 for call in self.waiting if self.campaigns.get(call) == campaign_id)
        self.days[campaign_id] = counts

    def show_alone(self, campaign_id: CampaignId) -> None:
        """Let the floor's counts be a campaign's, which runs alone."""
        day = self.days.get(campaign_id, DayCounts())
        self.n_dials, self.n_human = day.n_dials, day.n_human
        self.n_connected, self.n_abandoned = day.n_connected, day.n_abandoned

    def _count(self, number: int, *, dials: int = 0, human: int = 0, connected: int = 0, abandoned: int = 0) -> None:
        """Count for the floor and for the call's campaign."""
        for day in (self, self.days.setdefault(self.campaigns[number], DayCounts())):
            day.n_dials += dials
            day.n_human += human
            day.n_connected += connected
            day.n_abandoned += abandoned

    def _uncover(self, number: int) -> None:
        if number in self.covered:
            self.covered.discard(number)
            self._uncovered()

    def on_call(self, call: Call, event: CallEventValue) -> None:
        """Follow one call."""
        number = self._ids.get(call.attempt.attempt_id)
        if number is None:
            self._not_ours(call)
            return
        flight = self.inflight.get(number)
        match event:
            case CarrierRang() if flight is not None:
                flight[1] = flight[1] or _now()
                self._emit(Kind.RING, number)
            case PersonAnswered() if flight is not None:
                flight[2] = _now()
                del self.inflight[number]
                self.waiting[number] = _now()
                self._count(number, human=1)
                self._emit(Kind.ANSWER, number)
                self._emit(Kind.HUMAN, number)
            case MachineJudged() if call.is_machine:
                self.waiting.pop(number, None)
                self._count(number, human=-1)
                self._emit(Kind.MACHINE, number)
                self._uncover(number)
            case OperatorConnected():
                self.waiting.pop(number, None)
                self._count(number, connected=1)
                self._emit(Kind.CONNECT, number, call.attempt.operator_id or NONE)
                self._uncover(number)
            case NobodyFree() | OperatorChosen():
                self.waiting.pop(number, None)
                self._uncover(number)
            case _:
                pass
        if call.has_ended:
            self._ended(call, number)

    def _not_ours(self, call: Call) -> None:
        """Count a call that was up across a restart and ends abandoned: the budget of its campaign's day bears it."""
        attempt = call.attempt
        day = self.days.get(attempt.campaign_id)
        is_dialled = attempt.guaranteed_to is None  # nobody's budget holds calls that an operator pressed for
        if day is None or not is_dialled or attempt.outcome is not Outcome.ABANDONED:
            return
        for counts in (self, day):
            counts.n_human += 1
            counts.n_abandoned += 1

    def _ended(self, call: Call, number: int) -> None:
        attempt = call.attempt
        del self._ids[attempt.attempt_id], self._attempts[number]
        self._kept.discard(number)
        self.inflight.pop(number, None)
        self.waiting.pop(number, None)
        match attempt.outcome:
            case Outcome.ABANDONED:
                self._count(number, abandoned=1)
                self._emit(Kind.ABANDON, number)
            case Outcome.NO_ANSWER:
                self._emit(Kind.NOANSWER, number)
            case Outcome.WITHDRAWN:
                before = self._crossed[attempt.campaign_id]
                self._crossed[attempt.campaign_id] += CROSSED_SHARE
                self._count(number, abandoned=round(before + CROSSED_SHARE) - round(before))
                self._emit(Kind.NOANSWER, number)
            case Outcome.MACHINE:
                before = self._mistaken[attempt.campaign_id]
                self._mistaken[attempt.campaign_id] += self._mistaken_share(attempt.campaign_id)
                abandoned = math.ceil(self._mistaken[attempt.campaign_id]) - math.ceil(before)
                self._count(number, abandoned=abandoned)
            case Outcome.ANSWERED:
                pass
            case _:
                self._emit(Kind.FAIL, number)
        del self.campaigns[number]
        self._uncover(number)

    def on_seat(self, seat: Seat, event: OperatorEvent) -> None:
        """Follow one operator."""
        agent = seat.row.operator_id
        if agent is None:
            return
        for where in (self.free, self.talking, self.wrapping):
            where.pop(agent, None)
        match seat.state:
            case OperatorState.READY:
                self.free[agent] = _now()
                self._emit(Kind.READY, NONE, agent)
            case OperatorState.TALKING:
                self.talking[agent] = _now()
            case OperatorState.WRAP_UP if seat.row.channel:
                self.wrapping[agent] = _now()
                self._emit(Kind.TALKEND, NONE, agent)
            case state if state in _NOT_SOON:
                self._emit(Kind.OFF, NONE, agent)
            case _:
                del event


def _now() -> float:
    return asyncio.get_running_loop().time()
