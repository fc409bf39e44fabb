"""The warden reads its own file only, refuses one that others may read, and never stays root."""

import os
from pathlib import Path

import pytest

from telephony.errors import SettingsError
from telephony.warden.process import become
from telephony.warden.settings import load_warden_settings

GOLDEN = Path(__file__).resolve().parents[1] / "dialplan" / "golden" / "gate" / "warden.toml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "warden.toml"
    path.write_text(GOLDEN.read_text())
    path.chmod(0o600)
    return path


def test_what_is_rendered_is_what_is_read(file: Path):
    settings = load_warden_settings(file)
    assert (settings.control, settings.monitor) == (Path("/srv/gate/run/gate.ctl"), Path("/srv/gate/spool/monitor"))
    assert (settings.agi_host, settings.agi_port) == ("127.0.0.1", 4573)
    assert (settings.controller_gone_s, settings.stall_s, settings.user_id) == (30.0, 3.0, os.getuid())


def test_a_file_others_may_read_is_refused(file: Path):
    file.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        load_warden_settings(file)


@pytest.mark.parametrize("change", [("key =", "other ="), ("stall_s = 3.0", "stall_s = []"), ("key =", "key ")])
def test_a_file_that_holds_something_else_is_refused_without_its_key(file: Path, change: tuple[str, str]):
    key = load_warden_settings(file).key
    file.write_text(file.read_text().replace(*change))
    with pytest.raises(SettingsError, match="configuration write") as refused:
        load_warden_settings(file)
    assert key not in str(refused.value)


def test_a_missing_file_says_how_to_make_it(tmp_path: Path):
    with pytest.raises(SettingsError, match="telephony configuration write"):
        load_warden_settings(tmp_path / "warden.toml")


def test_the_warden_is_never_root():
    with pytest.raises(SettingsError, match="belongs to root"):
        become(0)
