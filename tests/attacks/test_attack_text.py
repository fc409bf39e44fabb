"""What the carrier writes becomes text of ours: lines in manager events, torn lines of the gate's console.

Asterisk hands a party's number on as it came, ``%0D%0A`` decoded. The parser and the warden take none of it for
Asterisk's own word (tests/wire, tests/warden); here none of it comes in at all, so that no call can end a link.
"""

from collections import Counter
from typing import Final

import pytest

from telephony.workshop.lab.console import command
from tests.attacks.peers.message import Message, sdp
from tests.attacks.peers.peer import Behaviour, Call, SipPeer
from tests.scenes.attacked_site import CALLED, AttackedSite
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.attack, pytest.mark.asyncio(loop_scope="session")]

LINES: Final = f"{CALLED}%0D%0AUniqueid%3A%20gate-99.7%0D%0ALinkedid%3A%20gate-99.7"
TORN: Final = f"{CALLED}%0AUniqueid%3A%20gate-99.7"
EVENT: Final = f"{CALLED}%0D%0A%0D%0AEvent%3A%20Hangup%0D%0AUniqueid%3A%20gate-99.7"
ROW: Final = "1%0APJSIP/pbx-9!a!b!1!Up!c"
HOST: Final = "carrier.invalid"

HEADERS: Final = {
    "pai_lines": f"P-Asserted-Identity: <sip:{LINES}@{HOST}>",
    "pai_torn": f"P-Asserted-Identity: <sip:{TORN}@{HOST}>",
    "pai_event": f"P-Asserted-Identity: <sip:{EVENT}@{HOST}>",
    "pai_row": f"P-Asserted-Identity: <sip:{ROW}@{HOST}>",
    "pai_tel": f"P-Asserted-Identity: <tel:{TORN}>",
    "pai_name": f'P-Asserted-Identity: "a%0D%0AUniqueid: gate-99.7" <sip:{CALLED}@{HOST}>',
    "pai_folded": f"P-Asserted-Identity: <sip:{CALLED}@{HOST}>\r\n ;x=1\r\n\tUniqueid: gate-99.7",
    "rpid_lines": f"Remote-Party-ID: <sip:{LINES}@{HOST}>;party=called",
    "rpid_torn": f"Remote-Party-ID: <sip:{TORN}@{HOST}>;party=called",
    "diversion": f"Diversion: <sip:{LINES}@{HOST}>;reason=unconditional",
    "history": f"History-Info: <sip:{LINES}@{HOST}>;index=1",
    "contact": f"Contact: <sip:{LINES}@{{own}}>",
    "reason": 'Reason: Q.850;cause=16;text="a%0D%0AUniqueid: gate-99.7"',
    "server": "Server: a%0D%0AUniqueid: gate-99.7",
    "user_agent": "User-Agent: a%0D%0AUniqueid: gate-99.7",
}
NAIVE_TOO: Final = {"pai_tel", "pai_folded", "diversion", "history", "contact", "reason", "server", "user_agent"}
"""What even the naive gate does not write anywhere."""
ONCE: Final = ("Event", "Uniqueid", "Linkedid", "Channel", "Exten", "ActionID", "DestUniqueid", "Cause", "ChannelState")


def is_torn(raw: str) -> bool:
    """Return True if an event holds a line that is no header, a header twice or the stranger's id."""
    lines = raw.split("\r\n")
    keys = Counter(line.partition(":")[0] for line in lines)
    return any(keys[key] > 1 for key in ONCE) or not all(":" in line for line in lines) or "gate-99.7" in raw


def has_odd_line(attacked_site: AttackedSite) -> bool:
    """Return True if the gate's console lists a line that is no channel of its own."""
    rows = command(attacked_site.lab.gate.control, "core show channels concise").split("\n")
    return any(row.count("!") != 13 or "gate-" not in row.rpartition("!")[2] for row in rows if row)


def says(status: str, header: str) -> Behaviour:
    async def behave(peer: SipPeer, invite: Message, call: Call) -> None:
        own = header.format(own=f"{peer.address[0]}:{peer.address[1]}") if "{own}" in header else header
        peer.respond(invite, call, status, headers=[own], body=call.audio.offer if status.startswith("2") else "")

    return behave


async def calling(attacked_site: AttackedSite) -> None:
    """Let a call leave for the carrier, whatever becomes of it."""
    attacked_site.allowed.add(CALLED)
    if attacked_site.is_naive:
        await attacked_site.dial(1, CALLED)
    else:
        await attacked_site.dial(1, "login")
        attacked_site.controller.seat = "1"
        await attacked_site.originate(f"PJSIP/{attacked_site.controller.allow(CALLED)}@gate")
    await attacked_site.called(CALLED)


@pytest.mark.parametrize("name", HEADERS)
async def test_the_carrier_answers_with_lines_of_its_own_in(name: str, attacked_site: AttackedSite):
    attacked_site.carrier.behaviours[CALLED] = says("200 OK", HEADERS[name])
    async with attacked_site.manager("gate") as manager:
        await calling(attacked_site)
        naive = "closed" if name in NAIVE_TOO else "open"
        await attacked_site.judge(lambda: any(map(is_torn, manager.raw)) or has_odd_line(attacked_site), naive=naive)
        if not attacked_site.is_naive:  # the call itself is none the worse for it
            await until(lambda: any(event["Event"] == "BridgeEnter" for event in manager.events), 5)


@pytest.mark.parametrize("status", ["180 Ringing", "183 Session Progress", "486 Busy Here", "603 Decline"])
async def test_the_carrier_rings_or_refuses_with_lines_of_its_own(status: str, attacked_site: AttackedSite):
    attacked_site.carrier.behaviours[CALLED] = says(status, HEADERS["pai_lines"])
    async with attacked_site.manager("gate") as manager:
        await calling(attacked_site)
        await attacked_site.judge(lambda: any(map(is_torn, manager.raw)) or has_odd_line(attacked_site))


@pytest.mark.parametrize("method", ["UPDATE", "INVITE"])
@pytest.mark.parametrize("name", ["pai_lines", "pai_torn", "rpid_lines", "diversion"])
async def test_in_a_call_the_carrier_changes_its_identity_to_lines_of_its_own(
    name: str, method: str, attacked_site: AttackedSite
):
    talk = await attacked_site.converse()
    async with attacked_site.manager("gate") as manager:
        body = sdp(*talk.called.audio.address) if method == "INVITE" else ""
        await talk.called.try_request(method, headers=[HEADERS[name]], body=body)
        naive = "closed" if name == "diversion" else "open"
        await attacked_site.judge(lambda: any(map(is_torn, manager.raw)) or has_odd_line(attacked_site), naive=naive)
