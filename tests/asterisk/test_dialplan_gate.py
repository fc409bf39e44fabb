"""I1-I3 on real Asterisk: exactly one INVITE under a permit, none otherwise, whatever the controller does."""

import asyncio
import contextlib
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from telephony.workshop.lab import Lab, LabOptions, carrier_invites, phone_login
from telephony.workshop.lab.console import command
from telephony.workshop.lab.launch import await_fact
from tests.asterisk.lab_peers import FastAgiStub, LabMaker, ManagerListener, is_finished, originate

pytestmark = pytest.mark.asterisk

PERSON = "33199000003"  # answers at once, speaks three seconds
RINGS_OUT = "33199007000"
REFUSED = "29"
NOT_RECORDED = "27"


class Invites:
    """INVITEs at the carrier since the last call of this."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.seen = len(carrier_invites(lab))

    def new(self) -> list[str]:
        carrier_invite = carrier_invites(self.lab)[self.seen :]
        self.seen += len(carrier_invite)
        return [invite.number for invite in carrier_invite]


@pytest.fixture
def invites(lab: Lab) -> Invites:
    return Invites(lab)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    mode = folder.stat().st_mode
    folder.chmod(0o500)
    try:
        yield
    finally:
        folder.chmod(mode)


async def ended(pbx: ManagerListener, permit_id: str) -> dict[str, str]:
    """Originate under a permit id and return how the customer's leg ended on the pbx."""
    attempt = await originate(pbx, permit_id)
    return await pbx.event("Hangup", Uniqueid=attempt)


async def test_a_permit_sends_one_invite_under_its_caller_id(
    lab: Lab, stub: FastAgiStub, pbx: ManagerListener, invites: Invites
):
    before = len(carrier_invites(lab))
    end = await ended(pbx, stub.allow(PERSON).permit_id)
    assert end["Cause"] == "16"
    (invite,) = carrier_invites(lab)[before:]
    assert (invite.number, invite.caller_id, invite.is_stranger) == (PERSON, lab.caller_ids[0], False)
    assert invite.source == lab.gate.addresses["trunk"]


async def test_the_call_is_recorded_in_three_aligned_files(lab: Lab, stub: FastAgiStub, pbx: ManagerListener):
    permit = stub.allow(PERSON)
    await ended(pbx, permit.permit_id)
    lengths = []
    for suffix in ("", "-rx", "-tx"):
        path = lab.gate.spool / "monitor" / f"{permit.recording}{suffix}.wav"
        await asyncio.to_thread(await_fact, "the recording is finished", lambda path=path: is_finished(path), 5)
        with contextlib.closing(wave.open(str(path))) as file:
            assert file.getframerate() == 8000
            lengths.append(file.getnframes())
    assert len(set(lengths)) == 1
    assert 2.5 <= lengths[0] / 8000 <= 4


async def test_a_permit_used_twice_sends_one_invite(stub: FastAgiStub, pbx: ManagerListener, invites: Invites):
    permit = stub.allow("33199005000")
    ends = [await ended(pbx, permit.permit_id), await ended(pbx, permit.permit_id)]
    assert [end["Cause"] for end in ends] == ["17", REFUSED]
    assert invites.new() == ["33199005000"]


async def test_a_forged_permit_sends_nothing(stub: FastAgiStub, pbx: ManagerListener, invites: Invites):
    assert (await ended(pbx, "p" + "7" * 36))["Cause"] == REFUSED
    assert invites.new() == []


@pytest.mark.parametrize("text", [PERSON, "p123", "s", "h", "i", "P" + "1" * 36, "p" + "1" * 37, "x" + "1" * 36])
async def test_what_is_no_permit_id_is_not_even_asked_about(
    text: str, stub: FastAgiStub, pbx: ManagerListener, invites: Invites
):
    assert (await ended(pbx, text))["Cause"] == "1"
    assert invites.new() == []
    assert stub.asked == []


async def test_a_dead_controller_sends_nothing(pbx: ManagerListener, invites: Invites):
    end = await ended(pbx, "p" + "7" * 36)
    assert (end["Cause"], end["TechCause"]) == (REFUSED, "501")
    assert invites.new() == []


@pytest.mark.parametrize("mode", ["close", "reset", "garbage", "half", "hang"])
async def test_a_controller_that_misbehaves_sends_nothing(
    mode: str, stub: FastAgiStub, pbx: ManagerListener, invites: Invites
):
    stub.mode = mode
    attempt = await originate(pbx, stub.allow(PERSON).permit_id)
    end = await pbx.event("Hangup", Uniqueid=attempt, timeout_s=5)  # the dialplan's own bound is 3 s
    assert end["Cause"] == REFUSED
    assert len(stub.asked) == 1
    assert invites.new() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CANON", "33199000004"),  # not the verdict's number
        ("CANON", "33199000003&PJSIP/33199000004@carrier"),
        ("CANON", "3319900000٣"),
        ("TRUNK", "pbx"),
        ("TRUNK", "carrier&PJSIP"),
        ("CLI", "33199007777"),  # not in the trunk's contract
        ("CLI", ""),
        ("RECUUID", "../../../etc/passwd"),
        ("RECUUID", "0a0b0c0d-1111-4222-8333-444455556666,touch /var/tmp/owned"),
        ("RINGS", "15,G(void)"),
        ("RINGS", "0"),
        ("RINGS", "14"),  # no call rings for less than 15 s
        ("VERDICT", "OK"),
        ("VERDICT", '" = "" | "1'),
    ],
)
async def test_an_answer_that_does_not_fit_sends_nothing(
    name: str, value: str, stub: FastAgiStub, pbx: ManagerListener, invites: Invites
):
    stub.changes = {name: value.replace('"', '\\"')}
    assert (await ended(pbx, stub.allow(PERSON).permit_id))["Cause"] == REFUSED
    assert invites.new() == []


async def test_a_recording_folder_that_is_read_only_sends_nothing(
    lab: Lab, stub: FastAgiStub, pbx: ManagerListener, invites: Invites
):
    with read_only(lab.gate.spool / "monitor"):
        end = await ended(pbx, stub.allow(PERSON).permit_id)
    assert (end["Cause"], end["TechCause"]) == (NOT_RECORDED, "502")
    assert invites.new() == []


@pytest.mark.parametrize("suffix", ["", "-rx", "-tx"])
async def test_one_side_that_cannot_be_recorded_sends_nothing(
    suffix: str, lab: Lab, stub: FastAgiStub, pbx: ManagerListener, invites: Invites
):
    permit = stub.allow(PERSON)
    (lab.gate.spool / "monitor" / f"{permit.recording}{suffix}.wav").symlink_to("/proc/nowhere/sound.wav")
    assert (await ended(pbx, permit.permit_id))["Cause"] == NOT_RECORDED
    assert invites.new() == []


@pytest.mark.parametrize("suffix", ["", "-rx", "-tx"])
async def test_an_existing_recording_is_not_overwritten(
    suffix: str, lab: Lab, stub: FastAgiStub, pbx: ManagerListener, invites: Invites
):
    permit = stub.allow(PERSON)
    path = lab.gate.spool / "monitor" / f"{permit.recording}{suffix}.wav"
    path.write_text("evidence")
    assert (await ended(pbx, permit.permit_id))["Cause"] == NOT_RECORDED
    assert path.read_text() == "evidence"
    assert invites.new() == []


@pytest.mark.parametrize(
    ("number", "cause", "carrier_said"),
    [
        ("33199005000", "17", "486"),
        ("33199005100", "34", "503"),
        ("33199005200", "1", "404"),
        ("33199005300", "21", "603"),
        ("33199005400", "19", "480"),
        ("33199005500", "38", "500"),
        ("33199008100", "21", "302"),
        ("33199008300", "1", "404"),
    ],
)
async def test_the_carriers_answer_reaches_both_sides(
    number: str,
    cause: str,
    carrier_said: str,
    stub: FastAgiStub,
    pbx: ManagerListener,
    gate: ManagerListener,
    invites: Invites,
):
    assert (await ended(pbx, stub.allow(number).permit_id))["Cause"] == cause
    trunk = await gate.event("DialEnd")
    end = await gate.event("Hangup", Uniqueid=trunk["DestUniqueid"])
    assert end.get("TechCause", "302") == carrier_said  # a redirect may end the channel before its code is noted
    assert invites.new() == [number]  # a redirect is not followed


async def test_a_call_nobody_answers_rings_out(stub: FastAgiStub, pbx: ManagerListener):
    end = await ended(pbx, stub.allow(RINGS_OUT, rings="15").permit_id)
    assert (end["Cause"], end["TechCause"]) == ("19", "480")


async def test_the_number_never_appears_at_the_pbx(
    lab: Lab, stub: FastAgiStub, pbx: ManagerListener, gate: ManagerListener
):
    await asyncio.to_thread(phone_login, lab, 1)
    await pbx.event("BridgeEnter")
    stub.seat = "1"
    number = "33261910002"
    await ended(pbx, stub.allow(number).permit_id)
    assert any(number in text for text in gate.raw)
    assert not any(number in text for text in pbx.raw)
    assert number not in (lab.pbx.folder / "log" / "cdr-csv" / "Master.csv").read_text()


async def test_the_gates_account_can_do_nothing_but_list(gate: ManagerListener):
    for action in ("Originate", "Hangup", "Redirect", "Command", "Setvar", "StopMixMonitor", "Reload", "GetConfig"):
        answer = await gate.ask(Action=action, Channel="PJSIP/x", Exten="s", Context="void", Priority="1")
        assert answer["Message"] == "Permission denied", action
    assert (await gate.ask(Action="CoreShowChannels"))["Response"] == "Success"


async def test_a_call_ends_at_the_longest_time_whoever_is_talking(new_lab: LabMaker):
    lab = await asyncio.to_thread(new_lab, LabOptions(seats=1, settings={"dialing": {"maximum_call_s": 60}}))
    assert "TIMEOUT(absolute)=60" in (lab.gate.folder / "etc" / "extensions.conf").read_text()
    # A minute is too long for a test: the same lab, its bound shortened to two seconds.
    path = lab.gate.folder / "etc" / "extensions.conf"
    path.write_text(path.read_text().replace("TIMEOUT(absolute)=60", "TIMEOUT(absolute)=2"))
    command(lab.gate.control, "dialplan reload")
    async with FastAgiStub(lab).listening() as stub, ManagerListener(lab.pbx).connected() as pbx:
        await asyncio.to_thread(phone_login, lab, 1)
        await pbx.event("BridgeEnter")
        stub.seat = "1"
        attempt = await originate(pbx, stub.allow("33199008500").permit_id)
        await pbx.event("BridgeEnter", Uniqueid=attempt)
        await pbx.event("Hangup", Uniqueid=attempt, timeout_s=6)
