"""The tripwire on doubles: which legs and which company in a conversation are cut, and that lawful calls are not."""

from dataclasses import replace

import pytest

from telephony.ids import ChannelId, PermitId
from telephony.ports.switch import TrunkLegStarted, TrunkPartyChanged
from tests.services.virtual_time import passes, until, virtual
from tests.services.watched_talks import incidents, is_up, talking, trunk
from tests.services.whole_site import Fixed, site


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
async def test_an_incident_waits_for_a_database_that_is_away():
    async with site(leads=1, seats=1) as house:
        (permit,) = await talking(house)
        house.watched.is_away = True
        house.exchange.gate.tell(TrunkPartyChanged(trunk(house, permit), house.clock.now()))
        await passes(5)
        assert incidents(house) == []
        house.watched.is_away = False
        await until("an incident", lambda: "trunk_party_changed" in incidents(house))
