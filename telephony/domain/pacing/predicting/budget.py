"""What may still be abandoned: the cap kept whenever the day ends, and what remains spent evenly over it.

A pacer asks ``holds`` before each dial that might find nobody, and ``rate`` for how much to risk. The chances are left
to ``race``.
"""

from typing import Final

from telephony.domain.pacing.predicting.tuning import Tuning

HELD_BACK: Final = 0.5
"""How much of the abandoned calls expected in flight counts as spent; the race has already seen most of them coming."""
LEAST_RATE: Final = 0.15
"""Lowest rate risked, in caps."""
ROUNDING: Final = 1e-9


class Budget:
    """The abandoned calls of one day under one cap."""

    def __init__(self, limit: float, tuning: Tuning) -> None:
        """Begin a day.

        Args:
            limit: abandoned over abandoned and connected, at most; 0 to 1.
            tuning: how evenly it is spent.
        """
        self.limit = limit
        self._tuning = tuning

    def left(self, abandoned: int, connected: int) -> float:
        """Return how many calls may still be abandoned now, were the day to end; negative when it is over its cap."""
        return self.limit * (abandoned + connected) - abandoned

    def whole_calls_left(self, abandoned: int, connected: int) -> int:
        """Return how many whole calls may be abandoned next, with nobody connected between, and the cap still kept.

        Each of them is a person more of whom the cap is a share. Nothing is given in advance: at 3 % the first is
        held once 33 people are connected.
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
            expected: abandoned calls expected of the dials in flight; large teams have many at any moment.
        """
        tuning = self._tuning
        left = self.left(abandoned, connected)
        # More while there is room, less near the wall: bumping into it costs more than it saves.
        room = (left - HELD_BACK * expected - 1.0) / (1.0 + expected)
        wanted = self.limit * (tuning.floor + tuning.slope * room)
        if to_come is not None and to_come * self.limit < tuning.final:
            # What is left above the last call is spent by the end of the day.
            wanted = max(wanted, (self.limit * to_come + left - tuning.last) / max(1.0, to_come))
        return min(tuning.most * self.limit, max(LEAST_RATE * self.limit, wanted))
