"""A call changes hands: REFER, Replaces, redirects, MESSAGE, SUBSCRIBE, pickup, from either side."""

import pytest

from tests.attacks.peers.peer import redirect, ring
from tests.attacks.site import CARRIER_HZ, OPERATOR_HZ, WANTED, Site
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.attack, pytest.mark.asyncio(loop_scope="session")]

SECOND = "33199000002"


async def test_an_operator_refers_the_called_person_to_a_number(site: Site):
    talk = await site.converse()
    await talk.operator.try_request("REFER", [f"Refer-To: <sip:{WANTED}@{site.pbx[0]}>"])
    await site.judge(site.unauthorised)


async def test_an_operator_refers_the_called_person_to_the_carrier(site: Site):
    talk = await site.converse()
    target = f"sip:{WANTED}@{site.carrier.address[0]}:{site.carrier.address[1]}"
    await talk.operator.try_request("REFER", [f"Refer-To: <{target}>", f"Referred-By: <{target}>"])
    await site.judge(site.unauthorised)


async def test_an_operator_joins_two_called_people_and_leaves(site: Site):
    first = await site.converse(1)
    second = await site.converse(2, SECOND)
    second.called.audio.speak(700)
    operator = second.operator
    replaces = f"{operator.call_id}%3Bto-tag%3D{operator.remote_tag}%3Bfrom-tag%3D{operator.local_tag}"
    await first.operator.try_request("REFER", [f"Refer-To: <sip:{SECOND}@{site.pbx[0]}?Replaces={replaces}>"])
    await site.judge(lambda: first.called.audio.hears(700))


async def test_an_operator_refers_outside_of_any_call(site: Site):
    phone = await site.phone(1)
    uri = f"sip:login@{site.pbx[0]}:{site.pbx[1]}"
    await phone.try_request(
        "REFER", uri, site.pbx, headers=[f"Refer-To: <sip:{WANTED}@{site.pbx[0]}>"], auth=site.account(1)
    )
    await site.judge(site.unauthorised, naive="closed")


async def test_the_carrier_refers_the_operator_to_a_number(site: Site):
    talk = await site.converse()
    await talk.called.try_request("REFER", [f"Refer-To: <sip:{WANTED}@{site.trunk[0]}>"])
    await site.judge(site.unauthorised)


async def test_another_phone_takes_the_operators_call_over_with_replaces(site: Site):
    talk = await site.converse()
    thief = await site.dial(3, "login", [f"Replaces: {talk.operator.replaces}", "Require: replaces"])
    thief_too = await site.dial(3, WANTED, [f"Replaces: {talk.operator.replaces}"])
    await site.judge(lambda: any(call.audio.hears(CARRIER_HZ) for call in (thief, thief_too)))


async def test_the_carrier_takes_a_trunk_call_over_with_replaces(site: Site):
    talk = await site.converse()
    call = await site.call(
        site.carrier,
        f"sip:{WANTED}@{site.trunk[0]}:{site.trunk[1]}",
        site.trunk,
        headers=[f"Replaces: {talk.called.replaces}"],
    )
    await site.judge(lambda: call.audio.hears(OPERATOR_HZ))


async def test_the_carrier_redirects_to_another_host(site: Site):
    elsewhere = f"{site.elsewhere.address[0]}:{site.elsewhere.address[1]}"
    await redirected(site, f"sip:{WANTED}@{elsewhere}")


async def test_the_carrier_redirects_to_another_number(site: Site):
    await redirected(site, f"sip:{WANTED}@{site.carrier.address[0]}:{site.carrier.address[1]}")


async def test_the_carrier_redirects_to_several_contacts(site: Site):
    elsewhere = f"{site.elsewhere.address[0]}:{site.elsewhere.address[1]}"
    await redirected(site, f"sip:{WANTED}@{elsewhere};lr", f"tel:+{WANTED}", f"sip:{WANTED}@{site.trunk[0]}")


async def redirected(site: Site, *contacts: str) -> None:
    site.carrier.behaviours[SECOND] = redirect(*contacts)
    site.allowed.add(SECOND)
    if site.is_naive:
        await site.dial(1, SECOND)
    else:
        await site.originate(f"PJSIP/{site.controller.allow(SECOND)}@gate")
    await site.called(SECOND)
    await site.judge(site.unauthorised)


@pytest.mark.parametrize("kind", ["carrier", "gate", "number"])
async def test_a_rung_phone_redirects(kind: str, site: Site):
    phone = await site.phone(2)
    host = {"carrier": site.carrier.address, "gate": site.gate, "number": site.pbx}[kind]
    phone.default = redirect(f"sip:{WANTED}@{host[0]}:{host[1]}")
    await site.originate("PJSIP/seat2", Context="seat", Variable="SEAT=2")
    await until(lambda: phone.requests, 5)
    await site.judge(site.unauthorised)


async def test_a_phone_sends_a_message(site: Site):
    phone = await site.phone(1)
    uri = f"sip:{WANTED}@{site.pbx[0]}:{site.pbx[1]}"
    await phone.try_request(
        "MESSAGE", uri, site.pbx, headers=["Content-Type: text/plain"], body="hi", auth=site.account(1)
    )
    await site.judge(site.unauthorised)


async def test_the_carrier_sends_a_message(site: Site):
    uri = f"sip:{WANTED}@{site.trunk[0]}:{site.trunk[1]}"
    await site.carrier.try_request("MESSAGE", uri, site.trunk, headers=["Content-Type: text/plain"], body="hi")
    await site.judge(site.unauthorised)


async def test_a_phone_subscribes_to_another_seats_calls(site: Site):
    phone = await site.phone(1)
    uri = f"sip:seat2@{site.pbx[0]}:{site.pbx[1]}"
    headers = ["Event: dialog", "Accept: application/dialog-info+xml", "Expires: 60"]
    final = await phone.try_request("SUBSCRIBE", uri, site.pbx, headers=headers, auth=site.account(1))
    await site.judge(lambda: final is not None and final.status // 100 == 2)


@pytest.mark.parametrize("code", ["*8", "*8seat2"])
async def test_a_phone_picks_up_another_seats_call(code: str, site: Site):
    ringing = await site.phone(2)
    ringing.default = ring
    await site.originate("PJSIP/seat2", Context="seat", Variable="SEAT=2")
    await until(lambda: ringing.requests, 5)
    thief = await site.dial(3, code)
    await site.judge(lambda: thief.status == 200, naive="open" if code == "*8" else "closed")
