"""Voice and keys: unrecorded early audio, keys to the called person, audio steered away by SDP, audio injected."""

import asyncio

import pytest

from tests.attacks.peers.audio import Audio, tone
from tests.attacks.peers.message import Message, fax, sdp
from tests.attacks.peers.peer import Call, early
from tests.scenes.attacked_site import CALLED, CARRIER_HZ, OPERATOR_HZ, WANTED, AttackedSite, Conversation
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.attack, pytest.mark.asyncio(loop_scope="session")]

THIEF_HZ = 687.5


async def stolen_call(attacked_site: AttackedSite, number: str = CALLED) -> tuple[Call, "asyncio.Task[None]"]:
    """Call the gate as a stolen pbx with the link's password and a live permit (naive: a number)."""
    attacked_site.allowed.add(number)
    pbx = await attacked_site.stolen_pbx()
    user = number if attacked_site.is_naive else attacked_site.controller.allow(number)
    return pbx.start_call(
        attacked_site.at_gate(user), attacked_site.gate, await pbx.new_audio(), auth=attacked_site.link
    )


async def test_a_stolen_pbx_talks_to_the_called_person_before_the_answer(attacked_site: AttackedSite):
    attacked_site.carrier.default = early
    call, task = await stolen_call(attacked_site)
    called = await attacked_site.called(CALLED)
    called.audio.speak(CARRIER_HZ)
    await until(lambda: call.heard, 5)
    call.audio.speak(OPERATOR_HZ, call.audio.target)
    if not attacked_site.is_naive:
        await spray(attacked_site, call.audio)
    await attacked_site.judge(lambda: called.audio.hears(OPERATOR_HZ) or call.audio.hears(CARRIER_HZ))
    task.cancel()


async def spray(attacked_site: AttackedSite, audio: Audio) -> None:
    """Send some audio to every RTP port the gate may have open: the thief does not know which."""
    payload = tone(OPERATOR_HZ)[:160]
    node = attacked_site.settings.gate
    for _ in range(6):
        for port in range(node.rtp_start, node.rtp_end, 2):
            audio.send(8, payload, (attacked_site.gate[0], port))
        await asyncio.sleep(0)  # the turn of everybody's own audio, between two rounds


async def keys_heard(talk: Conversation) -> list[int]:
    return list(talk.called.audio.keys.values())


async def test_an_operator_presses_keys_as_rfc4733(attacked_site: AttackedSite):
    talk = await attacked_site.converse()
    for key in (1, 2, 3):
        talk.operator.audio.press(key)
    await attacked_site.judge(lambda: talk.called.audio.keys)


async def test_an_operator_dials_on_with_a_feature_code(attacked_site: AttackedSite):
    talk = await attacked_site.converse()
    for key in (11, 11, *(int(digit) for digit in WANTED)):  # 11: the # key; ## begins a blind transfer
        talk.operator.audio.press(key)
        await asyncio.sleep(0.1)  # one person pressing keys
    talk.operator.audio.press(11)
    await attacked_site.judge(attacked_site.unauthorised)


@pytest.mark.parametrize("kind", ["application/dtmf-relay", "application/dtmf"])
async def test_an_operator_presses_keys_as_info(kind: str, attacked_site: AttackedSite):
    talk = await attacked_site.converse()
    body = "Signal=5\r\nDuration=160\r\n" if kind.endswith("relay") else "5"
    await talk.operator.try_request("INFO", [f"Content-Type: {kind}"], body)
    await attacked_site.judge(
        lambda: talk.called.audio.keys or any(request.method == "INFO" for request in attacked_site.carrier.requests)
    )


async def test_a_stolen_pbx_with_a_permit_sends_keys_to_the_called_person(attacked_site: AttackedSite):
    call, task = await stolen_call(attacked_site)
    await asyncio.wait_for(task, 5)
    assert call.status == 200
    called = await attacked_site.called(CALLED)
    call.audio.speak(OPERATOR_HZ)
    await until(lambda: called.audio.hears(OPERATOR_HZ), 5)
    for key in (1, 2, 3):
        call.audio.press(key)
    await call.try_request("INFO", ["Content-Type: application/dtmf-relay"], "Signal=5\r\nDuration=160\r\n")
    await attacked_site.judge(
        lambda: called.audio.keys or any(request.method == "INFO" for request in attacked_site.carrier.requests)
    )


async def test_the_pbxs_manager_account_plays_keys_to_the_called_person(attacked_site: AttackedSite):
    talk = await attacked_site.converse()
    (leg,) = [name for name in attacked_site.channels("pbx") if name.startswith("PJSIP/gate-")]
    async with attacked_site.manager("pbx") as manager:
        for key in "15#":
            await manager.ask(Action="PlayDTMF", Channel=leg, Digit=key, Duration="120")
        await attacked_site.judge(lambda: talk.called.audio.keys)


@pytest.mark.parametrize("whose", ["carrier", "elsewhere"])
async def test_an_operator_steers_the_pbxs_audio_to(whose: str, attacked_site: AttackedSite):
    talk = await attacked_site.converse()
    spare = await (attacked_site.carrier if whose == "carrier" else attacked_site.elsewhere).new_audio()
    await talk.operator.try_request("INVITE", body=sdp(*spare.address))
    await attacked_site.judge(lambda: spare.strays)


async def test_a_call_begins_with_its_audio_steered_to_the_carrier(attacked_site: AttackedSite):
    spare = await attacked_site.carrier.new_audio()
    phone = await attacked_site.phone(1)
    uri = f"sip:{'login' if not attacked_site.is_naive else CALLED}@{attacked_site.pbx[0]}:{attacked_site.pbx[1]}"
    attacked_site.allowed.add(CALLED)
    call, task = phone.start_call(
        uri, attacked_site.pbx, await phone.new_audio(), auth=attacked_site.account(1), body=sdp(*spare.address)
    )
    await asyncio.wait_for(task, 5)
    if not attacked_site.is_naive:
        attacked_site.controller.seat = "1"
        await attacked_site.originate(f"PJSIP/{attacked_site.controller.allow(CALLED)}@gate")
    (await attacked_site.called(CALLED)).audio.speak(CARRIER_HZ)
    await attacked_site.judge(lambda: spare.strays)
    await call.hang_up()


async def test_a_stolen_pbx_steers_the_gates_audio_to_a_third_party(attacked_site: AttackedSite):
    call, task = await stolen_call(attacked_site)
    await asyncio.wait_for(task, 5)
    called = await attacked_site.called(CALLED)
    called.audio.speak(CARRIER_HZ)
    call.audio.speak(OPERATOR_HZ)
    await until(lambda: call.audio.hears(CARRIER_HZ), 5)
    third = await attacked_site.elsewhere.new_audio()
    await call.try_request("INVITE", body=sdp(*third.address))
    await attacked_site.judge(lambda: third.strays)


async def test_a_stolen_pbx_steers_one_calls_audio_into_another_call(attacked_site: AttackedSite):
    first, task = await stolen_call(attacked_site)
    await asyncio.wait_for(task, 5)
    second, task = await stolen_call(attacked_site, "33199000002")
    await asyncio.wait_for(task, 5)
    call, two = await attacked_site.called(CALLED), await attacked_site.called("33199000002")
    first.audio.speak(OPERATOR_HZ)
    call.audio.speak(CARRIER_HZ)
    two.audio.speak(THIEF_HZ)
    await until(lambda: call.audio.hears(OPERATOR_HZ) and second.audio.hears(THIEF_HZ), 5)
    # The second call's audio is to go to the port at the gate that sends to the first called person.
    port = call.audio.packets[-1][0]
    await second.try_request("INVITE", body=sdp(*port))
    await attacked_site.judge(lambda: call.audio.hears(THIEF_HZ), naive="closed")


async def test_the_carrier_steers_the_gates_audio_to_a_third_party(attacked_site: AttackedSite):
    talk = await attacked_site.converse()
    third = await attacked_site.elsewhere.new_audio()
    await talk.called.try_request("INVITE", body=sdp(*third.address))
    await attacked_site.judge(lambda: third.strays)


async def test_a_stranger_injects_audio_into_a_call(attacked_site: AttackedSite):
    talk = await attacked_site.converse()
    stranger = await Audio.open(attacked_site.host(45))
    gate_port = talk.called.audio.packets[-1][0]
    stranger.speak(THIEF_HZ, gate_port)
    try:
        await attacked_site.judge(lambda: talk.operator.audio.hears(THIEF_HZ))
    finally:
        stranger.close()


@pytest.mark.parametrize("side", ["operator", "carrier"])
async def test_a_side_offers_fax(side: str, attacked_site: AttackedSite):
    talk = await attacked_site.converse()
    call = talk.operator if side == "operator" else talk.called
    final = await call.try_request("INVITE", body=fax(*call.audio.address))
    # Even the naive pbx says 488 here: the far end of its bridge would have to take part.
    await attacked_site.judge(lambda: accepts(final, "m=image"), naive="closed")


async def test_a_side_offers_video(attacked_site: AttackedSite):
    talk = await attacked_site.converse()
    body = (
        talk.called.audio.offer + f"m=video {talk.called.audio.address[1] + 2} RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n"
    )
    final = await talk.called.try_request("INVITE", body=body)
    await attacked_site.judge(lambda: accepts(final, "m=video"))


def accepts(final: Message | None, line: str) -> bool:
    """Return True if an answer takes a stream with a port other than zero."""
    return final is not None and any(
        text.startswith(line) and not text.startswith(f"{line} 0 ") for text in final.body.split("\r\n")
    )
