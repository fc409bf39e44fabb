"""A reason, as a stable code and its parameters; the words of each language are in ``telephony.words``.

A code is never renamed after it was shipped: the API returns it, and programs read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Union

from telephony.errors import InputError
from telephony.words import english

Param = Union[str, int, float, date, datetime, "Reason", tuple["Reason", ...]]
"""Text, a count or share, a date, a time in the reader's time zone, or further reasons; never a telephone number."""


@dataclass(frozen=True, slots=True, init=False)
class Reason:
    """A code of the words tables, with the parameters of its message.

    Attributes:
        code: dotted, e.g. ``law.no.frequency``.
        pairs: the parameters, sorted by name.
    """

    code: str
    pairs: tuple[tuple[str, Param], ...]

    def __init__(self, code: str, /, **params: Param) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "pairs", tuple(sorted(params.items(), key=lambda pair: pair[0])))

    @property
    def params(self) -> Mapping[str, Param]:
        """The parameters by name."""
        return dict(self.pairs)


class ReasonError(InputError):
    """A refusal with a reason code; its message is the English text."""

    def __init__(self, why: Reason) -> None:
        super().__init__(english(why))
        self.why = why
