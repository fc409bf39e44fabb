"""The screenshot of the operators' floor in README.md: ``python -m tests.browser.picture`` takes it again.

Real Chromium on the real page; the people, the campaign and its figures are made up, and the clock stands still.
"""

import asyncio
import io
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from aiohttp.test_utils import unused_port
from PIL import Image
from playwright.async_api import async_playwright

from telephony.domain.floor.snapshot import FloorView
from telephony.domain.lead_order.explanations import LIST_ORDER
from tests.browser.conftest import FLAGS, chromium
from tests.scenes.pages import NAMES, NOW, Pages, open_pages
from tests.scenes.served_pages import ServedPages

PICTURE: Final = Path(__file__).parents[2] / "docs" / "pictures" / "floor.png"
WIDTH: Final = 1366
HEIGHT: Final = 620
COLOURS: Final = 96
"""Enough for a page of few colours, at a third of the size."""
MORE: Final = ("Aline", "Fatou", "Inaya", "Sarah", "Rita", "Elsa", "Iris", "Judith", "Alice", "Manon", "Célia", "Lina")
PEOPLE: Final = (*NAMES, *MORE)
TALKED_S: Final = 47


def draw_shift(floor: FloorView) -> FloorView:
    """Give every seat its own operator, with times as in a real shift."""
    seats = tuple(
        replace(seat, operator=name, since_at=NOW - timedelta(seconds=(seat.seat * TALKED_S) % 211 + 3))
        for seat, name in zip(floor.seats, PEOPLE, strict=True)
    )
    campaigns = tuple(replace(campaign, talking=9, lines=7, order=LIST_ORDER) for campaign in floor.campaigns)
    return replace(floor, seats=seats, campaigns=campaigns)


async def take_picture() -> bytes:
    """Return the page as a small PNG."""
    with tempfile.TemporaryDirectory(prefix="telephony-picture-") as folder:
        async with open_pages(Path(folder), seats=len(PEOPLE), language="en") as pages:
            await pages.floor.draw(draw_shift(pages.floor.view()))
            port = unused_port()
            served_pages = ServedPages(f"http://127.0.0.1:{port}", pages, [], port)
            await served_pages.start()
            try:
                return shrink(await take(served_pages, pages))
            finally:
                await served_pages.stop()


async def take(served_pages: ServedPages, pages: Pages) -> bytes:
    """Sign in as the supervisor and open the floor."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        context = await browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
        await context.add_cookies([{"name": "language", "value": "en", "url": served_pages.address}])
        page = await context.new_page()
        await page.clock.set_fixed_time(NOW)
        await page.goto(f"{served_pages.address}/sign-in")
        await page.fill("[name=username]", "supervisor")
        await page.fill("[name=password]", pages.passwords["supervisor"])
        await page.keyboard.press("Enter")
        await page.wait_for_selector("[data-seat='24']")
        await page.wait_for_function("document.querySelector('[data-age-shown]').textContent !== ''")
        image = await page.screenshot()
        await browser.close()
    return image


def shrink(image: bytes) -> bytes:
    """Return the image with few colours."""
    fewer = Image.open(io.BytesIO(image)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    out = io.BytesIO()
    fewer.save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    PICTURE.write_bytes(asyncio.run(take_picture()))
