"""So many dials per free operator: the setting that most dialers call power."""

from telephony.domain.floor import PaceReason
from telephony.domain.pacing import View


class FixedRatio:
    """Keeps ``ratio`` dials under way for every free operator; abandons what that comes to."""

    tick = 1.0

    def __init__(self, ratio: float) -> None:
        """Keep the ratio.

        Args:
            ratio: dials per free operator, 1 or more.
        """
        self.ratio = ratio
        self._view: View | None = None

    def start(self, view: View) -> None:
        """Begin with a live view."""
        self._view = view

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Return what the ratio asks for, less the calls under way or waiting."""
        del t, kind, call, agent
        view = self._view
        if view is None:
            return 0
        return round(self.ratio * len(view.free)) - len(view.inflight) - len(view.waiting)

    def reason(self) -> PaceReason:
        """Say the ratio."""
        return PaceReason(fr=f"{self.ratio:g} appels par poste libre.", en=f"{self.ratio:g} calls per free seat.")
