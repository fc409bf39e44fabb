"""A manager's question: days follow each other until the list ends, and the plot shows what the table says."""

import io
import math
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from PIL import Image

from telephony.errors import InputError
from telephony.simulation.picture import COLOURS, EMPTY, OVER, WIDTH, as_png, as_svg, page, picture
from telephony.simulation.question import Life, answer, live, windows
from telephony.simulation.scenarios import B2B, Scenario

HOUR = 3600.0
ASKED = Scenario("asked", 7, B2B, 0.3, ((0.0, HOUR), (2 * HOUR, 3 * HOUR)), leads=1500, opens_hour=10.0)


def test_days_follow_each_other_until_the_list_ends():
    runs = [live(Life(ASKED, "progressive", 9, seed)) for seed in (1, 2)]
    for run in runs:
        assert sum(day.dials for day in run) == 1500
        assert [day.list_ended_s is None for day in run] == [True] * (len(run) - 1) + [False]
    forecast = answer(ASKED, "progressive", runs)
    assert forecast.leads_left == 0
    assert forecast.ends_on_day == len(runs[0])
    assert forecast.ends_hour is not None
    assert 10.0 < forecast.ends_hour < 13.0
    assert forecast.lowest <= forecast.utilisation <= forecast.highest
    assert forecast.connected == sum(day.connected for run in runs for day in run) / 2
    assert runs[0] != runs[1]


def test_days_that_are_over_before_the_list_leave_leads():
    forecast = answer(ASKED, "progressive", [live(Life(ASKED, "progressive", 1, 1))])
    assert forecast.ends_hour is None
    assert forecast.leads_left is not None
    assert 0 < forecast.leads_left < 1500
    endless = replace(ASKED, leads=None)
    assert answer(endless, "progressive", [live(Life(endless, "progressive", 1, 1))]).leads_left is None


def test_the_curve_is_broken_between_windows():
    curve = answer(ASKED, "progressive", [live(Life(ASKED, "progressive", 1, 1))]).curve
    assert [point.t / 900 for point in curve] == list(range(1, 13))
    assert [point.utilisation is None for point in curve] == [False] * 4 + [True] * 4 + [False] * 4
    assert all(0 < point.utilisation < 1 for point in curve if point.utilisation is not None)


@pytest.mark.parametrize(
    ("hours", "opens", "spans"),
    [
        ("10-13,14-20", 10.0, ((0.0, 3 * HOUR), (4 * HOUR, 10 * HOUR))),
        ("9:30-12", 9.5, ((0.0, 2.5 * HOUR),)),
    ],
)
def test_hours_are_spans_of_the_day(hours: str, opens: float, spans: tuple[tuple[float, float], ...]):
    assert windows(hours) == (opens, spans)


@pytest.mark.parametrize("hours", ["", "10", "13-10", "10-13,12-14", "10-13-14", "ten-eleven", "20-25"])
def test_hours_that_are_no_spans_are_refused(hours: str):
    with pytest.raises(InputError, match="hours"):
        windows(hours)


def drawn(title: str) -> Figure:
    answers = [answer(ASKED, name, [live(Life(ASKED, name, 1, 1))]) for name in ("progressive", "vicidial ratio 2")]
    return picture(title, ASKED, answers)


def test_the_picture_is_well_formed_and_says_every_pacer():
    figure = drawn("7 <operators> & 1500 leads")
    svg = as_svg(figure)
    assert svg == as_svg(figure)
    root = ET.fromstring(svg)  # noqa: S314 - our own
    said = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "7 <operators> & 1500 leads"
    assert "7 <operators> & 1500 leads" in said
    assert {"progressive", "vicidial ratio 2", "10:00", "13:00", "cap 3 %"} <= set(said)
    assert len([text for text in said if text and text.endswith("over the cap")]) == 1
    assert svg in page("a title", svg)


def test_a_curve_has_its_own_colour_and_breaks_where_nobody_is_logged_in():
    _, used, lost = drawn("7 operators, 1500 leads").axes
    curves = [line for axes in (used, lost) for line in axes.lines if line.get_linestyle() == "-"]
    assert [line.get_color() for line in curves] == [*COLOURS[:2], *COLOURS[:2]]
    is_missing = [list(map(math.isnan, line.get_ydata())) for line in curves]
    assert is_missing[0] == [False] * 4 + [True] * 4 + [False] * 4
    assert is_missing[1][:8] == is_missing[0][:8]
    assert not any(map(any, is_missing[2:]))


@pytest.mark.slow
def test_the_png_shows_the_same_bars_curves_and_words():
    figure = drawn("7 operators, 1500 leads")
    data = as_png(figure)
    assert data == as_png(figure)
    shown = Image.open(io.BytesIO(data)).convert("RGB")
    assert shown.width == 2 * WIDTH
    bars = [bar for bar in figure.axes[0].patches if isinstance(bar, Rectangle) and bar.get_width() < 1]
    assert [to_hex(bar.get_facecolor()) for bar in bars] == [COLOURS[1], OVER]
    for bar in bars:
        middle = bar.get_y() + bar.get_height() / 2
        assert colour_at(shown, figure, bar.get_width() - 0.02, middle) == to_hex(bar.get_facecolor())
        assert colour_at(shown, figure, bar.get_width() + 0.02, middle) == EMPTY
    colours = {colour for _, colour in shown.getcolors(shown.width * shown.height) or ()}
    assert {*COLOURS[:2], OVER} <= {to_hex([part / 255 for part in colour]) for colour in colours}
    assert all(is_written(shown, text) for axes in figure.axes for text in axes.texts)


def colour_at(shown: Image.Image, figure: Figure, x: float, y: float) -> str:
    """Return the colour at a place of the bars' axes."""
    across, up = figure.transFigure.inverted().transform(figure.axes[0].transData.transform((x, y)))
    pixel = shown.getpixel((int(across * shown.width), int((1 - up) * shown.height)))
    assert isinstance(pixel, tuple)
    return to_hex([part / 255 for part in pixel])


def is_written(shown: Image.Image, text: Text) -> bool:
    """Return True if there is ink where the text stands."""
    figure = text.get_figure(root=True)
    assert figure is not None
    box = text.get_window_extent().transformed(figure.transFigure.inverted())
    sides = (box.x0 * shown.width, (1 - box.y1) * shown.height, box.x1 * shown.width, (1 - box.y0) * shown.height)
    return shown.convert("L").crop(tuple(map(round, sides))).getextrema()[0] < 0x60
