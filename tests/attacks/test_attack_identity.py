"""Somebody claims to be somebody: registrations, From, spoofed addresses, strangers, the carrier as a caller."""

import asyncio
import contextlib

import pytest

from tests.attacks.peers.peer import SipPeer, ring
from tests.attacks.site import CALLED, WANTED, Site
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.attack, pytest.mark.asyncio(loop_scope="session")]


async def ring_seat(site: Site, seat: int) -> None:
    await site.originate(f"PJSIP/seat{seat}", Context="seat", Variable=f"SEAT={seat}")


@pytest.mark.parametrize("target", ["number_at_carrier", "host_only", "maddr"])
async def test_a_phone_registers_the_carrier_as_its_contact(target: str, site: Site):
    carrier = f"{site.carrier.address[0]}:{site.carrier.address[1]}"
    contact = {
        "number_at_carrier": f"sip:{WANTED}@{carrier}",
        "host_only": f"sip:{carrier}",
        "maddr": f"sip:{WANTED}@{site.pbx[0]};maddr={site.carrier.address[0]}",
    }[target]
    phone = await site.peer(site.host(30))
    await phone.register(site.pbx, site.account(5), contact)
    await ring_seat(site, 5)
    await site.judge(site.unauthorised, naive="closed" if target == "maddr" else "open")
    await phone.register(site.pbx, site.account(5), contact, expires=0)


async def test_a_thief_with_the_phones_password_is_called_in_its_place(site: Site):
    owner = await site.phone(4)
    owner.default = ring
    thief = await site.peer(site.host(31))
    final = await thief.register(site.pbx, site.account(4))
    await ring_seat(site, 4)
    await until(lambda: owner.requests or thief.requests, 5)
    await site.judge(lambda: final.status == 200 or any(one.method == "INVITE" for one in thief.requests))
    await thief.register(site.pbx, site.account(4), expires=0)


async def test_a_phone_from_outside_the_phones_network_registers(site: Site):
    stranger = await site.peer("127.59.0.9")
    final = None
    with contextlib.suppress(TimeoutError):  # the pbx may not even answer there
        final = await asyncio.wait_for(stranger.register(site.pbx, site.account(6)), 2)
    await site.judge(lambda: final is not None and final.status == 200)
    if final is not None:
        await stranger.register(site.pbx, site.account(6), expires=0)


@pytest.mark.parametrize("name", ["gate", "seat2", "carrier", "anonymous", "pbx"])
async def test_a_stranger_without_password_calls_the_pbx_as(name: str, site: Site):
    stranger = await site.peer(site.host(40))
    await call_as(site, stranger, name, site.pbx)
    # The naive pbx asks seat2 for its password, and knows the gate and its phones by that name only.
    await site.judge(site.unauthorised, naive="closed" if name == "seat2" else "open")


@pytest.mark.parametrize("name", ["pbx", "carrier", "anonymous", "seat1"])
@pytest.mark.parametrize("side", ["inside", "outside"])
async def test_a_stranger_without_password_calls_the_gate_as(name: str, side: str, site: Site):
    stranger = await site.peer(site.host(41))
    await call_as(site, stranger, name, site.gate if side == "inside" else site.trunk)
    await site.judge(site.unauthorised, naive="closed" if name == "pbx" else "open")


async def call_as(site: Site, stranger: SipPeer, name: str, to: tuple[str, int]) -> None:
    identity = [f"P-Asserted-Identity: <sip:{name}@{to[0]}>", f"Remote-Party-ID: <sip:{name}@{to[0]}>;party=calling"]
    uri = f"sip:{WANTED}@{to[0]}:{to[1]}"
    await site.call(stranger, uri, to, headers=identity, sender=f"<sip:{name}@{to[0]}>", wait_s=1)


async def test_a_packet_from_the_gates_address_calls_through_the_pbx(site: Site):
    impostor = await site.peer(site.gate[0])
    await site.call(impostor, f"sip:{WANTED}@{site.pbx[0]}:{site.pbx[1]}", site.pbx, wait_s=1)
    await site.judge(site.unauthorised)


async def test_a_packet_from_the_carriers_address_calls_through_the_gate(site: Site):
    await site.call(site.carrier, f"sip:{WANTED}@{site.trunk[0]}:{site.trunk[1]}", site.trunk, wait_s=1)
    await site.judge(site.unauthorised)


async def test_the_carrier_calls_an_operator(site: Site):
    phone = await site.phone(2)
    await site.call(site.carrier, f"sip:seat2@{site.trunk[0]}:{site.trunk[1]}", site.trunk, wait_s=1)
    await site.judge(lambda: any(one.method == "INVITE" for one in phone.requests))


async def test_a_packet_from_the_pbxs_address_without_password_calls_through_the_gate(site: Site):
    impostor = await site.stolen_pbx()
    permit = site.controller.allow(WANTED)
    call = await site.call(impostor, site.at_gate(permit), site.gate, wait_s=1)
    assert call.status == (200 if site.is_naive else 401)
    await site.judge(site.unauthorised)


async def test_a_phones_password_opens_the_gate(site: Site):
    phone = await site.phone(1)
    permit = site.controller.allow(WANTED)
    await site.call(phone, site.at_gate(permit), site.gate, site.account(1), wait_s=1)
    # On the naive gate the anonymous door is open anyway.
    await site.judge(site.unauthorised)


FORGED = "a%0D%0A%0D%0AEvent%3A%20Hangup%0D%0AUniqueid%3A%20forged-1.1%0D%0A"


@pytest.mark.parametrize("whose", ["phone", "stolen_pbx"])
async def test_a_callers_number_writes_manager_events_of_its_own(whose: str, site: Site):
    """Line breaks in From's user part: the controller would be told that calls ended, or began."""
    name, to = ("pbx", site.pbx) if whose == "phone" else ("gate", site.gate)
    peer = await site.phone(1) if whose == "phone" else await site.stolen_pbx()
    auth = site.account(1) if whose == "phone" else site.link
    user = "login" if whose == "phone" else site.controller.allow(CALLED)
    site.allowed.add(CALLED)
    async with site.manager(name) as manager:
        uri = f"sip:{CALLED if site.is_naive else user}@{to[0]}:{to[1]}"
        await site.call(peer, uri, to, auth, sender=f"<sip:{FORGED}@{peer.address[0]}>", wait_s=1)
        await until(lambda: any(one["Event"] == "Newchannel" for one in manager.events), 3)
        await site.judge(lambda: any(one.get("Uniqueid") == "forged-1.1" for one in manager.events))
