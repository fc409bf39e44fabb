"""The verdict of one row of the law on a call, and of all rows together. Values only."""

from dataclasses import dataclass
from datetime import datetime

from telephony.domain.law.provisions import HOLDS_CAMPAIGN, Law, Provision
from telephony.domain.law.site import Exemption
from telephony.domain.text.reason import Reason


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """The refusal of one row.

    Attributes:
        reason: why, and how to fix it.
        until: the first time at which this row may allow it; None when time does not fix it.
    """

    reason: Reason
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict of one row.

    Attributes:
        no: why it refuses, None when it allows.
        lifted_by: the exemption that lifts the row, or None.
    """

    row: Provision
    no: RowRefusal | None
    lifted_by: Exemption | None = None

    @property
    def refuses(self) -> bool:
        """Whether it stops the call."""
        return self.no is not None and self.lifted_by is None


@dataclass(frozen=True, slots=True)
class LawRefusal:
    """The first rule that refuses.

    Attributes:
        law: its name.
        reason: why.
        until: the first time at which every rule would allow the call, None when time alone does not fix it.
        is_the_sites: no time is possible, because the site's own days and hours leave none.
    """

    law: Law
    reason: Reason
    until: datetime | None
    is_the_sites: bool = False

    @property
    def holds_campaign(self) -> bool:
        """Whether the fault is the campaign's: its leads wait until it is fixed."""
        return self.law in HOLDS_CAMPAIGN
