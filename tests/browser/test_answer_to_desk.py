"""From the answer to the desk, on real Asterisk in a real browser: the call is shown as the person picks up."""

import asyncio
from pathlib import Path
from statistics import median
from typing import Final

import pytest
from playwright.async_api import Browser, expect

from telephony.app.workbench import workbench
from telephony.domain.accounts import Role
from telephony.workshop.demo.setup import staged
from telephony.workshop.lab import phone_login
from tests.browser.test_whole_product import signed_in

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.slow]

DIGITS: Final = "0102"
"""Answers after one second and talks for two (docs/lab.md)."""
PREFIXES: Final = ("019900", "026191", "035301", "046571", "053649", "063998")
WATCH: Final = """() => {
  const root = document.getElementById("desk");
  window.painted = [];
  let last = "";
  const look = () => {
    const desk = root.querySelector("[data-desk]");
    const key = `${desk.dataset.state} ${desk.dataset.since}`;
    if (key !== last) window.painted.push([desk.dataset.state, Date.now()]);
    last = key;
    requestAnimationFrame(look);
  };
  look();
}"""


async def test_the_desk_shows_the_call_as_the_person_picks_up(browser: Browser, tmp_path: Path):
    leads = tmp_path / "leads.csv"
    rows = [prefix + DIGITS for prefix in PREFIXES]
    leads.write_text("telephone;nom\n" + "".join(f"{row};DURAND\n" for row in rows), encoding="utf-8")
    async with staged(1, leads, lambda _: None, keep=False) as stage:
        page = await signed_in(browser, stage, Role.OPERATOR)
        await page.goto(stage.address + "/desk")
        await asyncio.to_thread(phone_login, stage.lab, 1)
        desk = page.locator("[data-desk]")
        await expect(desk).to_have_attribute("data-state", "ready", timeout=20_000)
        await page.evaluate(WATCH)
        async with workbench(stage.settings) as bench:
            await bench.campaigns.start(stage.campaign.campaign_id, "test")
        for _ in rows:
            await expect(desk).to_have_attribute("data-state", "wrap_up", timeout=60_000)
            await expect(page.locator("#talk-title")).to_have_text("DURAND")
            await expect(page.locator(".talk")).to_contain_text(stage.campaign.client_company)
            await page.keyboard.press("Digit1")
            await page.keyboard.press("Enter")
            await expect(desk).not_to_have_attribute("data-state", "wrap_up")
        painted = await page.evaluate("window.painted")
        async with workbench(stage.settings) as bench:
            attempts = await bench.store.attempts.recent(None, 100)
        answered = [attempt.answered_at.timestamp() * 1000 for attempt in attempts if attempt.answered_at is not None]
        came = [at for state, at in painted if state in {"reserved", "talking"}]
        took_ms = sorted(min(at - moment for at in came if at >= moment) for moment in answered)
        print(f"{len(took_ms)} calls, answer to desk: median {median(took_ms):.0f} ms, most {took_ms[-1]:.0f} ms")  # noqa: T201
        assert len(took_ms) == len(rows)
        assert median(took_ms) < 1_000, "told by the socket, not by a poll"
