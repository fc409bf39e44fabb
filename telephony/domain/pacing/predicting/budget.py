"""The budget of abandoned calls: the cap is kept whenever the day ends, and the rest is spent evenly over the day.

A pacer checks ``whole_calls_left`` before each dial that might find no operator, and ``rate`` for how much to risk.
The chances are left to ``race``.
"""

from typing import Final

from telephony.domain.pacing.predicting.tuning import Tuning

HELD_BACK: Final = 0.5
"""How much of the abandoned calls expected in flight counts as spent; the race already includes most of them."""
LEAST_RATE: Final = 0.15
"""Lowest rate, as a multiple of the cap."""
ROUNDING: Final = 1e-9


class Budget:
    """Abandoned calls of one day under one cap."""

    def __init__(self, limit: float, tuning: Tuning) -> None:
        """Start a day.

        Args:
            limit: highest abandoned ÷ (abandoned + connected); 0 to 1.
            tuning: how evenly it is spent.
        """
        self.limit = limit
        self._tuning = tuning

    def left(self, abandoned: int, connected: int) -> float:
        """Return how many calls could still be abandoned if the day ended now; negative when over the cap."""
        return self.limit * (abandoned + connected) - abandoned

    def whole_calls_left(self, abandoned: int, connected: int) -> int:
        """Return how many whole calls may be abandoned next, with nobody connected between, without exceeding the cap.

        Each of them adds to the people of whom the cap is a share. Nothing is given in advance: at 3 % the first one is
        available once 33 people are connected.
        """
        if not 0 < self.limit < 1:
            return 0
        return max(0, int(self.left(abandoned, connected) / (1.0 - self.limit) + ROUNDING))

    def rate(self, abandoned: int, connected: int, to_come: float | None, expected: float = 0.0) -> float:
        """Return the share of the people to come that may be abandoned.

        Args:
            abandoned: so far today.
            connected: so far today.
            to_come: people expected in the rest of the day; None when its end is not known.
            expected: abandoned calls expected from the dials in flight; large teams always have many.
        """
        tuning = self._tuning
        left = self.left(abandoned, connected)
        # More while there is room, less near the cap: reaching it costs more than it saves.
        room = (left - HELD_BACK * expected - 1.0) / (1.0 + expected)
        rate = self.limit * (tuning.floor + tuning.slope * room)
        if to_come is not None and to_come * self.limit < tuning.final:
            # What is left above the last call is spent by the end of the day.
            rate = max(rate, (self.limit * to_come + left - tuning.last) / max(1.0, to_come))
        return min(tuning.most * self.limit, max(LEAST_RATE * self.limit, rate))
