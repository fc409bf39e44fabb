"""A predictive pacer beside those of other campaigns that share the same operators.

The race includes the dials of all campaigns, each with the chances learned by its own campaign; the level is the lowest
that any campaign with dials in the race can bear. One call per free operator, and the turns, are left to ``shared``.
"""

import math
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from telephony.domain.pacing.interface import View
from telephony.domain.pacing.predicting.budget import Budget
from telephony.domain.pacing.predicting.race import Race
from telephony.domain.pacing.predicting.ringing import Ringing
from telephony.domain.pacing.predictive import SOON_S, Predictive

TABLES_S: Final = 5.0
"""How long the tables of another campaign's dials are used."""
_FIRST: Final = len(SOON_S)


class PredictiveBeside(Predictive):
    """Orders only dials ahead; ``rivals`` are the other campaigns' pacers."""

    rivals: Sequence["PredictiveBeside"] = ()

    def start(self, view: View) -> None:
        """Start with a live view of its own campaign, without operators reserved for a call."""
        super().start(view)
        self._at_most = 0
        self._tables_asked: tuple[float, tuple[float, ...], Ringing] | None = None

    def keep(self, limit: float) -> None:
        """Change the cap; with 0 it orders nothing."""
        self.limit = limit
        self._budget = Budget(limit, self._tuning)

    def heard(self, t: float, kind: int, call: int, agent: int, *, is_overdialed: bool) -> None:
        """Learn from one event; a dial with a reserved operator has no risk."""
        self._learner.record_event(t, kind, call, agent)
        if is_overdialed:
            self._follow(kind, call)

    def reconcile(self, t: float, dials: Mapping[int, Sequence[float | None]]) -> None:
        """Correct by the floor what events reported.

        Args:
            t: the present time.
            dials: its campaign's dials in flight, including those with a reserved operator.
        """
        self._reconcile(t, dials)

    def may_overdial(self) -> bool:
        """Return True if it has enough observations and a call left in its budget."""
        if self.limit <= 0 or self._is_thin():
            return False
        self._is_held = self.spare == 0
        return not self._is_held

    @property
    def spare(self) -> int:
        """Whole abandoned calls left in its budget."""
        return self._spare()

    def ahead(self, t: float, at_most: int) -> int:
        """Return how many dials to launch now ahead of operators becoming free."""
        view = self._live
        self._at_most = at_most
        self._renew(t, view)
        return self._decide(t, view)

    def bears_one_fewer(self, t: float) -> bool:
        """Return True if its dials in flight can bear one free operator less."""
        view = self._live
        if not view.inflight and not view.waiting:
            return True
        self._renew(t, view)
        arrivals = [*self._arrivals(t, view).values(), *self._others(t)]
        releases = self._releases(t, view)
        columns = list(zip(*arrivals, strict=True)) or [()] * len(self._horizons)
        level = min(self.bearable, self._highest_level()) * self._mood(len(view.free), columns, releases)
        free = len(view.free) - len(view.waiting) - 1
        places = range(_FIRST, len(self._horizons))
        spare = min(self.spare, self._others_spare())
        races = [Race(free, columns[place], [release[place] for release in releases], spare) for place in places]
        if any(race.is_lost(spare) > self._tuning.beyond for race in races):
            return False
        return sum(race.is_lost() for race in races) / len(races) <= level

    @property
    def bearable(self) -> float:
        """The level it can bear; 0 when no call is left in its budget."""
        return self._level * self._rate() / self.limit if self.may_overdial() else 0.0

    def arrivals(self, t: float, horizons_s: tuple[float, ...]) -> list[list[float]]:
        """Return each of its dials' chances to be a person handed to routing by each time."""
        known = self._tables_asked
        if known is None or known[1] != horizons_s or t - known[0] >= TABLES_S:
            known = self._tables_asked = (t, horizons_s, self._learner.ringing.asked_for(horizons_s))
        own, self._learner.ringing = self._learner.ringing, known[2]
        try:
            return list(self._arrivals(t, self._live).values())
        finally:
            self._learner.ringing = own

    def _renew(self, t: float, view: View) -> None:
        if t - self._tables_at >= TABLES_S:
            self._refresh(t, view)

    def _room(self, view: View) -> int:
        return min(super()._room(view), self._at_most)

    def _others(self, t: float) -> list[list[float]]:
        horizons = tuple(horizon + self._tuning.others_s for horizon in self._horizons)
        return [chances for rival in self.rivals for chances in rival.arrivals(t, horizons)]

    def _highest_level(self) -> float:
        return min((rival.bearable for rival in self.rivals if rival.has_overdialed), default=math.inf)

    def _others_spare(self) -> int:
        """Return the fewest calls left in any budget in the race: all abandoned calls may be that campaign's."""
        return min((rival.spare for rival in self.rivals if rival.has_overdialed), default=sys.maxsize)

    @property
    def has_overdialed(self) -> bool:
        """Whether it has calls in flight without a reserved operator."""
        return bool(self._live.inflight)
