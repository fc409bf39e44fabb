"""Preview mode in a real browser on real Asterisk: offered, called with a key, talked, a result, a skip."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, Response, expect

from telephony.app.workbench import workbench
from telephony.domain.accounts import Role
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.workshop.demo.setup import staged
from telephony.workshop.lab import phone_login
from tests.browser.test_whole_product import signed_in

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.slow]

DIGITS = "0106"
"""Answers after one second and talks for six (docs/lab.md)."""
PRESS_AT_SIGHT = """() => new Promise((done) => {
  const look = () => {
    if (document.querySelector("#preview-title")?.textContent !== "DURAND") return requestAnimationFrame(look);
    const button = document.querySelector("[data-key=F2]");
    const press = new KeyboardEvent("keydown", { key: "F2", bubbles: true, cancelable: true });
    done([button.disabled, document.dispatchEvent(press)]);
  };
  look();
})"""
"""Presses F2 in the frame in which the name appears; gives whether the button was shut, and whether nobody took the
key. A press sent from here might come after the desk's second of calm."""


async def test_an_operator_sees_the_person_presses_call_talks_and_skips_the_next(browser: Browser, tmp_path: Path):
    leads = tmp_path / "leads.csv"
    leads.write_text(f"telephone;nom\n019900{DIGITS};DURAND\n026191{DIGITS};MARTIN 02 61 91\n", encoding="utf-8")
    async with staged(1, leads, lambda _: None, keep=False, mode=DialMode.PREVIEW) as stage:
        desk = await signed_in(browser, stage, Role.OPERATOR)
        bodies: list[str] = []

        async def keep(response: Response) -> None:
            if "/static/" not in response.url and response.status == 200:
                bodies.append(await response.text())

        desk.on("response", keep)
        await desk.goto(stage.address + "/desk")
        await asyncio.to_thread(phone_login, stage.lab, 1)
        state = desk.locator("[data-desk]")
        await expect(state).to_have_attribute("data-state", "ready", timeout=20_000)
        pressing = asyncio.create_task(desk.evaluate(PRESS_AT_SIGHT))
        async with workbench(stage.settings) as bench:
            await bench.campaigns.start(stage.campaign.campaign_id, "test")
        await expect(desk.locator("#preview-title")).to_have_text("DURAND", timeout=20_000)
        # A key meant for something else does not call the lead that has just appeared.
        is_outside_hours, is_unheard = await pressing
        assert (is_outside_hours, is_unheard) == (True, False)
        await expect(desk.locator("[data-key=F2]")).to_be_enabled(timeout=5_000)
        await expect(state).to_have_attribute("data-state", "preview")
        async with workbench(stage.settings) as bench:
            assert await bench.store.attempts.recent(None, 10) == []
        await desk.keyboard.press("F2")
        await expect(state).to_have_attribute("data-state", "talking", timeout=20_000)
        await expect(desk.locator("#preview-title")).to_have_text("DURAND")
        await expect(state).to_have_attribute("data-state", "wrap_up", timeout=30_000)
        await desk.keyboard.press("Digit1")
        await desk.keyboard.press("Enter")
        # The second person's name holds a number: it is not shown.
        await expect(desk.locator("#preview-title")).to_have_text("Personne à appeler", timeout=20_000)
        await desk.select_option("[name=reason]", "unclear")
        await desk.click(".skip-lead button")
        await expect(state).to_have_attribute("data-state", "ready", timeout=20_000)
        async with workbench(stage.settings) as bench:
            (attempt,) = await bench.store.attempts.recent(None, 10)
            (skip,) = await bench.store.previews.skipped(attempt.started_at)
        assert (attempt.operator_id, attempt.guaranteed_to, attempt.result) == (
            skip.operator_id,
            skip.operator_id,
            "complete",
        )
        assert len(bodies) > 5
        for body in bodies:
            for number in ("0199000106", "33199000106", "01 99 00", "0261910106", "33261910106", "02 61 91"):
                assert number not in body
