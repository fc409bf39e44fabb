"""AMD review: which calls with the verdict "machine" a person listens to, and how many of them were people.

A person whom AMD took for a machine was hung up on, which is an abandoned call. FTC TSR 16 CFR 310.4(b)(4) and Ofcom
require a reasoned estimate of the AMD errors in the rate. Storing the reviews is left to services.
"""

from dataclasses import dataclass
from typing import Final

from telephony.ids import AttemptId

SAMPLED: Final = 10
"""One in N calls with the AMD verdict "machine" is reviewed. The call's id alone decides, so nobody chooses."""
_PRIOR_PEOPLE, _PRIOR_CALLS = 1, 20
"""The estimate before any review: one in twenty was a person."""


def is_sampled(attempt_id: AttemptId) -> bool:
    """Return True if the call is in the sample."""
    return int(attempt_id.replace("-", "")[-8:], 16) % SAMPLED == 0


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Calls with the AMD verdict "machine", and what the review of some of them showed.

    Attributes:
        machines: calls with the AMD verdict "machine".
        reviewed: how many of them a person listened to.
        people: how many of the reviewed calls were people.
    """

    machines: int = 0
    reviewed: int = 0
    people: int = 0

    @property
    def share(self) -> float:
        """Estimated share of people among the calls that were not reviewed."""
        return (self.people + _PRIOR_PEOPLE) / (self.reviewed + _PRIOR_CALLS)

    @property
    def taken_for_machines(self) -> float:
        """Estimated number of people among all calls with the verdict "machine"."""
        return self.people + (self.machines - self.reviewed) * self.share
