"""The whole product in a real browser: a campaign on real Asterisk, a call seen live, found again, and heard."""

import asyncio
import contextlib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect

from telephony.app.workbench import workbench
from telephony.domain.accounts import Role
from telephony.workshop.demo import robots
from telephony.workshop.demo.setup import Stage, staged

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.slow]

DIGITS = "0112"
"""Answers after one second and talks for twelve (docs/lab.md)."""


async def signed_in(browser: Browser, stage: Stage, role: Role) -> Page:
    person = stage.person(role)
    page = await (await browser.new_context(locale="fr-FR")).new_page()
    page.set_default_timeout(20_000)
    await page.goto(stage.address + "/sign-in")
    await page.fill("[name=username]", person.username)
    await page.fill("[name=password]", person.password)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".who")
    return page


async def test_a_call_is_seen_live_then_found_by_digits_and_hour_and_heard(browser: Browser, tmp_path: Path):
    leads = tmp_path / "leads.csv"
    leads.write_text(f"telephone;nom\n019900{DIGITS};DURAND\n", encoding="utf-8")
    async with staged(1, leads, lambda _: None, keep=False) as stage:
        working = asyncio.create_task(robots.work(stage))
        try:
            compliance = await signed_in(browser, stage, Role.COMPLIANCE)
            await compliance.goto(stage.address + "/floor")
            seat = compliance.locator('[data-seat="1"]')
            await expect(seat).to_have_attribute("data-state", "ready", timeout=20_000)
            hour = datetime.now(ZoneInfo(stage.settings.site.timezone)).hour  # the call's: it begins within a second
            async with workbench(stage.settings) as bench:
                await bench.campaigns.start(stage.campaign.campaign_id, "test")
            await expect(seat).to_have_attribute("data-state", "talking", timeout=20_000)
            await expect(seat).to_contain_text("En conversation")
            await expect(seat).to_have_attribute("data-state", "ready", timeout=40_000)
            await hear(compliance, stage, f"{DIGITS} {hour}h")
            operator = await signed_in(browser, stage, Role.OPERATOR)
            refused = await operator.goto(stage.address + "/recordings")
            assert refused is not None
            assert refused.status == 403
        finally:
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working


async def hear(page: Page, stage: Stage, words: str) -> None:
    """Search, open the call, give a reason, and hear it."""
    await page.goto(stage.address + "/recordings")
    await page.keyboard.type(words)
    await page.keyboard.press("Enter")
    row = page.locator("tbody a[href*='/recordings/']")
    await expect(row).to_have_count(1)
    await row.click()
    assert await page.locator("audio").count() == 0, "no sound before a reason is stored"
    await page.check("#reason-check")
    await page.fill("[name=note]", "contrôle de routine")
    await page.click(".reason .main-act")
    await page.wait_for_selector("[data-toggle]")
    await page.keyboard.press("Space")
    async with asyncio.timeout(20):  # the pages' policy forbids the evaluation that Playwright's own wait needs
        heard = "telephonyPlayer().audio.currentTime > 0.5"
        await page.evaluate("async () => { while (!(%s)) await new Promise(requestAnimationFrame); }" % heard)  # noqa: UP031
    assert await page.evaluate("telephonyPlayer().audio.error") is None
    assert 11 < await page.evaluate("telephonyPlayer().audio.duration") < 14
