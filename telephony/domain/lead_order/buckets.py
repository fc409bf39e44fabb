"""Buckets: what is known of a lead, as the database keeps it beside the lead and beside each of its attempts.

Leads of one list with the same bucket have the same chance to answer, so that a choice among a million leads is one
among a few hundred buckets. What an attempt told about the person is decided here; the chance is left to
``propensity``, and whether the lead is tried again to ``retries``.
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
"""Where parts of the day are counted for a number that says nothing about its zone."""
_REPLIES: Final = {
    Outcome.ANSWERED: Reply.PERSON,
    Outcome.ABANDONED: Reply.PERSON,
    Outcome.BUSY: Reply.NOBODY,
    Outcome.NO_ANSWER: Reply.NOBODY,
    Outcome.MACHINE: Reply.NOBODY,
    Outcome.FAILED: Reply.FAILURE,
}
"""Any other outcome is censored: a dial withdrawn, refused, interrupted or lost by the carrier tells nothing."""
_LETTERS: Final = {Reply.PERSON: "p", Reply.NOBODY: "n", Reply.FAILURE: "f"}
_REPLY_OF: Final = {letter: reply for reply, letter in _LETTERS.items()}


class LeadGroup(NamedTuple):
    """Where waiting leads that are alike stand: equal list, clock, priority and bucket."""

    list_id: ListId
    clock: str
    priority: int
    bucket: str


@dataclass(frozen=True, slots=True)
class AttemptSample:
    """What one ended attempt tells the choice of leads.

    Attributes:
        attempt_id: which.
        list_id: the lead's list.
        clock: word of the lead's clock.
        bucket: the lead's when it was dialled, "" when it was not kept.
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
        """What it came to; None: nothing that tells of the person."""
        return reply_of(self.outcome, self.result) if self.bucket else None


def reply_of(outcome: Outcome, result: Result | None) -> Reply | None:
    """Return what an ended attempt told about the person; None: nothing.

    Args:
        outcome: the network's.
        result: the operator's, who knows a machine from a person better than the network.
    """
    reply = _REPLIES.get(outcome)
    return Reply.NOBODY if reply is Reply.PERSON and result is Result.MACHINE else reply


def zone_of(word: str) -> ZoneInfo:
    """Return the time zone of whoever lives on the clock of a word."""
    on = CallingZone.read(word)
    return clock((*on.place.zones, UNKNOWN_ZONE)[0])


def local_cell(word: str, at: datetime) -> int:
    """Return the part of the week a moment is for whoever lives on the clock of a word."""
    return cell_of(at.astimezone(zone_of(word)))


def fresh_bucket(number: Number) -> str:
    """Return the bucket of a lead that was not tried yet under this number."""
    return str(kind_of(number))


def bucket_after(number: Number, word: str, tries: Iterable[Try]) -> str:
    """Return the bucket of a lead after these tries of its number; ``word`` is its clock's."""
    features = Features(kind_of(number), "")
    for attempt in tries:
        reply = reply_of(attempt.outcome, attempt.result)
        if reply is not None:
            features = features.after(local_cell(word, attempt.ended_at), reply)
    return " ".join([features.kind, *(f"{cell}{_LETTERS[reply]}" for cell, reply in features.tries)])


def features_of(bucket: str, list_id: ListId) -> Features:
    """Return what a bucket of a list says; a word it does not know is left out."""
    kind, *words = bucket.split() or [""]
    known = [(int(code[:-1]), _REPLY_OF[code[-1]]) for code in words if code[-1] in _REPLY_OF and code[:-1].isdecimal()]
    return Features(kind, str(list_id), tuple(sorted(known)))


def is_fresh(bucket: str) -> bool:
    """Return True if no try of such a lead told anything yet."""
    return " " not in bucket
