from datetime import timedelta

import pytest
import soundfile

from telephony.domain.accounts import Role
from telephony.ids import RecordingId
from telephony.services.recordings.playback import REASON_HOLDS
from tests.scenes.pages import NOW, Pages
from tests.web.browserless import Answer, Visitor
from tests.web.conftest import Visit

NOTE = "la personne conteste son accord"


@pytest.fixture
async def officer(visit: Visit) -> Visitor:
    visitor = await visit()
    await visitor.sign_in("compliance")
    return visitor


async def state(visitor: Visitor, recording_id: RecordingId, **said: str) -> Answer:
    fields = {"reason": "complaint", "reference": "2291", "note": NOTE, **said}
    return await visitor.send(f"/recordings/{recording_id}/reason", **fields)


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("4127 14h hier", 1),
        ("41 27 15h hier", 1),
        ("4127 15:05 yesterday", 1),
        ("4127 16h hier", 0),
        ("4127 15h aujourd'hui", 0),
        ("4127", 2),
        ("claire", 3),
        ("fibre 9911", 1),
    ],
)
async def test_the_box_finds_the_call(officer: Visitor, pages: Pages, words: str, count: int) -> None:
    at_14 = NOW.replace(hour=13) - timedelta(days=1)
    at_15 = NOW.replace(hour=14) - timedelta(days=1)
    await pages.recording("4127", at_14 if "14h" in words else at_15)
    await pages.recording("4127", NOW - timedelta(days=9))
    await pages.recording("9911", NOW - timedelta(hours=1))
    page = await officer.get("/recordings", params={"q": words})
    assert page.text.count("data-row") == count


async def test_a_word_not_understood_is_told(officer: Visitor) -> None:
    page = await officer.get("/recordings", params={"q": "4127 zzz"})
    assert "Mots non compris" in page.text
    assert "zzz" in page.text


async def test_fields_narrow_the_search(officer: Visitor, pages: Pages) -> None:
    await pages.recording("4127", NOW - timedelta(days=1))
    await pages.recording("9911", NOW - timedelta(days=2))
    for narrow, count in (
        ({"digits": "99 11"}, 1),
        ({"day": "2026-11-19"}, 1),
        ({"day": "2026-11-19", "hour": "3"}, 0),
        ({"operator": str(pages.operator.operator_id)}, 2),
        ({"campaign": str(pages.campaign.campaign_id + 7)}, 0),
        ({"operator": "x; drop", "day": "now"}, 2),
    ):
        page = await officer.get("/recordings", params=narrow)
        assert page.text.count("data-row") == count, narrow


async def test_rows_show_the_masked_number_only(officer: Visitor, pages: Pages) -> None:
    recording_id = await pages.recording("4127")
    number = (await pages.store.recordings.get(recording_id)).tag.number
    await state(officer, recording_id)
    for path in ("/recordings", f"/recordings/{recording_id}", f"/recordings/{recording_id}/listeners"):
        page = await officer.get(path)
        assert page.status == 200
        assert number[:-4] not in page.text.replace("\u00a0", "").replace(" ", "")
    assert "…41\u00a027" in (await officer.get("/recordings")).text


@pytest.mark.slow
async def test_pages_follow_each_other_without_loss_or_double(officer: Visitor, pages: Pages) -> None:
    made = {await pages.recording(f"{7000 + row}", NOW - timedelta(minutes=row), sound=False) for row in range(53)}
    address, seen = "/recordings?unanswered=1", []
    while address:
        page = await officer.get(address)
        seen += [part[:36] for part in page.text.split('<a href="/recordings/')[1:]]
        address = page.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
        address = address if "after=" in address else ""
    assert len(seen) == 53
    assert set(seen) == made


async def test_no_form_field_is_chosen_beforehand(officer: Visitor, pages: Pages) -> None:
    page = await officer.get(f"/recordings/{await pages.recording()}")
    assert "Pourquoi écoutez-vous" in page.text
    assert "checked" not in page.text
    assert "data-player" not in page.text
    assert "<path class" not in page.text


async def test_audio_is_refused_without_a_reason_and_the_refusal_is_entered(officer: Visitor, pages: Pages) -> None:
    recording_id = await pages.recording()
    answer = await officer.get(f"/recordings/{recording_id}/audio?play=1", headers={"Range": "bytes=0-"})
    assert answer.status == 403
    assert b"fLaC" not in answer.body
    (entry,) = await pages.store.recordings.listenings(recording_id)
    assert (entry.refused, entry.address, entry.reason) == ("reason_missing", "127.0.0.1", None)


@pytest.mark.parametrize(
    "said", [{"reason": ""}, {"reason": "curiosity"}, {"note": "too short"}, {"note": "   x     "}]
)
async def test_half_a_reason_opens_nothing(officer: Visitor, pages: Pages, said: dict[str, str]) -> None:
    recording_id = await pages.recording()
    answer = await state(officer, recording_id, **said)
    assert answer.status == 422
    assert 'role="alert"' in answer.text
    assert (await officer.get(f"/recordings/{recording_id}/audio")).status == 403


async def test_a_reason_opens_the_player_and_the_sound_in_ranges(officer: Visitor, pages: Pages) -> None:
    recording_id = await pages.recording()
    assert (await state(officer, recording_id)).status == 303
    page = await officer.get(f"/recordings/{recording_id}")
    assert "data-player" in page.text
    assert page.text.count('class="wave-all"') == 2
    assert "empreinte vérifiée" in page.text
    address = f"/recordings/{recording_id}/audio?play=a1"
    whole = await officer.get(address)
    stored = pages.location(await pages.store.recordings.get(recording_id))
    assert (whole.status, whole.headers["Content-Type"]) == (200, "audio/flac")
    assert whole.body == stored.read_bytes()
    assert soundfile.info(stored).channels == 2
    part = await officer.get(address, headers={"Range": "bytes=100-199"})
    assert (part.status, part.body) == (206, whole.body[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole.body)}"
    tail = await officer.get(address, headers={"Range": "bytes=-10"})
    assert (tail.status, tail.body) == (206, whole.body[-10:])
    beyond = await officer.get(address, headers={"Range": f"bytes={len(whole.body)}-"})
    assert beyond.status == 416


async def test_who_stated_a_reason_and_never_pressed_play_does_not_stand_as_having_listened(
    officer: Visitor, pages: Pages
) -> None:
    recording_id = await pages.recording()
    await state(officer, recording_id)
    page = await officer.get(f"/recordings/{recording_id}")
    assert "data-player" in page.text
    listeners = await officer.get(f"/recordings/{recording_id}/listeners")
    assert "<td>a écouté" not in listeners.text
    assert NOTE in listeners.text
    assert "fois" not in (await officer.get("/recordings")).text
    kinds = [entry.note.kind async for entry in pages.store.ledger.entries() if entry.note.subject == recording_id]
    assert "listening_reason_stated" in kinds
    assert "recording_listened" not in kinds


async def test_each_play_is_entered_once_however_many_pieces_it_takes(officer: Visitor, pages: Pages) -> None:
    recording_id = await pages.recording()
    await state(officer, recording_id)
    for play in ("a1", "a1", "a2"):
        for piece in ("bytes=0-999", "bytes=1000-"):
            await officer.get(f"/recordings/{recording_id}/audio?play={play}", headers={"Range": piece})
    assert "2 fois" in (await officer.get("/recordings")).text
    log = await pages.store.recordings.listenings(recording_id)
    assert [str(listening.kind) for listening in log] == ["stated", "listened", "listened"]
    assert {str(listening.reason) for listening in log} == {"complaint"}
    listeners = await officer.get(f"/recordings/{recording_id}/listeners")
    assert listeners.text.count("<td>a écouté") == 2
    assert "L. Petit" in listeners.text
    assert NOTE in listeners.text


async def test_a_listening_without_a_play_name_is_entered_each_time(officer: Visitor, pages: Pages) -> None:
    recording_id = await pages.recording()
    await state(officer, recording_id)
    for _ in range(3):
        await officer.get(f"/recordings/{recording_id}/audio")
    assert "3 fois" in (await officer.get("/recordings")).text


async def test_a_reason_holds_fifteen_minutes_and_listening_does_not_prolong_it(officer: Visitor, pages: Pages) -> None:
    recording_id = await pages.recording()
    await state(officer, recording_id)
    pages.clock.at += REASON_HOLDS - timedelta(seconds=1)
    assert (await officer.get(f"/recordings/{recording_id}/audio?play=1")).status == 200
    pages.clock.at += timedelta(seconds=1)
    assert (await officer.get(f"/recordings/{recording_id}/audio?play=1")).status == 403
    assert "Pourquoi écoutez-vous" in (await officer.get(f"/recordings/{recording_id}")).text


async def test_a_reason_is_one_persons_for_one_recording(visit: Visit, officer: Visitor, pages: Pages) -> None:
    mine, other = await pages.recording("4127"), await pages.recording("9911")
    await state(officer, mine)
    assert (await officer.get(f"/recordings/{other}/audio")).status == 403
    _, password = await pages.deps.accounts.create("compliance2", "M. Faure", Role.COMPLIANCE)
    colleague = await visit()
    await colleague.sign_in("compliance2", password)
    assert (await colleague.get(f"/recordings/{mine}/audio")).status == 403


async def test_one_altered_byte_turns_the_seal_red_in_words(officer: Visitor, pages: Pages) -> None:
    recording_id = await pages.recording()
    path = pages.location(await pages.store.recordings.get(recording_id))
    altered = bytearray(path.read_bytes())
    altered[-20] ^= 1
    path.write_bytes(bytes(altered))
    await state(officer, recording_id)
    page = await officer.get(f"/recordings/{recording_id}")
    assert "Fichier altéré" in page.text
    assert "intact" not in page.text


async def test_lost_file_is_told_and_nothing_is_entered_as_heard(officer: Visitor, pages: Pages) -> None:
    recording_id = await pages.recording()
    await state(officer, recording_id)
    pages.location(await pages.store.recordings.get(recording_id)).unlink()
    assert (await officer.get(f"/recordings/{recording_id}/audio")).status == 404
    assert all(listening.kind == "stated" for listening in await pages.store.recordings.listenings(recording_id))


async def test_call_without_sound_says_so(officer: Visitor, pages: Pages) -> None:
    recording_id = await pages.recording(sound=False)
    assert "pas de son" in (await officer.get(f"/recordings/{recording_id}")).text
    assert (await state(officer, recording_id)).status in {303, 404}
    assert (await officer.get(f"/recordings/{recording_id}/audio")).status == 404


@pytest.mark.parametrize("path", ["0a0b0c0d-1111-4222-8333-444455556666", "..%2f..%2fetc%2fpasswd", "1", "x'--"])
async def test_recording_that_does_not_exist(officer: Visitor, path: str) -> None:
    for end in ("", "/audio", "/listeners"):
        answer = await officer.get(f"/recordings/{path}{end}")
        assert answer.status in {403, 404} if end == "/audio" else 404


async def test_a_page_of_the_search_asks_the_listening_log_once(
    pages: Pages, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await pages.recording(sound=False)
    numbers: list[int] = []
    store = pages.store.recordings
    whole, each = store.times_listened, store.listenings

    async def once(ids: object) -> object:
        numbers.append(len(ids))  # type: ignore[arg-type]
        return await whole(ids)  # type: ignore[arg-type]

    async def one_by_one(recording_id: object) -> object:
        numbers.append(-1)
        return await each(recording_id)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "times_listened", once)
    monkeypatch.setattr(store, "listenings", one_by_one)
    visitor = await visit()
    await visitor.sign_in("compliance")
    assert (await visitor.get("/recordings?unanswered=1")).status == 200
    assert numbers == [3]
