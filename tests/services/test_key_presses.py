"""Keys on doubles: they reach nobody unless an allowance holds, and are found in the voice."""

from datetime import timedelta

import pytest

from telephony.domain.security.dtmf import NewDtmfAllowance
from telephony.ids import ChannelId
from telephony.ports.calls.switch import DtmfPressed
from tests.scenes.controller_on_doubles import ControllerOnDoubles, controller_on_doubles
from tests.services.watched_talks import incidents, is_up, talking
from tests.virtual_time import passes, until, virtual


@virtual
async def test_keys_at_a_seat_are_one_incident_a_minute():
    async with controller_on_doubles(leads=1, seats=1) as site:
        (permit,) = await talking(site)
        phone = site.parts.calls.seats.seats[1].row.channel  # type: ignore[index]
        for _ in range(20):
            site.exchange.switch.tell(DtmfPressed(phone, site.clock.now()))
        site.exchange.switch.tell(DtmfPressed(ChannelId("nobody"), site.clock.now()))
        await passes(1)
        assert incidents(site) == ["key_pressed"]
        assert is_up(site, permit)  # nothing was passed on: nothing to end


@virtual
async def test_keys_pass_one_by_one_when_the_campaign_may_use_them_and_not_one_more():
    async with controller_on_doubles(leads=1, seats=1) as site:
        (campaign_id,) = site.tables.campaigns
        keys = site.fake.store.keys
        await keys.ask(NewDtmfAllowance(campaign_id, "a switchboard", "m.durand", most=2), site.clock.now())
        await keys.approve(campaign_id, "l.petit", site.clock.now())
        await until("allowed", lambda: site.parts.calls.security.dtmf.allows(campaign_id), 2)
        (permit,) = await talking(site)
        press(site, "7#")
        await until("played", lambda: len(site.exchange.switch.played) == 2, 1)
        assert site.exchange.switch.played == [(permit.attempt_id, "7"), (permit.attempt_id, "#")]
        assert incidents(site) == []
        press(site, "1")
        await until("an incident", lambda: incidents(site) == ["key_pressed"], 1)
        assert "[keys_too_many]" in site.tables.incidents[0].text
        assert len(site.exchange.switch.played) == 2
        assert site.kinds().count("key_passed") == 2
        await passes(0.5)
        assert [event.details for event in site.tables.events if event.kind == "KeyPassed"] == [
            {"key": "7"},
            {"key": "#"},
        ]


@pytest.mark.parametrize("how", ["not asked", "not approved", "denied", "run out", "database gone"])
@virtual
async def test_no_key_passes_unless_an_approved_allowance_holds_now(how: str):
    async with controller_on_doubles(leads=1, seats=1) as site:
        (campaign_id,) = site.tables.campaigns
        keys, now = site.fake.store.keys, site.clock.now()
        until_at = now + timedelta(seconds=1) if how == "run out" else None
        if how != "not asked":
            await keys.ask(NewDtmfAllowance(campaign_id, "a switchboard", "m.durand", valid_until=until_at), now)
        if how not in {"not asked", "not approved"}:
            await keys.approve(campaign_id, "l.petit", now)
        await talking(site)
        await passes(1)
        if how == "denied":
            await keys.deny(campaign_id, "m.durand", "done", site.clock.now())
        site.watched.refused |= {"keys.standing"} if how == "database gone" else set()
        await passes(1)
        assert not site.parts.calls.security.dtmf.allows(campaign_id)
        press(site, "1")
        await passes(1)
        assert site.exchange.switch.played == []
        assert incidents(site) == ["key_pressed"]


@virtual
async def test_a_key_that_cannot_be_written_down_is_not_played():
    async with controller_on_doubles(leads=1, seats=1) as site:
        (campaign_id,) = site.tables.campaigns
        await site.fake.store.keys.ask(NewDtmfAllowance(campaign_id, "menu", "m.durand"), site.clock.now())
        await site.fake.store.keys.approve(campaign_id, "l.petit", site.clock.now())
        await talking(site)
        await passes(1)
        site.watched.refused.add("ledger.enter")
        press(site, "1")
        await passes(1)
        assert site.exchange.switch.played == []


def press(site: ControllerOnDoubles, keys: str) -> None:
    """Press and release keys at seat 1, as the pbx reports it."""
    phone = site.parts.calls.seats.seats[1].row.channel  # type: ignore[index]
    for key in keys:
        site.exchange.switch.tell(DtmfPressed(phone, site.clock.now()))
        site.exchange.switch.tell(DtmfPressed(phone, site.clock.now(), key))


@virtual
async def test_keys_as_tones_in_the_voice_are_found_in_the_recording():
    async with controller_on_doubles(leads=1, seats=1) as site:
        site.archive.tones = (1.25, 3.5)
        (permit,) = await talking(site)
        site.exchange.hang_up(permit.attempt_id)
        await until("an incident", lambda: "tones_in_recording" in incidents(site))
        (incident,) = site.tables.incidents
        assert incident.subject == permit.attempt_id
        assert "2 DTMF tones" in incident.text
        assert "1.2, 3.5 s" in incident.text
