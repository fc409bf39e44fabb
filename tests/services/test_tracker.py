"""The tracker: facts of two connections in any order become one story, written down in its order."""

from telephony.domain.attempts import CallState
from telephony.domain.outcomes import Outcome
from telephony.ports.switch import LegAnswered, LegEnded
from tests.services.virtual_time import passes, virtual
from tests.services.whole_site import Fixed, site


@virtual
async def test_the_whole_story_of_a_call_is_written_in_its_order():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        house.exchange.play_early(permit.attempt_id)
        house.exchange.ring(permit.attempt_id)
        await passes(1)
        await house.exchange.answer(permit.attempt_id)
        await passes(1)
        house.exchange.hang_up(permit.attempt_id)
        await house.ended(permit.attempt_id)
        kinds = [event.kind for event in house.tables.events]
        assert sorted(kinds[:3]) == ["Originated", "PermitUsed", "TrunkLegBegan"]
        assert kinds[3:8] == ["EarlyMediaBegan", "CarrierRang", "PersonAnswered", "OperatorChosen", "OperatorConnected"]
        assert sorted(kinds[8:]) == ["CustomerLegEnded", "TrunkLegEnded"]
        assert permit.number not in str(house.tables.events)


@virtual
async def test_the_pbx_telling_the_end_first_does_not_lose_the_carriers_word():
    async with site(leads=1, pacer=Fixed(1)) as house:
        (permit,) = await house.dials(1)
        house.exchange.switch.end(permit.attempt_id, 21)
        await passes(0.5)
        assert house.attempt(permit.attempt_id).state is not CallState.ENDED
        call = house.exchange.calls[permit.attempt_id]
        house.exchange.gate.end(call.trunk, 17, "SIP 486")
        row = await house.ended(permit.attempt_id)
        assert (row.outcome, row.tech_cause, row.hangup_cause) == (Outcome.BUSY, "SIP 486", 21)


@virtual
async def test_the_gates_answer_is_the_moment_that_counts():
    async with site(leads=1, pacer=Fixed(1)) as house:
        (permit,) = await house.dials(1)
        call = house.exchange.calls[permit.attempt_id]
        house.exchange.gate.pick_up(call.trunk)
        answered_at = house.clock.now()
        await passes(0.3)
        house.exchange.switch.tell(LegAnswered(permit.attempt_id, house.clock.now()))
        await passes(0.3)
        assert house.attempt(permit.attempt_id).answered_at == answered_at


@virtual
async def test_a_call_whose_trunk_leg_never_shows_ends_after_a_while():
    async with site(leads=1, pacer=Fixed(1)) as house:
        house.exchange.gate.tell = lambda fact: None  # type: ignore[method-assign]  # its facts are lost
        (permit,) = await house.dials(1)
        house.exchange.switch.end(permit.attempt_id, 34)
        row = await house.ended(permit.attempt_id, 10)
        assert row.outcome is Outcome.FAILED


@virtual
async def test_facts_of_unknown_calls_change_nothing():
    async with site(leads=1, pacer=Fixed(1)) as house:
        (permit,) = await house.dials(1)
        house.exchange.gate.start_leg("", "carrier")
        house.exchange.gate.start_leg("p" + "1" * 36, "carrier")
        house.exchange.switch.tell(LegEnded("nobody", 16, "", "gate", house.clock.now()))  # type: ignore[arg-type]
        assert [call.attempt.attempt_id for call in house.parts.shared.tracker.calls()] == [permit.attempt_id]


@virtual
async def test_events_wait_for_a_database_that_is_away_and_keep_their_order():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await passes(1)
        before = len(house.tables.events)
        house.watched.is_away = True
        house.exchange.ring(permit.attempt_id)
        await passes(3)
        await house.exchange.answer(permit.attempt_id)
        await passes(3)
        house.exchange.hang_up(permit.attempt_id)
        await passes(3)
        assert len(house.tables.events) == before
        assert house.attempt(permit.attempt_id).outcome is None
        house.watched.is_away = False
        row = await house.ended(permit.attempt_id)
        assert row.outcome is Outcome.ANSWERED
        kinds = [event.kind for event in house.tables.events]
        assert len(set(kinds)) == len(kinds), "nothing is written twice"
        assert kinds.index("CarrierRang") < kinds.index("PersonAnswered") < kinds.index("OperatorConnected")


@virtual
async def test_an_orderly_stop_writes_everything_down():
    async with site(leads=1, pacer=Fixed(1)) as house:
        (permit,) = await house.dials(1)
        house.exchange.ring(permit.attempt_id)
        await house.stop()
        assert house.attempt(permit.attempt_id).outcome is Outcome.INTERRUPTED
        assert [event.kind for event in house.tables.events][-1] in {"CustomerLegEnded", "TrunkLegEnded"}
