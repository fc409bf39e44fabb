"""Keys of the telephone that an operator may press in calls of one campaign: allowed with a reason, a few a call.

A key passes only when the controller plays it, one at a time, after deciding here; the phone's own keys never leave
the seat's conference. Keeping allowances is left to storage, playing and writing down to services.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from telephony.errors import InputError
from telephony.ids import CampaignId

KEYS: Final = frozenset("0123456789*#")
"""What may pass: A to D of RFC 4733 stand on no telephone an operator has."""
MOST: Final = 4
"""Keys in one call unless the allowance says otherwise: a way through a menu."""
MOST_EVER: Final = 8
"""No allowance goes beyond: nine digits are somebody's number."""


@dataclass(frozen=True, slots=True)
class NewDtmfAllowance:
    """What somebody asks for.

    Attributes:
        reason: why this campaign needs keys, in words; no telephone number.
        author: who asks.
        most: keys in one call, 1 to ``MOST_EVER``.
        valid_until: first moment it holds no more; None: until it is taken back.

    Raises:
        InputError: ``most`` is out of bounds.
    """

    campaign_id: CampaignId
    reason: str
    author: str
    most: int = MOST
    valid_until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what would carry a whole number."""
        if not 1 <= self.most <= MOST_EVER:
            raise InputError(f"1 to {MOST_EVER} keys a call: more would carry a telephone number")


@dataclass(frozen=True, slots=True)
class DtmfAllowance:
    """An allowance as kept; it holds from its approval by a second person until it ends or is taken back."""

    allowance_id: int
    asked: NewDtmfAllowance
    added_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    withdrawal_reason: str | None = None

    @property
    def awaits_approval(self) -> bool:
        """Whether a second person has yet to agree."""
        return self.approved_at is None and self.withdrawn_at is None

    def is_in_force(self, now: datetime) -> bool:
        """Return True if keys may pass at this moment."""
        if self.approved_at is None or not self.approved_at <= now:
            return False
        if self.withdrawn_at is not None and self.withdrawn_at <= now:
            return False
        return self.asked.valid_until is None or now < self.asked.valid_until


def refusal(allowance: DtmfAllowance | None, key: str, passed: int, now: datetime) -> str | None:
    """Return the rule that stops a key, or None when it may pass.

    Args:
        allowance: the campaign's, None when it has none.
        key: one of ``0`` to ``9``, ``*``, ``#``.
        passed: keys that passed in this call already.
        now: aware UTC.
    """
    if allowance is None or not allowance.is_in_force(now):
        return "keys_not_allowed"
    if key not in KEYS:
        return "key_unknown"
    return "keys_too_many" if passed >= allowance.asked.most else None
