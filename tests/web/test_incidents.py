"""Incidents on their page: everybody of the floor reads them, two roles close them, with a cause."""

from datetime import timedelta

import pytest

from telephony.domain.accounts import Right, Role, may
from telephony.ports.evidence.ledger import Incident
from tests.scenes.pages import NOW, Pages
from tests.web.conftest import Visit

TEXT = "The recording of attempt a1 stopped growing while the call was up: the call was ended."


async def read(pages: Pages, incident: int) -> str:
    """The moment of the cause, as the form of whoever reads it now carries it."""
    at = (await pages.store.ledger.incident(incident)).explained_at
    return at.isoformat() if at is not None else ""


@pytest.fixture
async def incident(pages: Pages) -> int:
    await pages.store.ledger.open_incident(Incident("recording_stalled", "a1", TEXT, NOW))
    (kept_incident,) = await pages.store.ledger.incidents(10)
    return kept_incident.incident_id


def test_who_may_close():
    assert {role for role in Role if may(role, Right.CLOSE_INCIDENTS)} == {Role.SUPERVISOR, Role.COMPLIANCE}


@pytest.mark.parametrize(("first", "second"), [("supervisor", "compliance"), ("compliance", "supervisor")])
async def test_one_person_gives_the_cause_and_another_one_closes(
    pages: Pages, visit: Visit, first: str, second: str, incident: int
):
    visitor, other = await visit(), await visit()
    await visitor.sign_in(first)
    await other.sign_in(second)
    page = await visitor.get("/incidents")
    assert "L’enregistrement de l’appel a1 a été interrompu\u202f: l’appel a été coupé." in page.text
    assert f'action="/incidents/{incident}/close"' in page.text
    assert f'action="/incidents/{incident}/approve"' not in page.text
    answer = await visitor.send(f"/incidents/{incident}/close", reason="disque remplacé")
    assert (answer.status, answer.headers["Location"]) == (303, "/incidents")
    assert (await pages.store.ledger.incident(incident)).is_open
    assert f'action="/incidents/{incident}/approve"' not in (await visitor.get("/incidents")).text
    cause = await read(pages, incident)
    assert (await visitor.send(f"/incidents/{incident}/approve", cause=cause)).status == 409
    page = await other.get("/incidents")
    assert "disque remplacé" in page.text
    assert f'action="/incidents/{incident}/approve"' in page.text
    assert f'name="cause" value="{cause}"' in page.text
    assert (await other.send(f"/incidents/{incident}/approve", cause=cause)).status == 303
    kept_incident = await pages.store.ledger.incident(incident)
    assert (kept_incident.explained_by, kept_incident.closed_by, kept_incident.close_reason) == (
        first,
        second,
        "disque remplacé",
    )
    page = await visitor.get("/incidents")
    assert "disque remplacé" in page.text
    assert f'action="/incidents/{incident}/close"' not in page.text


async def test_a_cause_typed_for_somebody_else_is_ones_own_too(pages: Pages, visit: Visit, incident: int):
    await pages.store.ledger.explain_incident(incident, "compliance", "cli:Supervisor", "disque remplacé", NOW)
    visitor = await visit()
    await visitor.sign_in("supervisor")
    page = (await visitor.get("/incidents")).text
    assert "disque remplacé" in page
    assert "Une seconde personne doit le clore." in page
    assert f'action="/incidents/{incident}/approve"' not in page
    cause = await read(pages, incident)
    assert (await visitor.send(f"/incidents/{incident}/approve", cause=cause)).status == 409


@pytest.mark.parametrize("given", [None, "", "hier", "2026-11-24T09:00:00", "2026-11-24T09:00:00+00:00"])
async def test_a_cause_that_was_not_read_is_not_agreed_to(pages: Pages, visit: Visit, incident: int, given: str | None):
    await pages.store.ledger.explain_incident(incident, "compliance", "", "disque remplacé", NOW)
    seen = await read(pages, incident)
    later = NOW + timedelta(minutes=1)
    await pages.store.ledger.explain_incident(incident, "compliance", "", "câble remplacé", later)
    visitor = await visit()
    await visitor.sign_in("supervisor")
    for cause in (seen, given):
        form = {} if cause is None else {"cause": cause}
        answer = await visitor.send(f"/incidents/{incident}/approve", **form)
        assert answer.status == 409
        assert "la cause de l’incident" in answer.text
    assert (await pages.store.ledger.incident(incident)).is_open
    assert (await visitor.send(f"/incidents/{incident}/approve", cause=await read(pages, incident))).status == 303


async def test_without_a_cause_nobody_closes(pages: Pages, visit: Visit, incident: int):
    visitor = await visit()
    await visitor.sign_in("compliance")
    assert (await visitor.send(f"/incidents/{incident}/approve")).status == 409
    assert (await pages.store.ledger.incident(incident)).is_open


@pytest.mark.parametrize("reason", ["", "   ", "appelé 01 99 00 41 27"])
async def test_without_a_cause_it_stays_open(pages: Pages, visit: Visit, reason: str, incident: int):
    visitor = await visit()
    await visitor.sign_in("compliance")
    assert (await visitor.send(f"/incidents/{incident}/close", reason=reason)).status == 422
    assert (await pages.store.ledger.incident(incident)).is_open


@pytest.mark.parametrize("username", ["claire", "manager", "admin"])
async def test_others_close_nothing(pages: Pages, visit: Visit, username: str, incident: int):
    visitor = await visit()
    await visitor.sign_in(username)
    assert (await visitor.send(f"/incidents/{incident}/close", reason="parce que")).status == 403
    assert (await visitor.send(f"/incidents/{incident}/approve")).status == 403
    assert (await pages.store.ledger.incident(incident)).is_open


async def test_closing_twice_is_said(pages: Pages, visit: Visit, incident: int):
    visitor, other = await visit(), await visit()
    await visitor.sign_in("compliance")
    await other.sign_in("supervisor")
    await visitor.send(f"/incidents/{incident}/close", reason="disque remplacé")
    cause = await read(pages, incident)
    assert (await other.send(f"/incidents/{incident}/approve", cause=cause)).status == 303
    assert (await other.send(f"/incidents/{incident}/approve", cause=cause)).status == 409
    assert (await visitor.send(f"/incidents/{incident}/close", reason="encore")).status == 409
