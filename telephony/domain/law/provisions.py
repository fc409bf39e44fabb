"""What a row of a law table is: a rule's name, whom it binds, from when to when, its bound, and where it is written.

Rows are data: the tables hold them, ``judging`` reads their bounds. A row that was shipped is never edited when the law
changes: it gets its end, and the new text a row of its own.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from telephony.domain.law.basis import Basis, CampaignKind, Sector
from telephony.domain.numbers.ranges import Jurisdiction
from telephony.domain.text.reason import Reason


class Law(StrEnum):
    """Names of the rules; a refusal carries one."""

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
"""Rules about time: they say when the lead may be called, so it waits instead of being set aside."""
HOLDS_CAMPAIGN: Final = frozenset(
    {Law.CALLER_ID_CLASS, Law.CALLER_ID_AUTOMATED, Law.RING_TIME, Law.MESSAGE, Law.ABANDON_CAP}
)
"""Rules about how the campaign dials: every lead would be refused alike, so the campaign waits for its mend."""


DUTIES: Final = frozenset({Law.START_OF_CALL, Law.DUTY})
"""What people must do: shown to them, never decided, so that nothing can lift it."""


PROMISES: Final = frozenset({Law.CALLBACK_NOTICE, Law.CALLBACK_GAP, Law.CALLBACKS_A_DAY, Law.CALLBACK_HOURS})
"""Rules about promising a callback: decided when it is promised or moved, not at its call."""


class Confidence(StrEnum):
    """How a row's content was established."""

    READ = "A"
    """The text itself was read."""
    SECONDARY = "B"
    MEMORY = "C"
    OWN = "own"
    """No law asks it: the product, or the site, does."""


class Counts(StrEnum):
    """What a row looks back on."""

    NUMBER = "number"
    """Earlier attempts at the number, whoever was called there."""
    PERSON = "person"
    """Earlier attempts at the person, under whichever of their numbers."""


@dataclass(frozen=True, slots=True)
class Days:
    """Weekdays on which calls are allowed, Monday 0 to Sunday 6."""

    allowed: frozenset[int]


@dataclass(frozen=True, slots=True)
class Holidays:
    """No call on public holidays; the switches add those of a part of the country. ``dates`` are closed by name."""

    national: bool = True
    alsace_moselle: bool = False
    overseas: bool = False
    dates: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Hours:
    """Stretches of the day, as minutes since midnight on the lead's clock; the end is the first minute not allowed."""

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
    """No call after an objection, without end; only consent that was given later and can be proved lifts it."""


@dataclass(frozen=True, slots=True)
class NotListed:
    """No call to a number on an opposition list."""


@dataclass(frozen=True, slots=True)
class NeedsBasis:
    """The lead has one of the ``allowed`` bases; ``exempt`` sectors need none."""

    allowed: frozenset[Basis]
    exempt: frozenset[Sector] = frozenset()


@dataclass(frozen=True, slots=True)
class NotSold:
    """What may not be sold by telephone: the lead has an existing contract, or is a professional called as one."""

    sectors: frozenset[Sector]


@dataclass(frozen=True, slots=True)
class CallerIdNot:
    """Patterns (regular expressions over E.164 without plus) a caller ID may not match; never anonymous."""

    forbidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallerIdOneOf:
    """Patterns of which a caller ID matches one, when calls are dialled by machine."""

    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RingsAtLeast:
    """Seconds a call rings before it may be given up."""

    seconds: float


@dataclass(frozen=True, slots=True)
class MessageWithin:
    """Seconds after the answer at which an operator or the information message is heard, at the latest."""

    seconds: float


@dataclass(frozen=True, slots=True)
class AbandonAtMost:
    """Share of answered calls that may be abandoned, per campaign and ``days`` days."""

    share: float
    days: int


@dataclass(frozen=True, slots=True)
class Protects:
    """Hours after an abandoned call, or one a machine took, without a call that has no guaranteed operator."""

    hours: float


@dataclass(frozen=True, slots=True)
class NoticeAtLeast:
    """Minutes from the minute in which a callback is promised to the callback, at least."""

    minutes: int


@dataclass(frozen=True, slots=True)
class GapAtLeast:
    """Minutes between two callbacks to one person, at least."""

    minutes: int


@dataclass(frozen=True, slots=True)
class AtMostADay:
    """Callbacks promised to one person for one day of theirs, those made included."""

    count: int


@dataclass(frozen=True, slots=True)
class Duty:
    """What people must do: shown, not decided."""


Bound = (
    Days | Holidays | Hours | Frequency | CoolOff | NotObjected | NotListed | NeedsBasis | NotSold | CallerIdNot
    | CallerIdOneOf | RingsAtLeast | MessageWithin | AbandonAtMost | Protects | NoticeAtLeast | GapAtLeast
    | AtMostADay | Duty
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Provision:
    """One row.

    Attributes:
        jurisdiction: whose law; None for the site's own tightening.
        kinds: campaigns it binds.
        valid_from: first day it holds, on the lead's calendar.
        valid_until: first day it holds no more, or None.
        is_waived_by_consent: consent that says so and can be proved lifts it.
        counts: whether it looks back on the number's attempts or on the person's.
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
        """Tell whether it is in force on a day."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)
