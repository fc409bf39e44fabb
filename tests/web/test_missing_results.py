"""Results that operators did not give: two roles give them, and whoever works at a desk is heard of."""

from dataclasses import replace

import pytest

from telephony.domain.accounts import Right, Role, may
from telephony.domain.calls.attempts import Attempt, CallState, Result
from telephony.domain.calls.outcomes import Outcome
from tests.scenes.pages import Pages
from tests.web.conftest import Visit


@pytest.fixture
async def conversation(pages: Pages) -> Attempt:
    """A conversation that ended without a result."""
    recording_id = await pages.recording()
    tag = (await pages.store.recordings.get(recording_id)).tag
    (missing,) = await pages.store.attempts.without_result(10)
    assert missing.attempt_id == tag.attempt_id
    return missing


def test_who_may_give_a_missing_result():
    assert {role for role in Role if may(role, Right.GIVE_RESULTS)} == {Role.SUPERVISOR, Role.CAMPAIGN_MANAGER}


@pytest.mark.parametrize("who", ["supervisor", "manager"])
async def test_another_person_gives_a_missing_result(pages: Pages, visit: Visit, who: str, conversation: Attempt):
    visitor = await visit()
    await visitor.sign_in(who)
    page = await visitor.get("/results")
    assert f'action="/results/{conversation.attempt_id}"' in page.text
    assert "Claire" in page.text
    assert conversation.number not in page.text
    assert (await visitor.send(f"/results/{conversation.attempt_id}", result="perhaps")).status == 422
    answer = await visitor.send(f"/results/{conversation.attempt_id}", result="no_more_calls")
    assert (answer.status, answer.headers["Location"]) == (303, "/results")
    assert (await pages.store.attempts.get(conversation.attempt_id)).result is Result.NO_MORE_CALLS
    assert f'action="/results/{conversation.attempt_id}"' not in (await visitor.get("/results")).text
    again = await visitor.send(f"/results/{conversation.attempt_id}", result="complete")
    assert (again.status, "a déjà son résultat (« Ne veut plus être appelé »)" in again.text) == (409, True)


async def test_an_operator_may_not_give_other_peoples_results(pages: Pages, visit: Visit, conversation: Attempt):
    visitor = await visit()
    await visitor.sign_in("claire")
    assert (await visitor.get("/results")).status == 403
    assert (await visitor.send(f"/results/{conversation.attempt_id}", result="complete")).status == 403
    assert (await pages.store.attempts.get(conversation.attempt_id)).result is None


async def test_whoever_works_at_a_desk_is_heard_of_until_they_sign_out(pages: Pages, visit: Visit):
    visitor, other = await visit(), await visit()
    await other.sign_in("supervisor")
    await other.get("/floor")
    assert pages.desk.here == []
    await visitor.sign_in("claire")
    assert set(pages.desk.here) == {pages.operator.operator_id}
    pages.desk.here.clear()
    await visitor.get("/api/v1/desk")
    assert pages.desk.here == [pages.operator.operator_id]
    await visitor.send("/sign-out")
    assert pages.desk.here == []


async def test_the_floor_counts_answered_calls_without_a_result(pages: Pages, visit: Visit):
    await pages.floor.draw(replace(pages.floor.view(), results_due=3))
    visitor = await visit()
    await visitor.sign_in("supervisor")
    assert "3 résultats à donner" in (await visitor.get("/floor")).text
    assert (await visitor.get("/api/v1/floor")).json["results_due"] == 3


def test_the_conversation_is_what_a_result_is_missing_for(conversation: Attempt):
    assert (conversation.state, conversation.outcome) == (CallState.ENDED, Outcome.ANSWERED)
