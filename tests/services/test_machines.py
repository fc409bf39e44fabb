"""AMD's verdict about an answered call, and what becomes of it: the bound of 2 s counts from the answer."""

import uuid

import pytest

from telephony.domain.calls.amd_review import Reviewed, is_sampled
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.leads.leads import LeadState
from telephony.errors import NotFoundError
from telephony.ids import AttemptId
from telephony.services.recordings.amd_review import AmdReview
from tests.scenes.controller_on_doubles import ControllerOnDoubles, Fixed, controller_on_doubles
from tests.virtual_time import passes, until, virtual


async def answered(site: ControllerOnDoubles, *arguments: str, after_s: float = 1.0) -> tuple[str, dict[str, str]]:
    """Answer the call; AMD gives its verdict."""
    (permit,) = await site.dials(1)
    site.exchange.pick_up(permit.attempt_id)
    await passes(after_s)
    return permit.attempt_id, dict(
        await site.exchange.desk.ask("route", permit.attempt_id, "conf", arguments=arguments)
    )


@virtual
async def test_a_machine_gets_no_operator_and_no_message_and_its_lead_is_settled():
    async with controller_on_doubles(leads=1, seats=1, is_started=False, pacer=Fixed(1)) as site:
        await site.start()
        await site.log_in(1)
        attempt_id, answer = await answered(site, "MACHINE", "LONGGREETING-900-900")
        assert answer == {"SEAT": "", "VERDICT": f"MACHINE-{attempt_id}"}
        assert site.state(1) == "ready"
        site.exchange.hang_up(attempt_id)
        attempt = await site.ended(attempt_id)
        assert (attempt.outcome, attempt.operator_id) == (Outcome.MACHINE, None)
        assert site.lead_of(attempt_id) is LeadState.DONE
        (judged,) = [event for event in site.tables.events if event.kind == "MachineJudged"]
        assert judged.details == {"verdict": "MACHINE", "on": "LONGGREETING-900-900"}
        view = site.parts.dialing.view
        assert (view.n_human, view.waiting, view.n_abandoned) == (0, {}, 1), (
            "one in twenty was a person, for all we know: a whole call is kept back"
        )


@virtual
async def test_whoever_is_no_machine_gets_an_operator():
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        await site.log_in(1)
        attempt_id, answer = await answered(site, "NOTSURE", "TOOLONG-1600")
        assert answer == {"SEAT": "1", "VERDICT": f"SEAT-{attempt_id}-1"}


@virtual
async def test_the_detectors_time_is_taken_off_the_wait_for_an_operator():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        attempt_id, answer = await answered(site, "HUMAN", "HUMAN-500-500", after_s=1.4)
        assert answer["VERDICT"] == "NOBODY"
        site.exchange.hang_up(attempt_id)
        attempt = await site.ended(attempt_id)
        await until("written", lambda: any(event.kind == "NobodyFree" for event in site.tables.events))
        (nobody,) = [event for event in site.tables.events if event.kind == "NobodyFree"]
        assert attempt.answered_at is not None
        assert 1.9 < (nobody.at - attempt.answered_at).total_seconds() < 2.1


def test_what_reviewers_heard_is_the_estimate_and_before_it_one_in_twenty():
    assert Reviewed(100).taken_for_machines == 5.0
    assert Reviewed(100, 20, 0).taken_for_machines == 2.0
    assert Reviewed(100, 100, 7).taken_for_machines == 7.0


def test_the_sample_is_one_in_ten_and_nobodys_choice():
    ids = [AttemptId(str(uuid.UUID(int=place * 7919, version=4))) for place in range(5000)]
    assert 400 < sum(map(is_sampled, ids)) < 600


@virtual
async def test_a_reviewed_machine_leaves_the_list_and_changes_the_rate():
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        attempt_id, _ = await answered(site, "MACHINE", "LONGGREETING-900-900")
        site.exchange.hang_up(attempt_id)
        attempt = await site.ended(AttemptId(attempt_id))
        machines = AmdReview(site.fake.store, site.clock)
        await machines.review(attempt.attempt_id, was_person=True, by="c.martin")
        counts = await machines.counts(attempt.campaign_id, attempt.started_at)
        assert (counts.machines, counts.people, counts.taken_for_machines) == (1, 1, 1.0)
        assert "machine_reviewed" in site.kinds()
        assert await machines.to_review(attempt.campaign_id) == []
        with pytest.raises(NotFoundError):
            await machines.review(AttemptId("none"), was_person=True, by="c.martin")


@virtual
async def test_what_reviews_say_is_in_the_rate_the_floor_shows():
    async with controller_on_doubles(leads=1, seats=1, is_started=False, pacer=Fixed(1)) as site:
        (key,) = site.tables.campaigns
        site.change(key, detects_machines=True)
        await site.start()
        attempt_id, _ = await answered(site, "MACHINE", "LONGGREETING-900-900")
        site.exchange.hang_up(attempt_id)
        await site.ended(AttemptId(attempt_id))

        def estimated_unseen_abandons() -> float:
            return site.parts.screens.floor.view().campaigns[0].estimated_unseen_abandons

        await until("one in twenty", lambda: estimated_unseen_abandons() == pytest.approx(1 / 20))
        assert site.parts.screens.floor.view().campaigns[0].abandon_share == 1.0, "nobody was connected yet"
        await site.parts.calls.amd_review.review(AttemptId(attempt_id), was_person=True, by="c.martin")
        await until("the review counts", lambda: estimated_unseen_abandons() == pytest.approx(2 / 21), 40)
