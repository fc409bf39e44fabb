import pytest

from telephony.domain.accounts import RIGHTS, Right, Role
from tests.scenes.pages import Pages
from tests.web.conftest import Visit

PAGES = {
    "/floor": Right.SEE_FLOOR,
    "/floor/events": Right.SEE_FLOOR,
    "/api/v1/floor": Right.SEE_FLOOR,
    "/incidents": Right.SEE_FLOOR,
    "/api/v1/lock": Right.SEE_FLOOR,
    "/lists": Right.SEE_LISTS,
    "/lists/1/rows-to-fix.csv": Right.LOAD_LISTS,
    "/recordings": Right.SEARCH_RECORDINGS,
    "/proofs": Right.PROVE,
    "/desk": Right.WORK_AT_SEAT,
    "/api/v1/desk": Right.WORK_AT_SEAT,
}
ROLES = {
    "claire": Role.OPERATOR,
    "supervisor": Role.SUPERVISOR,
    "manager": Role.CAMPAIGN_MANAGER,
    "compliance": Role.COMPLIANCE,
    "admin": Role.ADMINISTRATOR,
}


@pytest.mark.parametrize("username", ROLES)
async def test_every_page_a_role_does_not_allow_is_refused_in_a_sentence_and_entered(
    visit: Visit, pages: Pages, username: str
) -> None:
    visitor = await visit()
    await visitor.sign_in(username)
    refused = [path for path, right in PAGES.items() if right not in RIGHTS[ROLES[username]]]
    for path in refused:
        answer = await visitor.get(path)
        assert answer.status == 403, path
        said = answer.json["error"] if path.startswith("/api/") else answer.text
        assert "Rôles autorisés" in said
    entered = [
        entry.note.body["rule"]
        async for entry in pages.store.ledger.entries()
        if str(entry.note.body.get("rule", "")).startswith("right:")
    ]
    assert entered == [f"right:{PAGES[path]}" for path in refused]


@pytest.mark.parametrize("path", ["/floor", "/lists", "/recordings"])
async def test_operator_is_refused_the_floor_the_lists_and_the_recordings(visit: Visit, path: str) -> None:
    visitor = await visit()
    await visitor.sign_in("claire")
    answer = await visitor.get(path)
    assert answer.status == 403
    assert "Satisfaction" not in answer.text


@pytest.mark.parametrize("path", [*PAGES, "/api/v1/me"])
async def test_nobody_sees_anything_without_signing_in(visit: Visit, path: str) -> None:
    answer = await (await visit()).get(path)
    assert answer.status == (401 if path.startswith("/api/") else 303)
    assert "Satisfaction" not in answer.text


async def test_supervisor_sees_campaigns_but_moves_none(visit: Visit, pages: Pages) -> None:
    visitor = await visit()
    await visitor.sign_in("supervisor")
    page = await visitor.get("/floor")
    assert "Satisfaction fibre" in page.text
    assert "/start" not in page.text
    answer = await visitor.send(f"/campaigns/{pages.campaign.campaign_id}/stop")
    assert answer.status == 403


@pytest.mark.parametrize("username", ["claire", "supervisor", "manager", "admin"])
async def test_only_compliance_hears_people(visit: Visit, pages: Pages, username: str) -> None:
    recording_id = await pages.recording()
    visitor = await visit()
    await visitor.sign_in(username)
    for path in ("", "/audio", "/listeners"):
        assert (await visitor.get(f"/recordings/{recording_id}{path}")).status == 403
    log = await pages.store.recordings.listenings(recording_id)
    assert [listening.refused for listening in log] == ["right"] * 3
    assert {listening.address for listening in log} == {"127.0.0.1"}
