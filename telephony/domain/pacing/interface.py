"""The interface of pacing: events, the view of the floor, the pacer; and the simplest pacer.

Production and simulation share it (``AnyPacer``, ``View``, event kinds); a pacer sees only what a real dialer sees.
``Progressive`` is one dial per free operator. The pacer that dials ahead is in ``predictive``.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple, Protocol, TypeVar, cast

from telephony.domain.text.reason import Reason

NO_ID: Final = -1
"""Stands for the call or the operator of an event that has none."""
MIN_RING_S: Final = 15.0
"""Seconds of ringing before which no dial is cancelled."""


class Kind(IntEnum):
    """What happened; the integers are part of the interface."""

    TICK = 0
    DIAL = 1
    RING = 2
    ANSWER = 3
    HUMAN = 4
    MACHINE = 5
    NOANSWER = 6
    FAIL = 7
    CONNECT = 8
    ABANDON = 9
    TALKEND = 10
    READY = 11
    OFF = 12


class Dial(NamedTuple):
    """A dial in flight: when it was dialled, rang and was answered; None: not yet.

    A list of the same three values is read in the same way.
    """

    dialled_at: float | None
    rang_at: float | None = None
    answered_at: float | None = None


class View(Protocol):
    """The live, read-only view of the floor for a pacer; times are seconds on one monotonic clock."""

    @property
    def free(self) -> Mapping[int, float]:
        """Operator: since when free."""

    @property
    def talking(self) -> Mapping[int, float]:
        """Operator: since when talking."""

    @property
    def wrapping(self) -> Mapping[int, float]:
        """Operator: since when choosing a result."""

    @property
    def inflight(self) -> Mapping[int, Sequence[float | None]]:
        """Call: its ``Dial``."""

    @property
    def ordered(self) -> int:
        """Dials in ``inflight`` without a DIAL event yet."""

    @property
    def waiting(self) -> Mapping[int, float]:
        """Answered call without an operator: since when."""

    @property
    def n_dials(self) -> int:
        """Dials today."""

    @property
    def n_human(self) -> int:
        """People who answered today."""

    @property
    def n_connected(self) -> int:
        """People connected today."""

    @property
    def n_abandoned(self) -> int:
        """People abandoned today."""

    @property
    def max_lines(self) -> int:
        """Highest number of simultaneous calls."""

    @property
    def cps(self) -> float:
        """Highest number of new calls per second."""

    @property
    def grace(self) -> float:
        """Seconds an answered call may wait for an operator."""

    @property
    def ring_timeout(self) -> float:
        """Seconds a call rings."""

    @property
    def min_ring(self) -> float:
        """Seconds of ringing before which ``cancel`` always refuses."""

    @property
    def now(self) -> float:
        """The present time."""

    @property
    def end(self) -> float:
        """Planned end of the day."""

    def cancel(self, call: int) -> bool:
        """Cancel an unanswered dial; return True if it will be done."""


AnyView = TypeVar("AnyView", bound=View)


class _Completed:
    """A view with the attributes that it lacks."""

    def __init__(self, view: object, rest: Mapping[str, float]) -> None:
        self._view = view
        self._rest = rest

    def __getattr__(self, name: str) -> Any:
        return self._rest[name] if name in self._rest else getattr(self._view, name)


def completed(view: AnyView, min_ring: float = MIN_RING_S) -> AnyView:
    """Return a view with ``ordered`` and ``min_ring``, which older views lack.

    Args:
        view: the view a pacer is started with; it has everything else of the interface.
        min_ring: the value for a view without it.
    """
    rest = {"ordered": 0, "min_ring": min_ring}
    rest = {name: value for name, value in rest.items() if not hasattr(view, name)}
    return cast("AnyView", _Completed(view, rest)) if rest else view


class AnyPacer(Protocol):
    """Decides how many dials to launch."""

    tick: float
    """Seconds between TICK calls, at most 1."""

    def start(self, view: View) -> None:
        """Start with a live view; called once."""

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Return how many new dials to launch now; called after every event and tick, with ids or ``NO_ID``."""

    def reason(self) -> Reason:
        """Say why it dials as it does."""


class Progressive:
    """One dial per free operator: every answered call finds an operator, unless one leaves meanwhile."""

    tick = 1.0

    def __init__(self, limit: float = 0.0) -> None:
        """Create the pacer; one dial per free operator keeps any abandon cap.

        Args:
            limit: share of answered calls that may be abandoned.
        """
        self.limit = limit
        self._view: View | None = None

    def start(self, view: View) -> None:
        """Begin with a live view."""
        self._view = view

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Return the free operators less the calls in flight or waiting, within the available lines."""
        del t, kind, call, agent
        view = self._view
        if view is None:
            return 0
        under_way = len(view.inflight) + len(view.waiting)
        return max(0, min(len(view.free) - under_way, view.max_lines - under_way))

    def reason(self) -> Reason:
        """Return the reason for the present pace."""
        if self._view is not None and not self._view.free:
            return Reason("pace.no_seat")
        return Reason("pace.progressive")
