"""Proofs on their page: for the compliance officer, gaps first, the document as it was signed."""

import pytest

from telephony.domain.accounts import Right, Role, may
from telephony.ports.evidence.ledger import Incident
from telephony.services.evidence.signing import verified
from tests.scenes.pages import NOW, Pages
from tests.web.conftest import Visit

TODAY = NOW.date().isoformat()


def test_who_may_prove():
    assert {role for role in Role if may(role, Right.PROVE)} == {Role.COMPLIANCE}


async def test_a_day_is_proved_on_demand_and_its_document_is_the_signed_one(pages: Pages, visit: Visit):
    visitor = await visit()
    await visitor.sign_in("compliance")
    assert "Aucune preuve" in (await visitor.get("/proofs")).text
    answer = await visitor.send("/proofs", day=TODAY)
    assert answer.status == 303
    address = answer.headers["Location"]
    page = await visitor.get(address)
    assert "Tout concorde" in page.text
    assert "Signature vérifiée. Demandée par compliance" in page.text
    assert address in (await visitor.get("/proofs")).text
    document = await visitor.get(f"{address}/document")
    (proof,) = await pages.deps.proofs.days()
    signed = verified(document.text.encode(), proof.public_key)
    assert (signed.proof["day"], signed.sha256) == (TODAY, proof.sha256)


async def test_with_gaps_the_gaps_are_the_page(pages: Pages, visit: Visit):
    await pages.store.ledger.open_incident(Incident("recording_stalled", "a1", "It stood still.", NOW))
    visitor = await visit()
    await visitor.sign_in("compliance")
    answer = await visitor.send("/proofs", day="today")
    page = await visitor.get(answer.headers["Location"])
    assert "1 écart" in page.text
    assert "incident_open" in page.text
    assert "Un incident du jour est encore ouvert" in page.text
    assert "Tout concorde" not in page.text


async def test_a_document_that_was_changed_is_told_and_not_handed_out(pages: Pages, visit: Visit):
    visitor = await visit()
    await visitor.sign_in("compliance")
    address = (await visitor.send("/proofs", day=TODAY)).headers["Location"]
    (file,) = (pages.folder.parent / "proofs").iterdir()
    file.write_text(file.read_text().replace('"refusals":0', '"refusals":9'))
    assert "n’est pas intact" in (await visitor.get(address)).text
    assert (await visitor.get(f"{address}/document")).status == 404
    file.unlink()
    assert "ne peut pas être lu" in (await visitor.get(address)).text


@pytest.mark.parametrize("day", ["2026-11-21", "gestern", ""])
async def test_a_day_that_has_not_begun_is_not_proved(visit: Visit, pages: Pages, day: str):
    visitor = await visit()
    await visitor.sign_in("compliance")
    assert (await visitor.send("/proofs", day=day)).status == 422
    assert await pages.deps.proofs.days() == []


@pytest.mark.parametrize("username", ["claire", "supervisor", "manager", "admin"])
async def test_others_prove_nothing(visit: Visit, pages: Pages, username: str):
    visitor = await visit()
    await visitor.sign_in(username)
    assert (await visitor.send("/proofs", day=TODAY)).status == 403
    assert (await visitor.get(f"/proofs/{TODAY}/{'0' * 64}")).status == 403
    assert await pages.deps.proofs.days() == []
