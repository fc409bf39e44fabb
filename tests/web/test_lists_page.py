import csv
import io
import tempfile
from pathlib import Path

import pytest
from aiohttp import FormData

from tests.scenes.pages import Pages
from tests.web.browserless import Answer, Visitor
from tests.web.conftest import Visit

GOOD = "\n".join(["Nom;Téléphone", *(f"Personne {row};01 99 00 10 {row:02d}" for row in range(10))])
BAD = "\nX;12\nY;01 99 00 10 01\nZ;abc\n=HYPERLINK(1);abc\n"


@pytest.fixture
async def manager(visit: Visit) -> Visitor:
    visitor = await visit()
    await visitor.sign_in("manager")
    return visitor


async def send(visitor: Visitor, pages: Pages, content: bytes, *, name: str = "", campaign: str = "") -> Answer:
    form = FormData()
    form.add_field("campaign", campaign or str(pages.campaign.campaign_id))
    form.add_field("name", name)
    form.add_field("file", io.BytesIO(content), filename="fibre.csv", content_type="text/csv")
    return await visitor.ask("POST", "/lists", data=form, headers={"X-CSRF-Token": visitor.form_token})


async def test_report_adds_up_to_the_rows_read(manager: Visitor, pages: Pages) -> None:
    answer = await send(manager, pages, (GOOD + BAD).encode())
    assert answer.status == 200
    (loaded,) = await pages.store.leads.lists(pages.campaign.campaign_id)
    assert (loaded.rows_read, loaded.accepted, loaded.rejected, loaded.duplicates) == (14, 10, 3, 1)
    assert loaded.loaded_by == "manager"
    assert loaded.name == "fibre"
    for shown in ("Numéro court", "Lettres dans le numéro", "Numéro en double", "ligne 12"):
        assert shown in answer.text


async def test_rows_to_fix_can_be_downloaded_and_run_no_formula(manager: Visitor, pages: Pages) -> None:
    await send(manager, pages, (GOOD + BAD).encode(), name="Liste 1")
    (loaded,) = await pages.store.leads.lists(pages.campaign.campaign_id)
    answer = await manager.get(f"/lists/{loaded.list_id}/rows-to-fix.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows] == ["Ligne", "12", "13", "14", "15"]
    assert rows[1][1] == "les numéros courts ne sont jamais appelés\u202f: donnez le numéro complet de la personne"
    assert rows[1][2:] == ["X", "12"]
    assert rows[4][2] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "fibre.csv est vide"),
        (b"Nom;Ville\nA;B\n", "pas de colonne de téléphone"),
        (b"PK\x03\x04 not a csv", "est un tableur (XLSX)"),
    ],
)
async def test_file_that_is_no_list_is_told_and_nothing_is_written(
    manager: Visitor, pages: Pages, content: bytes, why: str
) -> None:
    answer = await send(manager, pages, content)
    assert answer.status == 422
    assert "Rien n’a été chargé" in answer.text
    assert why in answer.text.replace("&#39;", "'")
    assert "/list-" not in answer.text  # the name of our temporary file
    assert await pages.store.leads.lists(pages.campaign.campaign_id) == []


@pytest.mark.parametrize("campaign", ["0", "x", "999"])
async def test_campaign_that_does_not_exist_is_told(manager: Visitor, pages: Pages, campaign: str) -> None:
    answer = await send(manager, pages, GOOD.encode(), campaign=campaign)
    assert answer.status == 422
    assert "Choisissez une campagne" in answer.text


async def test_no_file_chosen_is_told(manager: Visitor, pages: Pages) -> None:
    form = FormData()
    form.add_field("campaign", str(pages.campaign.campaign_id))
    form.add_field("file", b"", filename="", content_type="application/octet-stream")
    answer = await manager.ask("POST", "/lists", data=form, headers={"X-CSRF-Token": manager.form_token})
    assert answer.status == 422
    assert "Choisissez un fichier" in answer.text


async def test_list_is_loaded_by_a_real_form_only(manager: Visitor) -> None:
    assert (await manager.send("/lists", campaign="1")).status == 415


async def test_nothing_of_the_file_stays_in_the_temporary_folder(
    manager: Visitor, pages: Pages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    await send(manager, pages, GOOD.encode())
    await send(manager, pages, b"")
    assert list(folder.iterdir()) == []


async def test_large_list_arrives_whole(manager: Visitor, pages: Pages) -> None:
    rows = "\n".join(f"P{row};01 99 00 {row // 100:02d} {row % 100:02d};{'x' * 100}" for row in range(9_000))
    answer = await send(manager, pages, f"Nom;Téléphone;Note\n{rows}".encode())
    assert answer.status == 200
    (loaded,) = await pages.store.leads.lists(pages.campaign.campaign_id)
    assert loaded.accepted == 9_000


@pytest.fixture
async def officer(visit: Visit) -> Visitor:
    visitor = await visit()
    await visitor.sign_in("compliance")
    return visitor


async def test_list_waits_for_somebody_else_than_whoever_loaded_it(
    manager: Visitor, officer: Visitor, pages: Pages
) -> None:
    await send(manager, pages, GOOD.encode(), name="Liste 1")
    (loaded,) = await pages.store.leads.lists(pages.campaign.campaign_id)
    own = (await manager.get("/lists")).text
    assert "En attente d’approbation" in own
    assert "À approuver par une autre personne" in own
    assert f"/lists/{loaded.list_id}/approve" not in own
    seen = (await officer.get("/lists")).text
    assert f"/lists/{loaded.list_id}/approve" in seen
    assert "enctype" not in seen  # who may not load is not asked for a file
    answer = await officer.send(f"/lists/{loaded.list_id}/approve")
    assert answer.status == 200
    assert "Approuvée par compliance" in answer.text
    (approved,) = await pages.store.leads.lists(pages.campaign.campaign_id)
    assert (approved.approved_by, approved.loaded_by) == ("compliance", "manager")
    assert len(await pages.store.leads.waiting(pages.campaign.campaign_id, 100)) == 10


async def test_nobody_approves_their_own_list(manager: Visitor, pages: Pages) -> None:
    await send(manager, pages, GOOD.encode())
    (loaded,) = await pages.store.leads.lists(pages.campaign.campaign_id)
    answer = await manager.send(f"/lists/{loaded.list_id}/approve")
    assert answer.status == 409
    assert "Vous avez chargé cette liste" in answer.text
    assert (await pages.store.leads.lists(pages.campaign.campaign_id))[0].awaits_approval


async def test_list_is_approved_once_and_one_that_is_not_there_never(
    manager: Visitor, officer: Visitor, pages: Pages
) -> None:
    await send(manager, pages, GOOD.encode())
    (loaded,) = await pages.store.leads.lists(pages.campaign.campaign_id)
    await officer.get("/lists")
    assert (await officer.send(f"/lists/{loaded.list_id}/approve")).status == 200
    assert (await officer.send(f"/lists/{loaded.list_id}/approve")).status == 409
    assert (await officer.send("/lists/999/approve")).status == 404


@pytest.mark.parametrize("username", ["claire", "supervisor"])
async def test_who_may_not_approve_is_refused(visit: Visit, manager: Visitor, pages: Pages, username: str) -> None:
    await send(manager, pages, GOOD.encode())
    (loaded,) = await pages.store.leads.lists(pages.campaign.campaign_id)
    visitor = await visit()
    await visitor.sign_in(username)
    assert (await visitor.send(f"/lists/{loaded.list_id}/approve")).status == 403
    assert (await pages.store.leads.lists(pages.campaign.campaign_id))[0].awaits_approval
