"""Earlier attempts at one number, and what the law counts among them. Reading them is left to storage."""

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
"""Results for a person who refused in the conversation. Asking for another time is a callback, not a refusal."""
OBJECTIONS: Final = frozenset({Result.NO_MORE_CALLS})
"""Results for a person who never wants these calls again."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One earlier attempt whose permit was used or may still be used, answered or not.

    Attributes:
        client_company: the company called for.
        started_at: aware UTC.
        ended_at: None until it has ended.
    """

    attempt_id: AttemptId
    client_company: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    result: Result | None = None

    @property
    def over_at(self) -> datetime:
        """When its outcome was known, at the latest."""
        return self.ended_at or self.started_at


def is_same_company(company: str, other: str) -> bool:
    """Return True if two names are one client company; letter case, spaces and invisible characters do not matter."""
    return company_key(company) == company_key(other)


def company_key(company: str) -> str:
    """Return a client company's key: names that look the same to a reader have the same key."""
    return name_key(company)


def is_up(contacts: Iterable[Contact]) -> bool:
    """Return True if one of these attempts has not ended, so that a call is up or in progress."""
    return any(contact.ended_at is None for contact in contacts)


def before(contacts: Sequence[Contact], own: tuple[datetime, AttemptId] | None) -> tuple[Contact, ...]:
    """Return the contacts before an attempt that is already stored, oldest first; all of them for a new attempt.

    Two attempts decided at the same time are both stored; the second one in order finds the first and gives way.
    """
    ordered = sorted(contacts, key=lambda contact: (contact.started_at, contact.attempt_id))
    return tuple(contact for contact in ordered if own is None or (contact.started_at, contact.attempt_id) < own)


def counting(contacts: Sequence[Contact], at: datetime, days: int, zone: tzinfo) -> list[datetime]:
    """Return when each attempt that still counts leaves the count, soonest first.

    An attempt counts until the same local time of the lead ``days`` days later. This is stricter by hours than
    calendar days, so no choice of ``days`` calendar days ever has one attempt too many.
    """
    leaving = (leaves_at(contact.started_at, days, zone) for contact in contacts)
    return sorted(end for end in leaving if end > at)


def leaves_at(started_at: datetime, days: int, zone: tzinfo) -> datetime:
    """Return when an attempt stops counting: never before ``days`` times 24 hours, whatever daylight saving does."""
    local = started_at.astimezone(zone).replace(tzinfo=None)
    return max(at_wall(local + timedelta(days=days), zone, is_start=True), started_at + timedelta(days=days))


def last_refusal(contacts: Sequence[Contact], company: str) -> datetime | None:
    """Return when the person last refused calls of that company, objections included."""
    return _last_with_result(contacts, company, REFUSALS)


def last_objection(contacts: Sequence[Contact], company: str) -> datetime | None:
    """Return when the person last asked for no more calls of that company."""
    return _last_with_result(contacts, company, OBJECTIONS)


def _last_with_result(contacts: Sequence[Contact], company: str, results: Container[Result | None]) -> datetime | None:
    ours = (contact for contact in contacts if is_same_company(contact.client_company, company))
    return max((contact.over_at for contact in ours if contact.result in results), default=None)


def last_abandoned(contacts: Sequence[Contact]) -> datetime | None:
    """Return when a call of any company last found no operator: the person only knows that nobody spoke."""
    return max((contact.over_at for contact in contacts if contact.outcome is Outcome.ABANDONED), default=None)


def last_machine(contacts: Sequence[Contact]) -> datetime | None:
    """Return when AMD last detected a machine, for any company."""
    return max((contact.over_at for contact in contacts if contact.outcome is Outcome.MACHINE), default=None)
