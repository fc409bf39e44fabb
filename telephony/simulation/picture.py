"""Answers as a picture: a bar for each pacer, then the first day's curves. SVG, alone or in a page, and PNG.

Matplotlib draws: only who installed the extra ``plots`` (docs/adr/0410) can import this module. ``question`` decides
what is shown.
"""

import io
import math
from collections.abc import Sequence
from html import escape
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from telephony.simulation.question import Answer
from telephony.simulation.scenarios import HOUR, Scenario

WIDTH: Final = 940
"""Pixels, as all lengths here; the PNG has twice as many, so that it stays sharp on paper."""
BAR: Final = 26
PLOT: Final = 220
MARGIN: Final = 60
PNG_SCALE: Final = 2
_PER_INCH: Final = 100
EMPTY: Final = "#f3f4f6"
PALE: Final = "#d0d7de"
OVER: Final = "#bf5700"
COLOURS: Final = ("#6e7781", "#0b62d6", "#1a7f37", "#8250df")
"""Lines of the curves, in the order the pacers are given."""
CURVES: Final = len(COLOURS)
USED: Final = "Utilisation, % (first day, by quarter of an hour)"
LOST: Final = "Abandoned so far, % of answered calls (first day)"
_STYLE: Final[dict[Any, Any]] = {
    "font.size": 8.5,
    "text.color": "#1f2328",
    "axes.edgecolor": PALE,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",  # text stays text: searched, copied, read aloud
    "svg.hashsalt": "telephony",  # the same answer is the same file
}


def picture(title: str, scenario: Scenario, answers: Sequence[Answer]) -> Figure:
    """Return a bar for each pacer, then the first day's utilisation and abandoned share.

    Args:
        title: the question in one line.
        scenario: what is simulated.
        answers: the first few are drawn as curves too.
    """
    curves = answers[:CURVES]
    highest = max((100 * point.abandoned for answer in curves for point in answer.curve), default=0.0)
    ceiling = max(100 * scenario.limit * 1.5, highest * 1.1)
    bars = BAR * len(answers)
    height = bars + 2 * (PLOT + MARGIN) + 90
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(WIDTH / _PER_INCH, height / _PER_INCH), dpi=_PER_INCH)
        figure.suptitle(title, x=10 / WIDTH, y=1 - 10 / height, ha="left", va="top", size=12)
        _bars(_axes(figure, 240, 45, 280, bars), answers, scenario.limit)
        used = [[math.nan if p.utilisation is None else 100 * p.utilisation for p in curve.curve] for curve in curves]
        lost = [[100 * point.abandoned for point in answer.curve] for answer in curves]
        top = bars + 100
        _curves(_axes(figure, MARGIN, top, WIDTH - 80, PLOT), USED, scenario, curves, used, 100.0)
        axes = _axes(figure, MARGIN, top + PLOT + MARGIN, WIDTH - 80, PLOT)
        _curves(axes, LOST, scenario, curves, lost, ceiling)
        axes.axhline(100 * scenario.limit, color=OVER, linewidth=1, linestyle="--")
        axes.text(scenario.end, 100 * scenario.limit, f"cap {100 * scenario.limit:g} %", ha="right", va="bottom")
    return figure


def as_svg(figure: Figure) -> str:
    """Return the picture as one SVG element, with a title for screen readers."""
    file = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(file, format="svg", metadata={"Date": None})
    text = file.getvalue()
    begin, _, rest = text[text.index("<svg ") :].partition(">")
    return f'{begin} role="img"><title>{escape(figure.get_suptitle())}</title>{rest}'


def as_png(figure: Figure) -> bytes:
    """Return the picture as a PNG file."""
    file = io.BytesIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(file, format="png", dpi=PNG_SCALE * _PER_INCH)
    return file.getvalue()


def page(title: str, svg: str) -> str:
    """Return an HTML page around a picture that needs nothing else: it opens in any browser, and it prints."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width"><style>body{margin:2em auto;max-width:980px;'
        "background:#fff}svg{max-width:100%;height:auto}</style></head>\n"
        f"<body>{svg}</body></html>\n"
    )


def _axes(figure: Figure, left: int, top: int, width: int, height: int) -> Axes:
    """Return axes at this place, pixels from the figure's upper left."""
    across, down = figure.get_size_inches() * _PER_INCH
    return figure.add_axes((left / across, 1 - (top + height) / down, width / across, height / down))


def _bars(axes: Axes, answers: Sequence[Answer], limit: float) -> None:
    rows = range(len(answers))
    colours = [OVER if answer.worst_day > limit else COLOURS[1] for answer in answers]
    axes.barh(rows, 1.0, 0.7, color=EMPTY)
    axes.barh(rows, [answer.utilisation for answer in answers], 0.7, color=colours)
    for row, answer in enumerate(answers):
        shares = (100 * answer.utilisation, 100 * answer.abandoned, 100 * answer.worst_day)
        text = "{:.1f} % · {:.1f} % abandoned, worst day {:.1f} %".format(*shares)
        axes.text(1.03, row, text + (", over the cap" if answer.worst_day > limit else ""), va="center")
    axes.set(xlim=(0, 1), ylim=(len(answers) - 0.5, -0.5), xticks=(), yticks=rows)
    axes.set_yticklabels([answer.pacer for answer in answers])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _curves(
    axes: Axes,
    title: str,
    scenario: Scenario,
    answers: Sequence[Answer],
    values: Sequence[Sequence[float]],
    ceiling: float,
) -> None:
    """Draw one curve for each answer; NaN, where nobody is logged in, breaks it."""
    for answer, heights, colour in zip(answers, values, COLOURS, strict=False):
        axes.plot([point.t for point in answer.curve], heights, color=colour, label=answer.pacer[:17])
    hours = range(int(scenario.end / HOUR) + 1)
    axes.set_title(title)
    axes.set(xlim=(0, scenario.end), ylim=(0, ceiling), xticks=[hour * HOUR for hour in hours])
    axes.set_xticklabels([_clock(scenario.opens_hour + hour) for hour in hours])
    axes.set_yticks([ceiling * n / 4 for n in range(5)], [f"{ceiling * n / 4:.3g}" for n in range(5)])
    axes.grid(axis="y", color=PALE)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=CURVES, frameon=False)


def _clock(hour: float) -> str:
    return f"{int(hour) % 24}:{round(hour % 1 * 60):02d}"
