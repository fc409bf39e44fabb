"""Callbacks: a call somebody was promised, at a moment of theirs, by the same operator or by anyone.

A callback is a lead that waits with the highest priority; every rule is decided at its call as at any other. Reading a
moment as people write it is here; keeping callbacks is left to storage, choosing who answers to the seats.
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
    """Where a callback stands."""

    OPEN = "open"
    MADE = "made"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Repeated:
    """A person who waits for one more callback of a day: how many were promised that day, the next one, its lead."""

    lead_id: LeadId
    count: int
    at: datetime


Bounds = Callable[[Sequence[datetime]], None]
"""Raises when a moment may not be promised to a person, given those of their other callbacks."""


@dataclass(frozen=True, slots=True)
class CallbackWish:
    """What was promised.

    Attributes:
        at: aware UTC.
        zone: IANA name of the zone it was agreed in, for showing it.
        operator_id: who promised, None when anyone may call.
        anyone_from: aware UTC, from when on anyone may call in their place.
        bounds: asked where it is kept, so that of two promised at once the second knows of the first; None: no bounds.
    """

    at: datetime
    zone: str
    operator_id: OperatorId | None
    anyone_from: datetime
    bounds: Bounds | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Later:
    """What an operator writes down for a callback: a wall-clock moment, its zone (None: the person's own), by whom."""

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
    """Return the moments of a person's callbacks, open or made, that one more must keep its distance from.

    Args:
        found: all of the person.
        made_in: the call in which it is promised: what was promised in it before is replaced.
        moved: the callback that is moved.
    """
    counted = (callback for callback in callbacks if callback.state is not CallbackState.CANCELLED and callback.callback_id != moved)
    return [callback.at for callback in counted if made_in is None or callback.attempt_id != made_in]


def read_moment(text: str, zone: str, now: datetime) -> datetime:
    """Read a wall-clock moment such as ``2026-11-24 14:30`` in a zone.

    A moment the clocks skip in spring is the one an hour later; of one they repeat in autumn, the first is meant.

    Raises:
        InputError: it cannot be read, has passed, or is too far away; the zone is unknown.
    """
    if not is_zone(zone):
        raise InputError("the time zone is unknown; write one such as Europe/Paris")
    where = clock(zone)
    local = next((parsed for form in _FORMATS if (parsed := _read(text, form)) is not None), None)
    if local is None:
        raise InputError("the moment of the callback cannot be read; write it as 2026-11-24 14:30")
    at = local.replace(tzinfo=where).astimezone(now.tzinfo)
    if at <= now:
        raise InputError("the moment of the callback has passed; choose a later one")
    if at > now + FURTHEST:
        raise InputError(f"a callback is at most {FURTHEST.days} days away")
    return at


def _read(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text.strip(), form)  # noqa: DTZ007 - its zone is given beside it
    except ValueError:
        return None
