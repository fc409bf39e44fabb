import re
from dataclasses import replace

import pytest

from telephony.domain.accounts import Role
from telephony.domain.calls.attempts import Result
from telephony.domain.calls.operators import OperatorState
from telephony.domain.floor.talk import Talk
from telephony.domain.leads.callbacks import Later
from telephony.domain.text.reason import Reason
from telephony.words import english, reason_json, say
from tests.scenes.pages import Pages
from tests.web.browserless import Visitor
from tests.web.conftest import Visit


@pytest.fixture
async def claire(visit: Visit) -> Visitor:
    visitor = await visit()
    answer = await visitor.post_json("/api/v1/sign-in", {"username": "claire", "password": visitor.passwords["claire"]})
    assert answer.status == 200
    visitor.form_token = answer.json["form_token"]
    return visitor


async def test_sign_in_by_json_says_who_one_is(claire: Visitor) -> None:
    me = (await claire.get("/api/v1/me")).json
    assert (me["username"], me["role"], me["seat"], me["rights"]) == ("claire", "operator", 3, ["work_at_seat"])


async def test_refused_sign_in_by_json(visit: Visit) -> None:
    answer = await (await visit()).post_json("/api/v1/sign-in", {"username": "claire", "password": "wrong"})
    assert answer.status == 401
    assert "error" in answer.json
    assert "Set-Cookie" not in answer.headers or "session=" not in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("body", ["[]", "nonsense", '"x"', ""])
async def test_body_that_is_no_object_is_refused(visit: Visit, body: str) -> None:
    visitor = await visit()
    answer = await visitor.ask("POST", "/api/v1/sign-in", data=body, headers={"Content-Type": "application/json"})
    assert answer.status == 400


async def test_floor_for_programs_uses_the_domains_words(visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("supervisor")
    floor = (await visitor.get("/api/v1/floor")).json
    assert {seat["state"] for seat in floor["seats"]} <= set(OperatorState)
    assert floor["campaigns"][0]["abandoned"] == 9
    assert floor["campaigns"][0]["pace"]["code"] == "pace.progressive"


async def test_desk_moves_through_a_call(claire: Visitor, pages: Pages) -> None:
    assert (await claire.get("/api/v1/desk")).json["state"] == "ready"
    assert (await claire.post_json("/api/v1/desk/pause")).json["state"] == "paused"
    assert (await claire.post_json("/api/v1/desk/ready")).json["state"] == "ready"
    pages.desk.put(pages.operator.operator_id, OperatorState.WRAP_UP)
    answer = await claire.post_json("/api/v1/desk/result", {"result": "call_back"})
    assert answer.json["state"] == "ready"
    assert pages.desk.results == [(pages.operator.operator_id, Result.CALL_BACK)]


async def test_what_must_be_said_first_stands_at_the_seat_in_its_language(claire: Visitor, pages: Pages) -> None:
    said = Reason("law.row.fr.start_of_call")
    seat = pages.desk.seats[pages.operator.operator_id]
    assert (await claire.get("/api/v1/desk")).json["say_first"] is None
    pages.desk.seats[pages.operator.operator_id] = replace(seat, state=OperatorState.TALKING, say_first=said)
    assert (await claire.get("/api/v1/desk")).json["say_first"] == reason_json(said)
    assert say(said, "fr") in (await claire.get("/desk")).text


async def test_what_is_not_possible_now_is_a_409_with_a_sentence(claire: Visitor) -> None:
    answer = await claire.post_json("/api/v1/desk/result", {"result": "complete"})
    assert answer.status == 409
    assert "Rien n’a changé" in answer.json["error"]
    assert (await claire.post_json("/api/v1/desk/ready")).status == 409


async def test_result_that_does_not_exist_is_refused_with_those_that_do(claire: Visitor) -> None:
    answer = await claire.post_json("/api/v1/desk/result", {"result": "abandoned"})
    assert answer.status == 400
    assert "call_back" in answer.json["error"]


async def test_desk_post_without_the_token_is_refused(claire: Visitor) -> None:
    claire.form_token = "made-up"
    assert (await claire.post_json("/api/v1/desk/pause")).status == 403


async def test_operator_without_a_seat_is_told(visit: Visit, pages: Pages) -> None:
    _, password = await pages.deps.accounts.create("nadia", "Nadia B.", Role.OPERATOR)
    visitor = await visit()
    await visitor.sign_in("nadia", password)
    answer = await visitor.get("/api/v1/desk")
    assert answer.status == 409
    assert "pas de poste" in answer.json["error"]


async def test_no_byte_sent_to_the_desk_holds_a_number(claire: Visitor, pages: Pages) -> None:
    """Every answer an operator can get, in every state, with a call of a known number on the seat."""
    recording_id = await pages.recording("4127")
    number = (await pages.store.recordings.get(recording_id)).tag.number
    for state in OperatorState:
        pages.desk.put(pages.operator.operator_id, state)
        for path in (
            "/desk",
            "/api/v1/desk",
            "/api/v1/me",
            "/",
            "/floor",
            "/recordings",
            f"/recordings/{recording_id}",
        ):
            answer = await claire.get(path)
            body = re.sub(
                r"data-(?:since|now)=\"[0-9]+\"|v=[0-9a-f]+|sha384-[^\"]+|[0-9]{2}:[0-9]{2}:[0-9.:+]+", "", answer.text
            )
            assert number not in body
            assert "4127" not in re.sub(r"[\s\u00a0\u202f.]", "", body), path


async def test_desk_page_answers_nothing_while_nothing_changed(claire: Visitor, pages: Pages) -> None:
    pages.desk.put(pages.operator.operator_id, OperatorState.WRAP_UP)
    page = await claire.get("/desk")
    assert page.text.count('type="radio"') == len(Result)
    assert "checked" not in page.text
    poll = page.text.partition('hx-get="')[2].partition('"')[0]
    assert (await claire.get(poll, headers={"HX-Request": "true"})).status == 204
    pages.desk.put(pages.operator.operator_id, OperatorState.READY)
    answer = await claire.get(poll, headers={"HX-Request": "true"})
    assert answer.status == 200
    assert "En attente" in answer.text


async def test_desk_page_says_what_a_refusal_does_before_it_is_chosen(claire: Visitor, pages: Pages) -> None:
    pages.desk.put(pages.operator.operator_id, OperatorState.WRAP_UP)
    text = (await claire.get("/desk")).text
    assert "Refus aujourd’hui" in text
    assert "aucun appel pour ce client jusqu’au" in text
    assert "plus aucun appel pour ce client, sans limite de durée" in text


async def test_desk_page_chooses_a_result(claire: Visitor, pages: Pages) -> None:
    pages.desk.put(pages.operator.operator_id, OperatorState.WRAP_UP)
    assert (await claire.send("/desk/result", result="no_more_calls")).status == 303
    assert pages.desk.results == [(pages.operator.operator_id, Result.NO_MORE_CALLS)]
    pages.desk.put(pages.operator.operator_id, OperatorState.WRAP_UP)
    answer = await claire.send("/desk/result", result="")
    assert answer.status == 409
    assert "Choisissez" in answer.text


async def test_health_answers_anybody_and_says_which_link_is_down(visit: Visit) -> None:
    answer = await (await visit()).get("/healthz")
    assert answer.json == {"status": "ok", "links": {"pbx": "up", "gate": "up"}, "blocked": None}


async def test_health_is_degraded_while_no_call_may_leave_and_says_why(pages: Pages, visit: Visit) -> None:
    blocked = Reason("blocked.database")
    await pages.floor.draw(replace(pages.floor.view(), blocked=blocked))
    answer = await (await visit()).get("/healthz")
    assert (answer.json["status"], answer.json["blocked"]) == ("degraded", english(blocked))


async def test_the_room_is_locked_and_unlocked_over_the_api(pages: Pages, visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("supervisor")
    (lock,) = (await visitor.post_json("/api/v1/lock", {"reason": "visite"})).json["locks"]
    assert (lock["scope"], lock["by"], lock["reason"]) == ("site", "S. Martin", "visite")
    headers = {"X-CSRF-Token": visitor.form_token}
    assert (await visitor.ask("DELETE", "/api/v1/lock", json={}, headers=headers)).status == 409
    assert len((await visitor.get("/api/v1/lock")).json["locks"]) == 1
    forged = await visitor.ask("DELETE", "/api/v1/lock", json={"reason": "x"})
    assert forged.status == 403
    lifted = await visitor.ask("DELETE", "/api/v1/lock", json={"reason": "finie"}, headers=headers)
    assert lifted.json == {"locks": []}
    assert (await visitor.ask("DELETE", "/api/v1/lock", json={"reason": "x"}, headers=headers)).status == 404
    assert (await visitor.post_json("/api/v1/lock", {"scope": "galaxy"})).status == 409


async def test_who_may_not_lock_locks_nothing_over_the_api(pages: Pages, visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("compliance")
    assert (await visitor.post_json("/api/v1/lock")).status == 403
    assert await pages.store.locks.active() == []


async def test_a_promised_callback_goes_with_the_result(claire: Visitor, pages: Pages) -> None:
    pages.desk.put(pages.operator.operator_id, OperatorState.WRAP_UP)
    body = {"result": "call_back", "callback_at": "2026-11-24 14:30", "callback_zone": "Indian/Reunion"}
    await claire.post_json("/api/v1/desk/result", body)
    assert pages.desk.later == Later("2026-11-24 14:30", "Indian/Reunion")
    pages.desk.put(pages.operator.operator_id, OperatorState.WRAP_UP)
    assert 'name="callback_at"' in (await claire.get("/desk")).text
    form = {"result": "call_back", "callback_at": "2026-11-24T14:30", "callback_anyone": "1"}
    await claire.send("/desk/result", **form)
    assert pages.desk.later == Later("2026-11-24T14:30", is_anyone=True)


async def test_whom_one_talks_to_for_whom_and_the_first_sentence_stand_at_the_desk(
    claire: Visitor, pages: Pages
) -> None:
    pages.desk.talking = Talk("Mme DURAND", "Alpha Télécom", "Satisfaction fibre", "Bonjour, Claire.")
    assert (await claire.get("/api/v1/desk")).json["talk"] is None
    pages.desk.put(pages.operator.operator_id, OperatorState.TALKING)
    page = (await claire.get("/desk")).text
    assert all(text in page for text in ("Mme DURAND", "Alpha Télécom", "Bonjour, Claire."))
    assert (await claire.get("/api/v1/desk")).json["talk"]["company"] == "Alpha Télécom"
    pages.desk.talking = Talk("", "Alpha Télécom", "Satisfaction fibre", "")
    page = (await claire.get("/desk")).text
    assert "La personne appelée" in page
    assert "Phrase d’accueil" not in page


@pytest.mark.parametrize("since", ["soon", "-1", "9" * 30, "٣"])
async def test_an_end_that_does_not_say_which_call_ends_none(claire: Visitor, pages: Pages, since: str) -> None:
    pages.desk.put(pages.operator.operator_id, OperatorState.TALKING)
    assert (await claire.send("/desk/end", since=since)).status == 400
    assert pages.desk.ended == []
    await claire.send("/desk/end", since="17")
    assert pages.desk.ended == [17]
