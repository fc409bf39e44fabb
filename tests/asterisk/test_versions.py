"""The list of versions that were tried: in the wheel, read, and a warning for any other one."""

import pytest

from telephony.app.check import checkup
from telephony.app.check.findings import Level
from telephony.asterisk.versions import FILE, bare_version, known_versions
from telephony.settings import Settings, settings_from
from telephony.shipped import shipped
from telephony.workshop.lab import LabOptions, lifecycle
from telephony.workshop.lab.tree import AsteriskTree
from tests.dialplan.test_rendering import tables


@pytest.fixture
def settings() -> Settings:
    return settings_from(tables(), source="test")


@pytest.mark.parametrize(
    ("said", "bare"),
    [
        ("22.10.1+dfsg+~cs6.17.60671434-1", "22.10.1"),
        ("22.10.1", "22.10.1"),
        ("22.11.0-rc1", "22.11.0-rc1"),
        ("certified-20.7-cert4", "certified-20.7-cert4"),
        ("GIT-master-1a2b", "GIT-master-1a2b"),
    ],
)
def test_a_version_is_compared_without_what_a_distribution_adds(said: str, bare: str):
    assert bare_version(said) == bare


def test_the_list_ships_and_blesses_what_the_lab_builds():
    assert (shipped("config") / FILE).is_file()
    assert known_versions().untested_warning("22.10.1+dfsg+~cs6.17.60671434-1") == ""


@pytest.mark.parametrize("version", ["22.10.10", "22.10", "22.11.0", "20.9.3", "23.0.0", "22.10.1-rc1", ""])
async def test_a_version_outside_the_list_is_a_warning_of_check_and_of_the_lab(
    version: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    assert "was not tried" in known_versions().untested_warning(version)
    monkeypatch.setattr(checkup, "asterisk_version", lambda *_: version or "22")
    (finding,) = [finding for finding in await checkup.check_up(settings) if finding.what == "pbx: Asterisk"]
    assert finding.level is Level.WARNING
    assert "was not tried" in finding.says


def test_what_is_known_of_a_version_is_said():
    assert "#2134" in known_versions().untested_warning("22.11.0")


def test_the_lab_warns_before_it_starts_a_version_that_was_not_tried(monkeypatch: pytest.MonkeyPatch):
    said: list[str] = []

    def ends(_folder: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(lifecycle, "find_asterisk", lambda _: AsteriskTree(shipped("config"), "asterisk", "23.1.0"))
    monkeypatch.setattr(lifecycle, "_make_folder", ends)
    monkeypatch.setattr(lifecycle.os, "geteuid", lambda: 0)
    with pytest.raises(KeyboardInterrupt):
        lifecycle.lab_up(LabOptions(), said.append)
    assert any(line.startswith("warning: Asterisk version 23.1.0 was not tried") for line in said)
