"""The watch on doubles: what a silent or worried warden stops, what it ends, what stands as an incident."""

from dataclasses import replace

import pytest

from telephony.domain.calls.attempts import Result
from telephony.domain.security.locks import LockScope
from telephony.wire.watch import Fault, FaultKind, WatchState, key_of
from telephony.words import english
from tests.scenes.controller_on_doubles import controller_on_doubles
from tests.services.watched_talks import incidents, is_up, talking, trunk
from tests.virtual_time import passes, until, virtual


@virtual
async def test_nothing_leaves_before_the_warden_is_heard():
    async with controller_on_doubles(leads=5, seats=2, is_started=False) as site:
        site.warden.is_alive = False
        await site.start()
        await site.log_in(1, 2)
        await passes(5)
        assert site.dialled == []
        why = site.parts.calls.blockers.site()
        assert why is not None
        assert english(why) == "Recording is not being watched: no calls go out."
        site.warden.is_alive = True
        await site.dials(2)


@virtual
async def test_a_warden_that_falls_silent_ends_conversations_and_stops_dialling():
    async with controller_on_doubles(leads=5, seats=2) as site:
        permits = await talking(site, 2)
        site.warden.is_alive = False
        await passes(3)
        assert all(is_up(site, permit) for permit in permits)
        await until("conversations ended", lambda: not any(is_up(site, permit) for permit in permits), 5)
        await until("an incident", lambda: "warden_gone" in incidents(site))
        await passes(5)
        assert len(site.dialled) == 2


@virtual
async def test_a_warden_that_is_back_in_time_costs_no_call():
    async with controller_on_doubles(leads=5, seats=1) as site:
        (permit,) = await talking(site)
        site.warden.is_alive = False
        await passes(3)
        site.warden.is_alive = True
        await passes(10)
        assert is_up(site, permit)
        assert incidents(site) == []


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
    async with controller_on_doubles(leads=5, seats=1) as site:
        site.warden.state = state
        await until("noticed", lambda: site.parts.calls.blockers.site() is not None, 3)
        await site.log_in(1)
        await passes(5)
        assert site.dialled == []
        site.warden.state = WatchState.OK
        await site.dials(1)
        assert incident in incidents(site)


@virtual
async def test_a_stalled_recording_stops_dialling_for_a_while_and_is_an_incident():
    async with controller_on_doubles(leads=5, seats=2) as site:
        permits = await talking(site, 1)
        channel = trunk(site, permits[0])
        site.warden.end(channel)
        await site.warden.ask(Fault(FaultKind.STALLED, channel, permits[0].recording_id))
        await until("an incident", lambda: "recording_stalled" in incidents(site))
        (incident,) = site.tables.incidents
        assert incident.subject == permits[0].attempt_id
        await site.log_in(2)
        await passes(8)
        assert len(site.dialled) == 1
        await site.dials(2)


@pytest.mark.parametrize("kind", [FaultKind.MISSING, FaultKind.CLOSED])
@virtual
async def test_a_recording_that_a_hand_stopped_locks_the_room_until_a_person_lifts_it(kind: FaultKind):
    async with controller_on_doubles(leads=5, seats=2) as site:
        first, second = await talking(site, 2)
        site.warden.end(trunk(site, first))
        await site.warden.ask(Fault(kind, trunk(site, first), first.recording_id))
        await passes(60)
        assert is_up(site, second)  # other conversations go on
        (lock,) = await site.fake.store.locks.active()
        assert (lock.scope, lock.by, lock.ends_calls) == (LockScope.SITE, "watch", False)
        await site.parts.screens.desk.choose_result(site.operator(1), Result.COMPLETE)
        await passes(5)
        assert len(site.dialled) == 2
        await site.parts.calls.security.locks.unlock(LockScope.SITE, "", "S. Martin", "vérifié")
        await site.dials(3)


@virtual
async def test_a_fault_told_twice_is_one_incident():
    async with controller_on_doubles(leads=5, seats=1) as site:
        (permit,) = await talking(site)
        for _ in range(3):
            await site.warden.ask(Fault(FaultKind.DISK, trunk(site, permit), permit.recording_id))
        await passes(2)
        assert incidents(site).count("recording_disk") == 1


@virtual
async def test_a_question_that_is_old_repeated_or_not_the_wardens_gets_no_answer():
    async with controller_on_doubles(seats=1) as site:
        secret = site.settings.gate.ami_secret.get_secret_value()
        question = site.warden.question()
        assert await site.warden.put(question, key_of(secret)) is not None
        assert await site.warden.put(question, key_of(secret)) is None
        old = replace(site.warden.question(), at_ms=question.at_ms - 60_000)
        assert await site.warden.put(old, key_of(secret)) is None
        assert await site.warden.put(site.warden.question(), key_of("the secret of the link")) is None
