"""The tripwire on doubles: which legs and which company in a conversation are cut, and that lawful calls are not."""

from dataclasses import replace

import pytest

from telephony.ids import ChannelId, PermitId
from telephony.ports.calls.switch import TrunkLegStarted, TrunkPartyChanged
from tests.scenes.controller_on_doubles import Fixed, controller_on_doubles
from tests.services.watched_talks import incidents, is_up, talking, trunk
from tests.virtual_time import passes, until, virtual


@virtual
async def test_a_trunk_leg_without_a_permit_is_cut():
    async with controller_on_doubles(leads=1, seats=1) as site:
        channel = site.exchange.gate.start_leg("")
        await until("cut", lambda: channel not in site.exchange.gate.live, 1)
        await until("an incident", lambda: incidents(site) == ["trunk_leg_without_permit"])
        assert site.warden.hangups == [channel]


@virtual
async def test_a_leg_under_a_permit_nobody_follows_is_cut():
    async with controller_on_doubles(leads=1, seats=1) as site:
        channel = site.exchange.gate.start_leg("p" + "7" * 36)
        await until("cut", lambda: channel not in site.exchange.gate.live, 1)
        await until("an incident", lambda: incidents(site) == ["trunk_leg_after_its_attempt"])


@virtual
async def test_a_second_leg_for_one_permit_ends_both():
    async with controller_on_doubles(leads=1, seats=1) as site:
        (permit,) = await talking(site)
        second = site.exchange.gate.start_leg(permit.permit_id)
        await until("both cut", lambda: second not in site.exchange.gate.live and not is_up(site, permit), 2)
        await until("an incident", lambda: incidents(site) == ["second_trunk_leg_of_permit"])


@virtual
async def test_a_leg_on_another_trunk_is_cut():
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        (permit,) = await site.dials(1)
        gate, now = site.exchange.gate, site.clock.now()
        stray = gate.add("other", extension=permit.permit_id)
        gate.tell(TrunkLegStarted(PermitId(permit.permit_id), stray, ChannelId("gate-1"), "other", now))
        await until("cut", lambda: stray not in gate.live, 1)
        await until("an incident", lambda: incidents(site) == ["trunk_leg_on_wrong_trunk"])


@virtual
async def test_a_leg_no_event_told_of_is_found_all_the_same():
    async with controller_on_doubles(leads=1, seats=1) as site:
        channel = site.exchange.gate.add("carrier")
        await until("cut", lambda: channel not in site.exchange.gate.live, 6)
        assert incidents(site) == ["trunk_leg_without_permit"]


@virtual
async def test_a_call_to_the_gate_that_is_no_attempts_is_ended_at_the_pbx():
    async with controller_on_doubles(leads=1, seats=1) as site:
        channel = site.exchange.switch.add("gate")
        await until("ended", lambda: channel in [channel_id for channel_id, _ in site.exchange.switch.hung_up], 6)
        assert incidents(site) == ["pbx_leg_without_attempt"]


@virtual
@pytest.mark.parametrize("is_told", [True, False])
async def test_a_phone_in_a_conversation_that_is_not_its_own_is_shown_out(is_told: bool):
    async with controller_on_doubles(leads=1, seats=1) as site:
        (permit,) = await talking(site)
        switch = site.exchange.switch
        bridge = switch.live[ChannelId(permit.attempt_id)].bridge
        stranger = switch.add("seat3")
        if is_told:
            switch.bridge(stranger, bridge)
        else:
            switch.live[stranger] = replace(switch.live[stranger], bridge=bridge)
        await until("shown out", lambda: stranger not in switch.live, 1 if is_told else 6)
        assert set(incidents(site)) == {"stranger_in_a_conversation"}
        assert is_up(site, permit)  # the conversation goes on


@virtual
async def test_an_operators_phone_that_a_crash_took_from_our_books_stays_where_it_is():
    async with controller_on_doubles(leads=1, seats=1) as site:
        (permit,) = await talking(site)
        switch = site.exchange.switch
        bridge = switch.live[ChannelId(permit.attempt_id)].bridge
        switch.bridge(switch.add("seat1"), bridge)
        await passes(6)
        assert incidents(site) == []
        assert switch.hung_up == []


@virtual
async def test_a_called_person_moved_to_another_operator_is_let_go():
    async with controller_on_doubles(leads=2, seats=2) as site:
        first, second = await talking(site, 2)
        switch = site.exchange.switch
        bridge = switch.live[ChannelId(second.attempt_id)].bridge
        switch.bridge(first.attempt_id, bridge)
        await until("let go", lambda: not is_up(site, first), 5)
        assert set(incidents(site)) == {"stranger_in_a_conversation"}
        assert is_up(site, second)


@virtual
async def test_a_conference_of_nobody_here_is_nobodys_business():
    async with controller_on_doubles(leads=1, seats=1) as site:
        switch = site.exchange.switch
        for name in ("office1", "office2"):
            switch.bridge(switch.add(name), "theirs")
        await passes(10)
        assert incidents(site) == []
        assert switch.hung_up == []


@virtual
async def test_lawful_calls_never_touch_the_tripwire():
    async with controller_on_doubles(leads=20, seats=3) as site:
        await talking(site, 3)
        await passes(20)
        assert incidents(site) == []
        assert site.warden.hangups == []


@virtual
async def test_a_diversion_ends_the_call():
    async with controller_on_doubles(leads=1, seats=1) as site:
        (permit,) = await talking(site)
        site.exchange.gate.tell(TrunkPartyChanged(trunk(site, permit), site.clock.now()))
        await until("ended", lambda: not is_up(site, permit), 1)
        await until("an incident", lambda: incidents(site) == ["trunk_party_changed"])


@virtual
async def test_an_incident_waits_for_a_database_that_is_away():
    async with controller_on_doubles(leads=1, seats=1) as site:
        (permit,) = await talking(site)
        site.watched.is_away = True
        site.exchange.gate.tell(TrunkPartyChanged(trunk(site, permit), site.clock.now()))
        await passes(5)
        assert incidents(site) == []
        site.watched.is_away = False
        await until("an incident", lambda: "trunk_party_changed" in incidents(site))
