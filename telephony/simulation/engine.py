"""One campaign day, event by event, for any ``telephony.domain.pacing.AnyPacer``.

The pacer gets events one at a time. After each it returns how many new dials it wants, and gets as many as lines,
calls per second, leads and the window allow. The rest is dropped: the pacer is soon asked again. A person who answered
goes to the operator who has been free longest. ``outcomes`` draws the outcome of each dial,
``totals`` adds up the day.
"""

import sys
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from time import thread_time_ns
from typing import Final, Protocol, runtime_checkable

from telephony.domain.pacing.interface import NO_ID, AnyPacer, Dial, Kind
from telephony.simulation.floor import Floor
from telephony.simulation.outcomes import Dials, Fate, Fates
from telephony.simulation.results import DayResult
from telephony.simulation.scenarios import Scenario
from telephony.simulation.totals import DayTotals, span

SAMPLE_S: Final = 300.0
TIMED: Final = 16
"""One decision in ``TIMED`` is timed."""
_Handler = Callable[[float, int], None]


@runtime_checkable
class Clairvoyant(Protocol):
    """A pacer that sees the future of the day: the bound on all others."""

    def foresee(self, day: "Day") -> None:
        """Receive the day before it starts."""


def run_day(scenario: Scenario, pacer: AnyPacer, seed: int, *, tells_cancels: bool = True) -> DayResult:
    """Simulate one day.

    Args:
        scenario: the kind of day.
        pacer: decides how many dials to launch; used for this day only.
        seed: selects the day: its dials are the same for every pacer.
        tells_cancels: a dial the pacer cancelled ends with a NOANSWER; otherwise it disappears without an event.
    """
    return Day(scenario, pacer, seed, tells_cancels=tells_cancels).run()


class Day:
    """One simulated day.

    Attributes:
        scenario: the kind of day.
        floor: what the pacer sees.
        fates: the outcome of each dial.
        known: the fate of each call until an operator has it.
        busy_until: when each operator who got a call is free again, wrap-up and pause included.
    """

    def __init__(
        self,
        scenario: Scenario,
        pacer: AnyPacer,
        seed: int,
        fates: Dials | None = None,
        *,
        tells_cancels: bool = True,
    ) -> None:
        """Schedule what is fixed beforehand: shifts, the first tick and the first sample.

        Args:
            scenario: the kind of day.
            pacer: decides how many dials to launch; used for this day only.
            seed: selects the day.
            fates: the outcomes of the dials; by default all leads are alike.
            tells_cancels: a dial the pacer cancelled ends with a NOANSWER; otherwise it disappears without an event.
        """
        self.scenario = scenario
        self.floor = Floor(scenario)
        self.fates: Dials = fates or Fates(scenario, seed)
        self.known: dict[int, Fate] = {}
        self.busy_until: dict[int, float] = {}
        self._pacer = pacer
        self._tells_cancels = tells_cancels
        self._diary: list[tuple[float, int, _Handler, int]] = []
        self._order = count()
        self._news: deque[tuple[int, int, int]] = deque()
        self._served: dict[int, Fate] = {}
        self._on_shift: set[int] = set()
        self._paused: set[int] = set()
        self._tokens = scenario.cps
        self._tokens_at = 0.0
        self._leads = sys.maxsize if scenario.leads is None else scenario.leads
        self._totals = DayTotals()
        self._asked = 0
        for operator in range(scenario.operators):
            for begin, close in scenario.shifts(operator):
                self._note(begin, self._login, operator)
                if close < scenario.end:
                    self._note(close, self._logout, operator)
        self._note(0.0, self._tick)
        self._note(SAMPLE_S, self._sample)

    def run(self) -> DayResult:
        """Simulate the day until every call has ended."""
        if isinstance(self._pacer, Clairvoyant):
            self._pacer.foresee(self)
        self._pacer.start(self.floor)
        diary, floor = self._diary, self.floor
        while diary:
            t, _, handler, who = heappop(diary)
            floor.now = t
            handler(t, who)
            if self._news:
                self._settle(t)
        return self._totals.result(floor)

    def _note(self, t: float, handler: _Handler, who: int = NO_ID) -> None:
        heappush(self._diary, (t, next(self._order), handler, who))

    # Events to the pacer, dials from it

    def _settle(self, t: float) -> None:
        """Pass the events to the pacer one at a time; each may bring more."""
        news, floor = self._news, self.floor
        while news:
            kind, call, agent = news.popleft()
            self._asked += 1
            ask = self._pacer.step if self._asked % TIMED else self._timed
            dials = ask(t, kind, call, agent)
            if floor.withdrawn:
                self._cancel()
            if dials > 0:
                self._launch(t, dials)
            if floor.waiting and floor.free:
                self._connect(t)

    def _timed(self, t: float, kind: int, call: int, agent: int) -> int:
        """Ask the pacer and time it; on some machines the clock costs more than the answer."""
        begun = thread_time_ns()
        dials = self._pacer.step(t, kind, call, agent)
        self._totals.add_decision(thread_time_ns() - begun)
        return dials

    def _launch(self, t: float, dials: int) -> None:
        floor = self.floor
        for _ in range(min(dials, self._room(t))):
            self._begin(t, floor.n_dials, self.fates.fate(floor.n_dials, t))
        if floor.n_dials == self._leads and self._totals.list_ended_s is None:
            self._totals.list_ended_s = floor.end = t  # operators are sent home

    def _begin(self, t: float, call: int, fate: Fate) -> None:
        floor = self.floor
        floor.n_dials += 1
        self._tokens -= 1.0
        self.known[call] = fate
        floor.inflight[call] = Dial(t)
        self._note(t + fate.setup, self._end_unanswered if fate.kind == Kind.FAIL else self._ring, call)
        self._news.append((Kind.DIAL, call, NO_ID))

    def _room(self, t: float) -> int:
        """Return how many dials lines, calls per second, leads and windows allow."""
        floor = self.floor
        self._tokens = min(floor.cps, self._tokens + (t - self._tokens_at) * floor.cps)
        self._tokens_at = t
        if not any(begin <= t < close for begin, close in self.scenario.windows):
            return 0
        lines = floor.max_lines - len(floor.inflight) - len(floor.waiting) - len(floor.talking)
        return min(lines, int(self._tokens), self._leads - floor.n_dials, self.fates.left(t))

    def _cancel(self) -> None:
        for call in self.floor.withdrawn:
            del self.floor.inflight[call], self.known[call]
            self._totals.withdrawn += 1
            if self._tells_cancels:
                self._news.append((Kind.NOANSWER, call, NO_ID))
        self.floor.withdrawn.clear()

    def _connect(self, t: float) -> None:
        floor = self.floor
        call, operator = next(iter(floor.waiting)), next(iter(floor.free))
        del floor.waiting[call]
        waited = span(floor.free.pop(operator), t, self.floor.end)
        self._totals.free_s += waited
        self._totals.wait_s += waited
        fate = self._served[operator] = self.known.pop(call)
        floor.talking[operator] = t
        floor.n_connected += 1
        self.busy_until[operator] = t + fate.talk + fate.wrap + fate.pause
        self._note(t + fate.talk, self._talked, operator)
        self._news.append((Kind.CONNECT, call, operator))

    # Calls

    def _ring(self, t: float, call: int) -> None:
        fate = self.known[call]
        self.floor.inflight[call] = self.floor.inflight[call]._replace(rang_at=t)
        self._note(t + fate.ring, self._end_unanswered if fate.kind == Kind.NOANSWER else self._answer, call)
        self._news.append((Kind.RING, call, NO_ID))

    def _end_unanswered(self, _: float, call: int) -> None:
        if self.floor.inflight.pop(call, None) is None:
            return  # cancelled meanwhile
        kind = self.known.pop(call).kind
        if kind == Kind.FAIL:
            self._totals.failed += 1
        else:
            self._totals.unanswered += 1
        self._news.append((kind, call, NO_ID))

    def _answer(self, t: float, call: int) -> None:
        dial = self.floor.inflight.get(call)
        if dial is None:
            return  # cancelled meanwhile
        self.floor.inflight[call] = dial._replace(answered_at=t)
        self._note(t + self.known[call].detect, self._decided, call)
        self._news.append((Kind.ANSWER, call, NO_ID))

    def _decided(self, t: float, call: int) -> None:
        floor = self.floor
        del floor.inflight[call]
        kind = self.known[call].kind
        if kind == Kind.HUMAN:
            floor.waiting[call] = t
            floor.n_human += 1
            self._note(t + floor.grace, self._grace, call)
        else:
            del self.known[call]
            self._totals.machines += 1
        self._news.append((kind, call, NO_ID))

    def _grace(self, _: float, call: int) -> None:
        if self.floor.waiting.pop(call, None) is None:
            return  # connected meanwhile
        del self.known[call]
        self.floor.n_abandoned += 1
        self._news.append((Kind.ABANDON, call, NO_ID))

    # Operators

    def _talked(self, t: float, operator: int) -> None:
        self._totals.talk_s += span(self.floor.talking.pop(operator), t, self.floor.end)
        self.floor.wrapping[operator] = t
        self._note(t + self._served[operator].wrap, self._wrapped, operator)
        self._news.append((Kind.TALKEND, NO_ID, operator))

    def _wrapped(self, t: float, operator: int) -> None:
        self._totals.wrap_s += span(self.floor.wrapping.pop(operator), t, self.floor.end)
        pause = self._served.pop(operator).pause
        if operator in self._on_shift and not pause:
            self._ready(t, operator)
            return
        if operator in self._on_shift:
            self._paused.add(operator)
            self._note(t + pause, self._returned, operator)
        self._news.append((Kind.OFF, NO_ID, operator))

    def _returned(self, t: float, operator: int) -> None:
        self._paused.discard(operator)
        if operator in self._on_shift:
            self._ready(t, operator)

    def _login(self, t: float, operator: int) -> None:
        self._on_shift.add(operator)
        if operator not in self._served and operator not in self._paused:
            self._ready(t, operator)

    def _logout(self, t: float, operator: int) -> None:
        self._on_shift.discard(operator)
        since = self.floor.free.pop(operator, None)
        if since is not None:
            self._totals.free_s += span(since, t, self.floor.end)
            self._news.append((Kind.OFF, NO_ID, operator))

    def _ready(self, t: float, operator: int) -> None:
        self.floor.free[operator] = t
        self._news.append((Kind.READY, NO_ID, operator))

    # Clock and totals

    def _tick(self, t: float, _: int) -> None:
        if t + self._pacer.tick <= self.floor.end:
            self._note(t + self._pacer.tick, self._tick)
        self._news.append((Kind.TICK, NO_ID, NO_ID))

    def _sample(self, t: float, _: int) -> None:
        self._totals.sample(t, self.floor)
        if t + SAMPLE_S <= self.floor.end:
            self._note(t + SAMPLE_S, self._sample)
