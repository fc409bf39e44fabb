"""Answers as a picture: which lines, boxes and words stand where. Making a file of them is left to ``svg`` and ``png``.

Laid out by hand: bars and curves need no plotting library. Lengths are pixels of the drawing, from its upper left.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from telephony.simulation.question import Answer, Point
from telephony.simulation.scenarios import HOUR, Scenario

WIDTH: Final = 940
BAR: Final = 26
LEFT: Final = 240
FULL: Final = 280
"""Length of a bar at 100 %."""
PLOT: Final = 220
INK: Final = "#1f2328"
PAPER: Final = "#ffffff"
PALE: Final = "#d0d7de"
EMPTY: Final = "#f3f4f6"
OVER: Final = "#bf5700"
COLOURS: Final = ("#6e7781", "#0b62d6", "#1a7f37", "#8250df")
"""Lines of the curves, in the order the pacers are given."""
CURVES: Final = len(COLOURS)
DASH: Final = (5, 4)
"""Stroke and gap of a dashed line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A stroke through points; ``is_dashed`` for a bound."""

    points: tuple[tuple[float, float], ...]
    colour: str
    width: int = 1
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; ``y`` is its base line, ``anchor`` is ``start``, ``middle`` or ``end``."""

    x: float
    y: float
    said: str
    anchor: str = "start"
    size: int = 14


Shape = Line | Box | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes in the order they are laid over each other, on white."""

    title: str
    height: int
    shapes: tuple[Shape, ...]
    width: int = WIDTH


def drawing(title: str, scenario: Scenario, answers: Sequence[Answer]) -> Drawing:
    """Return a bar for each pacer, then the first day's utilisation and abandoned share.

    Args:
        title: the question in one line.
        scenario: what was asked.
        answers: the first few are drawn as curves too.
    """
    bars = 70 + BAR * len(answers)
    curves = answers[:CURVES]
    most = max((100 * point.abandoned for one in curves for point in one.curve), default=0.0)
    ceiling = max(100 * scenario.limit * 1.5, most * 1.1)
    second = bars + PLOT + 80
    shapes: list[Shape] = [Words(10, 26, title, size=17)]
    for n, one in enumerate(answers):
        shapes += _bar(60 + BAR * n, one, scenario.limit)
    used, lost = (
        "Utilisation, % (first day, by quarter of an hour)",
        "Abandoned so far, % of answered calls (first day)",
    )
    shapes += _curves(bars + 20, used, scenario, curves, _used, 100.0)
    shapes += _curves(second, lost, scenario, curves, _lost, ceiling)
    shapes += _cap(second, 100 * scenario.limit, ceiling)
    return Drawing(title, bars + 2 * (PLOT + 60) + 20, tuple(shapes))


def _used(point: Point) -> float | None:
    return None if point.utilisation is None else 100 * point.utilisation


def _lost(point: Point) -> float | None:
    return 100 * point.abandoned


def _bar(y: int, one: Answer, limit: float) -> Iterator[Shape]:
    is_over = one.worst_day > limit
    said = (
        f"{100 * one.utilisation:.1f} % · {100 * one.abandoned:.1f} % abandoned, worst day {100 * one.worst_day:.1f} %"
    )
    yield Words(LEFT - 10, y + 13, one.pacer, anchor="end")
    yield Box(LEFT, y, FULL, 18, EMPTY)
    yield Box(LEFT, y, FULL * one.utilisation, 18, OVER if is_over else COLOURS[1])
    yield Words(LEFT + FULL + 10, y + 13, said + (", over the cap" if is_over else ""), size=12)


def _curves(
    top: int,
    title: str,
    scenario: Scenario,
    answers: Sequence[Answer],
    value: Callable[[Point], float | None],
    ceiling: float,
) -> Iterator[Shape]:
    yield Words(60, top - 6, title)
    for n in range(5):
        y = top + PLOT * (1 - n / 4)
        yield Line(((60, y), (WIDTH - 20, y)), PALE)
        yield Words(52, y + 4, f"{ceiling * n / 4:.3g}", anchor="end", size=11)
    for hour in range(int(scenario.end / HOUR) + 1):
        clock = scenario.opens_hour + hour
        said = f"{int(clock) % 24}:{round(clock % 1 * 60):02d}"
        yield Words(_x(hour * HOUR, scenario), top + PLOT + 16, said, anchor="middle", size=11)
    for n, one in enumerate(answers):
        key = 400 + 135 * n
        for points in _pieces(top, scenario, one, value, ceiling):
            yield Line(points, COLOURS[n], 2)
        yield Line(((key, top - 10), (key + 20, top - 10)), COLOURS[n], 3)
        yield Words(key + 25, top - 6, one.pacer[:17], size=12)


def _pieces(
    top: int, scenario: Scenario, one: Answer, value: Callable[[Point], float | None], ceiling: float
) -> Iterator[tuple[tuple[float, float], ...]]:
    """Give the pieces of a curve; it is broken where nobody is logged in."""
    piece: list[tuple[float, float]] = []
    for point in one.curve:
        height = value(point)
        if height is not None:
            piece.append((_x(point.t, scenario), top + PLOT * (1 - min(height / ceiling, 1.0))))
        elif piece:
            yield tuple(piece)
            piece = []
    if piece:
        yield tuple(piece)


def _cap(top: int, cap: float, ceiling: float) -> Iterator[Shape]:
    y = top + PLOT * (1 - cap / ceiling)
    yield Line(((60, y), (WIDTH - 20, y)), OVER, is_dashed=True)
    yield Words(WIDTH - 20, y - 5, f"cap {cap:g} %", anchor="end", size=11)


def _x(t: float, scenario: Scenario) -> float:
    return 60 + (WIDTH - 80) * t / scenario.end
