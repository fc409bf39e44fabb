"""Keys on doubles: they reach nobody unless an allowance holds, and are found in the voice."""

from datetime import timedelta

import pytest

from telephony.domain.keys import NewKeyAllowance
from telephony.ids import ChannelId
from telephony.ports.switch import KeyPressed
from tests.services.virtual_time import passes, until, virtual
from tests.services.watched_talks import incidents, is_up, talking
from tests.services.whole_site import Site, site


@virtual
async def test_keys_at_a_seat_are_one_incident_a_minute():
    async with site(leads=1, seats=1) as house:
        (permit,) = await talking(house)
        phone = house.parts.shared.seats.seats[1].row.channel  # type: ignore[index]
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
        await until("allowed", lambda: house.parts.shared.watching.keys.allows(campaign_id), 2)
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
        assert not house.parts.shared.watching.keys.allows(campaign_id)
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
    phone = house.parts.shared.seats.seats[1].row.channel  # type: ignore[index]
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
