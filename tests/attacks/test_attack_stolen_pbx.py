"""Everything the pbx has is stolen: its secrets and its Unix user, on the host it shares with the gate.

The attacker's code runs as that user. It knows the link's password, both manager secrets, every address, and the
permits of the pbx's own calls.
"""

import asyncio
import json
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from telephony.wire.verdict_key import verdict_key
from tests.attacks.peers.controller import ask_verdict
from tests.attacks.permits import permit_office
from tests.scenes.attacked_site import CALLED, WANTED, AttackedSite
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.attack, pytest.mark.asyncio(loop_scope="session")]

_BECOME = """
import encodings.idna, json, os, socket, sys, time
os.setgroups([]); os.setgid({user}); os.setuid({user})
socket.setdefaulttimeout(2)
def attack():
{code}
try:
    print(json.dumps(attack()))
except OSError as error:
    print(json.dumps("refused: " + type(error).__name__))
"""


async def as_pbx(attacked_site: AttackedSite, code: str, **names: Any) -> Any:
    """Run Python as the pbx's user; ``code`` is a function's body, ``names`` its globals; an OSError is a refusal."""
    body = "\n".join(f"    {line}" for line in code.strip("\n").splitlines())
    given = "".join(f"{name} = {value!r}\n" for name, value in names.items())
    script = given + _BECOME.format(user=attacked_site.lab.pbx.user_id, code=body)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd="/"
    )
    out, complaint = await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode == 0, complaint.decode()
    return json.loads(out)


def is_refused(answer: Any) -> bool:
    return isinstance(answer, str) and answer.startswith("refused")


async def test_the_pbxs_user_sends_an_invite_to_the_carrier(attacked_site: AttackedSite):
    to = attacked_site.carrier.address
    invite = (
        f"INVITE sip:{WANTED}@{to[0]} SIP/2.0\r\nVia: SIP/2.0/UDP {attacked_site.pbx[0]}:9;branch=z9hG4bKx\r\n"
        f"From: <sip:x@{attacked_site.pbx[0]}>;tag=1\r\nTo: <sip:{WANTED}@{to[0]}>\r\n"
        f"Call-ID: direct\r\nCSeq: 1 INVITE\r\n"
        f"Max-Forwards: 70\r\nContact: <sip:x@{attacked_site.pbx[0]}:9>\r\nContent-Length: 0\r\n\r\n"
    )
    code = "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nreturn s.sendto(invite.encode(), tuple(to))"
    await as_pbx(attacked_site, code, invite=invite, to=to)
    await attacked_site.judge(attacked_site.unauthorised)


async def test_the_pbxs_user_sends_from_the_gates_own_address(attacked_site: AttackedSite):
    to = attacked_site.carrier.address
    code = """
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((source, 0))
return s.sendto(b"x" * 40, tuple(to))
"""
    spare = await attacked_site.carrier.new_audio()
    await as_pbx(attacked_site, code, source=attacked_site.trunk[0], to=spare.address)
    await as_pbx(attacked_site, code, source=attacked_site.trunk[0], to=to)
    await attacked_site.judge(lambda: spare.strays)


async def test_the_pbxs_user_takes_the_gates_port(attacked_site: AttackedSite):
    code = """
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
s.bind(tuple(place))
return "taken"
"""
    answers = [await as_pbx(attacked_site, code, place=place) for place in (attacked_site.gate, attacked_site.trunk)]
    await attacked_site.judge(lambda: "taken" in answers, naive="closed")


@pytest.mark.parametrize("name", ["pbx", "gate"])
async def test_the_pbxs_user_reaches_a_manager_interface(name: str, attacked_site: AttackedSite):
    instance = attacked_site.lab.instance(name)
    code = """
s = socket.create_connection(tuple(to))
s.sendall(login.encode())
return s.recv(4096).decode()
"""
    login = f"Action: Login\r\nUsername: {instance.ami_user}\r\nSecret: {instance.ami_secret}\r\n\r\n"
    answer = await as_pbx(attacked_site, code, to=instance.address("ami"), login=login)
    await attacked_site.judge(lambda: not is_refused(answer))


async def test_the_pbxs_user_reaches_another_service_of_the_machine(attacked_site: AttackedSite):
    """A database, the pages, a proxy that leads out: whatever listens beside the controller."""
    code = """
s = socket.create_connection(tuple(to))
return s.recv(5).decode()
"""

    async def hello(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(hello, attacked_site.lab.controller_host, 0)
    answer = await as_pbx(attacked_site, code, to=server.sockets[0].getsockname())
    server.close()
    await attacked_site.judge(lambda: answer == "hello")


async def test_the_pbxs_user_gives_the_gates_console_a_command(attacked_site: AttackedSite):
    code = """
s = socket.socket(socket.AF_UNIX)
s.connect(path)
s.recv(4096)
s.sendall(text.encode() + bytes(1))
return s.recv(4096).decode(errors="replace")
"""
    text = f"cli quit after channel originate PJSIP/{WANTED}@carrier application Echo"
    await as_pbx(attacked_site, code, path=str(attacked_site.lab.gate.control), text=text)
    await attacked_site.judge(attacked_site.unauthorised)


@pytest.mark.parametrize("name", ["extensions.conf", "manager.conf", "pjsip.conf"])
async def test_the_pbxs_user_reads_the_gates_secrets(name: str, attacked_site: AttackedSite):
    path = attacked_site.settings.gate.etc / name
    assert path.exists()
    answer = await as_pbx(attacked_site, "return open(path).read()", path=str(path))
    await attacked_site.judge(lambda: not is_refused(answer))


async def test_the_pbxs_user_reads_or_replaces_a_recording(attacked_site: AttackedSite):
    await attacked_site.converse()
    folder = attacked_site.lab.gate.spool / "monitor"
    recording = next(folder.glob("*.wav"))
    answers = [
        await as_pbx(attacked_site, "return os.listdir(folder)", folder=str(folder)),
        await as_pbx(attacked_site, "return len(open(path, 'rb').read())", path=str(recording)),
        await as_pbx(attacked_site, "return open(path, 'wb').write(b'x')", path=str(recording)),
        await as_pbx(attacked_site, "return os.unlink(path)", path=str(recording)),
    ]
    await attacked_site.judge(lambda: not all(is_refused(answer) for answer in answers))


async def test_the_pbxs_user_drops_a_call_file_at_the_gate(attacked_site: AttackedSite):
    path = attacked_site.lab.gate.spool / "outgoing" / "x.call"
    await as_pbx(
        attacked_site, "return open(path, 'w').write(text)", path=str(path), text=f"Channel: PJSIP/{WANTED}@carrier\n"
    )
    await attacked_site.judge(attacked_site.unauthorised, naive="closed")


async def test_the_pbxs_user_calls_the_gate_with_the_links_password(attacked_site: AttackedSite):
    pbx = await attacked_site.stolen_pbx()
    for user in (WANTED, f"+{WANTED}", "p" + "1" * 36, f"p{WANTED}", "s", "record", "T"):
        await attacked_site.call(pbx, attacked_site.at_gate(user), attacked_site.gate, attacked_site.link, wait_s=0.5)
    await attacked_site.judge(attacked_site.unauthorised)


async def test_the_pbxs_user_asks_the_controller_which_number_a_permit_is_for(
    attacked_site: AttackedSite, tmp_path: Path
):
    code = """
s = socket.create_connection(tuple(to))
s.sendall(request.encode())
heard = b""
while piece := s.recv(4096):
    heard += piece
    s.sendall(b"200 result=1\\n")
return heard.decode()
"""
    to = (attacked_site.lab.controller_host, attacked_site.lab.agi_port)
    if attacked_site.is_naive:
        permit, number = attacked_site.controller.allow(CALLED), CALLED
        answer = await as_pbx(attacked_site, code, to=to, request=question(permit))
    else:
        async with attacked_site.controller.dead(), permit_office(attacked_site.settings, tmp_path, *to) as office:
            permit, number = await office.give()
            answer = await as_pbx(attacked_site, code, to=to, request=question(permit))
            guesses = (
                "",
                "pbx",
                attacked_site.link[1],
                attacked_site.lab.pbx.ami_secret,
                verdict_key(attacked_site.lab.pbx.ami_secret),
            )
            for key in guesses:
                answer += await as_pbx(attacked_site, code, to=to, request=question(permit, key))
            # And asking has not used the permit up: the gate, with its key, still gets the number.
            key = verdict_key(attacked_site.settings.gate.ami_secret.get_secret_value())
            assert (await ask_verdict(to, permit, key))["CANON"] == number
    await attacked_site.judge(lambda: number in answer)


def question(permit: str, key: str = "") -> str:
    proof = f"agi_arg_1: {key}\n" if key else ""
    return (
        "agi_network: yes\nagi_network_script: verdict\nagi_channel: PJSIP/pbx-00000001\nagi_uniqueid: gate-1.1\n"
        f"agi_context: gate\nagi_extension: {permit}\nagi_priority: 10\n{proof}\n"
    )


async def test_the_pbxs_user_holds_the_controllers_connections(attacked_site: AttackedSite, tmp_path: Path):
    """The gate is refused, then: an outage, which closes; never a call."""
    to = (attacked_site.lab.controller_host, attacked_site.lab.agi_port)
    if attacked_site.is_naive:
        return  # its controller bounds nothing, and its gate fails open as ``test_attack_outage`` shows
    code = """
held = [socket.create_connection(tuple(to)) for _ in range(600)]
held[0].settimeout(10)
return [len(held), held[0].recv(10).decode()]
"""
    async with attacked_site.controller.dead(), permit_office(attacked_site.settings, tmp_path, *to) as office:
        permit, number = await office.give()
        holding = asyncio.create_task(as_pbx(attacked_site, code, to=to))
        await attacked_site.call(
            await attacked_site.stolen_pbx(),
            attacked_site.at_gate(permit),
            attacked_site.gate,
            attacked_site.link,
            wait_s=4,
        )
        count, said = await holding
        assert (count, said) == (600, "")  # all let go within the header's bound
        attacked_site.allowed.add(number)
        await attacked_site.judge(attacked_site.unauthorised)
        permit, number = await office.give()
        attacked_site.allowed.add(number)
        call = await attacked_site.call(
            await attacked_site.stolen_pbx(),
            attacked_site.at_gate(permit),
            attacked_site.gate,
            attacked_site.link,
            wait_s=4,
        )
        assert call.status == 200  # and afterwards everything works again


async def test_the_pbxs_user_answers_in_the_place_of_a_dead_controller(attacked_site: AttackedSite):
    code = """
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(tuple(place))
listener.listen(8)
open(beacon, "w").write("listening")
listener.settimeout(3)
heard = []
try:
    while True:
        link, _ = listener.accept()
        link.settimeout(1)
        text = ""
        while "\\n\\n" not in text:
            text += link.recv(4096).decode()
        heard.append(text)
        asked = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
        verdict = f"OK-{asked['agi_uniqueid']}-{asked['agi_extension']}-{number}"
        for name, value in [*answer, ("VERDICT", verdict)]:
            link.sendall(f'SET VARIABLE {name} "{value}"\\n'.encode())
            link.recv(4096)
        link.close()
except OSError:
    return len(heard)
"""
    beacon = attacked_site.lab.pbx.spool / "listening"
    answer = [
        *(("CANON", WANTED), ("TRUNK", attacked_site.lab.trunk), ("CLI", attacked_site.lab.caller_ids[0])),
        *(("RECUUID", str(uuid.uuid4())), ("RINGS", "15")),
    ]
    place = (attacked_site.lab.controller_host, attacked_site.lab.agi_port)
    async with attacked_site.controller.dead():
        impostor = asyncio.create_task(
            as_pbx(attacked_site, code, place=place, answer=answer, number=WANTED, beacon=str(beacon))
        )
        await until(beacon.exists, 5)
        await attacked_site.call(
            await attacked_site.stolen_pbx(),
            attacked_site.at_gate("p" + "1" * 36),
            attacked_site.gate,
            attacked_site.link,
            wait_s=4,
        )
        await attacked_site.judge(attacked_site.unauthorised)
        beacon.unlink()
        # Nor does the question come through, which holds the gate's key.
        assert bool(await impostor) == attacked_site.is_naive
