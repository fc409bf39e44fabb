"""The watch, the tripwire and the locks on doubles: what is ended, what is refused, what stands as an incident."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.domain.attempts import Result
from telephony.domain.keys import NewKeyAllowance
from telephony.domain.leads import LeadState
from telephony.domain.locks import Lock, LockScope
from telephony.domain.operators import OperatorState
from telephony.domain.outcomes import Outcome
from telephony.domain.permits import DialPermit
from telephony.errors import InputError, NotFoundError
from telephony.ids import ChannelId, PermitId
from telephony.ports.switch import KeyPressed, TrunkLegStarted, TrunkPartyChanged
from telephony.wire.watch import Fault, FaultKind, WatchState, key_of
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import Fixed, Site, site


async def talking(house: Site, seats: int = 1) -> list[DialPermit]:
    """Log operators in and let each talk."""
    await house.log_in(*range(1, seats + 1))
    permits = await house.dials(seats)
    for permit in permits:
        await house.exchange.answer(permit.attempt_id)
    return permits


def trunk(house: Site, permit: DialPermit) -> ChannelId:
    return house.exchange.calls[permit.attempt_id].trunk


def incidents(house: Site) -> list[str]:
    return [one.kind for one in house.tables.incidents]


def is_up(house: Site, permit: DialPermit) -> bool:
    channels = {*house.exchange.gate.live, *house.exchange.switch.live}
    return bool({trunk(house, permit), ChannelId(permit.attempt_id)} & channels)


# ---- the warden


@virtual
async def test_nothing_leaves_before_the_warden_is_heard():
    async with site(leads=5, seats=2, is_started=False) as house:
        house.warden.is_alive = False
        await house.start()
        await house.log_in(1, 2)
        await passes(5)
        assert house.dialled == []
        why = house.parts.readiness.why_not()
        assert why is not None
        assert why.en == "Recording is not watched: no call leaves."
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


@pytest.mark.parametrize("state", [WatchState.FULL, WatchState.READ_ONLY, WatchState.BLIND])
@virtual
async def test_nothing_leaves_while_the_gate_cannot_record(state: WatchState):
    async with site(leads=5, seats=1) as house:
        house.warden.state = state
        await until("noticed", lambda: house.parts.readiness.why_not() is not None, 3)
        await house.log_in(1)
        await passes(5)
        assert house.dialled == []
        house.warden.state = WatchState.OK
        await house.dials(1)
        assert "recorder_unusable" in incidents(house)


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
        await house.parts.desk.choose_result(house.operator(1), Result.COMPLETE)
        await passes(5)
        assert len(house.dialled) == 2
        await house.parts.watching.locks.unlock(LockScope.SITE, "", "S. Martin", "vérifié")
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


# ---- the tripwire


@virtual
async def test_a_trunk_leg_without_a_permit_is_cut():
    async with site(leads=1, seats=1) as house:
        channel = house.exchange.gate.start_leg("")
        await until("cut", lambda: channel not in house.exchange.gate.live, 1)
        await until("an incident", lambda: incidents(house) == ["trunk_leg_without_permit"])
        assert house.warden.cuts == [channel]


@virtual
async def test_a_leg_under_a_permit_nobody_follows_is_cut():
    async with site(leads=1, seats=1) as house:
        channel = house.exchange.gate.start_leg("p" + "7" * 36)
        await until("cut", lambda: channel not in house.exchange.gate.live, 1)
        await until("an incident", lambda: incidents(house) == ["trunk_leg_after_its_attempt"])


@virtual
async def test_a_second_leg_for_one_permit_ends_both():
    async with site(leads=1, seats=1) as house:
        (permit,) = await talking(house)
        second = house.exchange.gate.start_leg(permit.permit_id)
        await until("both cut", lambda: second not in house.exchange.gate.live and not is_up(house, permit), 2)
        await until("an incident", lambda: incidents(house) == ["second_trunk_leg_of_permit"])


@virtual
async def test_a_leg_on_another_trunk_is_cut():
    async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
        (permit,) = await house.dials(1)
        gate, now = house.exchange.gate, house.clock.now()
        stray = gate.add("other", extension=permit.permit_id)
        gate.tell(TrunkLegStarted(PermitId(permit.permit_id), stray, ChannelId("gate-1"), "other", now))
        await until("cut", lambda: stray not in gate.live, 1)
        await until("an incident", lambda: incidents(house) == ["trunk_leg_on_wrong_trunk"])


@virtual
async def test_a_leg_no_event_told_of_is_found_all_the_same():
    async with site(leads=1, seats=1) as house:
        channel = house.exchange.gate.add("carrier")
        await until("cut", lambda: channel not in house.exchange.gate.live, 6)
        assert incidents(house) == ["trunk_leg_without_permit"]


@virtual
async def test_a_call_to_the_gate_that_is_no_attempts_is_ended_at_the_pbx():
    async with site(leads=1, seats=1) as house:
        channel = house.exchange.switch.add("gate")
        await until("ended", lambda: channel in [one for one, _ in house.exchange.switch.hung_up], 6)
        assert incidents(house) == ["pbx_leg_without_attempt"]


@virtual
@pytest.mark.parametrize("is_told", [True, False])
async def test_a_phone_in_a_conversation_that_is_not_its_own_is_shown_out(is_told: bool):
    async with site(leads=1, seats=1) as house:
        (permit,) = await talking(house)
        switch = house.exchange.switch
        bridge = switch.live[ChannelId(permit.attempt_id)].bridge
        stranger = switch.add("seat3")
        if is_told:
            switch.bridge(stranger, bridge)
        else:
            switch.live[stranger] = replace(switch.live[stranger], bridge=bridge)
        await until("shown out", lambda: stranger not in switch.live, 1 if is_told else 6)
        assert set(incidents(house)) == {"stranger_in_a_conversation"}
        assert is_up(house, permit)  # the conversation goes on


@virtual
async def test_an_operators_phone_that_a_crash_took_from_our_books_stays_where_it_is():
    async with site(leads=1, seats=1) as house:
        (permit,) = await talking(house)
        switch = house.exchange.switch
        bridge = switch.live[ChannelId(permit.attempt_id)].bridge
        switch.bridge(switch.add("seat1"), bridge)
        await passes(6)
        assert incidents(house) == []
        assert switch.hung_up == []


@virtual
async def test_a_called_person_moved_to_another_operator_is_let_go():
    async with site(leads=2, seats=2) as house:
        first, second = await talking(house, 2)
        switch = house.exchange.switch
        bridge = switch.live[ChannelId(second.attempt_id)].bridge
        switch.bridge(first.attempt_id, bridge)
        await until("let go", lambda: not is_up(house, first), 5)
        assert set(incidents(house)) == {"stranger_in_a_conversation"}
        assert is_up(house, second)


@virtual
async def test_a_conference_of_nobody_here_is_nobodys_business():
    async with site(leads=1, seats=1) as house:
        switch = house.exchange.switch
        for name in ("office1", "office2"):
            switch.bridge(switch.add(name), "theirs")
        await passes(10)
        assert incidents(house) == []
        assert switch.hung_up == []


@virtual
async def test_lawful_calls_never_touch_the_tripwire():
    async with site(leads=20, seats=3) as house:
        await talking(house, 3)
        await passes(20)
        assert incidents(house) == []
        assert house.warden.cuts == []


@virtual
async def test_a_diversion_ends_the_call():
    async with site(leads=1, seats=1) as house:
        (permit,) = await talking(house)
        house.exchange.gate.tell(TrunkPartyChanged(trunk(house, permit), house.clock.now()))
        await until("ended", lambda: not is_up(house, permit), 1)
        await until("an incident", lambda: incidents(house) == ["trunk_party_changed"])


@virtual
async def test_keys_at_a_seat_are_one_incident_a_minute():
    async with site(leads=1, seats=1) as house:
        (permit,) = await talking(house)
        phone = house.parts.seats.seats[1].row.channel  # type: ignore[index]
        for _ in range(20):
            house.exchange.switch.tell(KeyPressed(phone, house.clock.now()))
        house.exchange.switch.tell(KeyPressed(ChannelId("nobody"), house.clock.now()))
        await passes(1)
        assert incidents(house) == ["key_pressed"]
        assert is_up(house, permit)  # nothing was passed on: nothing to end


@virtual
async def test_keys_pass_one_by_one_when_the_campaign_may_use_them_and_not_one_more():
    async with site(leads=1, seats=1) as house:
        (campaign_id,) = house.tables.campaigns
        keys = house.fake.store.keys
        await keys.ask(NewKeyAllowance(campaign_id, "a switchboard", "m.durand", most=2), house.clock.now())
        await keys.approve(campaign_id, "l.petit", house.clock.now())
        await until("allowed", lambda: house.parts.watching.keys.allows(campaign_id), 2)
        (permit,) = await talking(house)
        press(house, "7#")
        await until("played", lambda: len(house.exchange.switch.played) == 2, 1)
        assert house.exchange.switch.played == [(permit.attempt_id, "7"), (permit.attempt_id, "#")]
        assert incidents(house) == []
        press(house, "1")
        await until("an incident", lambda: incidents(house) == ["key_pressed"], 1)
        assert "[keys_too_many]" in house.tables.incidents[0].text
        assert len(house.exchange.switch.played) == 2
        assert house.kinds().count("key_passed") == 2
        await passes(0.5)
        assert [event.details for event in house.tables.events if event.kind == "KeyPassed"] == [
            {"key": "7"},
            {"key": "#"},
        ]


@pytest.mark.parametrize("how", ["not asked", "not approved", "denied", "run out", "database gone"])
@virtual
async def test_no_key_passes_unless_an_approved_allowance_holds_now(how: str):
    async with site(leads=1, seats=1) as house:
        (campaign_id,) = house.tables.campaigns
        keys, now = house.fake.store.keys, house.clock.now()
        until_at = now + timedelta(seconds=1) if how == "run out" else None
        if how != "not asked":
            await keys.ask(NewKeyAllowance(campaign_id, "a switchboard", "m.durand", valid_until=until_at), now)
        if how not in {"not asked", "not approved"}:
            await keys.approve(campaign_id, "l.petit", now)
        await talking(house)
        await passes(1)
        if how == "denied":
            await keys.deny(campaign_id, "m.durand", "done", house.clock.now())
        house.watched.refused |= {"keys.standing"} if how == "database gone" else set()
        await passes(1)
        assert not house.parts.watching.keys.allows(campaign_id)
        press(house, "1")
        await passes(1)
        assert house.exchange.switch.played == []
        assert incidents(house) == ["key_pressed"]


@virtual
async def test_a_key_that_cannot_be_written_down_is_not_played():
    async with site(leads=1, seats=1) as house:
        (campaign_id,) = house.tables.campaigns
        await house.fake.store.keys.ask(NewKeyAllowance(campaign_id, "menu", "m.durand"), house.clock.now())
        await house.fake.store.keys.approve(campaign_id, "l.petit", house.clock.now())
        await talking(house)
        await passes(1)
        house.watched.refused.add("ledger.enter")
        press(house, "1")
        await passes(1)
        assert house.exchange.switch.played == []


def press(house: Site, keys: str) -> None:
    """Press and let go of keys at seat 1, as the pbx tells it."""
    phone = house.parts.seats.seats[1].row.channel  # type: ignore[index]
    for key in keys:
        house.exchange.switch.tell(KeyPressed(phone, house.clock.now()))
        house.exchange.switch.tell(KeyPressed(phone, house.clock.now(), key))


@virtual
async def test_keys_as_tones_in_the_voice_are_found_in_the_recording():
    async with site(leads=1, seats=1) as house:
        house.archive.tones = (1.25, 3.5)
        (permit,) = await talking(house)
        house.exchange.hang_up(permit.attempt_id)
        await until("an incident", lambda: "tones_in_recording" in incidents(house))
        (incident,) = house.tables.incidents
        assert incident.subject == permit.attempt_id
        assert "2 keys" in incident.text
        assert "1.2, 3.5 s" in incident.text


@virtual
async def test_an_incident_waits_for_a_database_that_is_away():
    async with site(leads=1, seats=1) as house:
        (permit,) = await talking(house)
        house.watched.is_away = True
        house.exchange.gate.tell(TrunkPartyChanged(trunk(house, permit), house.clock.now()))
        await passes(5)
        assert incidents(house) == []
        house.watched.is_away = False
        await until("an incident", lambda: "trunk_party_changed" in incidents(house))


# ---- locks


async def locked(house: Site, scope: LockScope, target: str = "") -> None:
    assert await house.parts.watching.locks.lock(scope, target, "S. Martin", "essai")


@virtual
async def test_a_locked_room_ends_every_call_and_lets_none_leave():
    async with site(leads=20, seats=3) as house:
        permits = await talking(house, 3)
        await locked(house, LockScope.SITE)
        await until("all ended", lambda: not any(is_up(house, permit) for permit in permits), 1)
        await passes(30)
        assert len(house.dialled) == 3
        campaign = next(iter(house.tables.campaigns))
        assert house.parts.dialer.reason(campaign).fr == "Salle verrouillée à 15 h 00 par S. Martin."


@virtual
async def test_calls_nobody_answered_yet_are_tried_again_after_the_lock():
    async with site(leads=2, seats=2) as house:
        await house.log_in(1, 2)
        permits = await house.dials(2)
        await locked(house, LockScope.SITE)
        for permit in permits:
            assert (await house.ended(permit.attempt_id)).outcome is Outcome.INTERRUPTED
        assert house.leads(LeadState.WAITING) == 2
        await house.parts.watching.locks.unlock(LockScope.SITE, "", "S. Martin", "fini")
        await house.dials(4)


@virtual
async def test_a_permit_on_its_way_is_refused_by_a_lock_and_its_lead_kept():
    async with site(leads=1, seats=1) as house:
        house.exchange._waiting = _Hold()
        await house.log_in(1)
        await until("dialled", lambda: house.dialled)
        (permit,) = house.dialled
        house.parts.watching.room.locks = (Lock(LockScope.SITE, "", "S. Martin", house.clock.now()),)
        assert await house.exchange.desk.ask("verdict", "gate-77", permit.permit_id) == {}
        rules = [one.note.body["rule"] for one in house.tables.ledger if one.note.kind == "permit_refused"]
        assert rules == ["locked"]


@virtual
async def test_a_locked_campaign_ends_its_own_calls_and_no_others():
    async with site(leads=5, seats=2) as house:
        other = await house.campaign(5, "Other", first=100)
        await passes(1)
        permits = await talking(house, 2)
        mine = [permit for permit in permits if permit.campaign_id == other.campaign_id]
        assert len(mine) == 1
        await locked(house, LockScope.CAMPAIGN, str(other.campaign_id))
        await until("ended", lambda: not is_up(house, mine[0]), 1)
        spared = next(permit for permit in permits if permit not in mine)
        assert is_up(house, spared)
        house.exchange.hang_up(spared.attempt_id)
        await house.parts.desk.choose_result(house.operator(1), Result.COMPLETE)
        await house.parts.desk.choose_result(house.operator(2), Result.COMPLETE)
        for permit in (await house.dials(4))[2:]:
            assert permit.campaign_id != other.campaign_id


@virtual
async def test_a_locked_seat_ends_its_call_and_takes_no_more():
    async with site(leads=10, seats=2) as house:
        await talking(house, 2)
        await locked(house, LockScope.SEAT, "2")
        await until("ended", lambda: house.state(2) is OperatorState.WRAP_UP, 1)
        assert house.state(1) is OperatorState.TALKING
        await house.parts.desk.choose_result(house.operator(2), Result.COMPLETE)
        assert house.state(2) is OperatorState.PAUSED
        with pytest.raises(InputError, match="locked"):
            await house.parts.desk.ready(house.operator(2))
        await house.parts.watching.locks.unlock(LockScope.SEAT, "2", "S. Martin", "fini")
        await passes(1)
        await house.parts.desk.ready(house.operator(2))
        assert house.state(2) is OperatorState.READY


@virtual
async def test_a_seat_locked_while_it_waits_gets_no_call():
    async with site(seats=2) as house:
        await house.log_in(1, 2)
        await locked(house, LockScope.SEAT, "1")
        await passes(1)
        assert (house.state(1), house.state(2)) == (OperatorState.PAUSED, OperatorState.READY)


@virtual
async def test_a_lock_survives_a_crash():
    async with site(leads=5, seats=1) as house:
        await locked(house, LockScope.SITE)
        await house.crash()
        await house.start()
        await house.log_in(1)
        await passes(10)
        assert house.dialled == []


@virtual
async def test_unlocking_needs_a_reason_and_a_lock():
    async with site(seats=1) as house:
        locks = house.parts.watching.locks
        await locked(house, LockScope.SITE)
        with pytest.raises(InputError, match="reason"):
            await locks.unlock(LockScope.SITE, "", "S. Martin", " ")
        with pytest.raises(NotFoundError):
            await locks.unlock(LockScope.SEAT, "3", "S. Martin", "fini")
        with pytest.raises(InputError):
            await locks.lock(LockScope.SITE, "7", "S. Martin")
        with pytest.raises(InputError):
            await locks.lock(LockScope.SEAT, "seven", "S. Martin")
        assert not await locks.lock(LockScope.SITE, "", "M. Durand")
        kinds = [kind for kind in house.kinds() if "lock" in kind]
        assert kinds == ["locked"]


class _Hold(list):  # type: ignore[type-arg]  # stands in for the exchange's own queue
    def __bool__(self) -> bool:
        return False
