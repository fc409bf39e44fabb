"""The screenshot of the floor in README.md: present, small, and it can still be taken."""

import io

import pytest
from PIL import Image

from tests.browser.picture import HEIGHT, PICTURE, WIDTH, take_picture

MOST_BYTES = 100_000


def test_the_committed_picture_is_small_and_whole():
    data = PICTURE.read_bytes()
    assert len(data) < MOST_BYTES
    assert Image.open(io.BytesIO(data)).size == (WIDTH, HEIGHT)
    assert PICTURE.name in (PICTURE.parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.mark.browser
async def test_the_picture_can_be_taken_again():
    data = await take_picture()
    assert len(data) < MOST_BYTES
    assert Image.open(io.BytesIO(data)).size == (WIDTH, HEIGHT)
