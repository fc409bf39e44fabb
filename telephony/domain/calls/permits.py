"""Permits: the proof that one number passed every rule at one time.

Only this module makes a ``DialPermit`` (a test checks the syntax trees), and ``Switch.originate`` accepts nothing
else. Storing it, consuming it once and drawing its random id are left to services and storage; deciding whether it may
be given is left to ``rules``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from telephony.ids import AttemptId, CampaignId, LeadId, ListId, Number, PermitId, RecordingId, is_permit_id

PERMIT_DIGITS: Final = 36
"""119 bits; 32 hexadecimal digits would overflow Asterisk's 80-character extension patterns."""
SET_BACK: Final = timedelta(seconds=2)
"""How far the clock may have gone back since the permit was given; beyond that, its seconds of life could be hours."""


@dataclass(frozen=True, slots=True)
class DialPermit:
    """One number, once, for seconds.

    Attributes:
        permit_id: ``p`` and 36 digits; the pbx sees nothing else of the call's destination.
        number: E.164 without plus, as on the campaign's own list.
        caller_id: E.164 without plus, one of the campaign's.
        trunk: name of the trunk it is valid for.
        gate: name of the gate it is valid for.
        issued_at: aware UTC; the gate refuses it while its clock is more than ``SET_BACK`` earlier.
        expires_at: aware UTC; the gate refuses it from this time on.
    """

    permit_id: PermitId
    attempt_id: AttemptId
    recording_id: RecordingId
    campaign_id: CampaignId
    list_id: ListId
    lead_id: LeadId
    number: Number
    caller_id: str
    trunk: str
    gate: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PermitRequest:
    """What a permit is made from; every rule has already allowed it."""

    attempt_id: AttemptId
    recording_id: RecordingId
    campaign_id: CampaignId
    list_id: ListId
    lead_id: LeadId
    number: Number
    caller_id: str
    trunk: str
    gate: str


def give_permit(request: PermitRequest, digits: str, now: datetime, life: timedelta) -> DialPermit:
    """Make the permit for a request that every rule has allowed.

    Args:
        request: what the permit is bound to.
        digits: 36 decimal digits from a cryptographic source.
        now: aware UTC.
        life: how long it is valid.

    Raises:
        ValueError: ``digits`` is not 36 decimal digits, or ``now`` is naive.
    """
    permit_id = PermitId("p" + digits)
    if not is_permit_id(permit_id):
        raise ValueError("a permit id is p and 36 decimal digits")
    if now.tzinfo is None:
        raise ValueError("permit times are aware UTC")
    return DialPermit(
        permit_id=permit_id,
        attempt_id=request.attempt_id,
        recording_id=request.recording_id,
        campaign_id=request.campaign_id,
        list_id=request.list_id,
        lead_id=request.lead_id,
        number=request.number,
        caller_id=request.caller_id,
        trunk=request.trunk,
        gate=request.gate,
        issued_at=now,
        expires_at=now + life,
    )
