"""The systemd units we ship: understood by systemd, timers with their services, nothing left out of the README."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from telephony.shipped import shipped
from tests.absence import absent

FOLDER = shipped("config") / "systemd"
UNITS = sorted(path.name for path in FOLDER.iterdir() if path.suffix in {".service", ".timer"})


def test_every_unit_stands_in_the_readme():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [name for name in UNITS if name.removesuffix(".service").removesuffix(".timer") not in text] == []


def test_every_timer_has_its_service_and_makes_up_for_a_missed_run():
    timers = [name for name in UNITS if name.endswith(".timer")]
    assert timers == ["telephony-ledger-verify.timer", "telephony-prove.timer"]
    for name in timers:
        assert name.replace(".timer", ".service") in UNITS
        assert "Persistent=true" in (FOLDER / name).read_text(encoding="utf-8")


def test_the_day_that_is_proved_is_over():
    text = (FOLDER / "telephony-prove.service").read_text(encoding="utf-8")
    assert re.search(r"^ExecStart=\S+/telephony prove --day yesterday$", text, re.MULTILINE)


@pytest.mark.slow
def test_systemd_understands_every_unit(tmp_path: Path):
    if shutil.which("systemd-analyze") is None:
        absent("no systemd-analyze on PATH: apt install systemd")
    for name in UNITS:
        text = (FOLDER / name).read_text(encoding="utf-8")
        # The programs are not installed here; everything else is looked at as it is.
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE)
        (tmp_path / name).write_text(text, encoding="utf-8")
    paths = [str(tmp_path / name) for name in UNITS]
    done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if any(name in line for name in UNITS)]
    assert complaints == []
