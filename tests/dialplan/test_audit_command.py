"""``telephony check`` on folders: what it reads, says and returns; its page lists every hole."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from telephony.app.check.findings import Level
from telephony.app.check.inspection import inspect_folders, inspect_site
from telephony.asterisk.audit import HOLES, UNSEEN, Hole, Role
from telephony.asterisk.audit.reading import gate_addresses, read_folder
from telephony.asterisk.installation import write_configuration
from telephony.asterisk.rendering import render_gate, render_pbx
from telephony.cli.main import app
from telephony.errors import SettingsError
from telephony.settings import Settings
from tests.attacks.naive.configuration import naive_gate, naive_pbx
from tests.dialplan.test_rendering import settings


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    def folders(name: str) -> dict[str, str]:
        return {part: str(tmp_path / name / part) for part in ("etc", "lib", "spool", "run", "log")}

    site = settings(pbx=folders("pbx"), gate=folders("gate"))
    write_configuration(render_pbx(site), site.pbx.etc, os.getuid())
    write_configuration(render_gate(site), site.gate.etc, os.getuid())
    return site


@pytest.fixture
def naive(tmp_path: Path) -> tuple[Path, Path]:
    both = tmp_path / "naive-pbx", tmp_path / "naive-gate"
    for folder, files in zip(both, (naive_pbx(settings()), naive_gate(settings())), strict=True):
        folder.mkdir(mode=0o755)
        for name, text in files.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o644)
    return both


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["check", *words])
    return done.exit_code, done.stdout


def test_our_folders_pass_and_the_page_says_what_was_not_judged(site: Settings):
    status, out = run("--pbx-config", str(site.pbx.etc), "--gate-config", str(site.gate.etc), "--json")
    assert status == 0
    findings = json.loads(out)
    assert not [finding for finding in findings if finding["level"] == "failure"]
    assert [finding["what"] for finding in findings if finding["level"] == "warning"] == ["running instances"]
    assert any(UNSEEN[0] in finding["says"] for finding in findings)


def test_the_naive_folders_fail_with_thing_hole_and_mend(naive: tuple[Path, Path]):
    status, out = run("--pbx-config", str(naive[0]), "--gate-config", str(naive[1]), "--json")
    assert status == 1
    failures = [load for load in json.loads(out) if load["level"] == "failure"]
    assert len(failures) > 200
    for failure in failures:
        assert failure["what"].startswith(("pbx: ", "gate: "))
        assert failure["hole"] in set(Hole)
        assert failure["mend"]
    status, out = run("--gate-config", str(naive[1]))
    assert status == 1
    assert "agi-fails-open" in out


def test_a_pbx_alone_needs_the_address_of_its_gate(site: Settings):
    status, out = run("--pbx-config", str(site.pbx.etc), "--json")
    assert status == 1
    assert {load["hole"] for load in json.loads(out) if load["level"] == "failure"} == {Hole.TRUNK_ON_PBX}
    address = f"{site.gate.sip_host}:{site.gate.sip_port}"
    status, out = run("--pbx-config", str(site.pbx.etc), "--gate-address", address)
    assert status == 0


def test_a_folder_that_is_not_there_is_one_error(tmp_path: Path):
    with pytest.raises(SettingsError, match="none: cannot be read"):
        inspect_folders(tmp_path / "none", None)


def test_files_changed_missing_and_added_are_named(site: Settings):
    (site.pbx.etc / "rtp.conf").write_text("[general]\nstrictrtp = yes\n")
    (site.pbx.etc / "cel.conf").unlink()
    (site.pbx.etc / "extra.conf").write_text("[x]\n")
    findings = inspect_site(site)
    changed = {(finding.what, finding.says) for finding in findings if finding.hole == Hole.FILES_CHANGED}
    assert changed == {
        ("pbx: rtp.conf", "not as rendered"),
        ("pbx: cel.conf", "missing"),
        ("pbx: extra.conf", "not rendered by anybody"),
    }
    unseen = [finding for finding in findings if finding.hole == Hole.RUNNING_DIFFERS]
    assert [finding.level for finding in unseen] == [Level.WARNING, Level.WARNING]
    assert {finding.what for finding in findings if finding.level is Level.OK} >= {"gate: configuration", "gate: lock"}


def test_a_pbx_of_somebody_else_is_judged_without_comparing(site: Settings, naive: tuple[Path, Path]):
    own = site.model_copy(update={"pbx": site.pbx.model_copy(update={"etc": naive[0]})})
    findings = inspect_site(own)
    assert not [finding for finding in findings if finding.hole == Hole.FILES_CHANGED]
    (said,) = [finding for finding in findings if finding.what == "pbx: configuration"]
    assert "not rendered from these settings" in said.says
    assert Hole.OPERATOR_DIALS in {finding.hole for finding in findings}


def test_includes_outside_the_folder_are_read(tmp_path: Path):
    (tmp_path / "etc" / "more.d").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "etc" / "manager.conf").write_text(f"#include more.d/*.conf\n#include {tmp_path}/other/a.txt\n")
    (tmp_path / "etc" / "more.d" / "x.conf").write_text("[general]\nenabled = yes\n#include ../other/b.txt\n")
    (tmp_path / "other" / "a.txt").write_text("[a]\nsecret = 1\n")
    (tmp_path / "other" / "b.txt").write_text("bindaddr = 127.0.0.1\n")
    instance = read_folder(Role.GATE, tmp_path / "etc")
    assert set(instance.files) == {"manager.conf", "more.d/x.conf", f"{tmp_path}/other/a.txt", "../other/b.txt"}
    findings = inspect_folders(None, tmp_path / "etc")
    assert f"gate: {tmp_path}/other/a.txt:2 account a" in {
        finding.what for finding in findings if finding.hole == Hole.WEAK_SECRET
    }
    assert Hole.MANAGER_ANYWHERE in {finding.hole for finding in findings}
    assert not [finding for finding in findings if "every address" in finding.says]


def test_a_gate_says_where_it_listens(site: Settings):
    gate = read_folder(Role.GATE, site.gate.etc)
    assert gate_addresses(gate) == {"10.2.0.2:5070", "203.0.113.2:5080"}


def test_the_page_lists_every_hole_and_what_cannot_be_seen():
    text = (Path(__file__).parents[2] / "docs" / "check.md").read_text()
    for hole, about in HOLES.items():
        assert f"| `{hole}` | {about.lets} | {about.mend} |" in text
    for what in UNSEEN:
        assert f"- {what}" in text
