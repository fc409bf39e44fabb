"""Callbacks: a call that was promised to a person for a time of theirs, by the same operator or by anyone.

A callback is a lead that waits with the highest priority; its call must pass every rule like any other. This module
also reads a time as people write it. Storing callbacks is left to storage, choosing the operator to the seats.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from telephony.domain.law.places import clock, is_zone
from telephony.errors import InputError
from telephony.ids import AttemptId, CallbackId, CampaignId, LeadId, OperatorId

FURTHEST: Final = timedelta(days=180)
_FORMATS: Final = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")


class CallbackState(StrEnum):
    """State of a callback."""

    OPEN = "open"
    MADE = "made"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Repeated:
    """A person with one more callback on the same day: how many were promised for the day, the next one, its lead."""

    lead_id: LeadId
    count: int
    at: datetime


Bounds = Callable[[Sequence[datetime]], None]
"""Raises if a time may not be promised to a person, given the times of their other callbacks."""


@dataclass(frozen=True, slots=True)
class CallbackWish:
    """What was promised.

    Attributes:
        at: aware UTC.
        zone: IANA name of the zone it was agreed in, for display.
        operator_id: who promised, None when anyone may call.
        anyone_from: aware UTC, from when on anyone may call instead.
        bounds: checked on storing, so that the second of two simultaneous promises sees the first; None: no check.
    """

    at: datetime
    zone: str
    operator_id: OperatorId | None
    anyone_from: datetime
    bounds: Bounds | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Later:
    """What an operator enters for a callback: a local time, its zone (None: the person's own), and who may call."""

    text: str
    zone: str | None = None
    is_anyone: bool = False


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback as stored; ``attempt_id`` is the call in which it was promised."""

    callback_id: CallbackId
    campaign_id: CampaignId
    lead_id: LeadId
    attempt_id: AttemptId
    at: datetime
    zone: str
    operator_id: OperatorId | None
    anyone_from: datetime
    state: CallbackState
    set_at: datetime


def other_moments(
    callbacks: Iterable[Callback], *, made_in: AttemptId | None = None, moved: CallbackId | None = None
) -> list[datetime]:
    """Return the times of a person's other callbacks, open or made, to which a new one must keep its distance.

    Args:
        callbacks: all callbacks of the person.
        made_in: the call in which it is promised; a callback promised earlier in it is replaced.
        moved: the callback that is moved.
    """
    others = (callback for callback in callbacks if callback.callback_id != moved)
    counted = (callback for callback in others if callback.state is not CallbackState.CANCELLED)
    return [callback.at for callback in counted if made_in is None or callback.attempt_id != made_in]


def read_moment(text: str, zone: str, now: datetime) -> datetime:
    """Return a local time such as ``2026-11-24 14:30`` in a zone.

    A time skipped by daylight saving is taken one hour later; of a repeated time, the first is taken.

    Raises:
        InputError: it cannot be read, has passed, or is too far away; the zone is unknown.
    """
    if not is_zone(zone):
        raise InputError("the time zone is unknown; write one such as Europe/Paris")
    where = clock(zone)
    local = next((parsed for form in _FORMATS if (parsed := _read(text, form)) is not None), None)
    if local is None:
        raise InputError("the time of the callback cannot be read; write it as 2026-11-24 14:30")
    at = local.replace(tzinfo=where).astimezone(now.tzinfo)
    if at <= now:
        raise InputError("the time of the callback has passed; choose a later one")
    if at > now + FURTHEST:
        raise InputError(f"a callback is at most {FURTHEST.days} days away")
    return at


def _read(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text.strip(), form)  # noqa: DTZ007 - its zone is given beside it
    except ValueError:
        return None
