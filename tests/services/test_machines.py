"""What the detector says about an answered call, and what becomes of it: the bound of 2 s counts from the answer."""

import uuid

import pytest

from telephony.domain.leads import LeadState
from telephony.domain.machines import Reviewed, is_sampled
from telephony.domain.outcomes import Outcome
from telephony.errors import NotFoundError
from telephony.ids import AttemptId
from telephony.services.machines import Machines
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import Fixed, Site, site


async def answered(house: Site, *arguments: str, after_s: float = 1.0) -> tuple[str, dict[str, str]]:
    """Somebody picks up; the detector listens and says so."""
    (permit,) = await house.dials(1)
    house.exchange.pick_up(permit.attempt_id)
    await passes(after_s)
    return permit.attempt_id, dict(
        await house.exchange.desk.ask("route", permit.attempt_id, "conf", arguments=arguments)
    )


@virtual
async def test_a_machine_gets_no_operator_and_no_message_and_its_lead_is_settled():
    async with site(leads=1, seats=1, is_started=False, pacer=Fixed(1)) as house:
        await house.start()
        await house.log_in(1)
        attempt_id, answer = await answered(house, "MACHINE", "LONGGREETING-900-900")
        assert answer == {"SEAT": "", "VERDICT": f"MACHINE-{attempt_id}"}
        assert house.state(1) == "ready"
        house.exchange.hang_up(attempt_id)
        attempt = await house.ended(attempt_id)
        assert (attempt.outcome, attempt.operator_id) == (Outcome.MACHINE, None)
        assert house.lead_of(attempt_id) is LeadState.DONE
        (judged,) = [event for event in house.tables.events if event.kind == "MachineJudged"]
        assert judged.details == {"verdict": "MACHINE", "on": "LONGGREETING-900-900"}
        view = house.parts.dialing.view
        assert (view.n_human, view.waiting, view.n_abandoned) == (0, {}, 1), (
            "one in twenty was a person, for all we know: a whole call is kept back"
        )


@virtual
async def test_whoever_is_no_machine_gets_an_operator():
    async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
        await house.log_in(1)
        attempt_id, answer = await answered(house, "NOTSURE", "TOOLONG-1600")
        assert answer == {"SEAT": "1", "VERDICT": f"SEAT-{attempt_id}-1"}


@virtual
async def test_the_detectors_time_is_taken_off_the_wait_for_an_operator():
    async with site(leads=1, pacer=Fixed(1)) as house:
        attempt_id, answer = await answered(house, "HUMAN", "HUMAN-500-500", after_s=1.4)
        assert answer["VERDICT"] == "NOBODY"
        house.exchange.hang_up(attempt_id)
        attempt = await house.ended(attempt_id)
        await until("written", lambda: any(event.kind == "NobodyFree" for event in house.tables.events))
        (nobody,) = [event for event in house.tables.events if event.kind == "NobodyFree"]
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
    async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
        attempt_id, _ = await answered(house, "MACHINE", "LONGGREETING-900-900")
        house.exchange.hang_up(attempt_id)
        attempt = await house.ended(AttemptId(attempt_id))
        machines = Machines(house.fake.store, house.clock)
        await machines.review(attempt.attempt_id, was_person=True, by="c.martin")
        found = await machines.counts(attempt.campaign_id, attempt.started_at)
        assert (found.machines, found.people, found.taken_for_machines) == (1, 1, 1.0)
        assert "machine_reviewed" in house.kinds()
        assert await machines.to_review(attempt.campaign_id) == []
        with pytest.raises(NotFoundError):
            await machines.review(AttemptId("none"), was_person=True, by="c.martin")


@virtual
async def test_what_reviews_say_is_in_the_rate_the_floor_shows():
    async with site(leads=1, seats=1, is_started=False, pacer=Fixed(1)) as house:
        (key,) = house.tables.campaigns
        house.change(key, detects_machines=True)
        await house.start()
        attempt_id, _ = await answered(house, "MACHINE", "LONGGREETING-900-900")
        house.exchange.hang_up(attempt_id)
        await house.ended(AttemptId(attempt_id))

        def unheard() -> float:
            return house.parts.screens.floor.view().campaigns[0].unheard

        await until("one in twenty", lambda: unheard() == pytest.approx(1 / 20))
        assert house.parts.screens.floor.view().campaigns[0].abandon_share == 1.0, "nobody was connected yet"
        await house.parts.shared.machines.review(AttemptId(attempt_id), was_person=True, by="c.martin")
        await until("the review counts", lambda: unheard() == pytest.approx(2 / 21), 40)
