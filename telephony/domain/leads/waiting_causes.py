"""Why no lead is due: leads that remain in a campaign and are not called now, by cause, with who can change it.

"None is due" is not "none is left": a list is finished only when no cause applies to any lead. Counting is left to
storage, display to pages and commands.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Final

from telephony.domain.law.provisions import POSTPONES, Law
from telephony.domain.law.verdict import LawRefusal
from telephony.domain.leads.leads import LeadState
from telephony.domain.text.reason import Reason

MOST: Final = 20_000
"""Most leads of one list and state that are counted; beyond it a count says "at least"."""


class ListStanding(StrEnum):
    """Whether a list's leads may be called; the leads of a revoked list do not wait."""

    CALLED = "called"
    UNAPPROVED = "unapproved"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """Leads of one list in the same situation.

    Attributes:
        standing: of their list.
        state: waiting, refused, or done where a full quota closed them.
        reason: what postponed, refused or closed them, or "".
        clock: code of their calling zone.
        is_promised: a callback was promised to them.
        soonest: aware UTC, when the first of them is due; None: they are due now.
        is_at_least: there are more that were not counted.
    """

    standing: ListStanding
    state: LeadState
    reason: str
    clock: str
    is_promised: bool
    count: int
    soonest: datetime | None = None
    is_at_least: bool = False


class Cause(StrEnum):
    """Why leads remain and are not called now, in display order."""

    APPROVAL = "approval"
    PAUSED_LIST = "paused_list"
    LEGAL_BASIS = "legal_basis"
    WHITELIST = "whitelist"
    QUOTA = "quota"
    CALLBACK = "callback"
    RETRY = "retry"
    HOURS = "hours"
    PROTECTED = "protected"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Held:
    """How many leads wait for one cause.

    Attributes:
        until: aware UTC, when the first of them may be called; None where only a person can change it.
        is_at_least: there are more that were not counted.
    """

    cause: Cause
    count: int
    until: datetime | None = None
    is_at_least: bool = False


_ORDER: Final = {cause: place for place, cause in enumerate(Cause)}
_OF_THE_CLOCK: Final = frozenset({Law.CALLING_DAYS, Law.PUBLIC_HOLIDAY, Law.CALLING_HOURS})
_REFUSED: Final = {
    str(Law.LEGAL_BASIS): Cause.LEGAL_BASIS,
    "number_denied": Cause.WHITELIST,
    "country_not_open": Cause.WHITELIST,
}
"""Refusals that a person can fix; the others, such as an objection, are final, and those leads do not wait."""
Shut = Callable[[str], LawRefusal | None]
"""Why no lead of a calling zone, given by its code, may be called now; None: within calling hours."""


def held_by_cause(groups: Iterable[WaitingGroup], shut: Shut) -> tuple[Held, ...]:
    """Return why a campaign's leads wait, in the order of ``Cause``; empty when none is left."""
    by_cause: dict[Cause, Held] = {}
    for group in groups:
        cause, until = _cause(group, shut)
        if cause is None or group.count <= 0:
            continue
        before = by_cause.get(cause, Held(cause, 0, until))
        times = [at for at in (before.until, until) if at is not None]
        by_cause[cause] = Held(
            cause,
            before.count + group.count,
            min(times, default=None),
            is_at_least=before.is_at_least or group.is_at_least,
        )
    return tuple(sorted(by_cause.values(), key=lambda held: _ORDER[held.cause]))


def _cause(group: WaitingGroup, shut: Shut) -> tuple[Cause | None, datetime | None]:
    if group.state is LeadState.REFUSED:
        return _REFUSED.get(group.reason), None
    if group.state is LeadState.DONE:
        return (Cause.QUOTA if group.reason.startswith("quota:") else None), None
    if group.standing is ListStanding.UNAPPROVED:
        return Cause.APPROVAL, None
    if group.standing is ListStanding.PAUSED:
        return Cause.PAUSED_LIST, None
    if group.is_promised:
        return Cause.CALLBACK, group.soonest
    if group.soonest is not None:
        return _postponed(group.reason), group.soonest
    no = shut(group.clock)
    return (Cause.DUE, None) if no is None else (Cause.HOURS, no.until)


def _postponed(reason: str) -> Cause:
    law = next((law for law in POSTPONES if law == reason), None)
    if law is None:
        return Cause.RETRY
    return Cause.HOURS if law in _OF_THE_CLOCK else Cause.PROTECTED


def said(held: Held, zone: tzinfo) -> Reason:
    """Return the text of one cause: how many, until when (in the time zone ``zone``), who can change it."""
    people = Reason("held.at_least" if held.is_at_least else "held.people", people=held.count)
    at = held.until.astimezone(zone) if held.until is not None else Reason("held.unknown_time")
    return Reason(f"held.cause.{held.cause}", people=people, at=at)


def without_due(all_of: Sequence[Held]) -> tuple[Held, ...]:
    """Return all causes except "due", whose leads are about to be called."""
    return tuple(held for held in all_of if held.cause is not Cause.DUE)
