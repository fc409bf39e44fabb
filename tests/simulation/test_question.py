"""A manager's question: days follow each other until the list ends, and the picture shows what the table says."""

import io
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from telephony.errors import InputError
from telephony.simulation.picture import COLOURS, EMPTY, OVER, Box, Line, Words, drawing
from telephony.simulation.png import as_png
from telephony.simulation.question import Life, answer, live, windows
from telephony.simulation.scenarios import B2B, Scenario
from telephony.simulation.svg import as_svg, page

HOUR = 3600.0
ASKED = Scenario("asked", 7, B2B, 0.3, ((0.0, HOUR), (2 * HOUR, 3 * HOUR)), leads=1500, opens_hour=10.0)


def test_days_follow_each_other_until_the_list_ends():
    runs = [live(Life(ASKED, "progressive", 9, seed)) for seed in (1, 2)]
    for run in runs:
        assert sum(day.dials for day in run) == 1500
        assert [day.list_ended_s is None for day in run] == [True] * (len(run) - 1) + [False]
    found = answer(ASKED, "progressive", runs)
    assert found.leads_left == 0
    assert found.ends_on_day == len(runs[0])
    assert found.ends_hour is not None
    assert 10.0 < found.ends_hour < 13.0
    assert found.lowest <= found.utilisation <= found.highest
    assert found.connected == sum(day.connected for run in runs for day in run) / 2
    assert runs[0] != runs[1]


def test_days_that_are_over_before_the_list_leave_leads():
    found = answer(ASKED, "progressive", [live(Life(ASKED, "progressive", 1, 1))])
    assert found.ends_hour is None
    assert found.leads_left is not None
    assert 0 < found.leads_left < 1500
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


def test_the_picture_is_well_formed_and_says_every_pacer():
    answers = [answer(ASKED, name, [live(Life(ASKED, name, 1, 1))]) for name in ("progressive", "vicidial ratio 2")]
    svg = as_svg(drawing("7 <operators> & 1500 leads", ASKED, answers))
    root = ET.fromstring(svg)  # noqa: S314 - our own
    said = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "7 <operators> & 1500 leads" in said
    assert {"progressive", "vicidial ratio 2", "10:00", "13:00", "cap 3 %"} <= set(said)
    assert len([text for text in said if text and text.endswith("over the cap")]) == 1
    strokes = [node.get("stroke") for node in root.iter("{http://www.w3.org/2000/svg}polyline")]
    # Utilisation breaks at noon, the share goes on; each has a key: 2 + 1 and 1 + 1.
    assert [strokes.count(colour) for colour in COLOURS[:2]] == [5, 5]
    assert svg in page("a title", svg)


@pytest.mark.slow
def test_the_png_shows_the_same_bars_curves_and_words():
    answers = [answer(ASKED, name, [live(Life(ASKED, name, 1, 1))]) for name in ("progressive", "vicidial ratio 2")]
    picture = drawing("7 operators, 1500 leads", ASKED, answers)
    data = as_png(picture)
    assert data == as_png(picture)
    shown = Image.open(io.BytesIO(data))
    assert (shown.format, shown.size) == ("PNG", (2 * picture.width, 2 * picture.height))
    bars = [one for one in picture.shapes if isinstance(one, Box) and one.colour != EMPTY]
    assert [bar.colour for bar in bars] == [COLOURS[1], OVER]
    for bar in bars:
        middle, end = bar.y + bar.height / 2, bar.x + bar.width
        assert colour_at(shown, end - 2, middle) == bar.colour
        assert colour_at(shown, end + 2, middle) == EMPTY
    for one in picture.shapes:
        if isinstance(one, Line) and one.width == 3:  # the key of a curve
            (x1, y), (x2, _) = one.points
            assert colour_at(shown, (x1 + x2) / 2, y) == one.colour
        if isinstance(one, Words):
            assert is_written(shown, one), one.said


def colour_at(shown: Image.Image, x: float, y: float) -> str:
    pixel = shown.convert("RGB").getpixel((round(2 * x), round(2 * y)))
    assert isinstance(pixel, tuple)
    return "#" + "".join(f"{part:02x}" for part in pixel)


def is_written(shown: Image.Image, one: Words) -> bool:
    """Tell whether there is ink where the words begin, or end."""
    begins = one.x - {"start": 0, "middle": 6, "end": 12}[one.anchor]
    area = shown.convert("L").crop(tuple(round(2 * side) for side in (begins, one.y - one.size, begins + 12, one.y)))
    return area.getextrema()[0] < 0x60
