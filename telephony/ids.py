"""Identities: one type per thing, so that a lead's id cannot be passed where an attempt's is wanted.

Making the random ones is left to services (they own the dice); this module only names and recognises them.
"""

import re
from typing import Final, NewType

CampaignId = NewType("CampaignId", int)
ListId = NewType("ListId", int)
LeadId = NewType("LeadId", int)
OperatorId = NewType("OperatorId", int)
AccountId = NewType("AccountId", int)
CallbackId = NewType("CallbackId", int)
QuotaId = NewType("QuotaId", int)
PreviewId = NewType("PreviewId", int)
RuleId = NewType("RuleId", int)
"""A rule of the whitelist."""
SeatNumber = NewType("SeatNumber", int)
"""A seat's number on the floor, 1-999: the operator's phone and its nailed-up conference."""

AttemptId = NewType("AttemptId", str)
"""UUID, lower case with dashes; also the channel's unique id on the pbx."""
RecordingId = NewType("RecordingId", str)
"""UUID, lower case with dashes; the only thing a recording file is named by."""
PermitId = NewType("PermitId", str)
"""``p`` and 36 decimal digits: can never be a telephone number."""
ChannelId = NewType("ChannelId", str)
"""Asterisk's unique id of a channel, or its name where said so."""
Number = NewType("Number", str)
"""A telephone number in canonical form: E.164 without the plus, 6-15 ASCII digits, e.g. ``33199001234``."""

PERMIT_ID: Final = re.compile(r"p[0-9]{36}")
UUID_TEXT: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def is_permit_id(text: str) -> bool:
    """Return True if ``text`` has the shape of a permit id; says nothing about whether such a permit exists."""
    return PERMIT_ID.fullmatch(text) is not None


def is_uuid(text: str) -> bool:
    """Return True if ``text`` is a lower-case UUID with dashes, the shape of attempt and recording ids."""
    return UUID_TEXT.fullmatch(text) is not None
