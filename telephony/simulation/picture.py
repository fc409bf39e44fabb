"""Answers as a picture: one SVG drawing, alone or in a page that needs nothing else.

Drawn by hand: bars and lines need no plotting library, the page opens in any browser, and it prints.
"""

from collections.abc import Callable, Sequence
from html import escape
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
PALE: Final = "#d0d7de"
OVER: Final = "#bf5700"
COLOURS: Final = ("#6e7781", "#0b62d6", "#1a7f37", "#8250df")
"""Lines of the curves, in the order the pacers are given."""
CURVES: Final = len(COLOURS)


def page(title: str, drawing: str) -> str:
    """Return an HTML page around a drawing."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width"><style>body{margin:2em auto;max-width:980px;'
        "background:#fff}svg{max-width:100%;height:auto}</style></head>\n"
        f"<body>{drawing}</body></html>\n"
    )


def drawing(title: str, scenario: Scenario, answers: Sequence[Answer]) -> str:
    """Return the SVG: a bar for each pacer, then the first day's utilisation and abandoned share.

    Args:
        title: the question in one line.
        scenario: what was asked.
        answers: the first few are drawn as curves too.
    """
    bars = 70 + BAR * len(answers)
    height = bars + 2 * (PLOT + 60) + 20
    curves = answers[:CURVES]
    most = max((100 * point.abandoned for one in curves for point in one.curve), default=0.0)
    ceiling = max(100 * scenario.limit * 1.5, most * 1.1)
    parts = [
        _text(10, 26, title, size=17),
        *(_bar(60 + BAR * n, one, scenario.limit) for n, one in enumerate(answers)),
        _curves(bars + 20, "Utilisation, % (first day, by quarter of an hour)", scenario, curves, _used, 100.0),
        _curves(
            bars + PLOT + 80, "Abandoned so far, % of answered calls (first day)", scenario, curves, _lost, ceiling
        ),
        _cap(bars + PLOT + 80, 100 * scenario.limit, ceiling),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" font-family="system-ui, sans-serif"><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>"
    )


def _used(point: Point) -> float | None:
    return None if point.utilisation is None else 100 * point.utilisation


def _lost(point: Point) -> float | None:
    return 100 * point.abandoned


def _bar(y: int, one: Answer, limit: float) -> str:
    is_over = one.worst_day > limit
    length = FULL * one.utilisation
    said = (
        f"{100 * one.utilisation:.1f} % · {100 * one.abandoned:.1f} % abandoned, worst day {100 * one.worst_day:.1f} %"
    )
    return (
        _text(LEFT - 10, y + 13, one.pacer, anchor="end")
        + f'<rect x="{LEFT}" y="{y}" width="{FULL}" height="18" fill="#f3f4f6"/>'
        + f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="18" fill="{OVER if is_over else COLOURS[1]}"/>'
        + _text(LEFT + FULL + 10, y + 13, said + (", over the cap" if is_over else ""), size=12)
    )


def _curves(
    top: int,
    title: str,
    scenario: Scenario,
    answers: Sequence[Answer],
    value: Callable[[Point], float | None],
    ceiling: float,
) -> str:
    parts = [_text(60, top - 6, title)]
    for n in range(5):
        y = top + PLOT * (1 - n / 4)
        parts.append(
            _line(60, y, WIDTH - 20, y, PALE) + _text(52, y + 4, f"{ceiling * n / 4:.3g}", anchor="end", size=11)
        )
    for hour in range(int(scenario.end / HOUR) + 1):
        clock = scenario.opens_hour + hour
        said = f"{int(clock) % 24}:{round(clock % 1 * 60):02d}"
        parts.append(_text(_x(hour * HOUR, scenario), top + PLOT + 16, said, anchor="middle", size=11))
    for n, one in enumerate(answers):
        key, line = 430 + 120 * n, _path(top, scenario, one, value, ceiling)
        parts.append(f'<path d="{line}" fill="none" stroke="{COLOURS[n]}" stroke-width="2"/>')
        parts.append(_line(key, top - 10, key + 20, top - 10, COLOURS[n], 3))
        parts.append(_text(key + 25, top - 6, one.pacer[:14], size=12))
    return "".join(parts)


def _path(top: int, scenario: Scenario, one: Answer, value: Callable[[Point], float | None], ceiling: float) -> str:
    """Return the line; it is broken where nobody is logged in."""
    words, pen = [], "M"
    for point in one.curve:
        height = value(point)
        if height is None:
            pen = "M"
            continue
        words.append(f"{pen}{_x(point.t, scenario):.1f} {top + PLOT * (1 - min(height / ceiling, 1.0)):.1f}")
        pen = "L"
    return "".join(words)


def _cap(top: int, cap: float, ceiling: float) -> str:
    y = top + PLOT * (1 - cap / ceiling)
    return (
        f'<line x1="60" y1="{y:.1f}" x2="{WIDTH - 20}" y2="{y:.1f}" stroke="{OVER}" stroke-dasharray="5 4"/>'
        + _text(WIDTH - 20, y - 5, f"cap {cap:g} %", anchor="end", size=11)
    )


def _x(t: float, scenario: Scenario) -> float:
    return 60 + (WIDTH - 80) * t / scenario.end


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: int = 1) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, said: str, *, anchor: str = "start", size: int = 14) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{INK}">{escape(said)}</text>'
