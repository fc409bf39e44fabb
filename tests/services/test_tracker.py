"""The tracker: facts of two connections in any order become one history, written in order."""

from telephony.domain.calls.attempts import CallState
from telephony.domain.calls.outcomes import Outcome
from telephony.ports.calls.switch import LegAnswered, LegEnded
from tests.scenes.controller_on_doubles import Fixed, controller_on_doubles
from tests.virtual_time import passes, virtual


@virtual
async def test_the_whole_story_of_a_call_is_written_in_its_order():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        site.exchange.play_early(permit.attempt_id)
        site.exchange.ring(permit.attempt_id)
        await passes(1)
        await site.exchange.answer(permit.attempt_id)
        await passes(1)
        site.exchange.hang_up(permit.attempt_id)
        await site.ended(permit.attempt_id)
        kinds = [event.kind for event in site.tables.events]
        assert sorted(kinds[:3]) == ["Originated", "PermitUsed", "TrunkLegBegan"]
        assert kinds[3:8] == ["EarlyMediaBegan", "CarrierRang", "PersonAnswered", "OperatorChosen", "OperatorConnected"]
        assert sorted(kinds[8:]) == ["CustomerLegEnded", "TrunkLegEnded"]
        assert permit.number not in str(site.tables.events)


@virtual
async def test_the_pbx_telling_the_end_first_does_not_lose_the_carriers_word():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        (permit,) = await site.dials(1)
        site.exchange.switch.end(permit.attempt_id, 21)
        await passes(0.5)
        assert site.attempt(permit.attempt_id).state is not CallState.ENDED
        call = site.exchange.calls[permit.attempt_id]
        site.exchange.gate.end(call.trunk, 17, "SIP 486")
        row = await site.ended(permit.attempt_id)
        assert (row.outcome, row.tech_cause, row.hangup_cause) == (Outcome.BUSY, "SIP 486", 21)


@virtual
async def test_the_gates_answer_is_the_moment_that_counts():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        (permit,) = await site.dials(1)
        call = site.exchange.calls[permit.attempt_id]
        site.exchange.gate.pick_up(call.trunk)
        answered_at = site.clock.now()
        await passes(0.3)
        site.exchange.switch.tell(LegAnswered(permit.attempt_id, site.clock.now()))
        await passes(0.3)
        assert site.attempt(permit.attempt_id).answered_at == answered_at


@virtual
async def test_a_call_whose_trunk_leg_never_shows_ends_after_a_while():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        site.exchange.gate.tell = lambda fact: None  # type: ignore[method-assign]  # its facts are lost
        (permit,) = await site.dials(1)
        site.exchange.switch.end(permit.attempt_id, 34)
        row = await site.ended(permit.attempt_id, 10)
        assert row.outcome is Outcome.FAILED


@virtual
async def test_facts_of_unknown_calls_change_nothing():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        (permit,) = await site.dials(1)
        site.exchange.gate.start_leg("", "carrier")
        site.exchange.gate.start_leg("p" + "1" * 36, "carrier")
        site.exchange.switch.tell(LegEnded("nobody", 16, "", "gate", site.clock.now()))  # type: ignore[arg-type]
        assert [call.attempt.attempt_id for call in site.parts.calls.tracker.calls()] == [permit.attempt_id]


@virtual
async def test_events_wait_for_a_database_that_is_away_and_keep_their_order():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await passes(1)
        before = len(site.tables.events)
        site.watched.is_away = True
        site.exchange.ring(permit.attempt_id)
        await passes(3)
        await site.exchange.answer(permit.attempt_id)
        await passes(3)
        site.exchange.hang_up(permit.attempt_id)
        await passes(3)
        assert len(site.tables.events) == before
        assert site.attempt(permit.attempt_id).outcome is None
        site.watched.is_away = False
        row = await site.ended(permit.attempt_id)
        assert row.outcome is Outcome.ANSWERED
        kinds = [event.kind for event in site.tables.events]
        assert len(set(kinds)) == len(kinds), "nothing is written twice"
        assert kinds.index("CarrierRang") < kinds.index("PersonAnswered") < kinds.index("OperatorConnected")


@virtual
async def test_an_orderly_stop_writes_everything_down():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        (permit,) = await site.dials(1)
        site.exchange.ring(permit.attempt_id)
        await site.stop()
        assert site.attempt(permit.attempt_id).outcome is Outcome.INTERRUPTED
        assert [event.kind for event in site.tables.events][-1] in {"CustomerLegEnded", "TrunkLegEnded"}
