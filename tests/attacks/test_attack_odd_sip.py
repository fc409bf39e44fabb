"""SIP that no telephone sends, by a stolen pbx with the link's password and a live permit: bodies, methods, offers.

What it wants: another number, a word or a key past the recorder, audio at an address that nobody records. Header
tricks are ``test_attack_permit``'s, request URIs ``test_attack_dialling``'s.
"""

import asyncio
from pathlib import Path

import pytest

from tests.attacks.peers.audio import Audio
from tests.attacks.peers.message import Message, response, sdp
from tests.attacks.peers.peer import Behaviour, Call, SipPeer
from tests.scenes.attacked_site import CALLED, CARRIER_HZ, OPERATOR_HZ, WANTED, AttackedSite
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.attack, pytest.mark.asyncio(loop_scope="session")]

SECRET = "meet me behind the gym"
BLOCK = 32_768
"""Bytes a recording grows by at a time."""
SIGNALLING = {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "PRACK"}


def offer(own: Audio, *lines: str) -> str:
    """Return a plain offer with more lines behind it."""
    return own.offer + "".join(f"{line}\r\n" for line in lines)


def parts(*bodies: tuple[str, str]) -> str:
    """Return a multipart body."""
    text = "".join(f"--x\r\nContent-Type: {kind}\r\n\r\n{body}\r\n" for kind, body in bodies)
    return f"{text}--x--\r\n"


MULTIPART = "Content-Type: multipart/mixed;boundary=x"
NUMBER = ("text/plain", f"{SECRET} {WANTED}")


def odd_invites(own: Audio, third: Audio, carrier: str) -> dict[str, tuple[list[str], str]]:
    """Return headers and body of each."""
    host, port = third.address
    call = ("application/sdp", own.offer)
    candidate = f"a=candidate:1 1 UDP 2130706431 {host} {port} typ host"
    moved = own.offer.replace(f"c=IN IP4 {own.address[0]}", f"c=IN IP4 {host}").replace(
        f"m=audio {own.address[1]} ", f"m=audio {port} "
    )
    return {
        "multipart_with_a_text": ([MULTIPART], parts(call, NUMBER)),
        "multipart_with_two_offers": ([MULTIPART], parts(call, ("application/sdp", sdp(host, port)))),
        "multipart_with_a_message": ([MULTIPART], parts(call, ("message/sipfrag", f"INVITE sip:{WANTED}@{carrier}"))),
        "two_audio_lines": ([], offer(own, f"m=audio {port} RTP/AVP 8", f"c=IN IP4 {host}")),
        "audio_and_text_lines": ([], offer(own, f"m=text {port} RTP/AVP 98", "a=rtpmap:98 t140/1000")),
        "audio_and_message_lines": ([], offer(own, f"m=message {port} TCP/MSRP *", f"a=path:msrp://{host}:{port}/x;tcp")),
        "ice_candidates_elsewhere": ([], offer(own, "a=ice-ufrag:abcd", "a=ice-pwd:" + "x" * 24, candidate)),
        "rtcp_elsewhere": ([], offer(own, f"a=rtcp:{port} IN IP4 {host}")),
        "rtcp_mux_and_bundle": ([], offer(own, "a=rtcp-mux", "a=mid:0", "a=group:BUNDLE 0")),
        "audio_elsewhere_from_the_first": ([], moved),
        "audio_on_hold_from_the_first": ([], own.offer.replace("a=sendrecv", "a=inactive")),
        "no_offer": ([], ""),
        "srtp": ([], own.offer.replace("RTP/AVP", "RTP/SAVP")),
        "a_long_session": (["Session-Expires: 86400;refresher=uas", "Min-SE: 86400", "Supported: timer"], own.offer),
        "demands": (["Require: 100rel, timer, path", "Supported: outbound, gruu, replaces, norefersub"], own.offer),
        "join_and_replaces": (["Join: a;to-tag=b;from-tag=c", "Replaces: a;to-tag=b;from-tag=c"], own.offer),
        "subject_with_a_text": ([f"Subject: {SECRET} {WANTED}", f"X-Text: {SECRET}"], own.offer),
        "user_agent_with_a_text": ([f"User-Agent: {SECRET}", f"Organization: {SECRET}"], own.offer),
        "session_name_with_a_text": ([], own.offer.replace("s=-", f"s={SECRET}").replace("o=-", f"o={WANTED}")),
        "thirty_thousand_bytes": ([f"X-Long-{count}: {WANTED}{'x' * 900}" for count in range(32)], own.offer),
        "geolocation": ([f"Geolocation: <cid:{WANTED}>", f"Call-Info: <sip:{WANTED}@{carrier}>"], own.offer),
    }  # fmt: skip


INVITES = (
    *("multipart_with_a_text", "multipart_with_two_offers", "multipart_with_a_message", "two_audio_lines"),
    *("audio_and_text_lines", "audio_and_message_lines", "ice_candidates_elsewhere", "rtcp_elsewhere"),
    *("rtcp_mux_and_bundle", "audio_elsewhere_from_the_first", "audio_on_hold_from_the_first", "no_offer", "srtp"),
    *("a_long_session", "demands", "join_and_replaces", "subject_with_a_text", "user_agent_with_a_text"),
    *("session_name_with_a_text", "thirty_thousand_bytes", "geolocation"),
)  # fmt: skip


def leaked(attacked_site: AttackedSite) -> bool:
    """Return True if a word of the attacker's has reached the carrier's side, in a call or beside one."""
    heard = [*attacked_site.carrier.requests, *attacked_site.elsewhere.requests]
    return any(
        message.method not in SIGNALLING or SECRET in message.text or WANTED in message.text for message in heard
    )


NAIVE_INVITES = {"audio_elsewhere_from_the_first"}


@pytest.mark.parametrize("name", INVITES)
async def test_a_permit_is_used_with(name: str, attacked_site: AttackedSite):
    pbx = await attacked_site.stolen_pbx()
    own, third = await pbx.new_audio(), await attacked_site.elsewhere.new_audio()
    forms = odd_invites(own, third, f"{attacked_site.carrier.address[0]}:{attacked_site.carrier.address[1]}")
    assert tuple(forms) == INVITES
    headers, body = forms[name]
    attacked_site.allowed.add(CALLED)
    user = CALLED if attacked_site.is_naive else attacked_site.controller.allow(CALLED)
    _, task = pbx.start_call(
        attacked_site.at_gate(user), attacked_site.gate, own, auth=attacked_site.link, headers=headers, body=body
    )
    await asyncio.wait((task,), timeout=2)  # its final answer, or none: some of these are dropped
    for called in list(attacked_site.carrier.calls):
        called.audio.speak(CARRIER_HZ)
    own.speak(OPERATOR_HZ)
    await attacked_site.judge(
        lambda: attacked_site.unauthorised() or leaked(attacked_site) or third.strays,
        naive="open" if name in NAIVE_INVITES else "closed",
    )
    task.cancel()
    # And the gate is none the worse for it.
    attacked_site.allowed.add("33199000009")
    after = "33199000009" if attacked_site.is_naive else attacked_site.controller.allow("33199000009")
    assert (
        await attacked_site.call(
            await attacked_site.stolen_pbx(), attacked_site.at_gate(after), attacked_site.gate, attacked_site.link
        )
    ).status == 200


Request = tuple[str, list[str], str]
IN_CALL: dict[str, Request] = {
    "message": ("MESSAGE", ["Content-Type: text/plain"], SECRET),
    "info_with_text": ("INFO", ["Content-Type: text/plain"], SECRET),
    "info_hook_flash": ("INFO", ["Content-Type: application/hook-flash"], "flash"),
    "info_dtmf_of_a_number": ("INFO", ["Content-Type: application/dtmf-relay"], f"Signal={WANTED}\r\nDuration=100\r\n"),
    "notify": ("NOTIFY", ["Event: refer", "Subscription-State: active", "Content-Type: text/plain"], SECRET),
    "subscribe": ("SUBSCRIBE", ["Event: dialog", "Expires: 60"], ""),
    "publish": ("PUBLISH", ["Event: presence", "Content-Type: text/plain"], SECRET),
    "options_with_replaces": ("OPTIONS", ["Replaces: a;to-tag=b;from-tag=c"], ""),
    "prack": ("PRACK", ["RAck: 1 1 INVITE"], ""),
    "refer": ("REFER", [f"Refer-To: <sip:{WANTED}@127.0.0.1>"], ""),
    "update_with_identity": ("UPDATE", [f"P-Asserted-Identity: <sip:{WANTED}@x>", f"Subject: {SECRET}"], ""),
}
NAIVE_IN_CALL = {"message", "info_hook_flash", "refer", "update_with_identity"}


@pytest.mark.parametrize("name", IN_CALL)
async def test_a_stolen_pbx_says_in_a_call(name: str, attacked_site: AttackedSite):
    call = await talking(attacked_site)
    method, headers, body = IN_CALL[name]
    await call.try_request(method, headers, body)
    await attacked_site.judge(
        lambda: attacked_site.unauthorised() or leaked(attacked_site),
        naive="open" if name in NAIVE_IN_CALL else "closed",
    )


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
async def test_a_stolen_pbx_puts_the_call_on_hold_and_speaks_on(method: str, attacked_site: AttackedSite):
    """Speech on hold is recorded: the file still grows, whatever the offer asks (also on the naive site)."""
    call = await talking(attacked_site)
    await call.try_request(method, body=call.audio.offer.replace("a=sendrecv", "a=inactive"))
    mixed = [path for path in monitor(attacked_site).glob("*.wav") if not path.stem.endswith(("-rx", "-tx"))]
    recording = max(mixed, key=lambda path: path.stat().st_mtime)
    size = recording.stat().st_size
    # The first block was begun before the hold.
    await until(lambda: recording.stat().st_size >= size + 2 * BLOCK or not attacked_site.channels("gate"), 12)


def monitor(attacked_site: AttackedSite) -> Path:
    return attacked_site.lab.gate.spool / "monitor"


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
async def test_a_stolen_pbx_steers_audio_with_a_second_line(method: str, attacked_site: AttackedSite):
    call = await talking(attacked_site)
    third = await attacked_site.elsewhere.new_audio()
    body = offer(call.audio, f"m=audio {third.address[1]} RTP/AVP 8", f"c=IN IP4 {third.address[0]}")
    await call.try_request(method, body=body)
    await attacked_site.judge(lambda: third.strays, naive="closed")


async def talking(attacked_site: AttackedSite) -> Call:
    """Return a stolen pbx's own call under a permit, both sides speaking."""
    pbx = await attacked_site.stolen_pbx()
    attacked_site.allowed.add(CALLED)
    user = CALLED if attacked_site.is_naive else attacked_site.controller.allow(CALLED)
    call, task = pbx.start_call(
        attacked_site.at_gate(user), attacked_site.gate, await pbx.new_audio(), auth=attacked_site.link
    )
    await asyncio.wait_for(task, 5)
    assert call.status == 200
    called = await attacked_site.called(CALLED)
    called.audio.speak(CARRIER_HZ)
    call.audio.speak(OPERATOR_HZ)
    await until(lambda: call.audio.hears(CARRIER_HZ) and called.audio.hears(OPERATOR_HZ), 5)
    attacked_site.mark()
    return call


async def test_the_carrier_sends_texts_to_the_operator(attacked_site: AttackedSite):
    talk = await attacked_site.converse()
    for method, headers, body in IN_CALL.values():
        await talk.called.try_request(method, headers, body)
    phone = talk.operator.peer
    await attacked_site.judge(
        lambda: (
            any(request.method not in SIGNALLING or SECRET in request.text for request in phone.requests)
            or attacked_site.unauthorised()
        )
    )


def answers(attacked_site: AttackedSite) -> dict[str, Behaviour]:
    """Return odd answers of a carrier to the gate's INVITE."""
    expected = f"sip:{WANTED}@{attacked_site.pbx[0]}:{attacked_site.pbx[1]}"
    elsewhere = f"{attacked_site.elsewhere.address[0]}:{attacked_site.elsewhere.address[1]}"

    def says(status: str, *headers: str, body: bool = False) -> Behaviour:
        async def behave(peer: SipPeer, invite: Message, call: Call) -> None:
            peer.respond(invite, call, status, list(headers) or None, call.audio.offer if body else "")

        return behave

    async def forks(peer: SipPeer, invite: Message, call: Call) -> None:
        own = [f"Contact: <sip:x@{elsewhere}>"]
        for tag in ("one", "two", "three"):
            peer.send(response(invite, "200 OK", tag, own, call.audio.offer), invite.source)

    return {
        "300": says("300 Multiple Choices", f"Contact: <{expected}>, <sip:{WANTED}@{elsewhere}>"),
        "305": says("305 Use Proxy", f"Contact: <sip:{elsewhere}>"),
        "380": says("380 Alternative Service", f"Contact: <sip:{WANTED}@{elsewhere}>"),
        "401": says("401 Unauthorized", 'WWW-Authenticate: Digest realm="x", nonce="y"'),
        "422": says("422 Session Interval Too Small", "Min-SE: 86400"),
        "503_retry": says("503 Service Unavailable", "Retry-After: 0", f"Contact: <sip:{WANTED}@{elsewhere}>"),
        "200_contact_elsewhere": says("200 OK", f"Contact: <sip:{WANTED}@{elsewhere}>", body=True),
        "200_contact_at_the_pbx": says("200 OK", f"Contact: <{expected}>", body=True),
        "200_record_route": says("200 OK", f"Record-Route: <sip:{elsewhere};lr>", f"Contact: <{expected}>", body=True),
        "200_forked": forks,
        "200_without_answer": says("200 OK", f"Contact: <sip:x@{elsewhere}>"),
        "183_reliable": says("183 Progress", "Require: 100rel", "RSeq: 1", f"Contact: <sip:x@{elsewhere}>", body=True),
    }


ANSWERS = (
    *("300", "305", "380", "401", "422", "503_retry", "200_contact_elsewhere", "200_contact_at_the_pbx"),
    *("200_record_route", "200_forked", "200_without_answer", "183_reliable"),
)
NAIVE_ANSWERS = {
    *("300", "305", "380", "200_contact_elsewhere", "200_record_route", "200_forked", "200_without_answer"),
    "183_reliable",
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_the_carrier_answers_with(name: str, attacked_site: AttackedSite):
    """No new call is made, and none of the call's signalling goes to the address the carrier names."""
    forms = answers(attacked_site)
    assert tuple(forms) == ANSWERS
    attacked_site.carrier.default = forms[name]
    attacked_site.allowed.add(CALLED)
    pbx = await attacked_site.stolen_pbx()
    user = CALLED if attacked_site.is_naive else attacked_site.controller.allow(CALLED)
    call = await attacked_site.call(pbx, attacked_site.at_gate(user), attacked_site.gate, attacked_site.link)
    await call.hang_up()
    await attacked_site.judge(
        lambda: (
            attacked_site.unauthorised()
            or attacked_site.elsewhere.requests
            or any(request.number == WANTED for request in pbx.requests)
        ),
        naive="open" if name in NAIVE_ANSWERS else "closed",
    )
