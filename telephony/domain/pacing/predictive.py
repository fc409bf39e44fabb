"""The predictive pacer: dials ahead of operators becoming free, as far as the abandon cap allows.

A dial leaves while its risk, the chance that it reaches a person who finds no operator, is under a level; the level
follows the rest of the day's budget of abandoned calls. The chances are computed in ``predicting``; choosing the lead
and every effect are left to others. With a cap of 0 or too few observations it dials one call per free operator.
"""

import math
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from telephony.domain.pacing.interface import MIN_RING_S, Kind, Progressive, View, completed
from telephony.domain.pacing.predicting.books import Books
from telephony.domain.pacing.predicting.budget import Budget
from telephony.domain.pacing.predicting.learner import Learner, ages
from telephony.domain.pacing.predicting.race import Race
from telephony.domain.pacing.predicting.tuning import Tuning
from telephony.domain.text.reason import Reason

SHARES: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
"""A new dial's race is computed for the times at which these shares of its answers have been handed over."""
SOON_S: Final = (3.0, 6.0)
"""Times ahead for which a dial that may be cancelled is checked, seconds."""
RINGING_S: Final = 5.0
SERVING_S: Final = 30.0
"""How long the tables of dials and of operators are used, seconds."""
FIRST_LEVEL: Final = 0.045
LEAST_LEVEL: Final = 1e-4
HIGHEST_LEVEL: Final = 3.0
"""Above 1: in large teams ``_mood`` reduces it much, and the last dial's risk is far above the mean."""
AT_ONCE: Final = 20
DEFAULT: Final = Tuning()
NEWS: Final = frozenset({Kind.DIAL, Kind.RING, Kind.CONNECT})
"""Events after which there is nothing new to decide."""


class Predictive:
    """Computes the race between people answering and operators becoming free."""

    tick = 1.0

    def __init__(self, limit: float = 0.03, *, tuning: Tuning = DEFAULT) -> None:
        """Start without observations.

        Args:
            limit: highest abandoned ÷ (abandoned + connected) of any day; 0 dials one call per free operator.
            tuning: parameters of the decision; the default suits any campaign.
        """
        self.limit = limit
        self._tuning = tuning
        self._budget = Budget(limit, tuning)
        self._one_to_one = Progressive(limit)
        self._level = FIRST_LEVEL
        self._view: View | None = None
        self._tables_at = self._horizons_at = -math.inf
        self._horizons: list[float] = []
        self._reconciled_at = -math.inf
        self._is_held = False

    def start(self, view: View) -> None:
        """Start with a live view."""
        view = self._view = completed(view)
        self._learner = Learner(view)
        self._books = Books(view)
        self._one_to_one.start(view)
        self._began_at, self._begun = view.now, (view.n_abandoned, view.n_connected)

    @property
    def _live(self) -> View:
        if self._view is None:
            raise RuntimeError("the pacer was not started: call start(view) first")
        return self._view

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Return how many new dials to launch now."""
        view = self._view
        if view is None:
            return 0
        self._learner.record_event(t, kind, call, agent)
        self._follow(kind, call)
        if kind in NEWS:
            return 0
        if t - self._reconciled_at >= RINGING_S:
            self._reconciled_at = t
            self._reconcile(t, view.inflight)
        if self.limit <= 0 or self._is_thin():
            return self._one_to_one.step(t, kind, call, agent)
        if t - self._tables_at >= RINGING_S:
            self._refresh(t, view)
        return self._decide(t, view)

    def _reconcile(self, t: float, inflight: Mapping[int, Sequence[float | None]]) -> None:
        """Correct by the view what events reported: a call may end without an event, an event may repeat or be lost."""
        self._learner.reconcile(t, inflight)
        self._books.reconcile()

    # The level

    def _follow(self, kind: int, call: int) -> None:
        """Enter the risk of a dial in the books, and let the level follow the budget."""
        if kind != Kind.DIAL:
            return
        chance = self._books.left(call, self._learner.ringing.people.value)
        if chance is None or self._is_held:
            return
        change = self._tuning.gain * (self._rate() / self._bias() - chance)
        self._level = min(HIGHEST_LEVEL, max(LEAST_LEVEL, self._level * math.exp(change)))

    def _bias(self) -> float:
        """Return the ratio of actual to expected abandoned calls."""
        return (self._live.n_abandoned - self._begun[0] + 5.0) / (self._books.foreseen + 5.0)

    def _rate(self) -> float:
        """Return the share of people to come that may be abandoned."""
        view = self._live
        return self._budget.rate(view.n_abandoned, view.n_connected, self._to_come(), self._books.expected())

    def _to_come(self) -> float | None:
        """Return how many people are expected in the rest of the day; None when its end is not known."""
        view = self._live
        passed = view.now - self._began_at
        if passed < 600 or not math.isfinite(view.end):
            return None
        people = view.n_abandoned + view.n_connected - sum(self._begun)
        return people / passed * max(0.0, view.end - view.now)

    def _spare(self) -> int:
        """Return how many whole calls are left in the budget."""
        view = self._live
        return self._budget.whole_calls_left(view.n_abandoned, view.n_connected)

    # The decision

    def _is_thin(self) -> bool:
        view = self._live
        return self._learner.ringing.people.seen < self._tuning.dials_seen or view.n_human < self._tuning.people_seen

    def _refresh(self, t: float, view: View) -> None:
        learner = self._learner
        if t - self._horizons_at >= SERVING_S:
            self._horizons_at = t
            self._horizons = [*SOON_S, *learner.ringing.arrival_moments(SHARES)]
            horizons = [horizon + view.grace for horizon in self._horizons]
            learner.serving.refresh(ages(view.talking, t), ages(view.wrapping, t), horizons)
        learner.ringing.refresh([horizon + self._tuning.others_s for horizon in self._horizons])
        self._tables_at = t

    def _decide(self, t: float, view: View) -> int:
        self._books.keep(view.ordered)
        spare = self._spare()
        level = self._level * self._rate() / self.limit
        self._is_held = spare == 0
        if self._is_held:
            level = min(level, self._tuning.hold)
        dials = self._arrivals(t, view)
        releases = self._releases(t, view)
        self._cancel_some(t, view, dials, releases, self._tuning.withdraw * level)
        columns = list(zip(*dials.values(), *self._others(t), strict=True)) or [()] * len(self._horizons)
        level = min(level, self._highest_level()) * self._mood(len(view.free), columns, releases)
        return self._allowed_dials(view, columns, releases, level, min(spare, self._others_spare()))

    def _allowed_dials(
        self, view: View, columns: list[tuple[float, ...]], releases: list[list[float]], level: float, spare: int
    ) -> int:
        """Return how many dials may leave now: each while its risk is within the level and covered by the budget."""
        free, room = len(view.free) - len(view.waiting), self._room(view)
        if room <= 0:
            return 0
        races: list[Race] = []
        for place in range(len(SOON_S), len(self._horizons)):
            races.append(Race(free, columns[place], [release[place] for release in releases]))
            if sum(race.is_lost() for race in races) > level * (len(self._horizons) - len(SOON_S)):
                return 0  # the rest of them cannot lower the mean
        worse = [
            Race(free, list(map(self._at_worst, columns[place])), [release[place] for release in releases], spare)
            for place in range(len(SOON_S), len(self._horizons))
        ]
        one_more = self._learner.ringing.dialled(0.0)[len(SOON_S) :]
        count = 0
        while count < room:
            risk = sum(race.is_lost() for race in races) / len(races)
            if risk > level or any(race.is_lost(spare) > self._tuning.beyond for race in worse):
                break
            count += 1
            self._books.ask(risk)
            for race, other, chance in zip(races, worse, one_more, strict=True):
                race.add(chance)
                other.add(self._at_worst(chance))
        return count

    def _at_worst(self, chance: float) -> float:
        """Return the chance of an answer if people answer ``worse`` times as often as until now."""
        return 1.0 - math.pow(1.0 - chance, self._tuning.worse)

    def _room(self, view: View) -> int:
        """Return how many dials may be ordered at once."""
        return min(AT_ONCE, view.max_lines - len(view.inflight) - len(view.waiting) - len(view.talking))

    def _others(self, t: float) -> list[list[float]]:
        """Return the chances of other campaigns' dials that compete for its operators: none, alone on the floor."""
        del t
        return []

    def _highest_level(self) -> float:
        """Return the highest level that other campaigns can bear."""
        return math.inf

    def _others_spare(self) -> int:
        """Return the fewest abandoned calls left in the budget of any other campaign in the race."""
        return sys.maxsize

    def _mood(self, free: int, columns: list[tuple[float, ...]], releases: list[list[float]]) -> float:
        """Return the factor by which the near future raises or lowers the level."""
        tuning = self._tuning
        soon, all_of_them = sum(columns[0]), sum(columns[-1])
        released = min(2.0, sum(release[0] for release in releases))
        return math.exp(
            tuning.free * min(4, free) + tuning.released * released + tuning.soon * soon / (all_of_them + 0.05)
        )

    def _arrivals(self, t: float, view: View) -> dict[int, list[float]]:
        """Return each dial's chances to be a person handed to routing by each time."""
        ringing = self._learner.ringing
        withdrawn = self._learner.withdrawn
        chances = {}
        for call, (dialled, rang, answered) in view.inflight.items():
            if answered is not None:
                since = rang if rang is not None else (dialled or t) + ringing.setup_s
                chances[call] = ringing.answered(max(0.0, answered - since), t - answered)
            elif rang is not None:
                if call not in withdrawn:
                    chances[call] = ringing.ringing(t - rang)
            else:
                chances[call] = ringing.dialled(t - (dialled or t))
        return chances

    def _releases(self, t: float, view: View) -> list[list[float]]:
        """Return each busy operator's chances to be free by each time."""
        serving = self._learner.serving
        chances = [serving.talking(t - since) for since in view.talking.values()]
        chances += [serving.wrapping(t - since) for since in view.wrapping.values()]
        return chances

    def _cancel_some(
        self, t: float, view: View, dials: dict[int, list[float]], releases: list[list[float]], level: float
    ) -> None:
        """Cancel dials that rang long enough and would probably find no operator, oldest first."""
        min_ring = max(MIN_RING_S, view.min_ring)
        old = [
            call
            for call, (_, rang, answered) in view.inflight.items()
            if rang is not None and answered is None and t - rang >= min_ring and call in dials
        ]
        free = len(view.free) - len(view.waiting)
        for call in old:
            others = [chances for other, chances in dials.items() if other != call]
            risk = 0.0
            for place in range(len(SOON_S)):
                race = Race(free, [arrival[place] for arrival in others], [release[place] for release in releases])
                risk += race.is_lost() / len(SOON_S)
            if risk <= level:
                return
            if view.cancel(call):
                self._learner.withdrawn[call] = t
                del dials[call]

    def reason(self) -> Reason:
        """Return the reason for the present pace."""
        view = self._view
        if view is None or self.limit <= 0:
            return self._one_to_one.reason()
        if self._is_thin():
            return self._still_learning(view.n_human, self._learner.ringing.people.seen)
        left = max(0.0, self._budget.left(view.n_abandoned, view.n_connected))
        if self._is_held:
            return Reason("pace.holding", left=left)
        ahead = max(0, len(view.inflight) - len(view.free))
        return Reason("pace.predicting", ahead=ahead, left=left)

    def _still_learning(self, answers: int, ended: int) -> Reason:
        tuning = self._tuning
        if answers < tuning.people_seen:
            return Reason("pace.answers_needed", seen=answers, needed=tuning.people_seen)
        return Reason("pace.ends_needed", seen=ended, needed=tuning.dials_seen)
