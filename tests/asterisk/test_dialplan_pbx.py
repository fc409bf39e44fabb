"""The pbx on real Asterisk: seats, operators' phones, answered calls, and where nothing leads out."""

import asyncio
import contextlib
import hashlib
import os
import re
import socket
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from telephony.workshop.lab import Lab, carrier_invites, phone_dial, phone_hang_up, phone_login
from telephony.workshop.lab.console import command
from telephony.workshop.lab.launch import await_fact
from telephony.workshop.lab.world import phone_channels
from tests.asterisk.lab_peers import FastAgiStub, ManagerListener, is_finished, originate

pytestmark = pytest.mark.asterisk

PERSON = "33199000003"


async def logged_in(lab: Lab, stub: FastAgiStub, pbx: ManagerListener, seat: int) -> dict[str, str]:
    await asyncio.to_thread(phone_login, lab, seat)
    stub.seat = str(seat)
    return await pbx.event("BridgeEnter", BridgeName=f"seat-{seat}")


def loudness(path: Path) -> float:
    """Return the RMS of a recording, full scale 1; the file is finished some milliseconds after the hang-up."""
    await_fact("the recording is finished", lambda: is_finished(path), 5)
    with contextlib.closing(wave.open(str(path))) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(float)
    return float(np.sqrt(np.mean((samples / 32768) ** 2)))


async def test_an_operator_logs_in_and_sits_in_the_seats_conference(lab: Lab, stub: FastAgiStub, pbx: ManagerListener):
    event = await logged_in(lab, stub, pbx, 3)
    assert event["Channel"].startswith("PJSIP/seat3-")
    assert stub.asked[0].route == "login"
    assert stub.asked[0].extension == "login"


@pytest.mark.parametrize(
    "changes", [{"VERDICT": "LOGIN-1-1"}, {"SEAT": "2"}, {"SEAT": "../1"}, {"SEAT": "1,seat,operator"}, {"SEAT": ""}]
)
async def test_a_login_the_controller_does_not_confirm_is_refused(
    changes: dict[str, str], lab: Lab, stub: FastAgiStub, pbx: ManagerListener
):
    stub.changes = changes
    await asyncio.to_thread(phone_login, lab, 1)
    end = await pbx.event("Hangup")
    assert end["Cause"] == "21"
    assert not [event for event in pbx.events if event["Event"] == "BridgeEnter"]


@pytest.mark.parametrize("mode", ["close", "reset", "garbage", "hang"])
async def test_a_login_is_refused_when_the_controller_misbehaves(
    mode: str, lab: Lab, stub: FastAgiStub, pbx: ManagerListener
):
    stub.mode = mode
    await asyncio.to_thread(phone_login, lab, 1)
    await pbx.event("Hangup", timeout_s=5)
    assert not [event for event in pbx.events if event["Event"] == "BridgeEnter"]


@pytest.mark.parametrize(
    "text", ["33199000003", "+33199000003", "p" + "1" * 36, "conf", "seat2", "s", "seat-2", "112", "*8", "gate"]
)
async def test_a_phone_can_call_nothing_but_login(text: str, lab: Lab, stub: FastAgiStub, pbx: ManagerListener):
    before = len(carrier_invites(lab))
    await asyncio.to_thread(phone_dial, lab, 2, text)
    await asyncio.to_thread(await_fact, "the phone is on hook", lambda: not phone_channels(lab, 2), 5)
    assert len(carrier_invites(lab)) == before
    assert stub.asked == []
    assert not [event for event in pbx.events if event["Event"] == "BridgeEnter"]


async def test_an_answered_call_is_joined_to_its_seat_and_both_are_heard(
    lab: Lab, stub: FastAgiStub, pbx: ManagerListener
):
    await logged_in(lab, stub, pbx, 1)
    permit = stub.allow("33199001004")  # answers at once, speaks four seconds
    attempt = await originate(pbx, permit.permit_id)
    joined = await pbx.event("BridgeEnter", Uniqueid=attempt)
    assert joined["BridgeName"] == "seat-1"
    await pbx.event("Hangup", Uniqueid=attempt)
    recording = lab.gate.spool / "monitor" / permit.recording
    assert loudness(recording.with_name(f"{permit.recording}-rx.wav")) > 0.03  # the called person
    assert loudness(recording.with_name(f"{permit.recording}-tx.wav")) > 0.03  # the operator


async def test_the_operator_stays_when_the_customer_hangs_up(lab: Lab, stub: FastAgiStub, pbx: ManagerListener):
    seat = await logged_in(lab, stub, pbx, 1)
    attempt = await originate(pbx, stub.allow(PERSON).permit_id)
    await pbx.event("Hangup", Uniqueid=attempt)
    assert not [e for e in pbx.events if e["Event"] == "Hangup" and e["Uniqueid"] == seat["Uniqueid"]]


async def test_the_customer_is_let_go_when_the_operator_hangs_up(lab: Lab, stub: FastAgiStub, pbx: ManagerListener):
    await logged_in(lab, stub, pbx, 1)
    attempt = await originate(pbx, stub.allow("33199008500").permit_id)  # speaks for ever
    await pbx.event("BridgeEnter", Uniqueid=attempt)
    await asyncio.to_thread(phone_hang_up, lab, 1)
    await pbx.event("Hangup", Uniqueid=attempt, timeout_s=3)


@pytest.mark.parametrize("mode", ["answer", "close", "garbage", "hang"])
async def test_an_answered_call_without_operator_hears_the_message_and_is_let_go(
    mode: str, lab: Lab, stub: FastAgiStub, pbx: ManagerListener, gate: ManagerListener
):
    permit = stub.allow("33199008500")
    attempt = await originate(pbx, permit.permit_id)
    # The permit is answered before the controller begins to misbehave.
    await gate.event("DialBegin")
    stub.mode = mode
    end = await pbx.event("Hangup", Uniqueid=attempt, timeout_s=15)
    assert end["Cause"] == "16"
    assert not [event for event in pbx.events if event["Event"] == "BridgeEnter"]
    await gate.event("Hangup", Exten=permit.permit_id)
    spoken = lab.gate.spool / "monitor" / f"{permit.recording}-tx.wav"
    assert loudness(spoken) > 0.03  # the message


async def test_a_second_registration_does_not_take_the_seat_over(lab: Lab):
    contact = command(lab.pbx.control, "pjsip show contacts")
    mine = re.search(r"seat4/(\S+)", contact)
    assert mine is not None
    answer = register(lab, lab.seats[3].user, lab.seats[3].secret)
    assert answer.startswith("SIP/2.0 403"), answer
    assert mine[1] in command(lab.pbx.control, "pjsip show contacts")


def register(lab: Lab, user: str, secret: str) -> str:
    """Register from another address with the right secret; returns the status line."""
    host, port = lab.pbx.address("sip")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind((lab.controller_host, 0))
        phone.settimeout(5)
        own = f"{lab.controller_host}:{phone.getsockname()[1]}"
        authorization = ""
        for number in (1, 2):
            phone.sendto(
                (
                    f"REGISTER sip:{host}:{port} SIP/2.0\r\n"
                    f"Via: SIP/2.0/UDP {own};branch=z9hG4bK{number}{port};rport\r\n"
                    f"From: <sip:{user}@{host}>;tag=1\r\nTo: <sip:{user}@{host}>\r\nCall-ID: thief-{own}\r\n"
                    f"CSeq: {number} REGISTER\r\nContact: <sip:{user}@{own}>\r\nMax-Forwards: 70\r\nExpires: 60\r\n"
                    f"{authorization}Content-Length: 0\r\n\r\n"
                ).encode(),
                (host, port),
            )
            answer = phone.recv(4096).decode()
            if not answer.startswith("SIP/2.0 401"):
                break
            realm, nonce = (re.search(f'{part}="([^"]*)"', answer)[1] for part in ("realm", "nonce"))
            md5 = lambda text: hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()  # noqa: E731
            uri = f"sip:{host}:{port}"
            proof = f"{nonce}:00000001:abc:auth:{md5(f'REGISTER:{uri}')}"
            response = md5(f"{md5(f'{user}:{realm}:{secret}')}:{proof}")
            authorization = (
                f'Authorization: Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", qop=auth,'
                f' nc=00000001, cnonce="abc", response="{response}", algorithm=MD5\r\n'
            )
    return answer.split("\r\n")[0]


async def test_the_controller_can_call_a_phone_into_its_seat(lab: Lab, pbx: ManagerListener):
    await pbx.ask(
        Action="Originate",
        Channel="PJSIP/seat5",
        Context="seat",
        Exten="conf",
        Priority="1",
        Variable="SEAT=5",
        Async="true",
    )
    event = await pbx.event("BridgeEnter", BridgeName="seat-5")
    assert event["Channel"].startswith("PJSIP/seat5-")
    await pbx.ask(Action="Hangup", Channel=event["Channel"])
    await pbx.event("Hangup", Uniqueid=event["Uniqueid"])


FORBIDDEN_MODULES = (
    "res_pjsip_refer",
    "res_pjsip_messaging",
    "res_pjsip_transport_websocket",
    "func_shell",
    "app_system",
    "app_originate",
    "app_disa",
    "app_followme",
    "app_queue",
    "app_voicemail",
    "res_ari",
    "res_http_websocket",
    "res_parking",
    "pbx_spool",
    "pbx_dundi",
    "chan_iax2",
    "func_odbc",
    "bridge_native_rtp",
    "res_clioriginate",
)


@pytest.mark.parametrize("name", ["pbx", "gate"])
def test_modules_that_open_routes_out_are_not_loaded(name: str, lab: Lab):
    loaded = command(lab.instance(name).control, "module show")
    assert "chan_pjsip.so" in loaded
    for module in FORBIDDEN_MODULES + (("app_dial", "app_chanspy") if name == "pbx" else ("res_pjsip_registrar",)):
        assert f"{module}.so" not in loaded


def test_neither_instance_complains(lab: Lab):
    for name in ("pbx", "gate"):
        lines = lab.instance(name).log.read_text().splitlines()
        assert not [line for line in lines if "declined to load" in line or "Failed to resolve" in line]


@pytest.mark.parametrize(
    ("place", "user", "is_open"),
    [("carrier", "gate", True), ("carrier", "pbx", False), ("carrier", "world", False), ("carrier", None, False)],
)
def test_the_carrier_is_reached_by_the_gates_user_alone(place: str, user: str | None, is_open: bool, lab: Lab):
    if not lab.firewall_table:
        pytest.fail(f"the network rules are not applied: {lab.firewall_note}")
    user_id = lab.instance(user).user_id if user else os.getuid()
    host, port = lab.carrier.split(":")
    assert can_send(user_id, host, int(port), socket.SOCK_DGRAM) == is_open


@pytest.mark.parametrize("name", ["pbx", "gate"])
def test_the_manager_interface_is_reached_by_the_controllers_user_alone(name: str, lab: Lab):
    host, port = lab.instance(name).address("ami")
    assert can_send(os.getuid(), host, port, socket.SOCK_STREAM)
    for user in ("pbx", "gate", "world"):
        assert not can_send(lab.instance(user).user_id, host, port, socket.SOCK_STREAM)


def can_send(user_id: int, host: str, port: int, kind: int) -> bool:
    """Return True if a process of that user can send to that place."""
    script = (
        "import os, socket, sys\n"
        f"os.setuid({user_id})\n"
        f"link = socket.socket(socket.AF_INET, {int(kind)})\n"
        "link.settimeout(1)\n"
        "try:\n"
        f"    link.connect(({host!r}, {port}))\n"
        "    link.send(b'\\r\\n\\r\\n')\n"
        "except OSError:\n"
        "    sys.exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], timeout=10, check=False)
    return done.returncode == 0


async def test_an_originate_to_the_carrier_itself_is_stopped_by_the_network_rules(
    lab: Lab, stub: FastAgiStub, pbx: ManagerListener
):
    before = len(carrier_invites(lab))
    await pbx.ask(
        Action="Originate",
        Channel=f"PJSIP/gate/sip:{PERSON}@{lab.carrier}",
        Context="answered",
        Exten="conf",
        Priority="1",
        Timeout="2000",
        Async="true",
    )
    await pbx.event("Hangup")
    assert len(carrier_invites(lab)) == before
