"""What people do, in a real browser: each test is one task of one role."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.async_api import Page, expect

from telephony.domain.calls.operators import OperatorState
from telephony.domain.floor.snapshot import LinkView
from telephony.domain.security.locks import Lock, LockScope
from tests.browser.conftest import Visit, Visitor

pytestmark = pytest.mark.browser


async def until(page: Page, fact: str) -> None:
    """Wait for a fact about the page; its policy forbids the evaluation that Playwright's own wait needs."""
    async with asyncio.timeout(10):
        await page.evaluate("async () => { while (!(%s)) await new Promise(requestAnimationFrame); }" % fact)  # noqa: UP031


async def at_player(visit: Visit) -> Visitor:
    """Sign in, open a call, say why by keyboard alone, and arrive at the player."""
    visitor = await visit()
    await visitor.sign_in("compliance")
    page = visitor.page
    await visitor.go(f"/recordings/{visitor.served_pages.calls[0]}")
    await page.focus("#reason-complaint")
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.type("2291")
    await page.keyboard.press("Tab")
    await page.keyboard.type("La personne conteste son accord")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[data-player]")
    return visitor


async def test_supervisor_sees_the_floor_move_by_itself(visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("supervisor")
    page, floor = visitor.page, visitor.served_pages.pages.floor
    tile = page.locator('[data-seat="3"]')
    await expect(tile).to_contain_text("En attente")
    await expect(page.locator("[data-age-shown]")).to_contain_text("à jour il y a")
    before = await tile.bounding_box()
    await floor.seat(3, OperatorState.TALKING, datetime.now(UTC))
    await expect(tile).to_contain_text("En conversation", timeout=1_000)
    await expect(tile).to_have_attribute("data-state", "talking")
    await expect(tile.locator("[data-part=timer]")).to_have_text(re.compile(r"0:0[0-9]"))
    assert await tile.bounding_box() == before
    await floor.campaign(abandoned=12, answered=430)
    await expect(page.locator("[data-part=abandoned]")).to_have_text("12 personnes")
    await expect(page.locator("[data-part=share]")).to_have_text("2,8\u202f%")
    await floor.draw(replace(floor.view(), links=(LinkView("gate", is_connected=False),)))
    await expect(page.locator('[data-link="gate"]')).to_contain_text("liaison perdue")


async def test_twenty_four_seats_fit_a_small_screen_without_scrolling(visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("supervisor")
    last = await visitor.page.locator('[data-seat="24"]').bounding_box()
    assert last is not None
    assert last["y"] + last["height"] <= 625
    assert await visitor.page.evaluate("document.documentElement.scrollWidth") <= 1366


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_all_rows_of_tiles_stay_in_view_while_the_room_is_locked(visit: Visit, language: str) -> None:
    visitor = await visit(language)
    await visitor.sign_in("supervisor")
    page, pages = visitor.page, visitor.served_pages.pages
    reason = "incident en salle 2, la direction est prévenue et passe à 15 heures"
    lock = Lock(LockScope.SITE, "", "S. Martin", pages.clock.now(), reason)
    await pages.floor.draw(replace(pages.floor.view(), locks=(lock,)))
    await expect(page.locator(".locked")).to_contain_text(reason)
    last = await page.locator('[data-seat="24"]').bounding_box()
    assert last is not None
    assert last["y"] + last["height"] <= 625
    assert await page.evaluate("document.documentElement.scrollWidth") <= 1366
    cut = "[...document.querySelectorAll('.seat')].filter((one) => one.scrollHeight > one.clientHeight + 1).length"
    assert await page.evaluate(cut) == 0, "no tile is cut"


async def test_the_banner_of_a_lock_has_the_colours_of_a_lock_even_when_the_floor_is_stale(visit: Visit) -> None:
    visitor = await visit()
    await visitor.page.clock.install()
    await visitor.sign_in("supervisor")
    page, pages = visitor.page, visitor.served_pages.pages
    lock = Lock(LockScope.SITE, "", "S. Martin", pages.clock.now())
    await pages.floor.draw(replace(pages.floor.view(), locks=(lock,)))
    await expect(page.locator(".locked")).to_be_visible()
    shown = """(one) => {
        const style = getComputedStyle(document.querySelector(one));
        return [style.color, style.backgroundColor, style.filter, style.opacity];
    }"""
    red = ["rgb(255, 255, 255)", "rgb(143, 20, 20)", "none", "1"]
    assert await page.evaluate(shown, ".locked") == red
    assert (await page.evaluate(shown, ".floor-bar"))[2:] == ["none", "1"]
    await visitor.context.set_offline(True)
    await page.clock.fast_forward(11_000)
    await expect(page.locator("body")).to_have_class(re.compile("stale"))
    assert await page.evaluate(shown, ".locked") == red
    for part in (".floor", ".floor-bar"):
        assert (await page.evaluate(shown, part))[2] == "grayscale(1)", part


WIDTHS = (1366, 1280, 1024, 800, 683, 400)
"""683 is what 1366 is at 200 % zoom."""


@pytest.mark.parametrize("username", ["compliance", "manager"])
async def test_nothing_lies_beside_a_narrower_screen(visit: Visit, username: str) -> None:
    """Compliance sees the most entries of the bar, the manager the most buttons; the room is locked meanwhile."""
    visitor = await visit()
    pages, page = visitor.served_pages.pages, visitor.page
    lock = Lock(LockScope.SITE, "", "S. Martin", pages.clock.now(), "la visite de la direction dure toute la journée")
    await pages.floor.draw(replace(pages.floor.view(), locks=(lock,)))
    await visitor.sign_in(username)
    addresses = {
        "compliance": (
            "/recordings",
            "/incidents",
            "/opposition",
            "/proofs",
            f"/recordings/{visitor.served_pages.calls[0]}",
        ),
        "manager": ("/lists", "/campaigns/1/mode", "/campaigns/1/withdraw-dials"),
    }
    beside = []
    for address in ("/floor", *addresses[username]):
        await visitor.go(address)
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 625})
            sign_out = await page.locator(".who button").bounding_box()
            assert sign_out is not None
            reach = max(sign_out["x"] + sign_out["width"], await page.evaluate("document.documentElement.scrollWidth"))
            beside += [(address, width, reach)] if reach > width else []
    assert beside == []


async def test_page_turns_grey_and_says_so_when_the_server_is_silent(visit: Visit) -> None:
    visitor = await visit()
    await visitor.page.clock.install()
    await visitor.sign_in("supervisor")
    await expect(visitor.page.locator("[data-age-shown]")).to_contain_text("à jour")
    await visitor.context.set_offline(True)
    await visitor.page.clock.fast_forward(11_000)
    await expect(visitor.page.locator("body")).to_have_class(re.compile("stale"))
    await expect(visitor.page.locator("[data-age-shown]")).to_contain_text("Liaison perdue")


async def test_floor_is_one_tab_stop_with_arrows_inside(visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("supervisor")
    page = visitor.page
    await page.focus('[data-seat="1"]')
    for key, seat in (("ArrowRight", "2"), ("ArrowDown", "8"), ("ArrowLeft", "7"), ("ArrowUp", "1")):
        await page.keyboard.press(key)
        assert await page.evaluate("document.activeElement.dataset.seat") == seat
    assert await page.locator('[data-seat][tabindex="0"]').count() == 1


async def test_manager_stops_a_campaign_only_after_being_asked(visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("manager")
    page, pages = visitor.page, visitor.served_pages.pages
    await page.click("[data-part=stop]")
    await expect(page.locator("dialog[open]")).to_contain_text("définitivement")
    await page.keyboard.press("Enter")  # the focus is on the harmless answer
    await expect(page.locator("dialog[open]")).to_have_count(0)
    assert (await pages.store.campaigns.get(pages.campaign.campaign_id)).state == "ready"
    await page.click("[data-part=stop]")
    await page.click("dialog[open] .danger")
    await expect(page.locator("#floor-said")).to_contain_text("est arrêtée")
    assert (await pages.store.campaigns.get(pages.campaign.campaign_id)).state == "stopped"


async def test_manager_loads_a_list_and_reads_what_became_of_each_row(visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("manager")
    await visitor.go("/lists")
    page = visitor.page
    rows = [f"Personne {row};06 39 98 10 {row:02d}" for row in range(30)]
    text = "\n".join(["Nom;Téléphone", *rows, "X;12", "Y;06 39 98 10 01"])
    await page.set_input_files("[type=file]", {"name": "fibre.csv", "mimeType": "text/csv", "buffer": text.encode()})
    await page.click("#load .main-act")
    report = page.locator(".report")
    await expect(report).to_contain_text("« fibre » est chargée".replace("« ", "«\u202f").replace(" »", "\u202f»"))
    assert await report.locator(".sum dd").all_text_contents() == ["32", "30", "1", "1"]
    assert await page.evaluate("document.documentElement.scrollWidth") <= 1366, "nothing lies beside the screen"
    async with page.expect_download() as download:
        await report.locator("a[download]").click()
    assert (await (await download.value).path()).read_text(encoding="utf-8-sig").count("\n") == 3


async def test_compliance_finds_a_call_by_keyboard(visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("compliance")
    page = visitor.page
    await page.keyboard.press("Control+k")
    await page.keyboard.type("4127")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-row]")).to_have_count(1)
    await expect(page.locator("[data-row]")).to_contain_text("…41\u00a027")
    assert "q=4127" in page.url
    await page.focus("[data-search]")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("h2").first).to_contain_text("Pourquoi écoutez-vous")


async def test_half_a_reason_is_told_where_it_is_missing(visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("compliance")
    await visitor.go(f"/recordings/{visitor.served_pages.calls[0]}")
    page = visitor.page
    await page.click(".reason .main-act")
    await expect(page.locator(".reason .summary-error")).to_contain_text("Choisissez un motif")
    assert await page.evaluate("document.activeElement.className") == "summary-error"
    await page.check("#reason-check")
    await page.click(".reason .main-act")
    await expect(page.locator(".reason .summary-error")).to_contain_text("10 caractères")
    assert await page.locator("#reason-check").is_checked()


async def test_sound_really_plays_and_each_play_is_entered(visit: Visit) -> None:
    visitor = await at_player(visit)
    page, store = visitor.page, visitor.served_pages.pages.store
    assert not [url for url in visitor.requested if "/audio" in url]
    await page.keyboard.press("Space")
    await until(page, "telephonyPlayer().audio.currentTime > 0.4")
    assert await page.evaluate("telephonyPlayer().audio.error") is None
    assert await page.evaluate("telephonyPlayer().audio.duration") == pytest.approx(5.28, abs=0.05)
    await expect(page.locator("[data-toggle]")).to_contain_text("Pause")
    await page.keyboard.press("Space")
    assert await page.evaluate("telephonyPlayer().audio.paused")
    await page.keyboard.press("Space")
    await until(page, "telephonyPlayer().audio.ended")
    await page.keyboard.press("Space")
    await until(page, "telephonyPlayer().audio.currentTime > 0.1 && !telephonyPlayer().audio.ended")
    await expect(page.locator("#listeners tbody tr")).to_have_count(3)
    log = await store.recordings.listenings(visitor.served_pages.calls[0])
    assert [bool(listening.note) for listening in log] == [True, False, False]


async def test_a_key_between_the_end_and_its_event_is_a_play_of_its_own(visit: Visit) -> None:
    visitor = await at_player(visit)
    page = visitor.page
    await page.keyboard.press("Space")
    await until(page, "telephonyPlayer().audio.ended && telephonyPlayer().audio.paused && !telephonyPlayer().isFresh")
    await page.evaluate("Object.assign(telephonyPlayer(), { isFresh: true, wanted: 5.28 })")  # the event is yet to come
    await page.keyboard.press("Space")
    await until(page, "telephonyPlayer().audio.currentTime > 0.1 && !telephonyPlayer().audio.ended")
    await expect(page.locator("#listeners tbody tr")).to_have_count(3)


async def test_player_is_used_by_keyboard_alone(visit: Visit) -> None:
    visitor = await at_player(visit)
    page = visitor.page
    assert await page.evaluate("document.activeElement.hasAttribute('data-toggle')")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Shift+ArrowLeft")
    await expect(page.locator("[data-time]")).to_have_text("00:04 / 00:05")
    await expect(page.locator("[data-slider]")).to_have_attribute("aria-valuetext", "00:04 sur 00:05")
    await page.keyboard.press("Digit1")
    await expect(page.locator('[data-mute="0"]')).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("Digit2")
    await page.keyboard.press("Digit1")
    assert await page.evaluate("telephonyPlayer().isMuted") == [False, True]


async def test_muting_a_lane_silences_that_voice_and_no_other(visit: Visit) -> None:
    """Listens to the graph itself: the level behind each lane's volume while the call plays."""
    visitor = await at_player(visit)
    page = visitor.page
    await page.keyboard.press("Digit2")
    await page.keyboard.press("Space")
    heard = await page.evaluate(
        """async () => {
            const player = telephonyPlayer();
            const meters = player.gains.map((gain) => {
                const meter = player.graph.createAnalyser();
                gain.connect(meter);
                return meter;
            });
            const most = [0, 0];
            const samples = new Float32Array(2048);
            while (player.audio.currentTime < 4.5) {
                meters.forEach((meter, lane) => {
                    meter.getFloatTimeDomainData(samples);
                    most[lane] = Math.max(most[lane], ...samples);
                });
                await new Promise(requestAnimationFrame);
            }
            return most;
        }"""
    )
    assert heard[0] > 0.02
    assert heard[1] == 0


async def test_operator_is_refused_in_a_sentence(visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("claire")
    for path in ("/floor", "/lists", "/recordings", f"/recordings/{visitor.served_pages.calls[0]}"):
        await visitor.go(path)
        await expect(visitor.page.locator(".lead")).to_contain_text("Rôles autorisés")


async def test_operator_chooses_a_result_with_two_keys(visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("claire")
    page, pages = visitor.page, visitor.served_pages.pages
    await expect(page.locator("#desk-word")).to_contain_text("En attente")
    pages.desk.put(pages.operator.operator_id, OperatorState.WRAP_UP)
    await expect(page.locator("[data-results]")).to_be_visible(timeout=3_000)
    await page.keyboard.press("Digit4")
    await page.keyboard.press("Enter")
    await expect(page.locator("#desk-word")).to_contain_text("En attente")
    assert [str(result) for _, result in pages.desk.results] == ["no_more_calls"]
    await page.keyboard.press("F4")
    await expect(page.locator("#desk-word")).to_contain_text("Pause")
    await page.keyboard.press("F2")
    await expect(page.locator("#desk-word")).to_contain_text("En attente")


async def test_every_control_has_a_name_and_is_large_enough(visit: Visit) -> None:
    for username, paths in (
        ("manager", ("/floor", "/lists", "/campaigns/1/mode")),
        ("compliance", ("/recordings", f"/recordings/{0}", "/incidents", "/proofs")),
        ("claire", ("/desk",)),
    ):
        visitor = await visit("en", "night")
        await visitor.sign_in(username)
        for path in paths:
            await visitor.go(path.replace("/0", f"/{visitor.served_pages.calls[0]}"))
            bad = await visitor.page.evaluate(
                """() => [...document.querySelectorAll("main button, main input, main select, header button, header a")]
                    .filter((one) => one.type !== "hidden" && one.checkVisibility())
                    .filter((one) => {
                        const box = (one.closest("label") || one).getBoundingClientRect();
                        const name = one.getAttribute("aria-label") || one.textContent.trim()
                            || (one.labels && one.labels.length && one.labels[0].textContent.trim());
                        return !name || box.width < 24 || box.height < 24;
                    })
                    .map((one) => one.outerHTML)"""
            )
            assert bad == [], path


async def test_sign_in_again_after_the_session_was_revoked(visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("manager")
    pages = visitor.served_pages.pages
    pages.passwords["manager"] = await pages.deps.accounts.reset_password("manager")
    await visitor.go("/lists")
    await expect(visitor.page.locator("h1")).to_have_text("Connexion")
    await visitor.page.fill("[name=username]", "manager")
    await visitor.page.fill("[name=password]", pages.passwords["manager"])
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.page.locator("h1")).to_have_text("Charger une liste")
