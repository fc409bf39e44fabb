"""The watch on doubles: what a silent or worried warden stops, what it ends, what stands as an incident."""

from dataclasses import replace

import pytest

from telephony.domain.attempts import Result
from telephony.domain.locks import LockScope
from telephony.wire.watch import Fault, FaultKind, WatchState, key_of
from telephony.words import english
from tests.services.virtual_time import passes, until, virtual
from tests.services.watched_talks import incidents, is_up, talking, trunk
from tests.services.whole_site import site


@virtual
async def test_nothing_leaves_before_the_warden_is_heard():
    async with site(leads=5, seats=2, is_started=False) as house:
        house.warden.is_alive = False
        await house.start()
        await house.log_in(1, 2)
        await passes(5)
        assert house.dialled == []
        why = house.parts.shared.blockers.site()
        assert why is not None
        assert english(why) == "Recording is not watched: no call leaves."
        house.warden.is_alive = True
        await house.dials(2)


@virtual
async def test_a_warden_that_falls_silent_ends_conversations_and_stops_dialling():
    async with site(leads=5, seats=2) as house:
        permits = await talking(house, 2)
        house.warden.is_alive = False
        await passes(3)
        assert all(is_up(house, permit) for permit in permits)
        await until("conversations ended", lambda: not any(is_up(house, permit) for permit in permits), 5)
        await until("an incident", lambda: "warden_gone" in incidents(house))
        await passes(5)
        assert len(house.dialled) == 2


@virtual
async def test_a_warden_that_is_back_in_time_costs_no_call():
    async with site(leads=5, seats=1) as house:
        (permit,) = await talking(house)
        house.warden.is_alive = False
        await passes(3)
        house.warden.is_alive = True
        await passes(10)
        assert is_up(house, permit)
        assert incidents(house) == []


@pytest.mark.parametrize(
    ("state", "incident"),
    [
        (WatchState.FULL, "recorder_unusable"),
        (WatchState.READ_ONLY, "recorder_unusable"),
        (WatchState.BLIND, "recorder_unusable"),
        (WatchState.OPEN, "network_rules_gone"),
    ],
)
@virtual
async def test_nothing_leaves_while_the_gate_cannot_record_or_its_network_rules_are_gone(
    state: WatchState, incident: str
):
    async with site(leads=5, seats=1) as house:
        house.warden.state = state
        await until("noticed", lambda: house.parts.shared.blockers.site() is not None, 3)
        await house.log_in(1)
        await passes(5)
        assert house.dialled == []
        house.warden.state = WatchState.OK
        await house.dials(1)
        assert incident in incidents(house)


@virtual
async def test_a_stalled_recording_stops_dialling_for_a_while_and_is_an_incident():
    async with site(leads=5, seats=2) as house:
        permits = await talking(house, 1)
        channel = trunk(house, permits[0])
        house.warden.end(channel)
        await house.warden.ask(Fault(FaultKind.STALLED, channel, permits[0].recording_id))
        await until("an incident", lambda: "recording_stalled" in incidents(house))
        (incident,) = house.tables.incidents
        assert incident.subject == permits[0].attempt_id
        await house.log_in(2)
        await passes(8)
        assert len(house.dialled) == 1
        await house.dials(2)


@pytest.mark.parametrize("kind", [FaultKind.MISSING, FaultKind.CLOSED])
@virtual
async def test_a_recording_that_a_hand_stopped_locks_the_room_until_a_person_lifts_it(kind: FaultKind):
    async with site(leads=5, seats=2) as house:
        first, second = await talking(house, 2)
        house.warden.end(trunk(house, first))
        await house.warden.ask(Fault(kind, trunk(house, first), first.recording_id))
        await passes(60)
        assert is_up(house, second)  # other conversations go on
        (lock,) = await house.fake.store.locks.active()
        assert (lock.scope, lock.by, lock.ends_calls) == (LockScope.SITE, "watch", False)
        await house.parts.screens.desk.choose_result(house.operator(1), Result.COMPLETE)
        await passes(5)
        assert len(house.dialled) == 2
        await house.parts.shared.watching.locks.unlock(LockScope.SITE, "", "S. Martin", "vérifié")
        await house.dials(3)


@virtual
async def test_a_fault_told_twice_is_one_incident():
    async with site(leads=5, seats=1) as house:
        (permit,) = await talking(house)
        for _ in range(3):
            await house.warden.ask(Fault(FaultKind.DISK, trunk(house, permit), permit.recording_id))
        await passes(2)
        assert incidents(house).count("recording_disk") == 1


@virtual
async def test_a_question_that_is_old_repeated_or_not_the_wardens_gets_no_answer():
    async with site(seats=1) as house:
        secret = house.settings.gate.ami_secret.get_secret_value()
        question = house.warden.question()
        assert await house.warden.put(question, key_of(secret)) is not None
        assert await house.warden.put(question, key_of(secret)) is None
        old = replace(house.warden.question(), at_ms=question.at_ms - 60_000)
        assert await house.warden.put(old, key_of(secret)) is None
        assert await house.warden.put(house.warden.question(), key_of("the secret of the link")) is None
