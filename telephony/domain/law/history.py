"""Rows about earlier attempts and answers, at the number or under any number of the person, checked on the facts."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from telephony.domain.law.contacts import (
    Contact,
    counting,
    is_same_company,
    last_abandoned,
    last_machine,
    last_objection,
    last_refusal,
)
from telephony.domain.law.facts import LawFacts
from telephony.domain.law.hours import day_begins
from telephony.domain.law.places import clock
from telephony.domain.law.provisions import CoolOff, Frequency, Law, NotObjected, Protects
from telephony.domain.law.verdict import RowRefusal
from telephony.domain.text.reason import Reason

_UTC: Final = ZoneInfo("UTC")


def by_contacts(
    law: Law,
    bound: Frequency | CoolOff | NotObjected | Protects,
    facts: LawFacts,
    contacts: Sequence[Contact],
    at: datetime,
) -> RowRefusal | None:
    """Return why earlier attempts and answers refuse a call; ``contacts`` are those of the number or of the person."""
    zones = [clock(zone) for zone in facts.place.zones] or [_UTC]
    match bound:
        case Frequency(limit, days):
            ours = [contact for contact in contacts if is_same_company(contact.client_company, facts.client_company)]
            leaving = max((counting(ours, at, days, zone) for zone in zones), key=lambda times: (len(times), times))
            if len(leaving) < limit:
                return None
            text = Reason("law.no.frequency", n=len(leaving), days=days, limit=limit)
            return RowRefusal(text, leaving[len(leaving) - limit] if limit else None)
        case CoolOff(days):
            return _after_refusal(days, last_refusal(contacts, facts.client_company), at, zones)
        case NotObjected():
            return _after_objection(last_objection(contacts, facts.client_company), facts, at)
        case Protects(hours):
            since = last_abandoned(contacts) if law is Law.ABANDONED else last_machine(contacts)
            until = since + timedelta(hours=hours) if since else None
            if until is None or at >= until or facts.policy.has_operator:
                return None
            text = Reason("law.no.protected", hours=hours)
            return RowRefusal(text, until)


def _after_refusal(
    days: int, refused_at: datetime | None, at: datetime, zones: Sequence[ZoneInfo]
) -> RowRefusal | None:
    """Return the refusal for ``days`` whole calendar days after the day of the refusal, which is not counted."""
    if refused_at is None:
        return None
    until = max(block_ends(refused_at, days, zone) for zone in zones)
    if at >= until:
        return None
    text = Reason("law.no.cool_off", days=days)
    return RowRefusal(text, until)


def block_ends(refused_at: datetime, days: int, zone: tzinfo) -> datetime:
    """Return when the first day after ``days`` whole calendar days without a call begins."""
    return day_begins(refused_at.astimezone(zone).date() + timedelta(days=days + 1), zone)


def _after_objection(objected_at: datetime | None, facts: LawFacts, at: datetime) -> RowRefusal | None:
    """Return the refusal after an objection; only a later consent lifts it, not a contract or a sector."""
    if objected_at is None or facts.has_consent_after(objected_at, at):
        return None
    return RowRefusal(Reason("law.no.objection"))
