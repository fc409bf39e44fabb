"""Power pacing: a fixed number of dials per free operator, as far as the day's abandoned calls allow.

Other dialers keep the ratio of power mode whatever they abandon. This one keeps the campaign's cap (I9): the rest of
the day's budget must cover each dial beyond the free operators. With less than one abandoned call left, or too few
answers seen, it is one dial per free operator. The ratio itself is the campaign's.
"""

from typing import Final

from telephony.domain.campaigns.dialing_options import LEAST_RATIO, MOST_RATIO, USUAL_POWER
from telephony.domain.pacing.interface import Progressive, View
from telephony.domain.pacing.predicting.budget import Budget
from telephony.domain.pacing.predicting.tuning import Tuning
from telephony.domain.text.reason import Reason

DEFAULT: Final = Tuning()


class Power:
    """Keeps ``ratio`` dials in flight for every free operator while the budget covers those beyond one each."""

    tick = 1.0

    def __init__(self, limit: float = 0.03, ratio: int = USUAL_POWER) -> None:
        """Start a day.

        Args:
            limit: highest abandoned ÷ (abandoned + connected) of any day; 0 dials one call per free operator.
            ratio: dials per free operator, in tenths: 10 to 30.
        """
        self.limit = limit
        self.ratio = min(MOST_RATIO, max(LEAST_RATIO, ratio))
        self._budget = Budget(limit, DEFAULT)
        self._one_to_one = Progressive(limit)
        self._view: View | None = None

    def start(self, view: View) -> None:
        """Start with a live view."""
        self._view = view
        self._one_to_one.start(view)

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Return the dials that the ratio needs and the budget covers, less the calls in flight or waiting."""
        view = self._view
        if view is None:
            return 0
        count = self._one_to_one.step(t, kind, call, agent)
        if self._is_thin(view):
            return count
        under_way = len(view.inflight) + len(view.waiting)
        # Rounded up: with one operator free at a time, as in small teams, 1.5 would otherwise always be 1.
        target = -(-self.ratio * len(view.free) // 10)
        beyond = min(target, len(view.free) + self._covered(view))
        return max(count, min(beyond - under_way, view.max_lines - under_way))

    def _covered(self, view: View) -> int:
        """Return how many dials may be in flight beyond the free operators: all might be answered at once."""
        return self._budget.whole_calls_left(view.n_abandoned, view.n_connected)

    def _left(self, view: View) -> float:
        return self._budget.left(view.n_abandoned, view.n_connected)

    def _is_thin(self, view: View) -> bool:
        return self.limit <= 0 or view.n_human < DEFAULT.people_seen

    def reason(self) -> Reason:
        """Return the reason for the present pace."""
        view = self._view
        if view is None or self.limit <= 0:
            return self._one_to_one.reason()
        if self._is_thin(view):
            return Reason("pace.answers_needed", seen=view.n_human, needed=DEFAULT.people_seen)
        if self._covered(view) == 0:
            return Reason("pace.no_budget")
        return Reason("pace.power", ratio=self.ratio / 10, left=self._left(view))
