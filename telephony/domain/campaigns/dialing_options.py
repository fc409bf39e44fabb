"""How a campaign dials: its options, each with its possible values, default, title and help.

A field of ``DialingOptions`` is an option. The campaign file, ``telephony campaign create``, ``change`` and ``show``,
the API, the store and the ledger take it from here; its column is in ``telephony.storage.tables.lists``. What an option
does is left to the services that read it, and the text about its effect to ``modes``.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Final, Self, cast

from pydantic import AfterValidator, ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass
from pydantic.fields import FieldInfo

from telephony.domain.law.basis import LEAST_RING_S
from telephony.domain.leads.shown_name import NameShown, holds_number
from telephony.errors import InputError

MOST_ABANDONED: Final = 0.03
"""Highest abandon cap, a share of answered calls."""
USUAL_POWER: Final = 15
"""Calls per free operator in power mode, in tenths, for a new campaign."""
LEAST_RATIO: Final = 10
MOST_RATIO: Final = 30
"""Bounds of power mode, in tenths."""
MOST_RING_S: Final = 60
"""The longest ring time that the settings allow."""
SENTENCE_CHARACTERS: Final = 400
NO_OPTIONS: Final[Mapping[str, object]] = MappingProxyType({})
"""No option given: every option stays as it is."""


class DialMode(StrEnum):
    """How a campaign's calls are paced; may change while it runs."""

    PREVIEW = "preview"
    """An operator sees the lead and presses call."""
    PROGRESSIVE = "progressive"
    """One call per free operator."""
    POWER = "power"
    """A fixed number of calls per free operator, as far as the abandon cap allows."""
    PREDICTIVE = "predictive"
    """Ahead of operators coming free, as far as the abandon cap allows."""


class CallOrder(StrEnum):
    """Which lead of a list is called first; may change while it runs. Callbacks, priorities, shares apply to both."""

    LIST = "list"
    """Leads due for a retry first, by their time, then the file's order."""
    LEARNED = "learned"
    """Who is likely to answer now and not much likelier to answer later, learned from the campaign's own calls."""


def cap_of(share: float) -> float:
    """Return an abandon cap; InputError when it is not possible."""
    if not 0 <= share <= MOST_ABANDONED:
        raise InputError("the abandon cap is a share between 0 and 0.03 (3 %)")
    return share


def tenths_of(ratio: float) -> int:
    """Return dials per free operator in tenths.

    Raises:
        InputError: it is not a number of tenths from 1.0 to 3.0.
    """
    tenths = round(ratio * 10) if math.isfinite(ratio * 10) else 0
    if abs(tenths - ratio * 10) > 1e-6 or not LEAST_RATIO <= tenths <= MOST_RATIO:
        raise InputError(f"the ratio of power mode is 1.0 to 3.0 calls per free operator, in tenths, not {ratio:g}")
    return tenths


def ring_s_of(after_s: int) -> int:
    """Return the seconds after which unanswered dials are cancelled; 0: never.

    Raises:
        InputError: under 15 s, or longer than the settings let a call ring.
    """
    if after_s and not LEAST_RING_S <= after_s <= MOST_RING_S:
        raise InputError(
            f"a call rings {LEAST_RING_S} s at least and {MOST_RING_S} s at most before it is cancelled;"
            f" {after_s} is not possible, 0 never cancels"
        )
    return after_s


def sentence_of(text: str) -> str:
    """Return a campaign's first sentence as stored.

    Raises:
        InputError: it is too long, or contains unprintable characters or what may be a telephone number.
    """
    sentence = " ".join(text.split())
    if len(sentence) > SENTENCE_CHARACTERS or not sentence.isprintable():
        raise InputError(f"a first sentence has at most {SENTENCE_CHARACTERS} printable characters: shorten it")
    if holds_number(sentence):
        raise InputError("a first sentence contains no telephone number, as operators see none: leave it out")
    return sentence


class Given:
    """How people give an option, where the field alone does not define it; part of the field's annotation."""

    def __init__(
        self,
        key: str | None = None,
        flag: str | None = None,
        read: Callable[[Any], object] | None = None,
        *,
        is_fixed: bool = False,
    ) -> None:
        """Define what differs from the field.

        Args:
            key: its name in files and in the API; None: the field's.
            flag: its name on the command line, without the leading dashes; None: the key with dashes.
            read: converts the number given to the field's value; None: the value itself is given.
            is_fixed: chosen when the campaign is created, and never changed.
        """
        self.key, self.flag, self.read, self.is_fixed = key, flag, read, is_fixed


@dataclass(frozen=True, slots=True, config=ConfigDict(strict=True, extra="forbid"))
class DialingOptions:
    """A campaign's options. An impossible value is refused, whether it was given or stored."""

    abandon_cap: Annotated[
        float,
        AfterValidator(cap_of),
        Field(title="abandon cap", description="Share of answered calls that may be abandoned per day, 0 to 0.03."),
        Given(is_fixed=True),
    ]
    mode: Annotated[
        DialMode,
        Field(strict=False, title="dialing mode", description="How calls are paced; default: progressive."),
    ] = DialMode.PROGRESSIVE
    power_tenths: Annotated[
        int,
        Field(
            ge=LEAST_RATIO,
            le=MOST_RATIO,
            title="calls per free operator in power mode, in tenths",
            description="In power mode: calls per free operator, 1.0 to 3.0.",
        ),
        Given("ratio", read=tenths_of),
    ] = USUAL_POWER
    detects_machines: Annotated[
        bool,
        Field(
            title="answering machine detection (AMD)",
            description="Detect answering machines (AMD); people wait up to 1.7 s for it.",
        ),
        Given(flag="amd"),
    ] = False
    withdraw_after_s: Annotated[
        int,
        AfterValidator(ring_s_of),
        Field(
            title="seconds after which an unanswered dial may be cancelled (0: never)",
            description="In predictive mode: cancel dials after N seconds without an answer, 15 to 60; 0: never.",
        ),
        Given(flag="ring-limit"),
    ] = 0
    call_order: Annotated[
        CallOrder,
        Field(strict=False, title="lead order", description="Which leads are called first; default: list."),
        Given(flag="order"),
    ] = CallOrder.LIST
    shown_name: Annotated[
        NameShown,
        Field(
            strict=False,
            title="name shown to operators",
            description="How much of the person's name operators see.",
        ),
    ] = NameShown.FULL
    first_sentence: Annotated[
        str,
        AfterValidator(sentence_of),
        Field(
            title="first sentence",
            description="What operators say first; {operator} and {company} are filled in. Empty: no sentence.",
        ),
    ] = ""

    def having(self, given: Mapping[str, object], *, is_new: bool = False) -> Self:
        """Return these options with some of them changed.

        Args:
            given: values as people give them, by key; what is left out stays.
            is_new: the campaign is being created, so options that are fixed afterwards may be given too.

        Raises:
            InputError: a key is unknown or may not be changed, or a value is not possible; the message says which.
        """
        values: dict[str, Any] = {}
        for key, value in given.items():
            option = BY_KEY.get(key)
            if option is None:
                raise InputError(f"unknown option {key}; known: {', '.join(sorted(BY_KEY))}")
            if option.is_fixed and not is_new:
                raise InputError(f"{key} is chosen when a campaign is created and cannot be changed")
            values[option.name] = option.read(value)
        try:
            options = replace(self, **values)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            raise InputError(f"{first['loc'][0]} is not possible: {first['msg']}") from None
        if "power_tenths" in values and options.mode is not DialMode.POWER:
            raise InputError("a ratio applies to power mode only; the other modes compute their own")
        return options


class Option:
    """One option as files, commands and the API accept it."""

    def __init__(self, name: str, field: FieldInfo) -> None:
        given = next((part for part in field.metadata if isinstance(part, Given)), Given())
        self.name = name
        """Name of the field of ``DialingOptions``, and of the column."""
        self.key = given.key or name
        """Name in a campaign's file and in the API."""
        self.flag = given.flag or self.key.replace("_", "-")
        """Name on the command line, without the leading dashes."""
        self.kind = float if given.read else cast("type", field.annotation)
        """Type of what is given."""
        self.title, self.help = field.title or name, field.description or ""
        self.is_fixed = given.is_fixed
        self._read = given.read

    def read(self, given: Any) -> object:
        """Return the field's value; InputError when the given one is not possible."""
        if self._read is None:
            return given
        if isinstance(given, bool) or not isinstance(given, int | float):
            raise InputError(f"{self.key} must be a number: {self.help}")
        return self._read(given)


OPTIONS: Final = tuple(Option(name, field) for name, field in DialingOptions.__pydantic_fields__.items())  # type: ignore[attr-defined]
BY_KEY: Final = {option.key: option for option in OPTIONS}
