"""A pacer that gets bad events: lost, doubled or late; and calls without any event."""

from collections.abc import Iterator, Sequence
from random import Random

from telephony.domain.pacing.interface import AnyPacer, Kind, View
from telephony.domain.pacing.shared import Order, SharedPace
from telephony.domain.text.reason import Reason
from telephony.simulation.scenarios import Scenario
from telephony.simulation.shared_day import SharedDay


class HardOfHearing:
    """Passes each event on, or not: the view stays right all the while."""

    def __init__(self, pacer: AnyPacer, seed: int, *, lost: float = 0.0, twice: float = 0.0, late: float = 0.0) -> None:
        """Wrap a pacer.

        Args:
            pacer: which pacer receives the events.
            seed: of the dice.
            lost: share of calls without any event after the dial left, and of other events lost one by one.
            twice: share of events repeated, at once.
            late: share of events delivered after the one that follows.
        """
        self.tick = pacer.tick
        self._pacer = pacer
        self._dice = Random(seed)
        self._lost, self._twice, self._late = lost, twice, late
        self._silent: set[int] = set()
        self._kept: list[tuple[int, int, int]] = []

    def start(self, view: View) -> None:
        """Start the pacer."""
        self._pacer.start(view)

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Pass on the events that are not lost; a tick is always passed on."""
        if kind == Kind.TICK:
            return self._pacer.step(t, kind, call, agent)
        if self._is_lost(kind, call):
            return 0
        if self._dice.random() < self._late:
            self._kept.append((kind, call, agent))
            return 0
        events = [(kind, call, agent), *self._kept]
        self._kept.clear()
        count = 0
        for event in events:
            for _ in range(2 if self._dice.random() < self._twice else 1):
                count = self._pacer.step(t, *event) or count
        return count

    def _is_lost(self, kind: int, call: int) -> bool:
        if call in self._silent:
            return True
        if self._dice.random() >= self._lost:
            return False
        if kind == Kind.DIAL:
            self._silent.add(call)
            return False
        return True

    def reason(self) -> Reason:
        """Pass on."""
        return self._pacer.reason()


class SpoiledPace:
    """Several campaigns' pace that loses or doubles events."""

    def __init__(self, pace: SharedPace, seed: int, lost: float, twice: float) -> None:
        """Wrap it."""
        self._pace, self._dice = pace, Random(seed)
        self._lost, self._twice = lost, twice

    def step(self, t: float, kind: int, call: int, agent: int) -> Iterator[Order]:
        """Pass on, once, twice or not at all; a tick always."""
        if kind != Kind.TICK and self._dice.random() < self._lost:
            return
        if self._dice.random() < self._twice:
            yield from self._pace.step(t, kind, call, agent)
        yield from self._pace.step(t, kind, call, agent)


class SpoiledSharedDay(SharedDay):
    """A day of several campaigns whose pace gets bad events."""

    def __init__(
        self, scenarios: Sequence[Scenario], caps: Sequence[float], seed: int, lost: float = 0.0, twice: float = 0.0
    ) -> None:
        """Fill the diary."""
        super().__init__(scenarios, caps, seed)
        self.pace = SpoiledPace(self.pace, seed, lost, twice)  # type: ignore[assignment]
