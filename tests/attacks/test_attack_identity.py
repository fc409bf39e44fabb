"""Somebody claims to be somebody: registrations, From, spoofed addresses, strangers, the carrier as a caller."""

import asyncio
import contextlib

import pytest

from tests.attacks.peers.peer import SipPeer, ring
from tests.scenes.attacked_site import CALLED, WANTED, AttackedSite
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.attack, pytest.mark.asyncio(loop_scope="session")]


async def ring_seat(attacked_site: AttackedSite, seat: int) -> None:
    await attacked_site.originate(f"PJSIP/seat{seat}", Context="seat", Variable=f"SEAT={seat}")


@pytest.mark.parametrize("target", ["number_at_carrier", "host_only", "maddr"])
async def test_a_phone_registers_the_carrier_as_its_contact(target: str, attacked_site: AttackedSite):
    carrier = f"{attacked_site.carrier.address[0]}:{attacked_site.carrier.address[1]}"
    contact = {
        "number_at_carrier": f"sip:{WANTED}@{carrier}",
        "host_only": f"sip:{carrier}",
        "maddr": f"sip:{WANTED}@{attacked_site.pbx[0]};maddr={attacked_site.carrier.address[0]}",
    }[target]
    phone = await attacked_site.peer(attacked_site.host(30))
    await phone.register(attacked_site.pbx, attacked_site.account(5), contact)
    await ring_seat(attacked_site, 5)
    await attacked_site.judge(attacked_site.unauthorised, naive="closed" if target == "maddr" else "open")
    await phone.register(attacked_site.pbx, attacked_site.account(5), contact, expires=0)


async def test_a_thief_with_the_phones_password_is_called_in_its_place(attacked_site: AttackedSite):
    owner = await attacked_site.phone(4)
    owner.default = ring
    thief = await attacked_site.peer(attacked_site.host(31))
    final = await thief.register(attacked_site.pbx, attacked_site.account(4))
    await ring_seat(attacked_site, 4)
    await until(lambda: owner.requests or thief.requests, 5)
    await attacked_site.judge(
        lambda: final.status == 200 or any(request.method == "INVITE" for request in thief.requests)
    )
    await thief.register(attacked_site.pbx, attacked_site.account(4), expires=0)


async def test_a_phone_from_outside_the_phones_network_registers(attacked_site: AttackedSite):
    stranger = await attacked_site.peer("127.59.0.9")
    final = None
    with contextlib.suppress(TimeoutError):  # the pbx may not even answer there
        final = await asyncio.wait_for(stranger.register(attacked_site.pbx, attacked_site.account(6)), 2)
    await attacked_site.judge(lambda: final is not None and final.status == 200)
    if final is not None:
        await stranger.register(attacked_site.pbx, attacked_site.account(6), expires=0)


@pytest.mark.parametrize("name", ["gate", "seat2", "carrier", "anonymous", "pbx"])
async def test_a_stranger_without_password_calls_the_pbx_as(name: str, attacked_site: AttackedSite):
    stranger = await attacked_site.peer(attacked_site.host(40))
    await call_as(attacked_site, stranger, name, attacked_site.pbx)
    # The naive pbx asks seat2 for its password, and knows the gate and its phones by that name only.
    await attacked_site.judge(attacked_site.unauthorised, naive="closed" if name == "seat2" else "open")


@pytest.mark.parametrize("name", ["pbx", "carrier", "anonymous", "seat1"])
@pytest.mark.parametrize("side", ["inside", "outside"])
async def test_a_stranger_without_password_calls_the_gate_as(name: str, side: str, attacked_site: AttackedSite):
    stranger = await attacked_site.peer(attacked_site.host(41))
    await call_as(attacked_site, stranger, name, attacked_site.gate if side == "inside" else attacked_site.trunk)
    await attacked_site.judge(attacked_site.unauthorised, naive="closed" if name == "pbx" else "open")


async def call_as(attacked_site: AttackedSite, stranger: SipPeer, name: str, to: tuple[str, int]) -> None:
    identity = [f"P-Asserted-Identity: <sip:{name}@{to[0]}>", f"Remote-Party-ID: <sip:{name}@{to[0]}>;party=calling"]
    uri = f"sip:{WANTED}@{to[0]}:{to[1]}"
    await attacked_site.call(stranger, uri, to, headers=identity, sender=f"<sip:{name}@{to[0]}>", wait_s=1)


async def test_a_packet_from_the_gates_address_calls_through_the_pbx(attacked_site: AttackedSite):
    impostor = await attacked_site.peer(attacked_site.gate[0])
    await attacked_site.call(
        impostor, f"sip:{WANTED}@{attacked_site.pbx[0]}:{attacked_site.pbx[1]}", attacked_site.pbx, wait_s=1
    )
    await attacked_site.judge(attacked_site.unauthorised)


async def test_a_packet_from_the_carriers_address_calls_through_the_gate(attacked_site: AttackedSite):
    await attacked_site.call(
        attacked_site.carrier,
        f"sip:{WANTED}@{attacked_site.trunk[0]}:{attacked_site.trunk[1]}",
        attacked_site.trunk,
        wait_s=1,
    )
    await attacked_site.judge(attacked_site.unauthorised)


async def test_the_carrier_calls_an_operator(attacked_site: AttackedSite):
    phone = await attacked_site.phone(2)
    await attacked_site.call(
        attacked_site.carrier,
        f"sip:seat2@{attacked_site.trunk[0]}:{attacked_site.trunk[1]}",
        attacked_site.trunk,
        wait_s=1,
    )
    await attacked_site.judge(lambda: any(request.method == "INVITE" for request in phone.requests))


async def test_a_packet_from_the_pbxs_address_without_password_calls_through_the_gate(attacked_site: AttackedSite):
    impostor = await attacked_site.stolen_pbx()
    permit = attacked_site.controller.allow(WANTED)
    call = await attacked_site.call(impostor, attacked_site.at_gate(permit), attacked_site.gate, wait_s=1)
    assert call.status == (200 if attacked_site.is_naive else 401)
    await attacked_site.judge(attacked_site.unauthorised)


async def test_a_phones_password_opens_the_gate(attacked_site: AttackedSite):
    phone = await attacked_site.phone(1)
    permit = attacked_site.controller.allow(WANTED)
    await attacked_site.call(
        phone, attacked_site.at_gate(permit), attacked_site.gate, attacked_site.account(1), wait_s=1
    )
    # On the naive gate the anonymous door is open anyway.
    await attacked_site.judge(attacked_site.unauthorised)


FORGED = "a%0D%0A%0D%0AEvent%3A%20Hangup%0D%0AUniqueid%3A%20forged-1.1%0D%0A"


@pytest.mark.parametrize("whose", ["phone", "stolen_pbx"])
async def test_a_callers_number_writes_manager_events_of_its_own(whose: str, attacked_site: AttackedSite):
    """Line breaks in From's user part: the controller would believe that calls ended, or began."""
    name, to = ("pbx", attacked_site.pbx) if whose == "phone" else ("gate", attacked_site.gate)
    peer = await attacked_site.phone(1) if whose == "phone" else await attacked_site.stolen_pbx()
    auth = attacked_site.account(1) if whose == "phone" else attacked_site.link
    user = "login" if whose == "phone" else attacked_site.controller.allow(CALLED)
    attacked_site.allowed.add(CALLED)
    async with attacked_site.manager(name) as manager:
        uri = f"sip:{CALLED if attacked_site.is_naive else user}@{to[0]}:{to[1]}"
        await attacked_site.call(peer, uri, to, auth, sender=f"<sip:{FORGED}@{peer.address[0]}>", wait_s=1)
        await until(lambda: any(event["Event"] == "Newchannel" for event in manager.events), 3)
        await attacked_site.judge(lambda: any(event.get("Uniqueid") == "forged-1.1" for event in manager.events))
