"""Contact rate: the chance that a person answers now, learned from the campaign's own attempts.

A logistic model over what is known of a lead: kind of number, source, part of the week, and the parts of the week in
which it was tried without an answer. Every weight has a mean and a variance and is drawn towards more general weights
(a small group follows its source and kind). Each attempt moves the most uncertain weights most: a Kalman filter with
independent weights. Leads with equal ``Features`` have equal chances. Which lead is dialled is left to ``pool``; what
an attempt's outcome means for a lead, to ``retries``.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Final, NamedTuple

PARTS: Final = (0, 11, 13, 15, 17, 18, 19)
"""Hours at which parts of the day begin, in the lead's local time; finer in the evening, which changes fast."""
CELLS: Final = 2 * len(PARTS)
"""Parts of a working day, then those of a Saturday or Sunday."""
_SATURDAY: Final = 5


class Reply(IntEnum):
    """What a try showed."""

    PERSON = 0
    NOBODY = 1
    """It rang out, or a machine picked up; the difference shows almost nothing about the person's hours."""
    FAILURE = 2
    """The network refused."""


def cell_of(local: datetime) -> int:
    """Return the part of the week of a time, 0 to ``CELLS`` - 1; ``local`` is the lead's local time."""
    return cell_at(local.hour, is_weekend=local.weekday() >= _SATURDAY)


def cell_at(hour: float, *, is_weekend: bool = False) -> int:
    """Return the part of the week of an hour, 0 to 24."""
    part = sum(hour >= begin for begin in PARTS) - 1
    return part + len(PARTS) * is_weekend


class Features(NamedTuple):
    """What is known of a lead.

    Attributes:
        kind: kind of its number.
        source: where it came from, its list.
        tries: cell and reply of each try, sorted; a failure shows nothing about its hour and has cell 0.
    """

    kind: str
    source: str
    tries: tuple[tuple[int, Reply], ...] = ()

    def after(self, cell: int, reply: Reply) -> "Features":
        """Return the features after one more try."""
        made = (0 if reply is Reply.FAILURE else cell, reply)
        return self._replace(tries=tuple(sorted((*self.tries, made))))


class Chance(NamedTuple):
    """Chance that a person answers: mean and standard deviation."""

    mean: float
    sd: float


_Weight = tuple[str | int, ...]
"""Name of a weight: its kind, then what it applies to."""
_PRIORS: Final[dict[str, tuple[float, float]]] = {
    "all": (-1.7, 1.0),
    "kind": (0.0, 0.2),
    "source": (0.0, 0.4),
    "group": (0.0, 0.3),
    "cell": (0.0, 0.2),
    "kind at": (0.0, 0.2),
    "group at": (0.0, 0.1),
    "tries": (-0.2, 0.1),
    "group tried": (0.0, 0.05),
    "then and now": (-0.1, 0.05),
    "failed": (-1.5, 1.0),
}
"""Mean and variance of each weight, in log-odds, before the first attempt."""
_PROBIT: Final = math.pi / 8


class Propensity:
    """Learns from one campaign's attempts, one at a time."""

    def __init__(self) -> None:
        self._weights: dict[_Weight, tuple[float, float]] = {}
        self.seen = 0
        """Attempts learned from."""

    def chance(self, features: Features, cell: int) -> Chance:
        """Return the chance that a person answers in a cell."""
        return self.chances(features, (cell,))[0]

    def chances(self, features: Features, cells: Sequence[int]) -> list[Chance]:
        """Return the chances in several cells; cheaper than one by one."""
        mean, variance = self._sum(_always(features))
        chances = []
        for cell in cells:
            more, spread = self._sum(_at(features, cell))
            chances.append(_chance(mean + more, variance + spread))
        return chances

    def observe(self, features: Features, cell: int, reply: Reply) -> None:
        """Learn from one try.

        Args:
            features: the lead's, before the try.
            cell: when it was tried.
            reply: what it showed. A try that shows nothing (refused, interrupted, cancelled) is not observed.
        """
        names = [*_always(features), *_at(features, cell)]
        mean, variance = self._sum(names)
        expected = _chance(mean, variance).mean
        surprise = (reply is Reply.PERSON) - expected
        certainty = expected * (1 - expected)
        gain = 1 / (1 + variance * certainty)
        for name in names:
            mean, variance = self._weight(name)
            self._weights[name] = (mean + variance * surprise * gain, variance * (1 - variance * certainty * gain))
        self.seen += 1

    def as_data(self) -> list[list[str | int | float]]:
        """Return everything learned, for JSON."""
        return [[*name, mean, variance] for name, (mean, variance) in self._weights.items()] + [["seen", self.seen]]

    @classmethod
    def of(cls, data: Sequence[Sequence[str | int | float]]) -> "Propensity":
        """Return the model that ``as_data`` wrote; unknown weights are left out."""
        made = cls()
        for row in data:
            if row[0] == "seen":
                made.seen = int(row[1])
            elif row[0] in _PRIORS:
                *name, mean, variance = row
                made._weights[tuple(part if isinstance(part, str) else int(part) for part in name)] = (
                    float(mean),
                    float(variance),
                )
        return made

    def _weight(self, name: _Weight) -> tuple[float, float]:
        weight = self._weights.get(name)
        return _PRIORS[str(name[0])] if weight is None else weight

    def _sum(self, names: Iterator[_Weight] | Sequence[_Weight]) -> tuple[float, float]:
        mean = variance = 0.0
        for name in names:
            more, spread = self._weights.get(name) or _PRIORS[str(name[0])]
            mean += more
            variance += spread
        return mean, variance


def _always(features: Features) -> Iterator[_Weight]:
    """Return the names of the weights that apply at any hour."""
    kind, source, tries = features
    yield ("all",)
    yield ("kind", kind)
    yield ("source", source)
    yield ("group", kind, source)
    failures = sum(reply == Reply.FAILURE for _, reply in tries)
    if failures:
        yield ("failed", failures)
    if len(tries) > failures:
        yield ("tries", len(tries) - failures)
        yield ("group tried", kind, source, len(tries) - failures)


def _at(features: Features, cell: int) -> Iterator[_Weight]:
    """Return the names of the weights that apply in one cell."""
    kind, source, tries = features
    part = cell % len(PARTS)
    yield ("cell", cell)
    yield ("kind at", kind, cell)
    yield ("group at", kind, source, cell)
    for then, reply in tries:
        if reply != Reply.FAILURE:
            yield ("then and now", then % len(PARTS), part, int(reply))


def _chance(mean: float, variance: float) -> Chance:
    """Return the chance for log-odds with this mean and variance (MacKay's approximation)."""
    chance = 1 / (1 + math.exp(-mean / math.sqrt(1 + _PROBIT * variance)))
    return Chance(chance, chance * (1 - chance) * math.sqrt(variance))
