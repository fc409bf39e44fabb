"""The lab itself: several side by side, nothing left behind, whatever killed it."""

import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from telephony.cli.lab import lab_app
from telephony.errors import LabError, SettingsError
from telephony.settings import load_settings
from telephony.workshop.lab import (
    Lab,
    LabOptions,
    carrier_invites,
    lab_down,
    lab_list,
    lab_up,
    load_lab,
    phone_dial,
    phones_registered,
    start_instance,
    stop_instance,
)
from telephony.workshop.lab.console import command
from telephony.workshop.lab.launch import await_fact, is_running, processes
from telephony.workshop.lab.model import lab_folder, lab_from_json, lab_json
from telephony.workshop.lab.netrules import table_of, tables
from telephony.workshop.lab.network import RESERVATIONS
from telephony.workshop.lab.tree import AsteriskTree
from tests.asterisk.lab_peers import LabMaker

pytestmark = pytest.mark.asterisk


def traces(lab_id: str) -> dict[str, object]:
    """Return everything of a lab that is still on this host; all values are empty when it is gone."""
    folder = lab_folder(lab_id)
    return {
        "processes": processes(folder),
        "folder": [str(folder)] if folder.exists() else [],
        "table": {table_of(lab_id)} & tables(),
        "reservation": [p.name for p in RESERVATIONS.glob("127.*") if p.read_text() == str(folder)],
        "mounts": [line for line in Path("/proc/self/mounts").read_text().splitlines() if f"/{lab_id} " in line],
    }


def test_a_lab_that_is_up_works_and_one_that_is_down_left_nothing(asterisk_tree: AsteriskTree):
    lab = lab_up(LabOptions(seats=2, lab_id="trace"))
    try:
        assert phones_registered(lab) == 2
        assert set(processes(lab.folder).values()) == {"pbx", "gate", "world"}
        seen = traces("trace")
        assert seen.pop("mounts") == []  # ever
        assert all(seen.values())  # so that their absence below means something
    finally:
        assert lab_down("trace")
    assert not any(traces("trace").values())
    assert not any(is_running(instance.pid) for instance in lab.instances)
    assert not lab_down("trace")  # a second time is harmless


def test_the_settings_of_a_lab_are_what_the_controller_takes(lab: Lab):
    settings = load_settings(lab.settings, environment={})
    assert str(settings.controller.agi_host) == lab.controller_host
    assert f"{settings.trunks[0].host}:{settings.trunks[0].port}" == lab.carrier
    assert [seat.number for seat in settings.seats] == [seat.number for seat in lab.seats]
    assert lab.settings.stat().st_mode & 0o077 == 0


def test_each_instance_runs_as_a_user_of_its_own_without_privileges(lab: Lab):
    for instance in lab.instances:
        status = Path(f"/proc/{instance.pid}/status").read_text()
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert set(fields["Uid"].split()) == {str(instance.user_id)}
        assert set(fields["Gid"].split()) == {str(instance.user_id)}
        assert int(fields["CapEff"], 16) == 0
    assert len({instance.user_id for instance in lab.instances} | {os.getuid()}) == 4


def test_secrets_are_readable_by_the_instances_own_user_alone(lab: Lab):
    for instance in (lab.pbx, lab.gate):
        for name in ("pjsip.conf", "manager.conf"):
            status = (instance.folder / "etc" / name).stat()
            assert (status.st_mode & 0o777, status.st_uid) == (0o600, instance.user_id)
        assert instance.control.stat().st_mode & 0o077 == 0


def test_two_labs_stand_side_by_side(lab: Lab, new_lab: LabMaker):
    other = new_lab(LabOptions(seats=1))
    assert other.network != lab.network
    assert phones_registered(other) == 1
    assert phones_registered(lab) == len(lab.seats)
    assert {row["state"] for row in lab_list() if row["lab_id"] in {lab.lab_id, other.lab_id}} == {"up"}


@pytest.mark.parametrize("moment", ["the folder", "the processes", "the registrations"])
def test_a_lab_whose_start_was_killed_half_way_is_ended_without_a_trace(moment: str, asterisk_tree: AsteriskTree):
    up = subprocess.Popen(
        [sys.executable, "-m", "telephony.cli.lab", "up", "--id", "halfway", "--json", "--seats", "40"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    folder = lab_folder("halfway")
    reached = {
        "the folder": folder.exists,
        "the processes": functools.partial(processes, folder),
        "the registrations": (folder / "world" / "run" / "world.ctl").exists,
    }[moment]
    await_fact(f"{moment} reached, or the start ended", lambda: bool(reached()) or up.poll() is not None, 20)
    up.send_signal(signal.SIGKILL)
    up.wait(10)
    assert lab_down("halfway")
    assert not any(traces("halfway").values())


def test_a_lab_that_cannot_come_up_leaves_nothing(asterisk_tree: AsteriskTree):
    with pytest.raises(SettingsError):
        lab_up(LabOptions(lab_id="wrong", settings={"dialing": {"maximum_call_s": -1}}))
    assert not any(traces("wrong").values())


def test_a_lab_is_not_made_twice(lab: Lab):
    with pytest.raises(LabError, match="exists"):
        lab_up(LabOptions(lab_id=lab.lab_id))
    assert phones_registered(lab) == len(lab.seats)


@pytest.mark.parametrize("name", ["../x", "A", "", "a" * 17, "x/y"])
def test_a_name_that_is_no_lab_name_is_refused(name: str):
    with pytest.raises(LabError):
        lab_down(name)


def test_an_instance_is_killed_and_started_again(new_lab: LabMaker):
    lab = new_lab(LabOptions(seats=1))
    stop_instance(lab, "gate", is_killed=True)
    assert set(processes(lab.folder).values()) == {"pbx", "world"}
    again = start_instance(lab, "gate")
    assert again.gate.pid != lab.gate.pid
    assert "chan_pjsip" in command(again.gate.control, "module show like chan_pjsip")
    assert load_lab(lab.lab_id) == again


def test_phones_that_lost_power_are_let_in_again(new_lab: LabMaker):
    lab = new_lab(LabOptions(seats=3))
    stop_instance(lab, "world", is_killed=True)
    again = start_instance(lab, "world")
    await_fact("the phones are back", lambda: phones_registered(again) == 3, 10)


def test_the_json_of_a_lab_is_the_lab(lab: Lab):
    assert lab_from_json(json.loads(json.dumps(lab_json(lab)))) == lab


def test_the_carrier_notes_a_stranger(new_lab: LabMaker):
    lab = new_lab(LabOptions(seats=1, is_firewalled=False))
    # Seat 1's phone stands in world; calling the carrier's address directly comes from nobody's trunk.
    command(lab.world.control, f"channel originate PJSIP/seat1/sip:33199000003@{lab.carrier} extension s@silence")
    await_fact("the INVITE is noted", lambda: bool(carrier_invites(lab)), 5)
    assert carrier_invites(lab)[0].is_stranger


def test_a_phone_does_not_dial_what_breaks_the_console(lab: Lab):
    for text in ("", "a b", 'x"y', "x\ny"):
        with pytest.raises(LabError):
            phone_dial(lab, 1, text)
    with pytest.raises(LabError):
        phone_dial(lab, 99, "login")


@pytest.fixture
def own_root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A labs' folder of the test's own, so that ending all labs ends none of anybody else's."""
    with tempfile.TemporaryDirectory(prefix="labs-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setenv("TELEPHONY_LAB_ROOT", folder)
        yield Path(folder)


def test_the_command_line_brings_labs_up_and_ends_them_all(asterisk_tree: AsteriskTree, own_root: Path):
    run = CliRunner()
    for name in ("one", "two"):
        done = run.invoke(lab_app, ["up", "--id", name, "--seats", "1", "--json"])
        assert done.exit_code == 0, done.output
        assert lab_from_json(json.loads(done.stdout)) == load_lab(name)
    rows = json.loads(run.invoke(lab_app, ["status", "--json"]).stdout)
    assert [(row["lab_id"], row["state"]) for row in rows] == [("one", "up"), ("two", "up")]
    ambiguous = run.invoke(lab_app, ["down"])
    assert ambiguous.exit_code == LabError.exit_status
    assert "one, two" in " ".join(ambiguous.stderr.split())
    assert "one, two" in run.invoke(lab_app, ["down", "--all"]).stdout
    for name in ("one", "two"):
        assert not any(traces(name).values())


def test_a_folder_the_instances_cannot_reach_is_named(asterisk_tree: AsteriskTree, own_root: Path):
    own_root.chmod(0o700)
    with pytest.raises(LabError, match="closed to the instances' users"):
        lab_up(LabOptions(lab_id="closed"))


def test_a_path_too_long_for_a_socket_is_named(
    asterisk_tree: AsteriskTree, own_root: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TELEPHONY_LAB_ROOT", f"{own_root}/{'x' * 90}")
    with pytest.raises(LabError, match="too long"):
        lab_up(LabOptions(lab_id="long"))


@pytest.mark.parametrize("carrier", ["127.0.0.1", "127.0.0.1:x", ":5060", "127.0.0.1:0", "127.0.0.1:70000"])
def test_a_carrier_that_is_no_address_is_refused(carrier: str, asterisk_tree: AsteriskTree):
    with pytest.raises(LabError, match="HOST:PORT"):
        lab_up(LabOptions(lab_id="nowhere", carrier=carrier))
    assert not any(traces("nowhere").values())


def test_a_carrier_of_ones_own_gets_the_calls(new_lab: LabMaker):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as carrier:
        carrier.bind(("127.0.0.1", 0))
        carrier.settimeout(5)
        lab = new_lab(LabOptions(seats=1, carrier=f"127.0.0.1:{carrier.getsockname()[1]}"))
        # The carrier's identity is the gate's business; here it is enough that the gate's user can reach it.
        command(lab.gate.control, f"pjsip qualify {lab.trunk}")
        assert carrier.recv(4096).startswith(b"OPTIONS sip:")
