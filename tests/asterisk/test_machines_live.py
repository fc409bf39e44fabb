"""Answering machines on real Asterisk: a machine is hung up at once, a person gets an operator within the 2 s."""

import asyncio
from pathlib import Path

import pytest

from telephony.domain.calls.attempts import Attempt
from telephony.domain.calls.outcomes import Outcome
from telephony.workshop.lab import Lab, phone_login
from tests.scenes.lab_site import LabSite, open_lab_site
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.measures, pytest.mark.slow]

MACHINES = [f"331990061{n:02d}" for n in range(20, 26)]
HELLO = "33199008600"
SILENT = "33199008700"


def seconds(attempt: Attempt) -> float:
    """From the answer to the operator, or to the end when there was none."""
    end = attempt.connected_at or attempt.ended_at
    assert attempt.answered_at is not None
    assert end is not None
    return (end - attempt.answered_at).total_seconds()


async def judged(lab_site: LabSite, attempt: Attempt) -> tuple[str, str]:
    events = await lab_site.bench.store.attempts.events(attempt.attempt_id)
    verdicts = [event.details for event in events if event.kind == "MachineJudged"]
    assert len(verdicts) == 1
    return str(verdicts[0]["verdict"]), str(verdicts[0]["on"])


async def test_machines_are_left_at_once_and_people_are_put_through_within_two_seconds(lab_site: LabSite):
    campaign = await lab_site.campaign("Répondeurs", [*MACHINES, HELLO, SILENT], detects_machines=True)
    await lab_site.talking(2, 40)
    await lab_site.parts.calls.tracker.flush()
    attempts = {
        attempt.number: attempt for attempt in await lab_site.bench.store.attempts.recent(campaign.campaign_id, 50)
    }
    for number in MACHINES:
        attempt = attempts[number]
        assert (attempt.outcome, attempt.operator_id) == (Outcome.MACHINE, None)
        verdict, on = await judged(lab_site, attempt)
        assert verdict == "MACHINE"
        assert on
        assert seconds(attempt) < 2.0
    for number, word in ((HELLO, "HUMAN"), (SILENT, "NOTSURE")):
        attempt = attempts[number]
        assert attempt.connected_at is not None
        assert (await judged(lab_site, attempt))[0] == word
        assert seconds(attempt) < 2.0


async def test_a_campaign_that_did_not_ask_for_it_puts_machines_through_at_once(lab_site: LabSite):
    await lab_site.campaign("Sans détection", MACHINES[:1])
    (attempt_id,) = await lab_site.talking(1)
    call = lab_site.parts.calls.tracker.call(attempt_id)
    assert call is not None
    assert seconds(call.attempt) < 0.5
    events = await lab_site.bench.store.attempts.events(attempt_id)
    assert "MachineJudged" not in {event.kind for event in events}


async def test_a_person_who_finds_nobody_after_the_detector_hears_the_message_within_two_seconds(
    watched: Lab, tmp_path: Path
):
    """One seat, two people at once: the second is not kept waiting beyond the bound."""
    async with open_lab_site(watched, tmp_path, pacer=Two()) as lab_site:
        campaign = await lab_site.campaign("Deux pour un", [HELLO, "33199008601"], detects_machines=True)
        await asyncio.to_thread(phone_login, lab_site.lab, 1)
        await until(lambda: len(lab_site.talks()) == 1, 20)

        async def abandoned() -> list[Attempt]:
            await lab_site.parts.calls.tracker.flush()
            rows = await lab_site.bench.store.attempts.recent(campaign.campaign_id, 5)
            return [row for row in rows if row.outcome is Outcome.ABANDONED]

        rows = await until(abandoned, 30)
        events = {event.kind: event.at for event in await lab_site.bench.store.attempts.events(rows[0].attempt_id)}
        assert rows[0].answered_at is not None
        waited = (events["NobodyFree"] - rows[0].answered_at).total_seconds()
        assert waited < 2.1


class Two:
    """Dials two for one seat."""

    tick = 0.2

    def start(self, view: object) -> None:
        self.view = view

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        view = self.view
        return 2 if view.free and not view.inflight and not view.waiting else 0

    def reason(self) -> object:
        return None
