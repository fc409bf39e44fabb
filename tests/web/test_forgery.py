from typing import Any

import pytest
from aiohttp.web import Application

from telephony.web import make_app
from telephony.web.http.access import RIGHT
from tests.scenes.pages import Pages
from tests.web.conftest import Visit

OPEN = {
    "/",
    "/sign-in",
    "/sign-out",
    "/preferences",
    "/healthz",
    "/static/{name}",
    "/api/v1/sign-in",
    "/api/v1/me",
}
"""Routes that need no right: they say or do nothing of the product's."""


def routes(app: Application) -> list[tuple[str, str, Any]]:
    return [(route.method, route.resource.canonical, route.handler) for route in app.router.routes() if route.resource]


async def test_every_route_that_shows_or_does_something_names_the_right_it_needs(pages: Pages) -> None:
    unguarded = {path for _, path, handler in routes(make_app(pages.deps)) if not hasattr(handler, RIGHT)}
    assert unguarded == OPEN


async def test_no_post_is_done_without_the_token(visit: Visit, pages: Pages) -> None:
    visitor = await visit()
    await visitor.sign_in("admin")
    posts = [
        path.replace("{campaign}", "1").replace("{move}", "start").replace("{recording}", "0" * 8)
        for method, path, _ in routes(make_app(pages.deps))
        if method == "POST" and path != "/api/v1/sign-in"
    ]
    assert len(posts) > 8
    for path in posts:
        answer = await visitor.ask("POST", path, data={"form_token": "made-up"})
        assert answer.status == 403, path
        assert "plus à jour" in answer.text


async def test_token_of_another_session_is_refused(visit: Visit) -> None:
    mine, theirs = await visit(), await visit()
    await mine.sign_in("admin")
    await theirs.sign_in("admin")
    mine.form_token = theirs.form_token
    assert (await mine.send("/sign-out")).status == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:1"])
async def test_post_from_another_origin_is_refused_even_with_the_token(visit: Visit, origin: str) -> None:
    visitor = await visit()
    await visitor.sign_in("admin")
    answer = await visitor.ask("POST", "/sign-out", data={"form_token": visitor.form_token}, headers={"Origin": origin})
    assert answer.status == 403


async def test_json_sign_in_refuses_what_a_foreign_form_can_send(visit: Visit) -> None:
    visitor = await visit()
    body = '{"username": "admin", "password": "x", "a": "="}'
    answer = await visitor.ask("POST", "/api/v1/sign-in", data=body, headers={"Content-Type": "text/plain"})
    assert answer.status == 403


async def test_security_headers_stand_on_every_kind_of_answer(visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("manager")
    for path in ("/floor", "/sign-in", "/no-such-page", "/api/v1/floor", "/static/site.css", "/healthz"):
        headers = (await visitor.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "Server" not in headers


async def test_pages_with_people_in_them_are_kept_by_no_cache(visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("compliance")
    for path in ("/recordings", "/api/v1/me", "/floor"):
        assert (await visitor.get(path)).headers["Cache-Control"] == "no-store"


async def test_unknown_errors_show_a_reference_and_nothing_of_the_inside(
    visit: Visit, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = await visit()
    await visitor.sign_in("manager")
    monkeypatch.setattr(pages.floor, "view", lambda: 1 / 0)
    answer = await visitor.get("/floor")
    assert answer.status == 500
    assert "Référence" in answer.text
    assert "Zero" not in answer.text


async def test_a_thousand_anonymous_posts_are_not_a_thousand_ledger_entries(pages: Pages, visit: Visit):
    visitor = await visit()
    before = [entry async for entry in pages.store.ledger.entries()]
    for number in range(300):
        path = ("/sign-out", "/lock", "/desk/result", "/api/v1/lock")[number % 4]
        assert (await visitor.ask("POST", path, data={"form_token": "forged"})).status == 403
    new = [entry async for entry in pages.store.ledger.entries(len(before))]
    assert [entry.note.body["rule"] for entry in new] == ["form_token"]
