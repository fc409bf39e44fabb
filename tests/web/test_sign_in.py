import statistics
import time
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from telephony.app.wiring.system import SystemDice
from telephony.domain.accounts import Role
from telephony.errors import InputError
from telephony.services.people.accounts import AccountsService, SignInRefusedError, digest
from telephony.services.people.sign_in_limits import (
    PER_ADDRESS,
    PER_NAME,
    PER_NAME_AND_ADDRESS,
    WINDOW,
    TooManyTriesError,
)
from telephony.web import make_app
from tests.scenes.pages import NOW, Pages, open_pages
from tests.web.browserless import Visitor
from tests.web.conftest import Visit


async def ledger(pages: Pages, kind: str) -> list[dict[str, object]]:
    return [
        {"subject": entry.note.subject, **entry.note.body}
        async for entry in pages.store.ledger.entries()
        if entry.note.kind == kind
    ]


async def refusals(pages: Pages) -> list[dict[str, object]]:
    async for entry in pages.store.ledger.entries():
        assert "secret-typed" not in str(entry)
    return [
        {"kind": entry.note.kind, **entry.note.body}
        async for entry in pages.store.ledger.entries()
        if entry.note.body.get("rule")
    ]


@pytest.mark.parametrize(
    ("username", "where"),
    [
        ("supervisor", "/floor"),
        ("manager", "/floor"),
        ("admin", "/floor"),
        ("compliance", "/recordings"),
        ("claire", "/desk"),
    ],
)
async def test_each_role_lands_where_its_work_begins(visit: Visit, username: str, where: str) -> None:
    visitor = await visit()
    answer = await visitor.sign_in(username)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert (await visitor.get("/")).headers["Location"] == where
    assert (await visitor.get(where)).status == 200


async def test_cookie_is_out_of_reach_of_scripts_and_other_sites(visit: Visit) -> None:
    answer = await (await visit()).sign_in("manager")
    cookie = next(value for name, value in answer.headers.items() if name == "Set-Cookie" and "session=" in value)
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


async def test_only_the_digest_of_the_cookie_is_stored(pages: Pages) -> None:
    fresh = await pages.deps.accounts.sign_in("manager", pages.passwords["manager"], "127.0.0.1")
    assert await pages.store.accounts.session(digest(fresh.token), NOW) is not None
    assert await pages.store.accounts.session(fresh.token, NOW) is None


@pytest.mark.parametrize("username", ["manager", "nobody-of-that-name"])
async def test_refused_sign_in_says_the_same_for_known_and_unknown_names(
    visit: Visit, pages: Pages, username: str
) -> None:
    answer = await (await visit()).sign_in(username, "secret-typed")
    assert answer.status == 401
    assert "mot de passe incorrect" in answer.text
    (entry,) = await refusals(pages)
    assert entry["rule"] == "sign_in"
    assert entry["address"] == "127.0.0.1"


@pytest.mark.slow
async def test_unknown_name_costs_what_a_wrong_password_costs(pages: Pages) -> None:
    """With the real cost of a hash, not the tests' cheap one."""
    service = AccountsService(pages.store, pages.clock, SystemDice())
    await service.create("someone", "Some One", Role.SUPERVISOR)

    async def cost(username: str) -> float:
        begun = time.thread_time(), time.process_time()
        with pytest.raises(SignInRefusedError):
            await service.sign_in(username, "wrong", f"10.0.0.{len(costs)}")
        return time.process_time() - begun[1]

    costs: list[float] = []
    with pytest.raises(SignInRefusedError):
        await service.sign_in("first", "wrong", "10.1.1.1")
    for _ in range(3):
        costs.append(await cost("someone"))
        costs.append(await cost("nobody"))
    known, unknown = statistics.median(costs[0::2]), statistics.median(costs[1::2])
    assert 0.5 < unknown / known < 2.0


async def test_deactivated_or_signed_out_sessions_end_at_once(visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("manager")
    token = visitor.client.session.cookie_jar.filter_cookies(visitor.client.make_url("/"))["session"].value
    assert (await visitor.send("/sign-out")).status == 303
    stolen = await visit()
    answer = await stolen.get("/floor", headers={"Cookie": f"session={token}"})
    assert answer.status == 303
    assert answer.headers["Location"].startswith("/sign-in")


async def test_session_ends_by_itself_after_its_hours(visit: Visit, pages: Pages) -> None:
    visitor = await visit()
    await visitor.sign_in("manager")
    assert (await visitor.get("/floor")).status == 200
    pages.clock.at += timedelta(hours=12)
    assert (await visitor.get("/floor")).status == 303


async def test_new_password_revokes_what_was_signed_in(visit: Visit, pages: Pages) -> None:
    visitor = await visit()
    await visitor.sign_in("manager")
    password = await pages.deps.accounts.reset_password("manager")
    assert (await visitor.get("/floor")).status == 303
    assert (await visitor.sign_in("manager", password)).status == 303


async def test_guessing_one_name_from_one_address_is_stopped_and_entered(visit: Visit, pages: Pages) -> None:
    visitor = await visit()
    for _ in range(PER_NAME_AND_ADDRESS):
        assert (await visitor.sign_in("manager", "secret-typed")).status == 401
    answer = await visitor.sign_in("manager")
    assert answer.status == 429
    assert "Réessayez dans" in answer.text
    assert [refusal["rule"] for refusal in await refusals(pages)][-1] == "too_many_tries"
    pages.clock.at += WINDOW
    assert (await visitor.sign_in("manager")).status == 303


async def test_guessing_from_one_address_does_not_lock_the_person_elsewhere(pages: Pages) -> None:
    accounts = pages.deps.accounts
    for _ in range(PER_NAME_AND_ADDRESS):
        with pytest.raises(SignInRefusedError):
            await accounts.sign_in("manager", "wrong", "10.0.0.66")
    assert (await accounts.sign_in("manager", pages.passwords["manager"], "10.0.0.7")).who.account.username == "manager"


async def test_one_address_guessing_many_names_is_stopped(pages: Pages) -> None:
    for number in range(PER_ADDRESS):
        with pytest.raises(SignInRefusedError):
            await pages.deps.accounts.sign_in(f"name{number}", "wrong", "10.0.0.66")
    with pytest.raises(TooManyTriesError):
        await pages.deps.accounts.sign_in("another", "wrong", "10.0.0.66")


async def test_who_signed_in_from_an_address_before_is_not_locked_out_by_what_others_type_there(pages: Pages) -> None:
    accounts, password = pages.deps.accounts, pages.passwords["manager"]
    await accounts.sign_in("manager", password, "10.0.0.66")
    for number in range(PER_ADDRESS):
        with pytest.raises(SignInRefusedError):
            await accounts.sign_in(f"name{number}", "wrong", "10.0.0.66")
    assert (await accounts.sign_in("manager", password, "10.0.0.66")).who.account.username == "manager"
    for _ in range(PER_NAME_AND_ADDRESS):
        with pytest.raises(SignInRefusedError):
            await accounts.sign_in("manager", "wrong", "10.0.0.66")
    with pytest.raises(TooManyTriesError):
        await accounts.sign_in("manager", password, "10.0.0.66")


async def test_behind_a_trusted_proxy_one_seat_guessing_locks_no_other_seat_out(tmp_path: Path) -> None:
    async with open_pages(tmp_path) as pages:
        web = pages.deps.web.model_copy(update={"trusted_proxies": (IPv4Network("127.0.0.0/8"),)})
        async with TestClient(TestServer(make_app(replace(pages.deps, web=web)))) as client:
            visitor = Visitor(client, pages.passwords)
            await visitor.get("/sign-in")

            async def enter(username: str, password: str, forwarded: str) -> int:
                fields = {"form_token": visitor.form_token, "username": username, "password": password}
                headers = {"X-Forwarded-For": forwarded}
                return (await visitor.ask("POST", "/sign-in", data=fields, headers=headers)).status

            statuses = [await enter(f"name{number}", "wrong", "198.51.100.7") for number in range(PER_ADDRESS + 1)]
            assert statuses == [401] * PER_ADDRESS + [429]
            forged = "198.51.100.9, 203.0.113.7, 198.51.100.7"  # whatever the client wrote stands before its address
            assert await enter("another", "wrong", forged) == 429
            assert await enter("manager", pages.passwords["manager"], "198.51.100.8") == 303
            values = [refusal["address"] for refusal in await refusals(pages)]
            assert set(values) == {"198.51.100.7"}


async def test_without_a_trusted_proxy_nobodys_word_about_an_address_is_taken(visit: Visit, pages: Pages) -> None:
    visitor = await visit()
    await visitor.get("/sign-in")
    fields = {"form_token": visitor.form_token, "username": "manager", "password": "wrong"}
    await visitor.ask("POST", "/sign-in", data=fields, headers={"X-Forwarded-For": "198.51.100.7"})
    assert [refusal["address"] for refusal in await refusals(pages)] == ["127.0.0.1"]


async def test_one_name_guessed_from_many_addresses_is_stopped(pages: Pages) -> None:
    for number in range(PER_NAME):
        with pytest.raises(SignInRefusedError):
            await pages.deps.accounts.sign_in("manager", "wrong", f"10.0.0.{number}")
    with pytest.raises(TooManyTriesError):
        await pages.deps.accounts.sign_in("manager", "wrong", "10.0.1.1")


async def test_created_password_works_once_shown_and_is_stored_as_argon2id(pages: Pages) -> None:
    account, password = await pages.deps.accounts.create("paul", "Paul R.", Role.SUPERVISOR)
    assert account.password_hash.startswith("$argon2id$")
    assert password not in account.password_hash
    assert (await pages.deps.accounts.sign_in("PAUL ", password, "10.0.0.1")).who.account.account_id


@pytest.mark.parametrize("username", ["", "a", "Paul", "p aul", "é" * 5, "x" * 33, "-x"])
async def test_username_that_cannot_be_typed_is_refused(pages: Pages, username: str) -> None:
    with pytest.raises(InputError, match="2 to 32"):
        await pages.deps.accounts.create(username, "Somebody", Role.SUPERVISOR)


async def test_sign_in_form_goes_on_to_the_page_asked_for_and_nowhere_else(visit: Visit) -> None:
    visitor = await visit()
    sent_back = await visitor.get("/lists?x=1")
    assert sent_back.headers["Location"] == "/sign-in?next=/lists%3Fx%3D1"
    page = await visitor.get(sent_back.headers["Location"])
    assert 'name="next" value="/lists?x=1"' in page.text
    for foreign in (
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/x\r\nSet-Cookie: a=b",
        "/" + "x" * 3000,
    ):
        visitor = await visit()
        await visitor.get("/sign-in")
        answer = await visitor.send("/sign-in", username="manager", password=visitor.passwords["manager"], next=foreign)
        assert answer.headers["Location"] == "/"
