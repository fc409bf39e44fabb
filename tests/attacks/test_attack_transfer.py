"""A call changes hands: REFER, Replaces, redirects, MESSAGE, SUBSCRIBE, pickup, from either side."""

import pytest

from tests.attacks.peers.peer import redirect, ring
from tests.scenes.attacked_site import CARRIER_HZ, OPERATOR_HZ, WANTED, AttackedSite
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.attack, pytest.mark.asyncio(loop_scope="session")]

SECOND = "33199000002"


async def test_an_operator_refers_the_called_person_to_a_number(attacked_site: AttackedSite):
    talk = await attacked_site.converse()
    await talk.operator.try_request("REFER", [f"Refer-To: <sip:{WANTED}@{attacked_site.pbx[0]}>"])
    await attacked_site.judge(attacked_site.unauthorised)


async def test_an_operator_refers_the_called_person_to_the_carrier(attacked_site: AttackedSite):
    talk = await attacked_site.converse()
    target = f"sip:{WANTED}@{attacked_site.carrier.address[0]}:{attacked_site.carrier.address[1]}"
    await talk.operator.try_request("REFER", [f"Refer-To: <{target}>", f"Referred-By: <{target}>"])
    await attacked_site.judge(attacked_site.unauthorised)


async def test_an_operator_joins_two_called_people_and_leaves(attacked_site: AttackedSite):
    first = await attacked_site.converse(1)
    second = await attacked_site.converse(2, SECOND)
    second.called.audio.speak(700)
    operator = second.operator
    replaces = f"{operator.call_id}%3Bto-tag%3D{operator.remote_tag}%3Bfrom-tag%3D{operator.local_tag}"
    await first.operator.try_request("REFER", [f"Refer-To: <sip:{SECOND}@{attacked_site.pbx[0]}?Replaces={replaces}>"])
    await attacked_site.judge(lambda: first.called.audio.hears(700))


async def test_an_operator_refers_outside_of_any_call(attacked_site: AttackedSite):
    phone = await attacked_site.phone(1)
    uri = f"sip:login@{attacked_site.pbx[0]}:{attacked_site.pbx[1]}"
    await phone.try_request(
        "REFER",
        uri,
        attacked_site.pbx,
        headers=[f"Refer-To: <sip:{WANTED}@{attacked_site.pbx[0]}>"],
        auth=attacked_site.account(1),
    )
    await attacked_site.judge(attacked_site.unauthorised, naive="closed")


async def test_the_carrier_refers_the_operator_to_a_number(attacked_site: AttackedSite):
    talk = await attacked_site.converse()
    await talk.called.try_request("REFER", [f"Refer-To: <sip:{WANTED}@{attacked_site.trunk[0]}>"])
    await attacked_site.judge(attacked_site.unauthorised)


async def test_another_phone_takes_the_operators_call_over_with_replaces(attacked_site: AttackedSite):
    talk = await attacked_site.converse()
    thief = await attacked_site.dial(3, "login", [f"Replaces: {talk.operator.replaces}", "Require: replaces"])
    thief_too = await attacked_site.dial(3, WANTED, [f"Replaces: {talk.operator.replaces}"])
    await attacked_site.judge(lambda: any(call.audio.hears(CARRIER_HZ) for call in (thief, thief_too)))


async def test_the_carrier_takes_a_trunk_call_over_with_replaces(attacked_site: AttackedSite):
    talk = await attacked_site.converse()
    call = await attacked_site.call(
        attacked_site.carrier,
        f"sip:{WANTED}@{attacked_site.trunk[0]}:{attacked_site.trunk[1]}",
        attacked_site.trunk,
        headers=[f"Replaces: {talk.called.replaces}"],
    )
    await attacked_site.judge(lambda: call.audio.hears(OPERATOR_HZ))


async def test_the_carrier_redirects_to_another_host(attacked_site: AttackedSite):
    elsewhere = f"{attacked_site.elsewhere.address[0]}:{attacked_site.elsewhere.address[1]}"
    await redirected(attacked_site, f"sip:{WANTED}@{elsewhere}")


async def test_the_carrier_redirects_to_another_number(attacked_site: AttackedSite):
    await redirected(
        attacked_site, f"sip:{WANTED}@{attacked_site.carrier.address[0]}:{attacked_site.carrier.address[1]}"
    )


async def test_the_carrier_redirects_to_several_contacts(attacked_site: AttackedSite):
    elsewhere = f"{attacked_site.elsewhere.address[0]}:{attacked_site.elsewhere.address[1]}"
    await redirected(
        attacked_site, f"sip:{WANTED}@{elsewhere};lr", f"tel:+{WANTED}", f"sip:{WANTED}@{attacked_site.trunk[0]}"
    )


async def redirected(attacked_site: AttackedSite, *contacts: str) -> None:
    attacked_site.carrier.behaviours[SECOND] = redirect(*contacts)
    attacked_site.allowed.add(SECOND)
    if attacked_site.is_naive:
        await attacked_site.dial(1, SECOND)
    else:
        await attacked_site.originate(f"PJSIP/{attacked_site.controller.allow(SECOND)}@gate")
    await attacked_site.called(SECOND)
    await attacked_site.judge(attacked_site.unauthorised)


@pytest.mark.parametrize("kind", ["carrier", "gate", "number"])
async def test_a_rung_phone_redirects(kind: str, attacked_site: AttackedSite):
    phone = await attacked_site.phone(2)
    host = {"carrier": attacked_site.carrier.address, "gate": attacked_site.gate, "number": attacked_site.pbx}[kind]
    phone.default = redirect(f"sip:{WANTED}@{host[0]}:{host[1]}")
    await attacked_site.originate("PJSIP/seat2", Context="seat", Variable="SEAT=2")
    await until(lambda: phone.requests, 5)
    await attacked_site.judge(attacked_site.unauthorised)


async def test_a_phone_sends_a_message(attacked_site: AttackedSite):
    phone = await attacked_site.phone(1)
    uri = f"sip:{WANTED}@{attacked_site.pbx[0]}:{attacked_site.pbx[1]}"
    await phone.try_request(
        "MESSAGE",
        uri,
        attacked_site.pbx,
        headers=["Content-Type: text/plain"],
        body="hi",
        auth=attacked_site.account(1),
    )
    await attacked_site.judge(attacked_site.unauthorised)


async def test_the_carrier_sends_a_message(attacked_site: AttackedSite):
    uri = f"sip:{WANTED}@{attacked_site.trunk[0]}:{attacked_site.trunk[1]}"
    await attacked_site.carrier.try_request(
        "MESSAGE", uri, attacked_site.trunk, headers=["Content-Type: text/plain"], body="hi"
    )
    await attacked_site.judge(attacked_site.unauthorised)


async def test_a_phone_subscribes_to_another_seats_calls(attacked_site: AttackedSite):
    phone = await attacked_site.phone(1)
    uri = f"sip:seat2@{attacked_site.pbx[0]}:{attacked_site.pbx[1]}"
    headers = ["Event: dialog", "Accept: application/dialog-info+xml", "Expires: 60"]
    final = await phone.try_request("SUBSCRIBE", uri, attacked_site.pbx, headers=headers, auth=attacked_site.account(1))
    await attacked_site.judge(lambda: final is not None and final.status // 100 == 2)


@pytest.mark.parametrize("code", ["*8", "*8seat2"])
async def test_a_phone_picks_up_another_seats_call(code: str, attacked_site: AttackedSite):
    ringing = await attacked_site.phone(2)
    ringing.default = ring
    await attacked_site.originate("PJSIP/seat2", Context="seat", Variable="SEAT=2")
    await until(lambda: ringing.requests, 5)
    thief = await attacked_site.dial(3, code)
    await attacked_site.judge(lambda: thief.status == 200, naive="open" if code == "*8" else "closed")
