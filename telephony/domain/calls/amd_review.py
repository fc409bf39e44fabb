"""Calls that a detector took for answering machines: which are looked at again, and how many were people.

A person taken for a machine was hung up on: an abandoned call (FTC TSR 16 CFR 310.4(b)(4), Ofcom: a reasoned estimate
of the detector's errors is in the rate). Looking is a person's; keeping what they say is left to services.
"""

from dataclasses import dataclass
from typing import Final

from telephony.ids import AttemptId

SAMPLED: Final = 10
"""One machine in so many is listened to again, chosen by its id alone, so that nobody chooses."""
_PRIOR_PEOPLE, _PRIOR_CALLS = 1, 20
"""Before anybody has looked: one in twenty was a person."""


def is_sampled(attempt_id: AttemptId) -> bool:
    """Tell whether the call is one of the sample."""
    return int(attempt_id.replace("-", "")[-8:], 16) % SAMPLED == 0


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Calls taken for machines, and what listening to some of them showed.

    Attributes:
        machines: calls taken for machines.
        reviewed: those that a person listened to.
        people: those of them that were people.
    """

    machines: int = 0
    reviewed: int = 0
    people: int = 0

    @property
    def share(self) -> float:
        """Estimated share of people among calls taken for machines that nobody has looked at."""
        return (self.people + _PRIOR_PEOPLE) / (self.reviewed + _PRIOR_CALLS)

    @property
    def taken_for_machines(self) -> float:
        """Estimated number of people among all of them."""
        return self.people + (self.machines - self.reviewed) * self.share
