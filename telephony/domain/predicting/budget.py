"""What may still be abandoned: the cap kept at every moment, and what remains spent evenly over the day.

A pacer asks ``left`` before it takes a risk, and ``rate`` for how much to risk. The chances are left to ``race``.
"""

from typing import Final

from telephony.domain.predicting.tuning import Tuning

COLD_CALLS: Final = 1.0
"""Abandoned calls allowed in advance at the very start of a day, when one call is already over any share."""
COLD_ANSWERS: Final = 100.0
"""Answers after which nothing is allowed in advance any more, at a cap of 1; at 3 % as many as earn three calls."""
HELD_BACK: Final = 0.5
"""How much of the abandoned calls expected in flight counts as spent; the race has already seen most of them coming."""
BURST_CALLS: Final = 0.75
BURST_CAP: Final = 75.0
BURST_EXPECTED: Final = 2.0
"""The worst that dials in flight still do after the last one left, in calls: so many, so many more at a cap of 1, and
per call expected of them. Three at 3 %, one and a half at 1 %, where the level is lower and bursts are rarer."""
LEAST_RATE: Final = 0.15
"""Lowest rate risked, in caps."""


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
        """Return how many calls may still be abandoned now, were the day to end."""
        people = abandoned + connected
        ahead = COLD_CALLS * max(0.0, 1.0 - people * self.limit / 3.0)
        return self.limit * people - abandoned + ahead

    def may_risk(self, abandoned: int, connected: int, to_come: float | None, expected: float) -> bool:
        """Say whether a dial that might find nobody may leave.

        Late in the day, when the people to come no longer earn what a burst would cost, the burst must be left as well:
        several of those in the air may be abandoned within seconds.

        Args:
            abandoned: so far today.
            connected: so far today.
            to_come: people expected in the rest of the day; None when its end is not known.
            expected: abandoned calls expected of the dials in flight.
        """
        if self.limit <= 0:
            return False
        burst = 0.0
        if to_come is not None:
            burst = BURST_CALLS + BURST_CAP * self.limit + BURST_EXPECTED * expected - self.limit * to_come
        return self.left(abandoned, connected) - HELD_BACK * expected >= 1.0 + max(0.0, burst)

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
