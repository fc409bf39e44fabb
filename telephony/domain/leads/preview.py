"""Previews: a lead presented to one operator, who presses call or skips it; what is shown of it, and how often.

An operator never chooses a lead or a number: only the presented one can be called, and no digit of any number is shown
(I8). Choosing the lead is left to the feed, offering and dialing to services.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from telephony.domain.leads import shown_name
from telephony.domain.leads.leads import Lead
from telephony.domain.leads.shown_name import NameShown, person_shown
from telephony.ids import CampaignId, LeadId, OperatorId, PreviewId

HOUR: Final = timedelta(hours=1)


class PreviewEnding(StrEnum):
    """How an offer ended."""

    CALLED = "called"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    """Read for too long: the lead is given back, the operator paused. A timer never calls."""
    TAKEN_BACK = "taken_back"
    """The operator left, the campaign changed, or a rule closed the number meanwhile."""


class SkipReason(StrEnum):
    """Why an operator skips a lead."""

    KNOWN_PERSON = "known_person"
    """The operator knows this person: the lead is never offered to them again, and the skip does not count."""
    UNCLEAR = "unclear"
    NOT_PREPARED = "not_prepared"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PreviewRules:
    """The site's rules for previews.

    Attributes:
        look: how long an operator may read before the lead is given back.
        skips_per_hour: most leads one operator may skip within an hour, without people they know.
        skip_wait: how long a skipped lead waits.
        shows_name: whether the person's name is shown.
        fields: columns of the list that operators see, in this order.
    """

    look: timedelta = timedelta(seconds=60)
    skips_per_hour: int = 10
    skip_wait: timedelta = timedelta(minutes=60)
    shows_name: bool = True
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """One offer as stored; ``ending`` is None while it is open, ``reason`` is the skip's or the rule."""

    preview_id: PreviewId
    campaign_id: CampaignId
    lead_id: LeadId
    operator_id: OperatorId
    offered_at: datetime
    ended_at: datetime | None = None
    ending: PreviewEnding | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ShownLead:
    """What an operator sees of a lead: never a number, whatever the list contains."""

    name: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PreviewView:
    """The lead presented to an operator, as their desk shows it.

    Attributes:
        preview_id: identifies the offer, not the lead.
        campaign: its name.
        name: the person's, or "".
        fields: columns meant for operators, header and value.
        ends_at: aware UTC, when the lead is given back.
        skips_left: leads the operator may still skip within the hour.
        is_called: the operator pressed call: it rings, they talk, or they choose its result.
    """

    preview_id: PreviewId
    campaign: str
    name: str
    fields: tuple[tuple[str, str], ...]
    ends_at: datetime
    skips_left: int
    is_called: bool = False


def shown_lead(lead: Lead, rules: PreviewRules, shown: NameShown = NameShown.FULL) -> ShownLead:
    """Return what may be shown of a lead; a value that may contain a number is left out."""
    name = person_shown(lead, shown) if rules.shows_name else ""
    fields = ((header, lead.fields.get(header, "")) for header in rules.fields)
    return ShownLead(name, tuple((h, v) for h, v in fields if v and not holds_number(v, lead)))


def holds_number(text: str, lead: Lead) -> bool:
    """Return True if a text may contain a telephone number, or the last digits of one of the lead's."""
    return shown_name.holds_number(text, (lead.number, *lead.numbers))


def recent_skips(skips: Sequence[datetime], now: datetime) -> int:
    """Return how many skips were within the last hour."""
    return sum(1 for at in skips if now - at < HOUR)


def may_skip(reason: SkipReason, skips: Sequence[datetime], now: datetime, rules: PreviewRules) -> bool:
    """Return True if one more lead may be skipped.

    Args:
        reason: why; a known person may always be skipped.
        skips: times of the operator's counted skips.
        now: aware UTC.
        rules: the site's.
    """
    return reason is SkipReason.KNOWN_PERSON or recent_skips(skips, now) < rules.skips_per_hour
