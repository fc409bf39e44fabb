"""A fixed number of dials per free operator: the setting that most dialers call power."""

from telephony.domain.pacing.interface import View
from telephony.domain.text.reason import Reason


class FixedRatio:
    """Keeps ``ratio`` dials under way for every free operator; abandons what that causes."""

    tick = 1.0

    def __init__(self, ratio: float) -> None:
        """Set the ratio.

        Args:
            ratio: dials per free operator, 1 or more.
        """
        self.ratio = ratio
        self._view: View | None = None

    def start(self, view: View) -> None:
        """Start with a live view."""
        self._view = view

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Return the dials of the ratio, less the calls under way or waiting."""
        del t, kind, call, agent
        view = self._view
        if view is None:
            return 0
        return round(self.ratio * len(view.free)) - len(view.inflight) - len(view.waiting)

    def reason(self) -> Reason:
        """Return the reason: the ratio."""
        return Reason("pace.ratio", ratio=self.ratio)
