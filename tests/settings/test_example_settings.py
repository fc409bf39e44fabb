"""The example settings file against the classes: every key, the defaults, and what is refused."""

import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from telephony.asterisk.firewall import render_firewall
from telephony.asterisk.rendering import render_gate, render_pbx
from telephony.errors import SettingsError
from telephony.settings import Settings, load_settings, settings_from
from telephony.settings.part import Part
from telephony.shipped import shipped

EXAMPLE = shipped("config") / "telephony.example.toml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
SECRETS = {"pbx.ami_secret", "gate.ami_secret", "gate.sip_secret", "seats.0.secret"}


def with_secrets(text: str = TEXT) -> str:
    return re.sub(r'^(\w*secret) = ""$', r'\1 = "0123456789abcdef0123"', text, flags=re.MULTILINE)


def tables(settings: Settings) -> Iterator[tuple[str, Part]]:
    for name in Settings.model_fields:
        value = getattr(settings, name)
        yield name, value[0] if isinstance(value, tuple) else value


def keys_in_file() -> dict[str, set[str]]:
    """Every key by table, those that stand in a comment for want of a default included."""
    texts: dict[str, set[str]] = {}
    name = ""
    for line in TEXT.splitlines():
        if header := re.fullmatch(r"\[\[?(\w+)\]\]?", line):
            name = header[1]
        elif key := re.fullmatch(r"(?:# )?(\w+) = .+", line):
            texts.setdefault(name, set()).add(key[1])
    return texts


EXAMPLE_SETTINGS = settings_from(tomllib.loads(with_secrets()))


def test_every_setting_is_in_the_example_and_nothing_else():
    assert keys_in_file() == {name: set(type(part).model_fields) for name, part in tables(EXAMPLE_SETTINGS)}


def test_every_setting_has_a_comment_above_it():
    lines = TEXT.splitlines()
    for above, line in pairwise(lines):
        if re.match(r"\w+ = ", line):
            assert above.startswith("# "), line


@pytest.mark.parametrize(("name", "part"), list(tables(EXAMPLE_SETTINGS)), ids=str)
def test_what_has_a_default_shows_it(name: str, part: Part):
    for key, field in type(part).model_fields.items():
        if not field.is_required():
            assert getattr(part, key) == field.default, f"{name}.{key}"


def test_required_settings_are_marked_so():
    lines = TEXT.splitlines()
    required = {
        (name, key) for name, part in tables(EXAMPLE_SETTINGS) for key, field in type(part).model_fields.items()
        if field.is_required()
    }  # fmt: skip
    marked, name = set(), ""
    for above, line in pairwise(lines):
        if header := re.fullmatch(r"\[\[?(\w+)\]\]?", line):
            name = header[1]
        elif (key := re.match(r"(\w+) = ", line)) and above.startswith("# Required"):
            marked.add((name, key[1]))
    assert marked == required


def test_the_example_as_it_stands_is_refused_because_no_secret_has_a_default():
    with pytest.raises(SettingsError) as refused:
        load_settings(EXAMPLE, environment={})
    assert set(re.findall(r"([\w.]+): Value should have at least 16", str(refused.value))) == SECRETS


def test_asterisk_configuration_and_network_rules_can_be_rendered_from_the_example():
    assert "pjsip.conf" in render_pbx(EXAMPLE_SETTINGS)
    assert "pjsip.conf" in render_gate(EXAMPLE_SETTINGS)
    assert "203.0.113.5" in render_firewall(EXAMPLE_SETTINGS)


@pytest.mark.parametrize("name", ["site", "pbx", "gate", "trunks", "seats", "dialing"])
def test_an_unknown_setting_is_refused_with_its_path(name: str):
    text = re.sub(rf"^(\[\[?{name}\]\]?)$", r"\1" + "\nwhatever = 1", with_secrets(), flags=re.MULTILINE)
    with pytest.raises(SettingsError, match=rf"{name}\.(0\.)?whatever: unknown setting"):
        settings_from(tomllib.loads(text))


@pytest.mark.parametrize("table", ["pbx", "gate"])
def test_a_missing_secret_is_refused_with_its_path(table: str):
    whole = tomllib.loads(with_secrets())
    del whole[table]["ami_secret"]
    with pytest.raises(SettingsError, match=rf"{table}\.ami_secret: missing"):
        settings_from(whole)


def test_a_short_secret_is_refused_and_not_repeated():
    with pytest.raises(SettingsError) as refused:
        settings_from(tomllib.loads(with_secrets().replace("0123456789abcdef0123", "hunter2")))
    assert "hunter2" not in str(refused.value)
    assert "pbx.ami_secret" in str(refused.value)


def test_secrets_are_not_shown_by_settings():
    assert "0123456789abcdef0123" not in repr(EXAMPLE_SETTINGS)
    assert isinstance(EXAMPLE_SETTINGS.pbx.ami_secret, SecretStr)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"gate": {"user_id": 960}}, "pbx.user_id and gate.user_id must differ"),
        ({"gate": {"trunk_host": "192.0.2.11"}}, "gate.sip_host and gate.trunk_host must differ"),
        ({"pbx": {"rtp_end": 10001}}, "rtp_end must be at least 15 above rtp_start"),
        ({"site": {"timezone": "Europe/Nowhere"}}, "site.timezone: unknown time zone"),
        ({"database": {"url": "mysql://x"}}, "database.url: must begin with"),
        ({"dialing": {"ring_timeout_s": 14}}, "dialing.ring_timeout_s"),
        ({"dialing": {"ring_timeout_s": 14.9}}, "dialing.ring_timeout_s"),
        ({"dialing": {"route_wait_s": 3}}, "dialing.route_wait_s"),
        ({"campaign": {"abandon_cap": 0.2}}, "campaign.abandon_cap"),
    ],
)
def test_a_wrong_value_is_refused_with_its_rule(wrong: dict[str, dict[str, Any]], says: str):
    whole = tomllib.loads(with_secrets())
    for name, values in wrong.items():
        whole[name] |= values
    with pytest.raises(SettingsError, match=re.escape(says)):
        settings_from(whole)


def test_the_environment_wins_over_the_file(tmp_path: Path):
    path = tmp_path / "telephony.toml"
    path.write_text(with_secrets(), encoding="utf-8")
    environment = {"TELEPHONY_WEB__PORT": "9090", "TELEPHONY_CONFIG": "x", "TELEPHONY_LAB_ROOT": "y", "HOME": "/"}
    assert load_settings(path, environment).web.port == 9090


def test_the_environment_cannot_reach_into_a_list(tmp_path: Path):
    path = tmp_path / "telephony.toml"
    path.write_text(with_secrets(), encoding="utf-8")
    with pytest.raises(SettingsError, match="TELEPHONY_SEATS__0__SECRET: seats is not a table"):
        load_settings(path, {"TELEPHONY_SEATS__0__SECRET": "x"})


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "no such settings file"), (b"[site\n", "not TOML"), (b"\xff\xfe\x00", "save it as UTF-8")],
)
def test_a_file_that_cannot_be_used_is_one_sentence(tmp_path: Path, content: bytes | None, says: str):
    path = tmp_path / "telephony.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=says) as refused:
        load_settings(path, {})
    assert "\n" not in str(refused.value)
