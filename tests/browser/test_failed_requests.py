"""No page loses its heart to an answer that is no success: every fragment, answered by every error and by nothing.

The request reaches the server as usual; its answer is then replaced by another one, or by none.
"""

from dataclasses import dataclass
from typing import Final

import pytest
from playwright.async_api import Page, Route, expect

from telephony.domain.calls.operators import OperatorState
from telephony.domain.leads.leads import NewLead
from telephony.ids import Number
from telephony.ports.evidence.ledger import Incident
from telephony.ports.leads.leads import NewList
from tests.browser.conftest import Visit, Visitor
from tests.scenes.served_pages import ServedPages

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOTHING: Final = 0
ANSWERS: Final = (403, 409, 422, 500, 502, NOTHING)
OURS: Final = "Une phrase du serveur, avec sa raison."
"""Said by our server with 403, 409 and 422; 500 and 502 are a proxy's page, which is not repeated."""


@dataclass(frozen=True)
class Fragment:
    """One thing a page asks of the server.

    Attributes:
        who: username.
        path: the page; ``{call}`` stands for a recording.
        act: what to click.
        asks: end of the address that is asked.
        heart: what must still stand there afterwards.
        typed: field and value typed before, which must still stand there.
    """

    who: str
    path: str
    act: str
    asks: str
    heart: str
    typed: tuple[str, str] | None = None


FRAGMENTS: Final = (
    Fragment("claire", "/desk", "[data-key=F4]", "/desk/pause", "[data-desk] #desk-word"),
    Fragment("supervisor", "/floor", "[data-lock] button", "/lock", '[data-seat="24"]'),
    Fragment("manager", "/floor", '[data-part="pause"] button', "/pause", '[data-seat="24"]'),
    Fragment("manager", "/lists", "#load .main-act", "/lists", "#list-results table", ("[name=name]", "Fibre")),
    Fragment("compliance", "/lists", "#list-results form button", "/approve", "#list-results table"),
    Fragment("compliance", "/recordings", ".search .main-act", "/recordings", ".search", ("[name=q]", "4127")),
    Fragment("compliance", "/recordings/{call}", ".reason button", "/reason", ".reason", ("[name=note]", "contrôle")),
    Fragment("compliance", "/incidents", "dialog[open] .danger", "/close", "main form", ("[name=reason]", "une cause")),
    Fragment("compliance", "/proofs", "main form button", "/proofs", "main form", ("[name=day]", "2026-11-20")),
    Fragment("manager", "/campaigns/1/mode", ".mode-card .main-act", "/mode", ".mode-card"),
    Fragment("manager", "/campaigns/1/withdraw-dials", "main form .main-act", "/withdraw-dials", "main form"),
    Fragment("manager", "/lists", ".choices [name=language]", "/preferences", "#load", ("[name=name]", "Fibre")),
    Fragment("manager", "/lists", ".who button", "/sign-out", "#load", ("[name=name]", "Fibre")),
    Fragment("", "/sign-in", ".main-act", "/sign-in", "main form", ("[name=username]", "claire")),
)


async def prepared(served_pages: ServedPages) -> None:
    """One list that waits for approval, one open incident, a campaign that may be started."""
    pages = served_pages.pages
    new = NewList(pages.campaign.campaign_id, "à approuver", "d" * 64, "manager", pages.clock.now())
    async with pages.store.leads.load(new) as load:
        await load.add([NewLead(Number("33199001000"), "", {}, 2)])
        await load.finish()
    await pages.store.ledger.open_incident(Incident("recorder_unusable", "gate", "full", pages.clock.now()))


async def answer(route: Route, status: int) -> None:
    if status == NOTHING:
        await route.abort("connectionrefused")
    elif status < 500:
        await route.fulfill(
            status=status, headers={"X-Problem": "said"}, body=f"<p>{OURS}</p>", content_type="text/html"
        )
    else:
        await route.fulfill(status=status, body="<h1>Bad gateway</h1><p>proxy</p>", content_type="text/html")


def sentence(status: int) -> str:
    if status == NOTHING:
        return "ne répond pas"
    return OURS if status < 500 else f"une erreur ({status})"


async def enter(visit: Visit, served_pages: ServedPages, who: str) -> Visitor:
    visitor = await visit()
    visitor.forgives = ("Failed to load resource", "Response Status Error Code", "htmx:sendError", "htmx:afterRequest")
    if who:
        await visitor.sign_in(who)
    return visitor


async def press(page: Page, fragment: Fragment, status: int) -> None:
    """Type, press with the answer replaced, and check what the page shows."""
    pattern = f"**{fragment.asks}*"
    await page.route(pattern, lambda route: answer(route, status))
    await page.locator(fragment.act).first.click()
    said = page.locator("[data-said]:not([hidden])")
    await expect(said.first).to_contain_text(sentence(status))
    assert await said.count() == 1
    assert "proxy" not in await page.inner_text("main")
    await expect(page.locator(fragment.heart).first).to_be_attached()
    if fragment.typed is not None:
        await expect(page.locator(fragment.typed[0]).first).to_have_value(fragment.typed[1])


@pytest.mark.parametrize("who", sorted({fragment.who for fragment in FRAGMENTS}))
async def test_an_error_answer_is_never_content(visit: Visit, served_pages: ServedPages, who: str) -> None:
    await prepared(served_pages)
    served_pages.pages.desk.put(served_pages.pages.operator.operator_id, OperatorState.READY)
    visitor = await enter(visit, served_pages, who)
    page = visitor.page
    for fragment in (row for row in FRAGMENTS if row.who == who):
        await visitor.go(fragment.path.format(call=served_pages.calls[0]))
        if "dialog[open]" in fragment.act:
            await page.locator("main [data-open]").first.click()
        if fragment.act == "#load .main-act":
            file = {"name": "f.csv", "mimeType": "text/csv", "buffer": b"telephone\n0199001001\n"}
            await page.set_input_files("[type=file]", file)
        if fragment.asks == "/withdraw-dials":
            await page.fill("main [type=number]", "20")
        if fragment.typed is not None:
            await page.locator(fragment.typed[0]).first.fill(fragment.typed[1])
        for status in ANSWERS:
            await press(page, fragment, status)  # what reads again by itself meets this answer, or the next one
        await page.unroute_all()


async def test_a_search_that_failed_leaves_no_rows_of_other_words_and_asks_again(
    visit: Visit, served_pages: ServedPages
) -> None:
    visitor = await enter(visit, served_pages, "compliance")
    page = visitor.page
    await visitor.go("/recordings")
    await expect(page.locator("tr[data-row]")).to_have_count(3)
    await page.route("**/recordings?*", lambda route: answer(route, 502))
    await page.fill("[name=q]", "4127")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-said]:not([hidden])")).to_contain_text("nouvel essai")
    await expect(page.locator("tr[data-row]").first).to_be_hidden()
    await page.unroute("**/recordings?*")
    await expect(page.locator("tr[data-row]")).to_have_count(1)  # nobody pressed again
    await expect(page.locator("tr[data-row]")).to_be_visible()
    await expect(page.locator("[data-said]:not([hidden])")).to_have_count(0)


async def test_a_lock_that_was_not_taken_is_told_where_it_was_asked(visit: Visit, served_pages: ServedPages) -> None:
    visitor = await enter(visit, served_pages, "supervisor")
    page = visitor.page
    await page.route("**/lock", lambda route: answer(route, NOTHING))
    await page.keyboard.press("Shift+F8")
    await expect(page.locator("#page-said")).to_contain_text("ne répond pas")
    await expect(page.locator('[data-seat="24"]')).to_be_visible()
    await page.unroute("**/lock")
    async with page.expect_navigation():
        await page.keyboard.press("Shift+F8")
    assert len(await served_pages.pages.deps.locks.active()) == 1
