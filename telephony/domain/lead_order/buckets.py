"""Buckets: what is known of a lead, as the database stores it with the lead and with each of its attempts.

Leads of one list with the same bucket have the same chance to answer, so a choice among a million leads becomes a
choice among a few hundred buckets. This module decides what an attempt shows about the person; the chance is left to
``contact_rate``, and whether the lead is tried again to ``retries``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.law.calling_zone import CallingZone
from telephony.domain.law.places import clock
from telephony.domain.lead_order.contact_rate import Features, Reply, cell_of
from telephony.domain.leads.retries import Try
from telephony.domain.numbers.numbering_plan import kind_of
from telephony.ids import AttemptId, ListId, Number

UNKNOWN_ZONE: Final = "Europe/Paris"
"""The time zone for a number whose zone is unknown."""
_REPLIES: Final = {
    Outcome.ANSWERED: Reply.PERSON,
    Outcome.ABANDONED: Reply.PERSON,
    Outcome.BUSY: Reply.NOBODY,
    Outcome.NO_ANSWER: Reply.NOBODY,
    Outcome.MACHINE: Reply.NOBODY,
    Outcome.FAILED: Reply.FAILURE,
}
"""Any other outcome is censored: a cancelled, refused, interrupted or carrier-failed dial shows nothing."""
_LETTERS: Final = {Reply.PERSON: "p", Reply.NOBODY: "n", Reply.FAILURE: "f"}
_REPLY_OF: Final = {letter: reply for reply, letter in _LETTERS.items()}


class LeadGroup(NamedTuple):
    """Waiting leads that are alike: equal list, calling zone, priority and bucket."""

    list_id: ListId
    clock: str
    priority: int
    bucket: str


@dataclass(frozen=True, slots=True)
class AttemptSample:
    """One ended attempt, from which the lead order learns.

    Attributes:
        attempt_id: the attempt.
        list_id: the lead's list.
        clock: code of the lead's calling zone.
        bucket: the lead's bucket when it was dialled, "" when it was not stored.
        started_at: aware UTC.
        ended_at: aware UTC.
    """

    attempt_id: AttemptId
    list_id: ListId
    clock: str
    bucket: str
    outcome: Outcome
    result: Result | None
    started_at: datetime
    ended_at: datetime

    @property
    def reply(self) -> Reply | None:
        """What it showed about the person; None: nothing."""
        return reply_of(self.outcome, self.result) if self.bucket else None


def reply_of(outcome: Outcome, result: Result | None) -> Reply | None:
    """Return what an ended attempt showed about the person; None: nothing.

    Args:
        outcome: the network's.
        result: the operator's, which overrides the outcome when the operator heard a machine.
    """
    reply = _REPLIES.get(outcome)
    return Reply.NOBODY if reply is Reply.PERSON and result is Result.MACHINE else reply


def zone_of(code: str) -> ZoneInfo:
    """Return the time zone of a calling zone, given by its code."""
    on = CallingZone.read(code)
    return clock((*on.place.zones, UNKNOWN_ZONE)[0])


def local_cell(code: str, at: datetime) -> int:
    """Return the part of the week of a time in a calling zone, given by its code."""
    return cell_of(at.astimezone(zone_of(code)))


def fresh_bucket(number: Number) -> str:
    """Return the bucket of a lead that has not been tried under this number."""
    return str(kind_of(number))


def bucket_after(number: Number, code: str, tries: Iterable[Try]) -> str:
    """Return the bucket of a lead after these tries of its number; ``code`` is the code of its calling zone."""
    features = Features(kind_of(number), "")
    for attempt in tries:
        reply = reply_of(attempt.outcome, attempt.result)
        if reply is not None:
            features = features.after(local_cell(code, attempt.ended_at), reply)
    return " ".join([features.kind, *(f"{cell}{_LETTERS[reply]}" for cell, reply in features.tries)])


def features_of(bucket: str, list_id: ListId) -> Features:
    """Return the features of a bucket of a list; unknown codes are left out."""
    kind, *codes = bucket.split() or [""]
    known = [(int(code[:-1]), _REPLY_OF[code[-1]]) for code in codes if code[-1] in _REPLY_OF and code[:-1].isdecimal()]
    return Features(kind, str(list_id), tuple(sorted(known)))


def is_fresh(bucket: str) -> bool:
    """Return True if no try of such a lead has shown anything yet."""
    return " " not in bucket
