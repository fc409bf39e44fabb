"""The lock, incidents and proofs in a real browser: who holds the button, what it asks, what stands afterwards."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from playwright.async_api import expect

from telephony.domain.security.locks import Lock
from telephony.ports.evidence.ledger import Incident
from tests.browser.conftest import Visit, Visitor
from tests.waiting import until

pytestmark = pytest.mark.browser


async def locks(visitor: Visitor, count: int) -> Sequence[Lock]:
    """Wait until so many locks are stored, and draw the floor as the service does then."""
    pages = visitor.served_pages.pages
    active: Sequence[Lock] = ()

    async def are_stored() -> bool:
        nonlocal active
        active = await pages.store.locks.active()
        return len(active) == count

    await until(are_stored)
    await pages.floor.draw(replace(pages.floor.view(), locks=tuple(active)))
    return active


async def test_the_button_and_its_keys_lock_the_room_and_unlocking_asks_a_named_person_why(visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("supervisor")
    page, banner = visitor.page, visitor.page.locator("[data-locks-shown]")
    await page.keyboard.press("F8")  # alone it does nothing
    await expect(page.locator("[data-lock] button")).to_have_text("Verrouiller la salle")
    assert await visitor.served_pages.pages.store.locks.active() == []
    await page.keyboard.press("Shift+F8")
    (lock,) = await locks(visitor, 1)
    assert (lock.by, lock.ends_calls) == ("S. Martin", False)
    await expect(banner).to_contain_text("par S. Martin")
    await page.get_by_role("button", name="Couper aussi les 26 appels").click()

    async def ends_calls() -> bool:
        return all(lock.ends_calls for lock in await visitor.served_pages.pages.store.locks.active())

    await until(ends_calls)
    await locks(visitor, 1)
    await expect(banner).to_contain_text("sont coupés")
    await expect(page.locator("[data-lock]")).to_have_count(0)
    await page.get_by_role("button", name="Déverrouiller").click()
    await expect(page.get_by_label("Motif")).to_be_focused()  # the browser asks for the reason, nothing was sent
    assert len(await visitor.served_pages.pages.store.locks.active()) == 1
    await page.get_by_label("Motif").fill("la visite est finie")
    await page.keyboard.press("Enter")
    await locks(visitor, 0)
    await expect(banner).to_be_hidden()
    (lifted,) = await visitor.served_pages.pages.store.locks.recent(5)
    assert (lifted.released_by, lifted.release_reason) == ("S. Martin", "la visite est finie")
    await page.locator("[data-lock] button").click()
    await locks(visitor, 1)
    await expect(banner).to_be_visible()


async def test_who_may_not_lock_has_neither_button_nor_keys(visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("compliance")
    await visitor.go("/floor")
    await expect(visitor.page.locator("[data-lock]")).to_have_count(0)
    await visitor.page.keyboard.press("Shift+F8")
    await visitor.go("/floor")
    assert await visitor.served_pages.pages.store.locks.active() == []


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_an_incident_is_closed_by_two_persons_each_after_one_more_question(visit: Visit, language: str) -> None:
    visitor, other = await visit(language), await visit(language)
    pages, page = visitor.served_pages.pages, visitor.page
    await pages.store.ledger.open_incident(Incident("warden_gone", "warden", "Nobody watches.", pages.clock.now()))
    await visitor.sign_in("compliance")
    await visitor.go("/incidents")
    said = {"en": "Nobody watches.", "fr": "Le contrôle des lignes ne répond plus"}
    await expect(page.locator("main")).to_contain_text(said[language])
    button = page.get_by_role(
        "button", name=re.compile("Donner la cause de l’incident 1|State the cause of incident 1")
    )
    await button.click()
    await page.keyboard.press("Escape")
    (incident,) = await pages.store.ledger.incidents(5)
    assert incident.is_open
    await button.click()
    dialog = page.locator("dialog[open]")
    await expect(dialog.locator("[name=reason]")).to_be_focused()
    await page.keyboard.type("relancé à 14 h")
    await dialog.locator(".danger").click()
    await expect(page.locator("main")).to_contain_text("relancé à 14 h")
    (incident,) = await pages.store.ledger.incidents(5)
    assert (incident.is_open, incident.explained_by) == (True, "compliance")
    await other.sign_in("supervisor")
    await other.go("/incidents")
    await other.page.get_by_role(
        "button", name=re.compile("Approuver la cause|Approve the cause|Approuver et clore|Approve and close")
    ).click()
    dialog = other.page.locator("dialog[open]")
    await expect(dialog).to_contain_text("relancé à 14 h")
    await dialog.locator(".danger").click()
    await expect(other.page.locator("main")).to_contain_text("supervisor, compliance")
    (incident,) = await pages.store.ledger.incidents(5)
    assert (incident.is_open, incident.closed_by) == (False, "supervisor")


async def test_the_compliance_officer_proves_a_day_and_takes_the_signed_document(visit: Visit) -> None:
    visitor = await visit("en")
    page = visitor.page
    await visitor.sign_in("compliance")
    await visitor.go("/proofs")
    await page.fill("[name=day]", "2026-11-20")
    await page.get_by_role("button", name="Verify now").click()
    await expect(page.locator("main")).to_contain_text("Signature verified")
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="Download the signed document").click()
    download = await waiting.value
    assert re.fullmatch(r"proof-2026-11-20-[0-9a-f]{8}\.json", download.suggested_filename)
    await visitor.go("/proofs")
    await expect(page.locator("[data-row]")).to_have_count(1)
