"""Real Chromium on the real pages. Missing Chromium fails where CI runs and is a skip elsewhere."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port
from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright

from tests.absence import absent
from tests.scenes.pages import open_pages
from tests.scenes.served_pages import ServedPages

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Visitor:
    """One browser profile with one page, and everything it asked for or complained about."""

    page: Page
    context: BrowserContext
    served_pages: ServedPages
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    forgives: tuple[str, ...] = ("status of 4", "Response Status Error Code 4")
    """What the browser may complain about."""

    async def go(self, path: str) -> None:
        await self.page.goto(self.served_pages.address + path)

    async def sign_in(self, username: str) -> None:
        await self.go("/sign-in")
        await self.page.fill("[name=username]", username)
        await self.page.fill("[name=password]", self.served_pages.pages.passwords[username])
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_selector(".who")


Visit = Callable[..., Awaitable[Visitor]]


def chromium() -> str:
    text = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if text is None:
        absent("no Chromium on PATH: apt install chromium")
    return text


@pytest.fixture
async def served_pages(tmp_path: Path) -> AsyncIterator[ServedPages]:
    async with open_pages(tmp_path, seats=24, live=True) as pages:
        now = datetime.now(UTC)
        calls = [
            await pages.recording(digits, now - timedelta(hours=hours))
            for hours, digits in ((1, "4127"), (26, "9911"), (2, "0310"))
        ]
        port = unused_port()
        served = ServedPages(f"http://127.0.0.1:{port}", pages, calls, port)
        await served.start()
        yield served
        await served.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield launched
        await launched.close()


@pytest.fixture
async def visit(served_pages: ServedPages, browser: Browser) -> AsyncIterator[Visit]:
    """A function that opens a profile of its own; at the end nothing may have left the host or failed in a script."""
    visitors: list[Visitor] = []

    async def visitor(language: str = "fr", theme: str = "day") -> Visitor:
        context = await browser.new_context(viewport={"width": 1366, "height": 625})
        await context.add_cookies(
            [
                {"name": "language", "value": language, "url": served_pages.address},
                {"name": "theme", "value": theme, "url": served_pages.address},
            ]
        )
        page = await context.new_page()
        page.set_default_timeout(10_000)
        made = Visitor(page, context, served_pages)

        def note_request(request: Request) -> None:
            made.requested.append(request.url)

        context.on("request", note_request)
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        page.on("console", lambda said: made.complaints.append(said.text) if said.type == "error" else None)
        visitors.append(made)
        return made

    yield visitor
    for seen in visitors:
        foreign = [url for url in seen.requested if not url.startswith((served_pages.address, "data:", "blob:"))]
        assert foreign == []
        assert [said for said in seen.complaints if not any(word in said for word in seen.forgives)] == []
        await seen.context.close()
