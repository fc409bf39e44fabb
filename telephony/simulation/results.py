"""The result of a simulated day: counts, operator time, and the pacer's own time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """Totals up to one time of the day: operator seconds, and calls."""

    t: float
    busy_s: float
    free_s: float
    dials: int
    connected: int
    abandoned: int


@dataclass(frozen=True, slots=True)
class DayResult:
    """One day. Operator time counts to the day's end or the list's; calls are counted until the last has ended.

    Attributes:
        dials: made in all; each is one of the next six.
        failed: refused by the network.
        unanswered: rang out.
        withdrawn: cancelled by the pacer while ringing.
        machines: AMD verdict machine.
        connected: AMD verdict person, given to an operator.
        abandoned: AMD verdict person, no operator within the grace.
        talk_s: operators' time with people, seconds.
        wrap_s: operators' time in wrap-up, seconds.
        free_s: operators' time without a call, logged in and not paused, seconds.
        wait_s: the part of it that ended with a call, seconds.
        list_ended_s: when the last lead was dialled, seconds since the day began; None when leads were left.
        steps: decisions timed, one in sixteen.
        decision_ns: time they took in all, nanoseconds.
        longest_ns: the longest one, nanoseconds.
        samples: totals every five minutes.
    """

    dials: int
    failed: int
    unanswered: int
    withdrawn: int
    machines: int
    connected: int
    abandoned: int
    talk_s: float
    wrap_s: float
    free_s: float
    wait_s: float
    list_ended_s: float | None
    steps: int
    decision_ns: int
    longest_ns: int
    samples: tuple[Sample, ...]

    @property
    def humans(self) -> int:
        """Calls handed to routing."""
        return self.connected + self.abandoned

    @property
    def logged_s(self) -> float:
        """Operators' time logged in and not paused, seconds."""
        return self.talk_s + self.wrap_s + self.free_s

    @property
    def utilisation(self) -> float:
        """Talk and wrap-up over time logged in and not paused, 0 to 1."""
        return (self.talk_s + self.wrap_s) / self.logged_s if self.logged_s else 0.0

    @property
    def abandoned_share(self) -> float:
        """Abandoned over handed to routing, 0 to 1."""
        return self.abandoned / self.humans if self.humans else 0.0

    @property
    def mean_wait_s(self) -> float:
        """How long an operator waited for a call, seconds."""
        return self.wait_s / self.connected if self.connected else 0.0

    @property
    def calls_per_operator_hour(self) -> float:
        """Calls given to operators, per hour logged in and not paused."""
        return 3600 * self.connected / self.logged_s if self.logged_s else 0.0

    @property
    def decision_us(self) -> float:
        """Mean time of a decision, microseconds."""
        return self.decision_ns / 1000 / self.steps if self.steps else 0.0
