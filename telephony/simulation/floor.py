"""The floor of the simulated day: the state behind ``telephony.domain.pacing.View``, written by the engine."""

from telephony.domain.pacing.interface import MIN_RING_S, Dial
from telephony.simulation.outcomes import RING_TIMEOUT_S
from telephony.simulation.scenarios import Scenario

GRACE_S = 2.0


class Floor:
    """Implements ``View``. Pacers read; only the engine writes."""

    __slots__ = (
        "cps",
        "end",
        "free",
        "grace",
        "inflight",
        "max_lines",
        "min_ring",
        "n_abandoned",
        "n_connected",
        "n_dials",
        "n_human",
        "now",
        "ordered",
        "ring_timeout",
        "talking",
        "waiting",
        "withdrawn",
        "wrapping",
    )

    def __init__(self, scenario: Scenario) -> None:
        self.free: dict[int, float] = {}
        self.talking: dict[int, float] = {}
        self.wrapping: dict[int, float] = {}
        self.inflight: dict[int, Dial] = {}
        self.waiting: dict[int, float] = {}
        self.withdrawn: dict[int, None] = {}
        self.n_dials = self.n_human = self.n_connected = self.n_abandoned = 0
        self.max_lines = scenario.max_lines
        self.cps = scenario.cps
        self.grace = GRACE_S
        self.min_ring = MIN_RING_S
        self.ordered = 0
        self.ring_timeout = RING_TIMEOUT_S
        self.now = 0.0
        self.end = scenario.end

    def cancel(self, call: int) -> bool:
        """Hang up a dial that has rung for ``min_ring`` without an answer; it ends as NOANSWER right after the step."""
        dial = self.inflight.get(call)
        if dial is None:
            return False
        if dial.rang_at is None or dial.answered_at is not None or self.now - dial.rang_at < self.min_ring:
            return False
        self.withdrawn[call] = None
        return True
