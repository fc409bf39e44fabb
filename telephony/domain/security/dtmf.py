"""DTMF keys that an operator may press in a campaign's calls: allowed with a reason, a few per call.

A key passes only when the controller plays it, one at a time, after the decision made here; the phone's own keys never
leave the seat's conference. Storing allowances is left to storage, playing and logging to services.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from telephony.errors import InputError
from telephony.ids import CampaignId

KEYS: Final = frozenset("0123456789*#")
"""Keys that may pass; no operator's telephone has A to D of RFC 4733."""
MOST: Final = 4
"""Keys in one call unless the allowance says otherwise: enough for a menu."""
MOST_EVER: Final = 8
"""Highest number in an allowance: nine digits are somebody's number."""


@dataclass(frozen=True, slots=True)
class NewDtmfAllowance:
    """A requested allowance.

    Attributes:
        reason: why this campaign needs DTMF, in words; no telephone number.
        author: who requests it.
        most: keys in one call, 1 to ``MOST_EVER``.
        valid_until: first time at which it is no longer in force; None: until it is revoked.

    Raises:
        InputError: ``most`` is out of bounds.
    """

    campaign_id: CampaignId
    reason: str
    author: str
    most: int = MOST
    valid_until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse an allowance that could transmit a whole number."""
        if not 1 <= self.most <= MOST_EVER:
            raise InputError(f"an allowance is for 1 to {MOST_EVER} keys per call: more could carry a telephone number")


@dataclass(frozen=True, slots=True)
class DtmfAllowance:
    """An allowance as stored; in force from its approval by a second person until it ends or is revoked."""

    allowance_id: int
    request: NewDtmfAllowance
    added_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    withdrawal_reason: str | None = None

    @property
    def awaits_approval(self) -> bool:
        """Whether a second person must still approve it."""
        return self.approved_at is None and self.withdrawn_at is None

    def is_in_force(self, now: datetime) -> bool:
        """Return True if keys may pass now."""
        if self.approved_at is None or not self.approved_at <= now:
            return False
        if self.withdrawn_at is not None and self.withdrawn_at <= now:
            return False
        return self.request.valid_until is None or now < self.request.valid_until


def refusal(allowance: DtmfAllowance | None, key: str, passed: int, now: datetime) -> str | None:
    """Return the code of the rule that stops a key, or None when it may pass.

    Args:
        allowance: the campaign's, None when it has none.
        key: one of ``0`` to ``9``, ``*``, ``#``.
        passed: keys that have already passed in this call.
        now: aware UTC.
    """
    if allowance is None or not allowance.is_in_force(now):
        return "keys_not_allowed"
    if key not in KEYS:
        return "key_unknown"
    return "keys_too_many" if passed >= allowance.request.most else None
