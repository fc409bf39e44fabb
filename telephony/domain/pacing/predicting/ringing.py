"""How dials end: how many are answered by people, after how long, and how soon that is known.

Learned from every dial of the day, starting from guesses. A dial cancelled while ringing counts as unknown, in
proportion to how it might still have ended, never as unanswered. When operators become free is left to ``serving``.
"""

import math
from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, Final

from telephony.domain.pacing.predicting.share import Share

PRIOR_ANSWERS: Final = 25.0
"""Weight of the first guess of the ring times, in answers."""
PRIOR_VERDICTS: Final = 2.0
STEP_S: Final = 0.5
"""Resolution of ring ages in the tables, seconds."""
VERDICT_STEP_S: Final = 0.25
VERDICT_STEPS: Final = 24
LEAST_SETUP_S: Final = 0.3


class Times:
    """How long something takes, as a histogram that starts from a guess."""

    def __init__(self, step_s: float, steps: int, guess: Callable[[float], float], weight: float) -> None:
        """Start from the guess.

        Args:
            step_s: width of a step, seconds.
            steps: number of steps; later times fall in the last one.
            guess: density up to a factor, at a number of seconds.
            weight: weight of the guess, in observations.
        """
        self._step_s = step_s
        raw = [guess((step + 0.5) * step_s) for step in range(steps)]
        total = sum(raw)
        self._counts = [weight * density / total for density in raw]
        self._by: list[float] = []
        self.refresh()

    def seen(self, after_s: float) -> None:
        """Learn one observation."""
        last = len(self._counts) - 1
        at = min(last, max(0, int(after_s / self._step_s)))
        for near, weight in ((at - 1, 0.25), (at, 0.5), (at + 1, 0.25)):
            self._counts[min(last, max(0, near))] += weight

    def later(self, than_s: float, weight: float) -> None:
        """Learn one that was still to come when observation ended; ``weight``: how likely it would have come at all."""
        begin = int(than_s / self._step_s)
        rest = sum(self._counts[begin:])
        if rest > 0:
            for step in range(begin, len(self._counts)):
                self._counts[step] *= 1 + weight / rest

    def refresh(self) -> None:
        """Compute the distribution again."""
        total = sum(self._counts)
        self._by = [0.0]
        for count in self._counts:
            self._by.append(self._by[-1] + count / total)
        self._by.append(1.0)

    def by(self, after_s: float) -> float:
        """Return the share that has happened by then."""
        if after_s <= 0:
            return 0.0
        place = after_s / self._step_s
        step = int(place)
        if step >= len(self._counts):
            return 1.0
        return self._by[step] + (place - step) * (self._by[step + 1] - self._by[step])

    def density(self, after_s: float) -> float:
        """Return the density at that time, per second."""
        step = min(len(self._counts) - 1, max(0, int(after_s / self._step_s)))
        return (self._by[step + 1] - self._by[step]) / self._step_s

    def quantile(self, share: float) -> float:
        """Return the time by which this share has happened, seconds."""
        for step in range(len(self._counts)):
            low, high = self._by[step], self._by[step + 1]
            if high >= share:
                return (step + (share - low) / max(1e-12, high - low)) * self._step_s
        return len(self._counts) * self._step_s


class Ringing:
    """Chances of dials in flight to reach people by given times."""

    def __init__(self, ring_timeout_s: float) -> None:
        """Start with guesses that roughly fit any trunk.

        Args:
            ring_timeout_s: longest ringing of a dial, seconds.
        """
        steps = max(2, math.ceil(ring_timeout_s))
        self.people: Any = Share(0.25)
        self.machines = Share(0.2)
        self.failed = Share(0.08)
        self._person = Times(1.0, steps, lambda s: s * s * math.exp(-s / 3.7), PRIOR_ANSWERS)
        self._machine = Times(1.0, steps, lambda s: math.exp(-(((s - 16) / 6) ** 2) / 2), PRIOR_ANSWERS)
        self._person_known = Times(VERDICT_STEP_S, VERDICT_STEPS, lambda _: 1.0, PRIOR_VERDICTS)
        self._machine_known = Times(VERDICT_STEP_S, VERDICT_STEPS, lambda _: 1.0, PRIOR_VERDICTS)
        self._setup_sum, self._setup_n, self._setup_most = 9.0, 3.0, 3.0
        self._horizons: Sequence[float] = ()
        self._known = 0.0
        self._ringing: dict[int, list[float]] = {}
        self._dialled: dict[int, list[float]] = {}

    # Learning

    def rang(self, setup_s: float) -> None:
        """Learn how long a dial takes to ring."""
        self._setup_sum += setup_s
        self._setup_n += 1
        if self._setup_n > 200:
            self._setup_sum *= 0.5
            self._setup_n *= 0.5

    def became_person(self, ring_s: float, verdict_s: float) -> None:
        """Learn a person who answered after ``ring_s`` and was recognised as a person ``verdict_s`` later."""
        self._share(1, 0, 0)
        self._person.seen(ring_s)
        self._person_known.seen(verdict_s)

    def became_machine(self, ring_s: float, verdict_s: float) -> None:
        """Learn an answering machine."""
        self._share(0, 1, 0)
        self._machine.seen(ring_s)
        self._machine_known.seen(verdict_s)

    def rang_out(self) -> None:
        """Learn a dial nobody answered."""
        self._share(0, 0, 0)

    def did_fail(self) -> None:
        """Learn a dial the network refused."""
        self._share(0, 0, 1)

    def was_withdrawn(self, ring_s: float) -> None:
        """Learn a dial cancelled after ``ring_s``: how it would have ended is unknown."""
        person, machine = self._left(ring_s)
        self._share(person, machine, 0)
        self._person.later(ring_s, person)
        self._machine.later(ring_s, machine)

    def _share(self, person: float, machine: float, failed: float) -> None:
        self.people.learn(person)
        self.machines.learn(machine)
        self.failed.learn(failed)

    # Knowing

    @property
    def setup_s(self) -> float:
        """Mean time from dial to ringing, seconds."""
        return self._setup_sum / self._setup_n

    @property
    def verdict_s(self) -> float:
        """Median time from a person's answer until it is known, seconds."""
        return self._person_known.quantile(0.5)

    def arrival_moments(self, shares: Sequence[float]) -> list[float]:
        """Return by when these shares of a new dial's people are handed to routing, seconds from the dial."""
        fixed = self.setup_s + self.verdict_s
        return [fixed + self._person.quantile(share) for share in shares]

    def refresh(self, horizons_s: Sequence[float]) -> None:
        """Compute the tables again, for chances at these times ahead, seconds."""
        for times in (self._person, self._machine, self._person_known, self._machine_known):
            times.refresh()
        self._horizons = horizons_s
        self._known = self.verdict_s
        self._ringing.clear()
        self._dialled.clear()

    def asked_for(self, horizons_s: Sequence[float]) -> "Ringing":
        """Return a copy with the same knowledge and tables for these times ahead, seconds."""
        other = copy(self)
        other._ringing, other._dialled = {}, {}  # noqa: SLF001  its own tables
        other.refresh(horizons_s)
        return other

    def _left(self, ring_s: float) -> tuple[float, float]:
        """Return the chances of a dial that has rung ``ring_s`` unanswered to reach a person or a machine."""
        people, machines, failed = self.people.value, self.machines.value, self.failed.value
        person = people * (1 - self._person.by(ring_s))
        machine = machines * (1 - self._machine.by(ring_s))
        never = max(0.02, 1 - people - machines - failed)
        total = person + machine + never
        return person / total, machine / total

    def ringing(self, age_s: float) -> list[float]:
        """Return the chances of a dial that has rung ``age_s`` to be a person handed to routing by each time."""
        step = int(age_s / STEP_S + 0.5)
        chances = self._ringing.get(step)
        if chances is None:
            chances = self._ringing[step] = self._answers(step * STEP_S)
        return chances

    def _answers(self, age_s: float) -> list[float]:
        person, _ = self._left(age_s)
        gone = self._person.by(age_s)
        scale = person / max(1e-9, 1.0 - gone)
        by, known = self._person.by, self._known
        return [scale * max(0.0, by(age_s + span - known) - gone) for span in self._horizons]

    def dialled(self, age_s: float) -> list[float]:
        """Return the same for a dial that was dialled ``age_s`` ago and does not ring yet."""
        step = int(age_s / STEP_S + 0.5)
        chances = self._dialled.get(step)
        if chances is None:
            wait = max(LEAST_SETUP_S, self.setup_s - step * STEP_S) + self._known
            person = self.people.value
            if step * STEP_S > self.setup_s:
                person /= max(0.05, 1 - self.failed.value)
            chances = self._dialled[step] = [person * self._person.by(span - wait) for span in self._horizons]
        return chances

    def answered(self, ring_s: float, age_s: float) -> list[float]:
        """Return the same for a dial answered ``age_s`` ago after ``ring_s``, not yet known as a person or machine."""
        person = self.people.value * self._person.density(ring_s) * (1.0 - self._person_known.by(age_s))
        machine = self.machines.value * self._machine.density(ring_s) * (1.0 - self._machine_known.by(age_s))
        if person + machine <= 0:
            return [0.5] * len(self._horizons)
        chance = person / (person + machine)
        gone = self._person_known.by(age_s)
        rest = max(1e-6, 1 - gone)
        return [chance * (self._person_known.by(age_s + span) - gone) / rest for span in self._horizons]
