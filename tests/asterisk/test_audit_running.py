"""The auditor on real Asterisk: nothing to find in a lab as it was rendered, everything somebody did to it since."""

import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from telephony.app.check.findings import Finding, Level
from telephony.app.check.inspection import inspect_site
from telephony.asterisk.audit import Departure, Hole, Instance, Role, audit, audit_pair
from telephony.asterisk.audit.console import look_at
from telephony.asterisk.audit.module_rules import FORBIDDEN, FORBIDDEN_AT
from telephony.asterisk.audit.reading import control_socket, read_folder
from telephony.asterisk.console import console_command
from telephony.asterisk.firewall import render_firewall
from telephony.errors import SwitchUnavailableError
from telephony.settings import Settings, load_settings
from telephony.workshop.lab import Lab, LabOptions, launch, stop_instance
from telephony.workshop.lab.tree import AsteriskTree
from tests.absence import absent
from tests.asterisk.lab_peers import LabMaker
from tests.attacks.naive.configuration import write_naive

pytestmark = [pytest.mark.asterisk]


@pytest.fixture(scope="module")
def own_lab(new_lab: LabMaker) -> Lab:
    """A lab these tests may break and repair."""
    return new_lab(LabOptions(seats=2))


@pytest.fixture(scope="module")
def site(own_lab: Lab) -> Settings:
    return load_settings(own_lab.settings, environment={})


def ask(lab: Lab, name: str, text: str) -> str:
    return console_command(lab.instance(name).control, text)


def failures(lab: Lab, site: Settings) -> list[Finding]:
    return [finding for finding in inspect_site(site) if finding.level is Level.FAILURE]


def evidence(lab: Lab, name: str) -> Instance:
    folder = lab.instance(name).folder
    role = Role(name)
    host, port = lab.gate.address("sip")
    instance = read_folder(role, folder / "etc", {f"{host}:{port}"})
    return replace(instance, running=look_at(control_socket(instance, folder / "run")))


def holes(departures: list[Departure]) -> set[Hole]:
    return {departure.hole for departure in departures}


@contextlib.contextmanager
def changed(path: Path, old: str, new: str) -> Iterator[None]:
    """Change a file in place, so that owner and mode stay."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    try:
        yield
    finally:
        path.write_text(text)


def test_a_lab_as_rendered_has_no_hole(own_lab: Lab, site: Settings):
    findings = inspect_site(site)
    assert [finding for finding in findings if finding.level is not Level.OK] == []
    assert {finding.what for finding in findings} >= {"pbx: lock", "gate: lock", "network rules"}


def test_a_stranger_who_runs_check_on_a_lab_is_told_of_no_hole(own_lab: Lab):
    telephony = [sys.executable, "-m", "telephony", "--config", str(own_lab.settings)]
    for command in (["database", "upgrade"], ["check", "--json"]):
        done = subprocess.run([*telephony, *command], capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
    loads = json.loads(done.stdout)
    doubtful = [load for load in loads if load["level"] != "ok"]
    assert bool(doubtful) == (not own_lab.firewall_table), doubtful


def test_an_extension_added_on_the_console_is_found(own_lab: Lab, site: Settings):
    ask(own_lab, "gate", "dialplan add extension 99,1,Dial(PJSIP/33639980042@carrier) into void")
    try:
        findings = failures(own_lab, site)
    finally:
        ask(own_lab, "gate", "dialplan remove extension 99@void")
    assert {finding.hole for finding in findings} >= {
        Hole.RUNNING_DIFFERS,
        Hole.SECOND_EXIT,
        Hole.NO_PERMIT,
        Hole.CARRIER_CALLS_IN,
    }
    assert [finding.what for finding in findings if finding.hole is Hole.RUNNING_DIFFERS] == [
        "gate: [void] 99,1 (running, from pbx_config)"
    ]
    assert failures(own_lab, site) == []


def test_a_module_loaded_by_hand_is_found(own_lab: Lab, site: Settings):
    ask(own_lab, "pbx", "module load app_originate.so")
    try:
        findings = failures(own_lab, site)
    finally:
        ask(own_lab, "pbx", "module unload app_originate.so")
    assert {finding.hole for finding in findings} == {Hole.RUNNING_DIFFERS, Hole.HIDDEN_ORIGINATE}
    assert {finding.what for finding in findings} == {"pbx: running: module app_originate.so"}


def test_an_endpoint_opened_and_the_file_put_back_is_found(own_lab: Lab, site: Settings):
    pjsip = site.pbx.etc / "pjsip.conf"
    with changed(pjsip, "direct_media = no", "direct_media = yes"):
        ask(own_lab, "pbx", "module reload res_pjsip.so")
        wait_for(
            lambda: "direct_media                       : true" in ask(own_lab, "pbx", "pjsip show endpoint seat1")
        )
    try:
        findings = failures(own_lab, site)
    finally:
        ask(own_lab, "pbx", "module reload res_pjsip.so")
        wait_for(
            lambda: "direct_media                       : false" in ask(own_lab, "pbx", "pjsip show endpoint seat1")
        )
    assert {finding.hole for finding in findings} == {Hole.RUNNING_DIFFERS, Hole.DIRECT_MEDIA}
    assert "pbx: running: endpoint seat1" in {finding.what for finding in findings}


def test_a_file_changed_and_not_loaded_is_found(own_lab: Lab, site: Settings):
    with changed(site.gate.etc / "extensions.conf", "irb(record^s^1)", "ir"):
        findings = failures(own_lab, site)
    assert {finding.hole for finding in findings} >= {
        Hole.FILES_CHANGED,
        Hole.RUNNING_DIFFERS,
        Hole.NO_PRE_DIAL,
        Hole.NO_RECORDING,
    }
    assert "gate: extensions.conf" in {finding.what for finding in findings if finding.hole is Hole.FILES_CHANGED}


def test_a_manager_account_added_and_the_file_put_back_is_found(own_lab: Lab, site: Settings):
    more = "[other]\nsecret = x\nwrite = all\n"
    with changed(site.gate.etc / "manager.conf", "[controller]", f"{more}[controller]"):
        ask(own_lab, "gate", "manager reload")
        wait_for(lambda: "other" in ask(own_lab, "gate", "manager show users"))
    try:
        findings = failures(own_lab, site)
    finally:
        ask(own_lab, "gate", "manager reload")
        wait_for(lambda: "other" not in ask(own_lab, "gate", "manager show users"))
    assert {finding.hole for finding in findings} >= {
        Hole.RUNNING_DIFFERS,
        Hole.MANAGER_ORIGINATES,
        Hole.MANAGER_ANYWHERE,
    }
    assert {finding.what for finding in findings} == {
        "gate: running: account other",
        "gate: running: manager account other",
    }


def test_a_second_device_on_a_seat_is_found(own_lab: Lab):
    pbx = evidence(own_lab, "pbx")
    assert pbx.running is not None
    line = next(contact for contact in pbx.running.contacts.splitlines() if "seat1/" in contact)
    twice = pbx.running.contacts.replace(line, f"{line}\n{line.replace('sip:seat1@', 'sip:other@')}")
    departures = audit(replace(pbx, running=replace(pbx.running, contacts=twice)))
    assert holes(departures) == {Hole.SECOND_REGISTRATION}
    assert "2 devices are registered now" in departures[0].says


def test_a_phone_registered_from_elsewhere_is_found(own_lab: Lab):
    pbx = evidence(own_lab, "pbx")
    assert pbx.running is not None
    departures = audit(
        replace(pbx, running=replace(pbx.running, contacts="  Contact:  seat1/sip:1@192.0.2.10:5060  x"))
    )
    assert holes(departures) == {Hole.CONTACT_ELSEWHERE}


def test_feature_keys_given_on_the_console_are_found(own_lab: Lab, site: Settings):
    ask(own_lab, "pbx", "dialplan set global DYNAMIC_FEATURES out")
    try:
        findings = failures(own_lab, site)
    finally:
        ask(own_lab, "pbx", "dialplan reload")
        wait_for(lambda: "DYNAMIC_FEATURES" not in ask(own_lab, "pbx", "dialplan show globals"))
    assert {finding.hole for finding in findings} == {Hole.FEATURE_CODES}


def test_a_console_open_to_others_is_found(own_lab: Lab, site: Settings):
    own_lab.pbx.control.chmod(0o666)
    try:
        findings = failures(own_lab, site)
    finally:
        own_lab.pbx.control.chmod(0o600)
    assert {(finding.hole, finding.what) for finding in findings} == {
        (Hole.CONTROL_SOCKET, "pbx: running: control socket")
    }


def test_instances_of_one_user_are_found(own_lab: Lab):
    pbx, gate = evidence(own_lab, "pbx"), evidence(own_lab, "gate")
    assert pbx.running is not None
    assert gate.running is not None
    same = replace(pbx, running=replace(pbx.running, user_id=gate.running.user_id))
    assert holes(audit_pair(same, gate)) == {Hole.WRONG_USER}
    root = replace(gate, running=replace(gate.running, user_id=0))
    assert holes(audit(root)) == {Hole.WRONG_USER}
    other = replace(gate, user_id=gate.running.user_id + 1)
    assert holes(audit(other)) == {Hole.WRONG_USER}


def test_each_network_rule_taken_away_is_found(own_lab: Lab, site: Settings):
    table = own_lab.firewall_table
    if not table:
        assert {finding.level for finding in inspect_site(site) if finding.what.startswith("table")} == {Level.WARNING}
        absent("the network rules are taken away on a real kernel: root, with nftables")
    listing = nft("-a", "list", "table", "inet", table)
    handles = re.findall(r"reject with .* # handle (\d+)", listing)
    assert len(handles) >= 6
    seen = set()
    try:
        for gone, handle in enumerate(handles, 1):
            nft("delete", "rule", "inet", table, "output", "handle", handle)
            findings = failures(own_lab, site)
            assert len(findings) == gone, handle
            seen |= {finding.hole for finding in findings}
        nft("delete", "table", "inet", table)
        everything = failures(own_lab, site)
    finally:
        subprocess.run(["nft", "-f", "-"], input=render_firewall(site), text=True, check=True, timeout=10)
    assert seen == {hole for hole in Hole if hole.startswith("firewall-")}
    assert len(everything) >= len(handles)


def test_an_instance_that_is_down_is_said_with_what_stays_unseen(own_lab: Lab, site: Settings):
    aside = own_lab.pbx.control.rename(own_lab.pbx.control.with_suffix(".aside"))
    try:
        findings = [finding for finding in inspect_site(site) if finding.level is not Level.OK]
    finally:
        aside.rename(own_lab.pbx.control)
    assert len(findings) == 1, findings
    finding = findings[0]
    assert finding.level is Level.WARNING
    assert finding.what == "pbx: what runs"
    assert "not seen: modules, dialplan and accounts added by hand" in finding.says


def test_a_socket_nobody_listens_on_is_one_error(tmp_path: Path):
    with pytest.raises(SwitchUnavailableError, match="start the instance"):
        look_at(tmp_path / "none.ctl")


@pytest.mark.slow
def test_the_naive_pair_as_it_runs(new_lab: LabMaker, asterisk_tree: AsteriskTree):
    lab = new_lab(LabOptions(seats=2))
    site = load_settings(lab.settings, environment={})
    for name in ("world", "pbx", "gate"):
        stop_instance(lab, name, is_killed=True)
    for name in ("pbx", "gate"):
        lab.instance(name).control.unlink(missing_ok=True)
    write_naive(site)
    for name in ("gate", "pbx"):
        launch.start(asterisk_tree, lab.folder, name, lab.instance(name).user_id)
    for name in ("gate", "pbx"):
        launch.await_fact(f"{name} has booted", lambda name=name: has_booted(lab, name), 60)
    for name in ("pbx", "gate"):
        departures = audit(evidence(lab, name))
        running = {departure.where.removeprefix("running: module ").removesuffix(".so") for departure in departures}
        assert {"res_pjsip_refer", "pbx_spool", "app_originate", "func_shell", "res_parking", "chan_iax2"} & running
        loaded = {*FORBIDDEN, *FORBIDDEN_AT[Role(name)]}
        assert len(loaded & holes(departures)) > 20
        assert [departure for departure in departures if departure.hole is Hole.RUNNING_DIFFERS] == []
        assert holes(departures) >= {
            Hole.REFER,
            Hole.MESSAGE,
            Hole.ARI,
            Hole.HTTP,
            Hole.CONTROL_SOCKET,
            Hole.MANAGER_COMMANDS,
        }


def has_booted(lab: Lab, name: str) -> bool:
    with contextlib.suppress(SwitchUnavailableError):
        return lab.instance(name).control.exists() and "fully booted" in ask(lab, name, "core waitfullybooted")
    return False


def wait_for(is_true: Callable[[], bool]) -> None:
    launch.await_fact("what the console was told", is_true, 10)


def nft(*arguments: str) -> str:
    done = subprocess.run(["nft", *arguments], capture_output=True, text=True, check=True, timeout=10)
    return done.stdout
