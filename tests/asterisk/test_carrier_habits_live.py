"""Carriers of three habits over UDP: what each receives about the caller, and what silence on the wire does."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from telephony.asterisk.rendering import render_gate, render_pbx
from telephony.settings import TrunkSettings, load_settings
from telephony.workshop.lab import Lab, phone_login
from telephony.workshop.lab.console import command
from tests.asterisk.lab_peers import FastAgiStub, LabMaker, ManagerListener, originate
from tests.attacks.peers.message import Message
from tests.attacks.peers.peer import Call, SipPeer
from tests.scenes.lab_site import OPTIONS
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.slow]

CARRIER = (f"127.62.{os.getpid() % 200 + 10}.5", 26090)
CALLED = "33199000001"
ACCOUNT = {"username": "line8", "secret": "secret-of-the-trunk"}
HABITS: dict[str, dict[str, Any]] = {
    "known by address, reads From": {},
    "an account, reads P-Asserted-Identity": ACCOUNT,
    "an account, reads Remote-Party-ID, its own domain": ACCOUNT
    | {"send_pai": False, "send_rpid": True, "from_domain": "carrier.example"},
    "an account, reads From": ACCOUNT | {"from_user": "caller_id"},
}


@pytest.fixture(scope="module")
def made(new_lab: LabMaker) -> Lab:
    return new_lab(replace(OPTIONS, seats=1, carrier=f"{CARRIER[0]}:{CARRIER[1]}", has_warden=False))


@pytest.fixture
async def carrier() -> AsyncIterator[SipPeer]:
    peer = await SipPeer.open(*CARRIER)
    yield peer
    peer.close()


@pytest.fixture(autouse=True)
async def quiet(made: Lab) -> AsyncIterator[None]:
    yield
    for instance in (made.pbx, made.gate):
        command(instance.control, "channel request hangup all")
        await until(lambda here=instance.control: not command(here, "core show channels concise").strip(), 10)


async def set_trunk(lab: Lab, **changes: Any) -> None:
    """Render both instances for a trunk with other settings, and have them read it."""
    settings = load_settings(lab.settings)
    trunk = settings.trunks[0].model_dump(mode="json") | changes
    whole = settings.model_copy(update={"trunks": (type(settings.trunks[0])(**trunk),)})
    for instance, files in ((lab.gate, render_gate(whole)), (lab.pbx, render_pbx(whole))):
        (instance.folder / "etc" / "pjsip.conf").write_text(files["pjsip.conf"])
        command(instance.control, "module load res_pjsip_outbound_authenticator_digest.so")
        command(instance.control, "module reload res_pjsip.so")
    trunk_settings = whole.trunks[0]
    facts = {
        "send_pai": str(trunk_settings.send_pai).lower(),
        "send_rpid": str(trunk_settings.send_rpid).lower(),
        "from_domain": trunk_settings.from_domain,
        "rtp_timeout": str(trunk_settings.rtp_timeout_s),
    }
    # A reload that comes while another one is under way is queued.
    await until(lambda: facts.items() <= endpoint(lab).items(), 10)


def endpoint(lab: Lab) -> dict[str, str]:
    """Return what the gate shows of the trunk's endpoint now."""
    lines = command(lab.gate.control, f"pjsip show endpoint {lab.trunk}").splitlines()
    rows = (re.fullmatch(r"\s*(\w+)\s*:\s*(\S*)\s*", line) for line in lines)
    return {row[1]: row[2] for row in rows if row is not None}


async def calling(lab: Lab, carrier: SipPeer) -> Call:
    """Let a permit be used, and return the carrier's side of the call it answered."""
    async with FastAgiStub(lab).listening() as stub, ManagerListener(lab.pbx).connected() as pbx:
        stub.seat = "1"
        await originate(pbx, stub.allow(CALLED).permit_id)
        await until(lambda: any(request.method == "ACK" for request in carrier.requests), 10)
    return carrier.calls[-1]


def challenging(status: str, header: str, least: int) -> Any:
    """A carrier that asks for the account, and for session timers of its own, before it answers."""

    async def behave(peer: SipPeer, invite: Message, call: Call) -> None:
        if not (invite.header("authorization") or invite.header("proxy-authorization")):
            peer.respond(invite, call, status, [f'{header}: Digest realm="c", nonce="4711", algorithm=MD5, qop="auth"'])
        elif int(re.match(r"\d+", invite.header("session-expires") or "90")[0]) < least:  # type: ignore[index]
            peer.respond(invite, call, "422 Session Interval Too Small", [f"Min-SE: {least}"])
        else:
            peer.respond(invite, call, "200 OK", body=call.audio.offer)

    return behave


@pytest.mark.parametrize("challenge", ["401 Unauthorized", "407 Proxy Authentication Required"])
@pytest.mark.parametrize("habit", HABITS)
async def test_the_caller_id_arrives_where_the_carriers_habit_looks_for_it(
    habit: str, challenge: str, made: Lab, carrier: SipPeer
):
    changes = HABITS[habit]
    await set_trunk(made, **changes)
    if changes:
        header = "WWW-Authenticate" if challenge.startswith("401") else "Proxy-Authenticate"
        carrier.default = challenging(challenge, header, 200)
    invite = (await calling(made, carrier)).invite
    assert invite is not None
    caller_id = made.caller_ids[0]
    is_from = "reads From" in habit
    assert f"<sip:{caller_id if is_from else 'line8'}@" in invite.header("from")
    assert (f"<sip:{caller_id}@" in invite.header("p-asserted-identity")) is changes.get("send_pai", True)
    assert (f"<sip:{caller_id}@" in invite.header("remote-party-id")) is changes.get("send_rpid", False)
    assert ("@carrier.example" in invite.header("from")) is ("from_domain" in changes)
    proof = invite.header("authorization") or invite.header("proxy-authorization")
    assert ('username="line8"' in proof) is bool(changes)


@pytest.mark.parametrize(("timeout_s", "is_up_after_25_s"), [(20, False), (60, True)])
async def test_a_called_side_silent_on_the_wire_is_hung_up_when_the_trunk_says_so(
    timeout_s: int, is_up_after_25_s: bool, made: Lab, carrier: SipPeer
):
    await set_trunk(made, rtp_timeout_s=timeout_s)
    await asyncio.to_thread(phone_login, made, 1)
    call = await calling(made, carrier)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 26
    sizes = []
    while loop.time() < deadline and not call.is_ended:
        sizes = [path.stat().st_size for path in (made.gate.spool / "monitor").glob("*-rx.wav")]
        await asyncio.sleep(0.5)  # how long nothing is sent is what is tried
    assert call.is_ended is not is_up_after_25_s
    assert max(sizes) > 16_000 * 15  # what is not sent is silence in the recording, which grows all the same


@pytest.mark.parametrize(
    "wrong", [{"from_user": "account"}, ACCOUNT | {"send_pai": False}, {"rtp_timeout_s": 4}, {"from_user": "a b"}]
)
def test_a_trunk_that_would_tell_no_caller_id_is_refused(wrong: dict[str, Any]):
    base = {"name": "t", "host": "192.0.2.1", "caller_ids": ["33199000000"]}
    with pytest.raises(ValueError, match=r"from_user|From|rtp_timeout"):
        TrunkSettings(**base | wrong)
