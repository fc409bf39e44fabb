"""The gate service: a permit is good once, for a call that is followed, under rules that still hold (I1, I5)."""

import asyncio
from collections.abc import Mapping

import pytest

from telephony.domain.leads import LeadState
from telephony.domain.outcomes import Outcome
from telephony.domain.permits import DialPermit
from telephony.ids import PermitId
from telephony.ports.switch import AgiCall, TrunkLegStarted
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import CALLER_ID, Fixed, Site, site

NEEDED = {"CANON", "TRUNK", "CLI", "RECUUID", "RINGS", "KEYS", "VERDICT"}
"""The variables the gate's dialplan reads, and no other."""


async def asked(house: Site, extension: str, channel: str = "gate-77") -> Mapping[str, str]:
    return await house.exchange.desk.ask("verdict", channel, extension)


async def held(house: Site) -> DialPermit:
    """Let one call be dialled that has not come to the gate yet."""
    house.exchange.is_held_back = True
    await until("dialled", lambda: house.dialled)
    return house.dialled[0]


def rules(house: Site) -> list[object]:
    return [entry.note.body["rule"] for entry in house.tables.ledger if entry.note.kind == "permit_refused"]


@pytest.mark.parametrize(("ring_s", "dialled_s"), [(15, "19"), (20, "20"), (60, "60")])
@virtual
async def test_a_carrier_that_takes_four_seconds_still_rings_15(ring_s: int, dialled_s: str):
    async with site(leads=1, pacer=Fixed(1), dialing={"ring_timeout_s": ring_s}) as house:
        permit = await held(house)
        assert (await asked(house, permit.permit_id))["RINGS"] == dialled_s


@virtual
async def test_the_answer_is_what_the_dialplan_needs_and_nothing_else():
    async with site(leads=1, pacer=Fixed(1)) as house:
        permit = await held(house)
        answer = await asked(house, permit.permit_id)
        assert set(answer) == NEEDED
        assert answer["CANON"] == permit.number
        assert answer["TRUNK"] == "carrier"
        assert answer["CLI"] == CALLER_ID
        assert answer["RECUUID"] == permit.recording_id
        assert answer["RINGS"] == "25"
        assert answer["KEYS"] == ""
        assert list(answer)[-1] == "VERDICT"  # the proof comes last: half an answer allows nothing
        assert answer["VERDICT"] == f"OK-gate-77-{permit.permit_id}-{permit.number}"
        assert house.tables.permit_states[permit.permit_id] == "used"


@virtual
async def test_a_replayed_permit_is_refused_and_the_call_it_belongs_to_goes_on():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        assert await asked(house, permit.permit_id) == {}
        assert rules(house) == ["permit_used"]
        call = await house.exchange.answer(permit.attempt_id)
        assert call.seat == 1
        assert await asked(house, permit.permit_id) == {}
        house.exchange.hang_up(permit.attempt_id)
        assert (await house.ended(permit.attempt_id)).outcome is Outcome.ANSWERED


@virtual
async def test_a_permit_replayed_while_the_campaign_is_paused_stays_used_and_its_call_goes_on():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await house.parts.services.campaigns.pause(permit.campaign_id, "test")
        assert await asked(house, permit.permit_id) == {}
        assert house.tables.permit_states[permit.permit_id] == "used"
        house.exchange.no_answer(permit.attempt_id)
        assert (await house.ended(permit.attempt_id)).outcome is Outcome.NO_ANSWER


@virtual
async def test_simultaneous_uses_of_one_permit_let_one_call_out():
    async with site(leads=1, pacer=Fixed(1)) as house:
        permit = await held(house)
        answers = await asyncio.gather(*(asked(house, permit.permit_id, f"gate-{n}") for n in range(6)))
        assert sum(1 for answer in answers if answer) == 1


@pytest.mark.parametrize("text", ["p" + "4" * 36, "33199000001", "", "p123", "h", "p" + "٤" * 36])
@virtual
async def test_a_forged_permit_is_refused(text: str):
    async with site(leads=1, seats=1) as house:
        assert await asked(house, text) == {}


@virtual
async def test_an_expired_permit_is_refused_with_nothing_on_the_trunk_and_its_lead_waits():
    async with site(leads=1, pacer=Fixed(1)) as house:
        permit = await held(house)
        await passes(10)
        assert await asked(house, permit.permit_id) == {}
        assert rules(house) == ["permit_expired"]
        house.pause_all()
        house.exchange.switch.fail(permit.attempt_id, 29, "SIP 501")
        assert (await house.ended(permit.attempt_id)).outcome is Outcome.INTERRUPTED
        assert house.tables.leads[permit.lead_id].state is LeadState.WAITING


@virtual
async def test_with_the_database_away_nothing_leaves_and_the_lead_is_tried_again():
    async with site(leads=1, pacer=Fixed(1)) as house:
        permit = await held(house)
        house.watched.is_away = True
        assert await asked(house, permit.permit_id) == {}
        house.watched.is_away = False
        house.exchange.switch.fail(permit.attempt_id, 29, "SIP 501")
        assert (await house.ended(permit.attempt_id)).outcome is Outcome.INTERRUPTED
        assert not [fact for fact in house.exchange.gate.told if isinstance(fact, TrunkLegStarted)]


@virtual
async def test_a_campaign_paused_between_permit_and_gate_is_refused_with_nothing_dialled_and_its_lead_waits():
    async with site(leads=1, pacer=Fixed(1)) as house:
        permit = await held(house)
        await house.parts.services.campaigns.pause(permit.campaign_id, "test")
        house.exchange.is_held_back = False
        await house.exchange.settle()
        assert rules(house) == ["campaign_not_running"]
        assert not [fact for fact in house.exchange.gate.told if isinstance(fact, TrunkLegStarted)]
        attempt = await house.ended(permit.attempt_id)
        assert attempt.outcome is Outcome.INTERRUPTED
        assert attempt.trunk_channel == ""
        assert house.tables.leads[permit.lead_id].state is LeadState.WAITING


@virtual
async def test_a_recorder_that_lost_its_room_meanwhile_is_decided_at_the_gate():
    async with site(leads=1, pacer=Fixed(1)) as house:
        permit = await held(house)
        house.archive.free = (0.0, 0.0)
        await until("seen", house.parts.shared.room.blocking_reason)
        assert await asked(house, permit.permit_id) == {}
        assert rules(house) == ["recorder"]


@virtual
async def test_a_permit_of_an_attempt_that_nobody_follows_is_refused():
    async with site(leads=1, pacer=Fixed(1)) as house:
        permit = await held(house)
        await house.crash()
        house.pause_all()  # nothing new is dialled after the restart
        await house.start()
        await house.ended(permit.attempt_id)
        house.tables.permit_states[permit.permit_id] = "issued"  # as if voiding it had failed
        assert await asked(house, permit.permit_id) == {}
        assert rules(house)[0] == "attempt_not_followed"


@virtual
async def test_a_permit_given_before_a_restart_is_void():
    async with site(leads=1, pacer=Fixed(1)) as house:
        permit = await held(house)
        await house.crash()
        house.exchange.switch.on_originate = None
        await house.start()
        assert await asked(house, permit.permit_id) == {}
        assert house.tables.permit_states[permit.permit_id] == "void"


@virtual
async def test_a_database_that_does_not_answer_refuses():
    async with site(leads=1, pacer=Fixed(1)) as house:
        permit = await held(house)
        for part in ("permits.at_gate", "permits.use"):
            house.watched.refused = {part}
            assert await asked(house, permit.permit_id) == {}
            assert house.tables.permit_states[permit.permit_id] == "issued"


@virtual
async def test_the_route_is_told_as_the_dialplan_asks_it():
    async with site(leads=1, pacer=Fixed(1)) as house:
        permit = await held(house)
        await asked(house, permit.permit_id)
        call, _ = house.exchange.desk.asked[-1]
        assert isinstance(call, AgiCall)
        assert PermitId(call.extension) == permit.permit_id
