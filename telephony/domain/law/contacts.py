"""Earlier attempts at one number, and what the law counts in them. Reading them is left to storage."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.law.hours import at_wall
from telephony.domain.text.visible import name_key
from telephony.ids import AttemptId

REFUSALS: Final = frozenset({Result.NOT_TODAY, Result.NO_MORE_CALLS})
"""Results that say: this person refused, in the conversation. Who wants another time gets a callback, and refused
nothing."""
OBJECTIONS: Final = frozenset({Result.NO_MORE_CALLS})
"""Results that say: this person wants no more of these calls, ever."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One earlier attempt whose permit was used, or still may be: whoever answered or not.

    Attributes:
        client_company: the company called for.
        started_at: aware UTC.
        ended_at: None while it lives.
    """

    attempt_id: AttemptId
    client_company: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    result: Result | None = None

    @property
    def over_at(self) -> datetime:
        """When what became of it was known, at the latest."""
        return self.ended_at or self.started_at


def is_same_company(one: str, other: str) -> bool:
    """Tell whether two client companies are one: letter case, spaces and what nobody sees make no other company."""
    return company_key(one) == company_key(other)


def company_key(company: str) -> str:
    """Return the one way to write a client company: whatever a reader takes for the same name is the same."""
    return name_key(company)


def is_up(contacts: Iterable[Contact]) -> bool:
    """Tell whether a call is up, or on its way, in one of these attempts."""
    return any(one.ended_at is None for one in contacts)


def before(contacts: Sequence[Contact], own: tuple[datetime, AttemptId] | None) -> tuple[Contact, ...]:
    """Return the contacts before an attempt that was written down already, oldest first; all of them for a new one.

    Two attempts decided at the same moment are both written: the one that stands second sees the first and yields.
    """
    ordered = sorted(contacts, key=lambda one: (one.started_at, one.attempt_id))
    return tuple(one for one in ordered if own is None or (one.started_at, one.attempt_id) < own)


def counting(contacts: Sequence[Contact], at: datetime, days: int, zone: tzinfo) -> list[datetime]:
    """Return when each attempt that still counts leaves the count, soonest first.

    An attempt counts until the same time of the day ``days`` days later, on the lead's clock: stricter by hours than
    calendar days, so that no choice of ``days`` calendar days ever holds one too many.
    """
    leaving = (leaves_at(one.started_at, days, zone) for one in contacts)
    return sorted(moment for moment in leaving if moment > at)


def leaves_at(started_at: datetime, days: int, zone: tzinfo) -> datetime:
    """Return when an attempt counts no more: never earlier than ``days`` times 24 hours, whatever the clocks do."""
    local = started_at.astimezone(zone).replace(tzinfo=None)
    return max(at_wall(local + timedelta(days=days), zone, is_start=True), started_at + timedelta(days=days))


def last_refusal(contacts: Sequence[Contact], company: str) -> datetime | None:
    """Return when calls of that company were last refused, objections included."""
    return _last_said(contacts, company, REFUSALS)


def last_objection(contacts: Sequence[Contact], company: str) -> datetime | None:
    """Return when no more calls of that company were last asked for."""
    return _last_said(contacts, company, OBJECTIONS)


def _last_said(contacts: Sequence[Contact], company: str, results: Container[Result | None]) -> datetime | None:
    said = [one.over_at for one in contacts if one.result in results and is_same_company(one.client_company, company)]
    return max(said, default=None)


def last_abandoned(contacts: Sequence[Contact]) -> datetime | None:
    """Return when a call last found no operator, for whatever company: the person only knows that nobody spoke."""
    return max((one.over_at for one in contacts if one.outcome is Outcome.ABANDONED), default=None)


def last_machine(contacts: Sequence[Contact]) -> datetime | None:
    """Return when a machine was last detected, for whatever company."""
    return max((one.over_at for one in contacts if one.outcome is Outcome.MACHINE), default=None)
