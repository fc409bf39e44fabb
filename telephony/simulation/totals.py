"""The running totals of a simulated day: calls by outcome, operators' seconds, the pacer's own time.

Pure. The engine reports events; ``results`` has the final figures.
"""

from telephony.simulation.floor import Floor
from telephony.simulation.results import DayResult, Sample


class DayTotals:
    """Totals of one day; the floor counts the other calls."""

    __slots__ = (
        "decision_ns",
        "failed",
        "free_s",
        "list_ended_s",
        "longest_ns",
        "machines",
        "samples",
        "steps",
        "talk_s",
        "unanswered",
        "wait_s",
        "withdrawn",
        "wrap_s",
    )

    def __init__(self) -> None:
        self.failed = self.unanswered = self.withdrawn = self.machines = 0
        self.talk_s = self.wrap_s = self.free_s = self.wait_s = 0.0
        self.list_ended_s: float | None = None
        self.steps = self.decision_ns = self.longest_ns = 0
        self.samples: list[Sample] = []

    def add_decision(self, spent_ns: int) -> None:
        """Count one timed decision."""
        self.steps += 1
        self.decision_ns += spent_ns
        self.longest_ns = max(self.longest_ns, spent_ns)

    def sample(self, t: float, floor: Floor) -> None:
        """Record the totals up to ``t``, running calls included."""
        busy = sum(span(since, t, floor.end) for since in (*floor.talking.values(), *floor.wrapping.values()))
        free = sum(span(since, t, floor.end) for since in floor.free.values())
        self.samples.append(
            Sample(
                t,
                self.talk_s + self.wrap_s + busy,
                self.free_s + free,
                floor.n_dials,
                floor.n_connected,
                floor.n_abandoned,
            )
        )

    def result(self, floor: Floor) -> DayResult:
        """Return the result of the day, once every call has ended."""
        still_free = sum(span(since, floor.end, floor.end) for since in floor.free.values())
        return DayResult(
            dials=floor.n_dials,
            failed=self.failed,
            unanswered=self.unanswered,
            withdrawn=self.withdrawn,
            machines=self.machines,
            connected=floor.n_connected,
            abandoned=floor.n_abandoned,
            talk_s=self.talk_s,
            wrap_s=self.wrap_s,
            free_s=self.free_s + still_free,
            wait_s=self.wait_s,
            list_ended_s=self.list_ended_s,
            steps=self.steps,
            decision_ns=self.decision_ns,
            longest_ns=self.longest_ns,
            samples=tuple(self.samples),
        )


def span(since: float, t: float, end: float) -> float:
    """Return the seconds between two times before the end of the day."""
    return min(t, end) - min(since, end)
