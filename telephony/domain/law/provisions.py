"""A row of a law table: a rule's name, whom it applies to, its validity, its bound, and its reference.

Rows are data: the tables contain them, ``judging`` reads their bounds. A shipped row is never edited when the law
changes: it gets an end date, and the new text gets its own row.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from telephony.domain.law.basis import Basis, CampaignKind, Sector
from telephony.domain.numbers.ranges import Jurisdiction
from telephony.domain.text.reason import Reason


class Law(StrEnum):
    """Names of the rules; a refusal has one."""

    CALLING_DAYS = "calling_days"
    PUBLIC_HOLIDAY = "public_holiday"
    CALLING_HOURS = "calling_hours"
    FREQUENCY = "frequency"
    COOL_OFF = "cool_off"
    OBJECTION = "objection"
    OPPOSITION = "opposition_list"
    LEGAL_BASIS = "legal_basis"
    SECTOR = "forbidden_sector"
    CALLER_ID_CLASS = "caller_id_class"
    CALLER_ID_AUTOMATED = "caller_id_automated"
    RING_TIME = "ring_time"
    MESSAGE = "information_message"
    ABANDON_CAP = "abandon_cap"
    ABANDONED = "protected_after_abandon"
    MACHINE = "protected_after_machine"
    START_OF_CALL = "start_of_call"
    DUTY = "duty"
    CALLBACK_NOTICE = "callback_notice"
    CALLBACK_GAP = "callback_gap"
    CALLBACKS_A_DAY = "callbacks_a_day"
    CALLBACK_HOURS = "callback_hours"


POSTPONES: Final = frozenset(
    {
        Law.CALLING_DAYS,
        Law.PUBLIC_HOLIDAY,
        Law.CALLING_HOURS,
        Law.FREQUENCY,
        Law.COOL_OFF,
        Law.ABANDONED,
        Law.MACHINE,
    }
)
"""Rules about time: they give the time at which the lead may be called, so it waits instead of being refused."""
HOLDS_CAMPAIGN: Final = frozenset(
    {Law.CALLER_ID_CLASS, Law.CALLER_ID_AUTOMATED, Law.RING_TIME, Law.MESSAGE, Law.ABANDON_CAP}
)
"""Rules about how the campaign dials: every lead would be refused alike, so the campaign is held until it is fixed."""


DUTIES: Final = frozenset({Law.START_OF_CALL, Law.DUTY})
"""Duties of people: shown to them, never decided on, so nothing can lift them."""


PROMISES: Final = frozenset({Law.CALLBACK_NOTICE, Law.CALLBACK_GAP, Law.CALLBACKS_A_DAY, Law.CALLBACK_HOURS})
"""Rules about promising a callback, checked when it is promised or moved, not at its call."""


class Confidence(StrEnum):
    """How a row's content was established (evidence grade)."""

    READ = "A"
    """The text itself was read."""
    SECONDARY = "B"
    MEMORY = "C"
    OWN = "own"
    """Not required by law, but by the product or the site."""


class Counts(StrEnum):
    """Which attempts a row counts."""

    NUMBER = "number"
    """Earlier attempts at the number, whoever was called there."""
    PERSON = "person"
    """Earlier attempts at the person, under any of their numbers."""


@dataclass(frozen=True, slots=True)
class Days:
    """Weekdays on which calls are allowed, Monday 0 to Sunday 6."""

    allowed: frozenset[int]


@dataclass(frozen=True, slots=True)
class Holidays:
    """No call on public holidays; the flags add those of a part of the country. ``dates`` are individually closed."""

    national: bool = True
    alsace_moselle: bool = False
    overseas: bool = False
    dates: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Hours:
    """Windows of the day, in minutes since midnight, lead's local time; the end is the first minute not allowed."""

    windows: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Frequency:
    """At most ``limit`` attempts in any ``days`` days, for one company at one number."""

    limit: int
    days: int


@dataclass(frozen=True, slots=True)
class CoolOff:
    """No call for ``days`` calendar days after a refusal."""

    days: int


@dataclass(frozen=True, slots=True)
class NotObjected:
    """No call after an objection, without a time limit; only a later, proved consent lifts it."""


@dataclass(frozen=True, slots=True)
class NotListed:
    """No call to a number on a do-not-call list."""


@dataclass(frozen=True, slots=True)
class NeedsBasis:
    """The lead must have one of the ``allowed`` bases; ``exempt`` sectors need none."""

    allowed: frozenset[Basis]
    exempt: frozenset[Sector] = frozenset()


@dataclass(frozen=True, slots=True)
class NotSold:
    """Sectors that may not be sold by telephone, except to a lead with a contract or a professional called as one."""

    sectors: frozenset[Sector]


@dataclass(frozen=True, slots=True)
class CallerIdNot:
    """Patterns (regular expressions over E.164 without plus) a caller ID may not match; never anonymous."""

    forbidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallerIdOneOf:
    """Patterns of which a caller ID must match one when calls are dialled automatically."""

    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RingsAtLeast:
    """Seconds that a call must ring before it may be cancelled."""

    seconds: float


@dataclass(frozen=True, slots=True)
class MessageWithin:
    """Seconds after the answer within which an operator or the information message must be heard."""

    seconds: float


@dataclass(frozen=True, slots=True)
class AbandonAtMost:
    """Share of answered calls that may be abandoned, per campaign and ``days`` days."""

    share: float
    days: int


@dataclass(frozen=True, slots=True)
class Protects:
    """Hours after an abandoned or machine-answered call during which a call needs a guaranteed operator."""

    hours: float


@dataclass(frozen=True, slots=True)
class NoticeAtLeast:
    """Least minutes from the minute in which a callback is promised to the callback."""

    minutes: int


@dataclass(frozen=True, slots=True)
class GapAtLeast:
    """Least minutes between two callbacks to one person."""

    minutes: int


@dataclass(frozen=True, slots=True)
class AtMostADay:
    """Most callbacks promised to one person for one of their days, including those made."""

    count: int


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty of people: shown, not decided on."""


Bound = (
    Days | Holidays | Hours | Frequency | CoolOff | NotObjected | NotListed | NeedsBasis | NotSold | CallerIdNot
    | CallerIdOneOf | RingsAtLeast | MessageWithin | AbandonAtMost | Protects | NoticeAtLeast | GapAtLeast
    | AtMostADay | Duty
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Provision:
    """One row.

    Attributes:
        jurisdiction: whose law; None for the site's own stricter rule.
        kinds: kinds of campaign it applies to.
        valid_from: first day in force, in the lead's calendar.
        valid_until: first day no longer in force, or None.
        is_waived_by_consent: a proved consent that says so lifts it.
        counts: whether it counts the attempts at the number or at the person.
    """

    law: Law
    jurisdiction: Jurisdiction | None
    kinds: frozenset[CampaignKind]
    bound: Bound
    text: Reason
    reference: str
    confidence: Confidence
    valid_from: date
    valid_until: date | None = None
    is_waived_by_consent: bool = False
    counts: Counts = Counts.NUMBER

    def is_in_force(self, on: date) -> bool:
        """Return True if it is in force on a day."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)
