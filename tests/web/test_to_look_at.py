"""Sentences that send a person somewhere: what waits is on the list, and each act named there exists."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.domain.calls.operators import OperatorState
from telephony.domain.evidence.recordings import ListeningReason
from telephony.web.http.rendering import TEMPLATES
from telephony.web.i18n.formats import Formats
from telephony.web.i18n.messages import words
from telephony.web.views.floor import show_floor
from telephony.web.views.to_do import OVERDUE
from telephony.words import LANGUAGES
from tests.scenes.pages import NOW, Pages
from tests.web.conftest import Visit

LIVE = re.compile(r"<(\w+)[^>]*(?:role=\"(?:status|alert|log)\"|aria-live=\"polite\")[^>]*>(.*?)</\1>", re.DOTALL)


@pytest.mark.parametrize(
    ("waited", "is_said"), [(timedelta(minutes=18), True), (OVERDUE - timedelta(seconds=1), False)]
)
async def test_a_result_owed_for_long_is_on_the_list_of_what_to_look_at(
    waited: timedelta, is_said: bool, pages: Pages, visit: Visit
) -> None:
    view = pages.floor.view()
    first, *others = [replace(seat, state=OperatorState.READY) for seat in view.seats]
    owed = replace(first, state=OperatorState.WRAP_UP, since_at=NOW - waited)
    await pages.floor.draw(replace(view, at=NOW, seats=(owed, *others)))
    visitor = await visit()
    await visitor.sign_in("supervisor")
    sentence = "Poste 01\u202f: résultat attendu depuis 18 min."
    assert (sentence in (await visitor.get("/floor")).text) is is_said


def test_results_nobody_gave_are_on_the_list_with_where_to_give_them(pages: Pages) -> None:
    view = replace(pages.floor.view(), results_due=2)
    for language, page in (("fr", "Résultats à donner"), ("en", "Results due")):
        shown = show_floor(view, Formats(words(language), NOW.astimezone().tzinfo, NOW))  # type: ignore[arg-type]
        assert any(page in text for text in shown["incidents"])
        assert words(language)("results_due.title") == page
    assert 'href="/results"' in (TEMPLATES / "floor.html").read_text()


async def test_an_altered_recording_becomes_an_incident_from_where_it_is_heard(pages: Pages, visit: Visit) -> None:
    recording_id = await pages.recording()
    visitor = await visit()
    await visitor.sign_in("compliance")
    address = f"/recordings/{recording_id}"
    await visitor.send(f"{address}/reason", reason="check", note="contrôle du jour")
    assert f'action="{address}/incident"' not in (await visitor.get(address)).text
    assert (await visitor.send(f"{address}/incident")).status == 409
    location = pages.location(await pages.store.recordings.get(recording_id))
    location.write_bytes(location.read_bytes()[:-1] + b"x")
    page = (await visitor.get(address)).text
    assert "ouvrez un incident" in page
    assert f'action="{address}/incident"' in page
    answer = await visitor.send(f"{address}/incident")
    assert (answer.status, answer.headers["Location"]) == (303, "/incidents")
    (incident,) = await pages.store.ledger.open_incidents()
    assert (incident.kind, incident.subject) == ("recording_altered", recording_id)
    assert "n’est plus celui qui a été archivé" in (await visitor.get("/incidents")).text


async def test_an_export_is_among_who_listened(pages: Pages, visit: Visit) -> None:
    recording_id = await pages.recording()
    await pages.deps.listening.export(recording_id, ListeningReason.COMPLAINT, "2291", "cli:root")
    visitor = await visit()
    await visitor.sign_in("compliance")
    page = (await visitor.get(f"/recordings/{recording_id}/listeners")).text
    for text in ("cli:root", "a exporté une copie", "Réclamation 2291"):
        assert text in page
    (entry,) = [entry async for entry in pages.store.ledger.entries() if entry.note.kind == "recording_exported"]
    assert entry.note.body == {"reason": "complaint", "reference": "2291", "by": "cli:root"}


def test_no_timer_is_inside_a_live_region() -> None:
    for path in TEMPLATES.glob("*.html"):
        for _, inside in LIVE.findall(path.read_text()):
            assert not re.search(r"class=\"timer|data-timer|data-left|data-part=\"timer", inside), path.name


def test_no_sentence_asks_for_an_act_that_no_page_has() -> None:
    """What is to be created, added or opened is named with who does it and how, or has its act on the page."""
    for language in LANGUAGES:
        t = words(language)
        for key in ("floor.no_seats", "floor.no_campaigns", "lists.no_campaigns"):
            assert re.search(r"telephony (operator add|campaign create)\b", t(key)), (language, key)
    assert words("fr")("player.report") == "Ouvrir un incident"
