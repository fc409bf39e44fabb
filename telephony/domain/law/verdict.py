"""What a row of the law says of a call, and what all of them say together. Values only."""

from dataclasses import dataclass
from datetime import datetime

from telephony.domain.law.provisions import HOLDS_CAMPAIGN, Law, Provision
from telephony.domain.law.site import Exemption
from telephony.domain.text.reason import Reason


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """A row refuses.

    Attributes:
        reason: why, and what helps.
        until: the first moment this row may allow it; None when time does not mend it.
    """

    reason: Reason
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one row says.

    Attributes:
        no: why it refuses, None when it allows.
        lifted_by: the exemption that sets the row aside, or None.
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
    """The first rule that says no.

    Attributes:
        law: its name.
        reason: why.
        until: the first moment every rule would allow the call, None when time alone does not mend it.
        is_the_sites: no time mends it, because the site's own days and hours leave none.
    """

    law: Law
    reason: Reason
    until: datetime | None
    is_the_sites: bool = False

    @property
    def holds_campaign(self) -> bool:
        """Whether the fault is the campaign's: its leads go on waiting for the mend."""
        return self.law in HOLDS_CAMPAIGN
