"""The gate service: a permit is good once, for a call that is followed, under rules that still hold (I1, I5)."""

import asyncio
from collections.abc import Mapping

import pytest

from telephony.domain.calls.outcomes import Outcome
from telephony.domain.calls.permits import DialPermit
from telephony.domain.leads.leads import LeadState
from telephony.ids import PermitId
from telephony.ports.calls.switch import AgiCall, TrunkLegStarted
from tests.scenes.controller_on_doubles import CALLER_ID, ControllerOnDoubles, Fixed, controller_on_doubles
from tests.virtual_time import passes, until, virtual

NEEDED = {"CANON", "TRUNK", "CLI", "RECUUID", "RINGS", "KEYS", "VERDICT"}
"""The variables the gate's dialplan reads, and no other."""


async def asked(site: ControllerOnDoubles, extension: str, channel: str = "gate-77") -> Mapping[str, str]:
    return await site.exchange.desk.ask("verdict", channel, extension)


async def held(site: ControllerOnDoubles) -> DialPermit:
    """Let one call be dialled that has not come to the gate yet."""
    site.exchange.is_held_back = True
    await until("dialled", lambda: site.dialled)
    return site.dialled[0]


def rules(site: ControllerOnDoubles) -> list[object]:
    return [entry.note.body["rule"] for entry in site.tables.ledger if entry.note.kind == "permit_refused"]


@pytest.mark.parametrize(("ring_s", "dialled_s"), [(15, "19"), (20, "20"), (60, "60")])
@virtual
async def test_a_carrier_that_takes_four_seconds_still_rings_15(ring_s: int, dialled_s: str):
    async with controller_on_doubles(leads=1, pacer=Fixed(1), dialing={"ring_timeout_s": ring_s}) as site:
        permit = await held(site)
        assert (await asked(site, permit.permit_id))["RINGS"] == dialled_s


@virtual
async def test_the_answer_is_what_the_dialplan_needs_and_nothing_else():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        permit = await held(site)
        answer = await asked(site, permit.permit_id)
        assert set(answer) == NEEDED
        assert answer["CANON"] == permit.number
        assert answer["TRUNK"] == "carrier"
        assert answer["CLI"] == CALLER_ID
        assert answer["RECUUID"] == permit.recording_id
        assert answer["RINGS"] == "25"
        assert answer["KEYS"] == ""
        assert list(answer)[-1] == "VERDICT"  # the proof comes last: half an answer allows nothing
        assert answer["VERDICT"] == f"OK-gate-77-{permit.permit_id}-{permit.number}"
        assert site.tables.permit_states[permit.permit_id] == "used"


@virtual
async def test_a_replayed_permit_is_refused_and_the_call_it_belongs_to_goes_on():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        assert await asked(site, permit.permit_id) == {}
        assert rules(site) == ["permit_used"]
        call = await site.exchange.answer(permit.attempt_id)
        assert call.seat == 1
        assert await asked(site, permit.permit_id) == {}
        site.exchange.hang_up(permit.attempt_id)
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.ANSWERED


@virtual
async def test_a_permit_replayed_while_the_campaign_is_paused_stays_used_and_its_call_goes_on():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await site.parts.services.campaigns.pause(permit.campaign_id, "test")
        assert await asked(site, permit.permit_id) == {}
        assert site.tables.permit_states[permit.permit_id] == "used"
        site.exchange.no_answer(permit.attempt_id)
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.NO_ANSWER


@virtual
async def test_simultaneous_uses_of_one_permit_let_one_call_out():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        permit = await held(site)
        answers = await asyncio.gather(*(asked(site, permit.permit_id, f"gate-{n}") for n in range(6)))
        assert sum(1 for answer in answers if answer) == 1


@pytest.mark.parametrize("text", ["p" + "4" * 36, "33199000001", "", "p123", "h", "p" + "٤" * 36])
@virtual
async def test_a_forged_permit_is_refused(text: str):
    async with controller_on_doubles(leads=1, seats=1) as site:
        assert await asked(site, text) == {}


@virtual
async def test_an_expired_permit_is_refused_with_nothing_on_the_trunk_and_its_lead_waits():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        permit = await held(site)
        await passes(10)
        assert await asked(site, permit.permit_id) == {}
        assert rules(site) == ["permit_expired"]
        site.pause_all()
        site.exchange.switch.fail(permit.attempt_id, 29, "SIP 501")
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.INTERRUPTED
        assert site.tables.leads[permit.lead_id].state is LeadState.WAITING


@virtual
async def test_with_the_database_away_nothing_leaves_and_the_lead_is_tried_again():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        permit = await held(site)
        site.watched.is_away = True
        assert await asked(site, permit.permit_id) == {}
        site.watched.is_away = False
        site.exchange.switch.fail(permit.attempt_id, 29, "SIP 501")
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.INTERRUPTED
        assert not [fact for fact in site.exchange.gate.told if isinstance(fact, TrunkLegStarted)]


@virtual
async def test_a_campaign_paused_between_permit_and_gate_is_refused_with_nothing_dialled_and_its_lead_waits():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        permit = await held(site)
        await site.parts.services.campaigns.pause(permit.campaign_id, "test")
        site.exchange.is_held_back = False
        await site.exchange.settle()
        assert rules(site) == ["campaign_not_running"]
        assert not [fact for fact in site.exchange.gate.told if isinstance(fact, TrunkLegStarted)]
        attempt = await site.ended(permit.attempt_id)
        assert attempt.outcome is Outcome.INTERRUPTED
        assert attempt.trunk_channel == ""
        assert site.tables.leads[permit.lead_id].state is LeadState.WAITING


@virtual
async def test_a_recorder_that_lost_its_room_meanwhile_is_decided_at_the_gate():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        permit = await held(site)
        site.archive.free = (0.0, 0.0)
        await until("seen", site.parts.calls.recording_room.blocking_reason)
        assert await asked(site, permit.permit_id) == {}
        assert rules(site) == ["recorder"]


@virtual
async def test_a_permit_of_an_attempt_that_nobody_follows_is_refused():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        permit = await held(site)
        await site.crash()
        site.pause_all()  # nothing new is dialled after the restart
        await site.start()
        await site.ended(permit.attempt_id)
        site.tables.permit_states[permit.permit_id] = "issued"  # as if voiding it had failed
        assert await asked(site, permit.permit_id) == {}
        assert rules(site)[0] == "attempt_not_followed"


@virtual
async def test_a_permit_given_before_a_restart_is_void():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        permit = await held(site)
        await site.crash()
        site.exchange.switch.on_originate = None
        await site.start()
        assert await asked(site, permit.permit_id) == {}
        assert site.tables.permit_states[permit.permit_id] == "void"


@virtual
async def test_a_database_that_does_not_answer_refuses():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        permit = await held(site)
        for part in ("permits.at_gate", "permits.use"):
            site.watched.refused = {part}
            assert await asked(site, permit.permit_id) == {}
            assert site.tables.permit_states[permit.permit_id] == "issued"


@virtual
async def test_the_route_is_told_as_the_dialplan_asks_it():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        permit = await held(site)
        await asked(site, permit.permit_id)
        call, _ = site.exchange.desk.asked[-1]
        assert isinstance(call, AgiCall)
        assert PermitId(call.extension) == permit.permit_id
