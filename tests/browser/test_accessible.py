"""axe finds nothing on any page, in any of its states; a desk prints blank, and what is evidence prints its content."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files

import pytest
from playwright.async_api import expect

from telephony.domain.calls.operators import OperatorState
from telephony.domain.floor.snapshot import IncidentView
from telephony.domain.leads.preview import PreviewView
from telephony.domain.leads.waiting_causes import Cause, Held
from telephony.domain.security.locks import Lock, LockScope
from telephony.ids import PreviewId
from telephony.ports.evidence.ledger import Incident
from tests.absence import absent
from tests.browser.conftest import Visit, Visitor

pytestmark = pytest.mark.browser

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def axe_source() -> str:
    try:
        return (files("axe_playwright_python") / "axe.min.js").read_text()
    except ModuleNotFoundError:
        absent("no axe-playwright-python: make install brings it with the development tools")


@asynccontextmanager
async def looked_at(visitor: Visitor) -> AsyncIterator["Looks"]:
    """Collect what axe finds, and report it at the end: one run covers every page."""
    looks = Looks(visitor, axe_source())
    yield looks
    assert looks.faults == []


class Looks:
    """What axe reported for each page."""

    def __init__(self, visitor: Visitor, source: str) -> None:
        self.visitor = visitor
        self.source = source
        self.faults: list[tuple[str, str, str]] = []

    async def at(self, path: str, state: str = "") -> None:
        await self.visitor.go(path)
        await self.here(f"{path} {state}".strip())

    async def here(self, what: str) -> None:
        page = self.visitor.page
        await page.evaluate(self.source)
        dumps = json.dumps({"runOnly": list(TAGS), "resultTypes": ["violations"]})
        violations = await page.evaluate(f"axe.run(document, {dumps}).then((one) => one.violations)")
        for rule in violations:
            for node in rule["nodes"]:
                self.faults.append((what, rule["id"], node["html"][:160] + " " + node["failureSummary"][:300]))


async def test_axe_finds_nothing_on_what_supervisor_and_manager_see(visit: Visit) -> None:
    visitor = await visit()
    pages, page = visitor.served_pages.pages, visitor.page
    async with looked_at(visitor) as look:
        await look.at("/sign-in")
        await page.fill("[name=username]", "manager")
        await page.fill("[name=password]", "wrong")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".summary-error:not([hidden])")
        await look.here("/sign-in, refused")
        await visitor.sign_in("manager")
        await look.at("/floor")
        await look.at("/lists")  # a floor that is shown would load itself again when the lock comes
        lock = Lock(LockScope.SITE, "", "S. Martin", pages.clock.now(), "visite")
        held = (Held(Cause.APPROVAL, 12), Held(Cause.RETRY, 4, pages.clock.now() + timedelta(hours=2)))
        view = pages.floor.view()
        incidents = (IncidentView("warden_gone", "warden", "Nobody watches."),)
        campaigns = tuple(replace(campaign, held=held, abandoned=40) for campaign in view.campaigns)
        await pages.floor.draw(replace(view, locks=(lock,), incidents=incidents, campaigns=campaigns))
        await look.at("/floor", "locked, an incident, leads held back")
        await page.keyboard.press("F1")
        await look.here("/floor, the keys")
        await look.at("/campaigns/1/mode")
        await page.click("form .main-act")
        await look.here("/campaigns/1/mode, the effect")
        await look.at("/campaigns/1/withdraw-dials")
        await look.at("/opposition")
        await look.at("/recordings", "refused")
        await look.at("/nothing", "nothing there")
        await pages.store.ledger.open_incident(Incident("warden_gone", "warden", "x", pages.clock.now()))
        await look.at("/incidents")


async def test_axe_finds_what_is_wrong(visit: Visit) -> None:
    """The check of every page does find violations."""
    visitor = await visit()
    look = Looks(visitor, axe_source())
    await visitor.go("/sign-in")
    await visitor.page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    await look.here("/sign-in, spoiled")
    assert [rule for _, rule, _ in look.faults] == ["image-alt"]


async def test_axe_finds_nothing_on_what_compliance_sees(visit: Visit) -> None:
    visitor = await visit()
    pages, page = visitor.served_pages.pages, visitor.page
    await pages.store.ledger.open_incident(Incident("warden_gone", "warden", "x", pages.clock.now()))
    async with looked_at(visitor) as look:
        await visitor.sign_in("compliance")
        await look.at("/incidents")
        await page.get_by_role("button", name="Donner la cause").first.click()
        await look.here("/incidents, giving the cause")
        await look.at("/recordings")
        await look.at("/recordings?q=zzz", "nothing found")
        await look.at(f"/recordings/{visitor.served_pages.calls[0]}", "before a reason")
        await page.check("#reason-complaint")
        await page.fill("[name=note]", "La personne conteste son accord")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("[data-player]")
        await look.here("/recordings, the player")
        await look.at("/proofs")
        await page.fill("[name=day]", "2026-11-20")
        await page.click("form.card .main-act")
        await page.wait_for_selector("#seal-title")
        await look.here("/proofs, one proof")


async def test_axe_finds_nothing_on_any_state_of_the_desk(visit: Visit) -> None:
    visitor = await visit()
    pages = visitor.served_pages.pages
    operator = pages.operator.operator_id
    ends = pages.clock.now() + timedelta(minutes=5)
    pages.desk.preview = PreviewView(PreviewId(1), "Fibre", "Anne", (("Ville", "Lille"),), ends, 5)
    async with looked_at(visitor) as look:
        await visitor.sign_in("claire")
        for state in OperatorState:
            pages.desk.put(operator, state)
            await look.at("/desk", str(state))


async def test_the_desk_prints_blank_and_a_proof_prints_its_content(visit: Visit) -> None:
    visitor = await visit()
    page, pages = visitor.page, visitor.served_pages.pages
    shown = """[...document.body.querySelectorAll("*")].filter(
        (one) => one.getClientRects().length && one.textContent.trim()).length"""
    await visitor.sign_in("claire")
    for state in (OperatorState.READY, OperatorState.WRAP_UP):
        pages.desk.put(pages.operator.operator_id, state)
        await visitor.go("/desk")
        await page.emulate_media(media="print")
        assert await page.evaluate(shown) == 0, state
        await page.emulate_media(media="screen")
        assert await page.evaluate(shown) > 0
    other = await visit()
    await other.sign_in("compliance")
    await other.go("/proofs")
    await other.page.fill("[name=day]", "2026-11-20")
    await other.page.click("form.card .main-act")
    await other.page.wait_for_selector("#seal-title")
    await other.page.emulate_media(media="print")
    await expect(other.page.locator("#seal-title")).to_be_visible()
    await expect(other.page.locator(".top")).to_be_hidden()
    black = "getComputedStyle(document.querySelector('main h1')).color"
    assert await other.page.evaluate(black) == "rgb(0, 0, 0)"
    await other.page.evaluate("document.documentElement.dataset.theme = 'night'")
    paper = "getComputedStyle(document.querySelector('.card')).backgroundColor"
    assert await other.page.evaluate(paper) == "rgb(255, 255, 255)", "whatever the screen's colours are"
    await other.go("/floor")
    await expect(other.page.locator('[data-seat="1"]')).to_be_visible()
