"""Do-not-call lists on their page and in the API: asked for by one, approved by another, at once."""

import pytest

from telephony.ids import Number
from tests.scenes.pages import NOW, Pages
from tests.web.conftest import Visit

HERE = Number("33199004127")


@pytest.fixture
async def bound(pages: Pages) -> int:
    lists = pages.store.do_not_call
    list_id = await lists.begin("Plaintes 2026", "", "ab" * 32, "cli:root", NOW)
    await lists.oppose(list_id, [HERE, "33199004128"])
    await lists.finish(list_id, NOW)
    return list_id


async def is_opposed(pages: Pages) -> bool:
    return bool(await pages.store.do_not_call.opposed(HERE, "Alpha"))


async def test_two_persons_withdraw_one_number_on_the_page(pages: Pages, visit: Visit, bound: int):
    manager = await visit()
    await manager.sign_in("manager")
    assert "Plaintes 2026" in (await manager.get("/opposition")).text
    words = {"entry": "01 99 00 41 27", "reason": "nouveau consentement signé"}
    answer = await manager.send(f"/opposition/{bound}/withdraw", **words)
    assert (answer.status, answer.headers["Location"]) == (303, "/opposition")
    assert await is_opposed(pages)
    page = (await manager.get("/opposition")).text
    assert "…41 27" in page
    assert HERE not in page
    assert "Vous avez fait cette demande" in page
    assert (await manager.send("/opposition/withdrawals/1/approve")).status == 409
    assert await is_opposed(pages)
    compliance = await visit()
    await compliance.sign_in("compliance")
    assert 'action="/opposition/withdrawals/1/approve"' in (await compliance.get("/opposition")).text
    assert (await compliance.send("/opposition/withdrawals/1/approve")).status == 303
    assert not await is_opposed(pages)
    assert "approuvée par compliance" in (await compliance.get("/opposition")).text


@pytest.mark.parametrize(("language", "count"), [("fr", "1\u202f200"), ("en", "1,200")])
async def test_how_many_numbers_a_list_holds_is_written_as_a_figure(
    pages: Pages, visit: Visit, language: str, count: str
):
    lists = pages.store.do_not_call
    list_id = await lists.begin("Plaintes 2026", "", "ab" * 32, "cli:root", NOW)
    await lists.oppose(list_id, [f"3319900{last:04}" for last in range(1200)])
    await lists.finish(list_id, NOW)
    visitor = await visit()
    await visitor.sign_in("compliance")
    page = await visitor.get("/opposition", cookies={"language": language})
    assert f'<td class="figure">{count}</td>' in page.text


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ({"reason": "  "}, 422),
        ({"reason": "appelé 01 99 00 41 27"}, 422),
        ({"reason": "erreur", "entry": "personne"}, 422),
        ({"reason": "erreur", "entry": "01 99 00 41 29"}, 404),
    ],
)
async def test_what_cannot_be_asked_is_said_on_the_page(
    pages: Pages, visit: Visit, bound: int, words: dict[str, str], status: int
):
    visitor = await visit()
    await visitor.sign_in("compliance")
    answer = await visitor.send(f"/opposition/{bound}/withdraw", **words)
    assert answer.status == status
    assert 'role="alert"' in answer.text
    assert await pages.store.do_not_call.withdrawals() == []


async def test_a_wish_is_given_up(pages: Pages, visit: Visit, bound: int):
    visitor = await visit()
    await visitor.sign_in("manager")
    await visitor.send(f"/opposition/{bound}/withdraw", reason="erreur")
    assert (await visitor.send("/opposition/withdrawals/1/drop")).status == 303
    assert (await visitor.send("/opposition/withdrawals/1/approve")).status == 409
    assert await is_opposed(pages)


async def test_two_persons_withdraw_a_list_by_the_api(pages: Pages, visit: Visit, bound: int):
    manager, compliance = await visit(), await visit()
    await manager.sign_in("manager")
    await compliance.sign_in("compliance")
    nameless = await manager.post_json(f"/api/v1/opposition/{bound}/withdraw", {})
    assert (nameless.status, "indiquez un motif" in nameless.json["error"]) == (409, True)
    answer = await manager.post_json(f"/api/v1/opposition/{bound}/withdraw", {"reason": "chargée par erreur"})
    assert (answer.status, answer.json["is_waiting"], answer.json["asked_by"]) == (201, True, "manager")
    own = await manager.post_json("/api/v1/opposition/withdrawals/1/approve")
    assert (own.status, "seconde personne" in own.json["error"]) == (409, True)
    done = await compliance.post_json("/api/v1/opposition/withdrawals/1/approve")
    assert (done.status, done.json["approved_by"]) == (200, "compliance")
    assert not await is_opposed(pages)
    said = (await manager.get("/api/v1/opposition")).json
    assert [dnc_list["withdrawn_at"] for dnc_list in said["lists"]] == [NOW.isoformat()]
    assert [removal["is_waiting"] for removal in said["withdrawals"]] == [False]
    again = await manager.post_json(f"/api/v1/opposition/{bound}/withdraw", {"reason": "encore"})
    assert again.status == 409


@pytest.mark.parametrize("username", ["claire", "supervisor"])
async def test_others_neither_see_nor_withdraw(pages: Pages, visit: Visit, bound: int, username: str):
    visitor = await visit()
    await visitor.sign_in(username)
    assert (await visitor.get("/opposition")).status == 403
    assert (await visitor.send(f"/opposition/{bound}/withdraw", reason="parce que")).status == 403
    assert await pages.store.do_not_call.withdrawals() == []
