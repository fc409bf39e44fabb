"""A drawing as PNG, for a report or a message: twice the size of the drawing, so that it stays sharp on paper.

Pillow paints and brings its own letters, so that the picture is the same on every machine (docs/adr/0407).
"""

import io
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from telephony.simulation.picture import DASH, INK, PAPER, Box, Drawing, Line, Words

SCALE: Final = 2
"""Pixels of the picture for one of the drawing."""
_FINER: Final = 2
"""Painted so much finer and scaled down: Pillow's lines have no soft edges of their own."""
_PAINT: Final = SCALE * _FINER
_ANCHORS: Final = {"start": "ls", "middle": "ms", "end": "rs"}
_Points = Sequence[tuple[float, float]]


def as_png(drawing: Drawing) -> bytes:
    """Return the drawing as a PNG file."""
    image = Image.new("RGB", (drawing.width * _PAINT, drawing.height * _PAINT), PAPER)
    paint = ImageDraw.Draw(image)
    for one in drawing.shapes:
        if isinstance(one, Box):
            if one.width > 0:
                corners = (one.x, one.y), (one.x + one.width, one.y + one.height)
                paint.rectangle(_painted(corners), fill=one.colour)
        elif isinstance(one, Line):
            for points in _dashes(one.points) if one.is_dashed else [one.points]:
                paint.line(_painted(points), fill=one.colour, width=one.width * _PAINT, joint="curve")
        else:
            _write(paint, one)
    size = drawing.width * SCALE, drawing.height * SCALE
    file = io.BytesIO()
    image.resize(size, Image.Resampling.BOX).save(file, "PNG", optimize=True)
    return file.getvalue()


def _write(paint: ImageDraw.ImageDraw, one: Words) -> None:
    (at,) = _painted([(one.x, one.y)])
    paint.text(at, one.said, fill=INK, font=_letters(one.size * _PAINT), anchor=_ANCHORS[one.anchor])


@lru_cache(maxsize=16)
def _letters(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _painted(points: _Points) -> list[tuple[float, float]]:
    return [(x * _PAINT, y * _PAINT) for x, y in points]


def _dashes(points: _Points) -> Iterator[_Points]:
    """Cut a line into dashes, each straight piece for itself."""
    dash, step = DASH[0], sum(DASH)
    for (x1, y1), (x2, y2) in pairwise(points):
        length = math.dist((x1, y1), (x2, y2))
        for n in range(math.ceil(length / step)):
            begin, end = (min(part / length, 1.0) for part in (n * step, n * step + dash))
            yield [(x1 + (x2 - x1) * share, y1 + (y2 - y1) * share) for share in (begin, end)]
