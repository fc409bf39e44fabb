"""The commands on a database of the test's own: tables, JSON, and refusals that change nothing."""

import io
import json
import os
import sqlite3
from pathlib import Path

import pytest

from telephony.asterisk.firewall import render_firewall
from telephony.errors import StoreError
from telephony.settings import load_settings
from telephony.storage.engine import schema
from tests.cli.conftest import EXAMPLES, Telephony

pytestmark = pytest.mark.slow

BAD = EXAMPLES / "bad"
UNKNOWN = "0b2f4c1e-5a77-4c0e-9d0a-1f2e3d4c5b6a"


def test_a_first_day_from_schema_to_running_campaign(telephony: Telephony, monkeypatch: pytest.MonkeyPatch):
    assert "none" in telephony("database", "status").out
    assert telephony("database", "upgrade").status == 0
    assert telephony("database", "status", "--json").json == {"revision": schema.known_revision()}
    assert telephony("campaign", "create", "--file", EXAMPLES / "campaign.toml").status == 0
    done = telephony("list", "import", EXAMPLES / "leads-300.csv", "--campaign", "Satisfaction fibre")
    assert "300 rows read = 300 accepted + 0 to fix + 0 duplicates" in done.out
    assert telephony("operator", "add", "Claire", "--seat", "1").status == 0
    password = telephony("account", "add", "l.petit", "--role", "compliance", "--json").json["password"]
    monkeypatch.setattr("sys.stdin", io.StringIO(password))
    assert telephony("list", "approve", "1", "--as", "l.petit", "--password-stdin").status == 0
    assert telephony("campaign", "start", "Satisfaction fibre").out == "Satisfaction fibre: running\n"
    assert telephony("campaign", "pause", "Satisfaction fibre").out == "Satisfaction fibre: paused\n"
    shown = telephony("campaign", "show", "Satisfaction fibre", "--json").json
    assert shown["campaign"]["state"] == "paused"
    assert shown["progress"]["waiting"] == 300
    assert shown["lists"][0]["accepted"] == 300
    assert telephony("campaign", "stop", "Satisfaction fibre", "--yes").status == 0


@pytest.mark.parametrize(
    "words",
    [
        ("campaign", "list"),
        ("campaign", "show", "Fibre"),
        ("list", "show", "--campaign", "Fibre"),
        ("operator", "list"),
        ("account", "list"),
        ("attempt", "list"),
        ("attempt", "list", "--campaign", "Fibre"),
        ("recording", "list", "--all"),
        ("database", "status"),
        ("lab", "status"),
    ],
    ids=" ".join,
)
def test_json_is_json_and_nothing_else(installed: Telephony, words: tuple[str, ...]):
    done = installed(*words, "--json")
    assert done.status == 0
    assert done.err == ""
    json.loads(done.out)


@pytest.mark.parametrize("words", [("campaign", "list"), ("operator", "list"), ("recording", "list")], ids=" ".join)
def test_the_same_without_json_is_for_people(installed: Telephony, words: tuple[str, ...]):
    done = installed(*words)
    assert done.status == 0
    assert done.out.strip()


def test_a_table_in_a_pipe_cuts_nothing_off(installed: Telephony):
    name = "Une campagne au nom si long qu'aucun terminal de quatre-vingts colonnes"
    installed("campaign", "create", name, "--client", "Société aux initiales multiples", "--kind", "survey")
    assert name in installed("campaign", "list").out


def test_a_name_with_brackets_is_not_taken_for_markup(installed: Telephony):
    installed("campaign", "create", "[bold]Fibre[/bold]", "--client", "Alpha", "--kind", "survey")
    assert "[bold]Fibre[/bold]" in installed("campaign", "list").out


# Operators and accounts


def test_an_operators_sign_in_name_is_made_from_the_work_name(installed: Telephony):
    made = installed("operator", "add", "Inès", "--seat", "3", "--json").json
    assert made["username"] == "ines"
    assert made["operator"]["name"] == "Inès"
    assert len(made["password"]) == 19
    assert [operator["seat"] for operator in installed("operator", "list", "--json").json] == [3]


@pytest.mark.parametrize(
    ("name", "username"),
    [("Marie Claire", "marie.claire"), ("Chloé-Anaïs", "chloe-anais"), ("  Léon  ", "leon"), ("O'Brien", "o.brien")],
)
def test_names_of_every_shape_become_sign_in_names(installed: Telephony, name: str, username: str):
    assert installed("operator", "add", name, "--seat", "1", "--json").json["username"] == username


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("Claire", "--seat", "99"), "seat 99 is not in the settings"),
        (("Claire", "--seat", "3"), "seat 3 is taken by Nadia"),
        (("Nadia", "--seat", "1"), "an operator with that work name has seat 3"),
        (("Nàdia", "--seat", "1"), "the sign-in name nadia is taken"),
        (("", "--seat", "1"), "the work name is empty"),
        (("李明", "--seat", "1"), "give one with --username"),
        (("Claire", "--seat", "1", "--username", "Not Good"), "a username has 2 to 32 characters"),
    ],
)
def test_an_operator_that_cannot_be_added_leaves_nothing(installed: Telephony, words: tuple[str, ...], says: str):
    assert installed("operator", "add", "Nadia", "--seat", "3").status == 0
    accounts = installed("account", "list").out
    assert says in installed("operator", "add", *words).one_sentence()
    assert installed("account", "list").out == accounts


def test_an_account_is_added_once_and_never_as_an_operator(installed: Telephony):
    made = installed("account", "add", "s.martin", "--role", "supervisor", "--name", "S. Martin", "--json").json
    assert made["account"]["role"] == "supervisor"
    assert "password_hash" not in made["account"]
    assert "taken" in installed("account", "add", "s.martin", "--role", "supervisor").one_sentence()
    assert "telephony operator add" in installed("account", "add", "x.y", "--role", "operator").one_sentence()


# Campaigns


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("create", "Autre"), "needs --client"),
        (("create", "Autre", "--client", "A"), "needs --kind"),
        (("create", "Fibre", "--client", "A", "--kind", "survey"), "already"),
        (("create", "A", "--client", "A", "--kind", "survey", "--caller-id", "33199009999"), "caller ID"),
        (("create", "A", "--client", "A", "--kind", "survey", "--trunk", "nowhere"), "trunk nowhere"),
        (("create", "A", "--client", "A", "--kind", "survey", "--abandon-cap", "0.5"), "0.03"),
        (("create", "--file", "/nonexistent.toml"), "no such file"),
        (("show", "Autre"), "there are: 'Fibre'"),
        (("start", "Autre"), "no campaign named"),
        (("start", "Fibre"), "has no list"),
        (("stop", "Fibre"), "confirm with --yes"),
        (("mode", "Fibre", "power", "--ratio", "nan", "--yes"), "in tenths, not nan"),
        (("mode", "Fibre", "power", "--ratio", "inf", "--yes"), "in tenths, not inf"),
        (("create", "A", "--client", "A", "--kind", "survey", "--mode", "power", "--ratio", "-inf"), "not -inf"),
    ],
)
def test_a_campaign_command_that_is_refused_changes_nothing(installed: Telephony, words: tuple[str, ...], says: str):
    before = installed("campaign", "list", "--json").out
    assert says in installed("campaign", *words).one_sentence()
    assert installed("campaign", "list", "--json").out == before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = 3", "name must be text"),
        ("campaign = 3", "campaign must be a table"),
        ("caller_id = 33199000000", "caller_id must be text"),
        ("abandon_cap = true", "abandon_cap must be a number"),
        ("colour = 'red'", "unknown key colour"),
        ("detects_machines = 1", "detects_machines must be true or false"),
        ("withdraw_after_s = 15.0", "withdraw_after_s must be a whole number"),
        ("ratio = '2'", "ratio must be a number"),
        ("power_tenths = 20", "unknown key power_tenths"),
        ("wrap_up_s = 20", "unknown key wrap_up_s"),
        ("kind = 'unheard'", "kind must be one of survey"),
        ("sector = 'unheard'", "sector must be one of "),
        ("mode = 'unheard'", "mode must be one of preview"),
        ("call_order = 'unheard'", "call_order must be one of list"),
        ("[[[", "cannot be read as TOML"),
    ],
)
def test_a_campaign_file_that_is_wrong_is_one_sentence(installed: Telephony, tmp_path: Path, text: str, says: str):
    path = tmp_path / "campaign.toml"
    path.write_text(text, encoding="utf-8")
    assert says in installed("campaign", "create", "--file", path).one_sentence()


# Lists


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (BAD / "empty.csv", "is empty"),
        (BAD / "header-only.csv", "no row below"),
        (BAD / "missing-column.csv", "no telephone column"),
        (BAD / "no-header.csv", "no header"),
        (BAD / "spreadsheet-renamed.csv", "spreadsheet"),
        (BAD / "nonexistent.csv", "no such file"),
        (BAD, "is a folder"),
        (Path(), "is a folder"),
        (Path("/dev/zero"), "is not a regular file"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_list_that_cannot_be_read_loads_nothing(installed: Telephony, file: Path, says: str):
    assert says in installed("list", "import", file, "--campaign", "Fibre", "--json").one_sentence()
    assert installed("list", "show", "--campaign", "Fibre", "--json").json == []
    assert installed("campaign", "show", "Fibre", "--json").json["progress"]["leads"] == 0


@pytest.mark.parametrize("name", ["wrong-numbers.csv", "latin-1.csv", "utf-16.csv", "mixed-separators.csv"])
def test_every_row_of_a_bad_list_is_accounted_for(installed: Telephony, name: str):
    report = installed("list", "import", BAD / name, "--campaign", "Fibre", "--json").json
    lead_list = report["list"]
    assert lead_list["rows_read"] == lead_list["accepted"] + lead_list["rejected"] + lead_list["duplicates"]
    assert sum(report["reasons"].values()) == lead_list["rejected"] + lead_list["duplicates"]
    assert lead_list["accepted"] > 0
    assert installed("campaign", "show", "Fibre", "--json").json["progress"]["leads"] == lead_list["accepted"]


def test_wrong_rows_are_shown_with_what_to_do(installed: Telephony):
    out = installed("list", "import", BAD / "wrong-numbers.csv", "--campaign", "Fibre").out
    assert "scientific_notation" in out
    assert "format the column as text" in out


def test_a_pipe_is_not_waited_for(installed: Telephony, tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.csv")
    assert (
        "save the list to a file"
        in installed("list", "import", tmp_path / "pipe.csv", "--campaign", "Fibre").one_sentence()
    )


def test_a_refused_list_shows_no_bar_of_progress(installed: Telephony):
    assert "is empty" in installed("list", "import", BAD / "empty.csv", "--campaign", "Fibre").one_sentence()


def test_the_same_file_again_says_so(installed: Telephony):
    installed("list", "import", BAD / "utf-16.csv", "--campaign", "Fibre")
    out = installed("list", "import", BAD / "utf-16.csv", "--campaign", "Fibre").out
    assert "0 accepted" in out
    assert "note: the same file was loaded" in out


def test_a_list_for_an_unknown_campaign_is_refused(installed: Telephony):
    done = installed("list", "import", EXAMPLES / "leads-300.csv", "--campaign", "Autre", "--json")
    assert "no campaign named" in done.one_sentence()


# Recordings


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "12"), "a recording's id is a UUID"),
        (("show", UNKNOWN), "there is no recording"),
        (("list", "--last-digits", "12a"), "--last-digits takes"),
        (("list", "--operator", "Zoé"), "no operator has the work name Zoé"),
        (("list", "--campaign", "Autre"), "no campaign named"),
        (("export", UNKNOWN, "--to", "/", "--reason", "complaint", "--reference", "2291"), "there is no recording"),
    ],
)
def test_a_recording_that_is_not_there_is_one_sentence(installed: Telephony, words: tuple[str, ...], says: str):
    assert says in installed("recording", *words).one_sentence()


# The database


def test_a_missing_schema_is_named_with_its_mend(telephony: Telephony, tmp_path: Path):
    assert "telephony database upgrade" in telephony("campaign", "list").one_sentence()
    assert not (tmp_path / "telephony.db").exists()


def test_an_unknown_schema_is_refused_and_left_alone(installed: Telephony, tmp_path: Path):
    with sqlite3.connect(tmp_path / "telephony.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    for words in (("campaign", "list"), ("database", "upgrade"), ("serve",)):
        assert "newer version" in installed(*words).one_sentence()
    assert installed("database", "status", "--json").json == {"revision": "9999"}


def test_a_file_that_is_no_database_is_refused(telephony: Telephony, tmp_path: Path):
    (tmp_path / "telephony.db").write_text("not a database " * 100)
    for words in (("campaign", "list"), ("database", "upgrade"), ("database", "status")):
        done = telephony(*words)
        assert done.status == StoreError.exit_status
        done.one_sentence()


# Settings and configuration


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("wrap_up_s = 40", "wrap_up_seconds = 40"), "campaign.wrap_up_seconds: unknown setting"),
        (('ami_secret = "0123456789abcdef0123"\n', ""), "pbx.ami_secret: missing"),
        (('sip_secret = "0123456789abcdef0123"', 'sip_secret = "short"'), "gate.sip_secret: Value should have"),
        (("[site]", "[site"), "not TOML"),
    ],
)
def test_wrong_settings_are_one_sentence_with_the_path(
    telephony: Telephony, config: Path, change: tuple[str, str], says: str
):
    config.write_text(config.read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
    for words in (("campaign", "list"), ("check",), ("serve",), ("configuration", "write", "--to", "/nonexistent/x")):
        assert says in telephony(*words).one_sentence()


def test_settings_saved_by_windows_are_read(installed: Telephony, config: Path):
    config.write_text(config.read_text(encoding="utf-8"), encoding="utf-8-sig", newline="\r\n")
    assert installed("campaign", "list", "--json").status == 0


def test_settings_that_are_no_text_are_one_sentence(telephony: Telephony, config: Path):
    config.write_bytes(b"\x89PNG\xff\xfe")
    assert "save it as UTF-8" in telephony("campaign", "list").one_sentence()
    config.unlink()
    config.mkdir()
    assert "is a directory" in telephony("campaign", "list").one_sentence().lower()


def test_a_missing_settings_file_is_named(telephony: Telephony, config: Path):
    config.unlink()
    assert "no such settings file" in telephony("campaign", "list").one_sentence()


def test_configuration_can_be_looked_at_by_nobody_else(telephony: Telephony, config: Path, tmp_path: Path):
    to = tmp_path / "look"
    assert telephony("configuration", "write", "--to", to).status == 0
    assert (to / "firewall.nft").read_text().startswith("# the lock's network rules")
    files = [path for path in to.rglob("*") if path.is_file()]
    assert {"pbx", "gate"} <= {path.parent.name for path in files}
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    assert not load_settings(config, {}).pbx.etc.exists()


def test_the_network_rules_that_are_loaded_are_those_of_the_next_boot(
    telephony: Telephony, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("prepare_folders", "write_configuration", "install_sounds"):  # for other users than this one
        monkeypatch.setattr(f"telephony.cli.configuration.{name}", lambda *_: None)
    file, nft = tmp_path / "firewall.nft", tmp_path / "nft"
    file.write_text("# what the settings said before\n")
    nft.write_text(f'#!/bin/sh\ncp "$2" {tmp_path}/loaded\n')
    nft.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('file = "/etc/telephony/firewall.nft"', f'file = "{file}"'), encoding="utf-8")
    assert telephony("configuration", "write", "--firewall").status == 0
    assert (tmp_path / "loaded").read_text() == file.read_text() == render_firewall(load_settings(config, {}))


def test_configuration_that_cannot_be_written_is_one_sentence(telephony: Telephony, config: Path, tmp_path: Path):
    (tmp_path / "file").write_text("")
    assert "cannot be written" in telephony("configuration", "write", "--to", tmp_path / "file" / "x").one_sentence()
    text = config.read_text(encoding="utf-8").replace(f'"{tmp_path}/etc', f'"{tmp_path}/file/etc')
    config.write_text(text, encoding="utf-8")
    assert str(tmp_path / "file") in telephony("configuration", "write").one_sentence()


def test_a_fault_of_ours_shows_its_place_and_no_personal_data(
    installed: Telephony, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def broken(*_: object) -> None:
        raise RuntimeError("06 39 98 12 08 belongs to somebody")

    monkeypatch.setattr("telephony.cli.campaigns.commands.print_json", broken)
    done = installed("campaign", "list", "--json")
    assert done.status == 70
    assert done.err.startswith("telephony: internal error: RuntimeError at ")
    assert "06 39" not in done.err
    assert "Traceback" not in done.err


def test_a_shift_with_a_crash_is_refused_before_anything_starts(telephony: Telephony):
    done = telephony("demo", "--minutes", "5", "--crash-at", "40")
    assert done.status == 2
    assert "--minutes and --crash-at exclude each other" in done.err


def test_what_operators_see_of_a_call_is_the_campaigns(telephony: Telephony):
    telephony("database", "upgrade")
    telephony("campaign", "create", "Survey", "--client", "Alpha", "--kind", "survey", "--shown-name", "none")
    done = telephony("campaign", "desk", "Survey", "--shown-name", "surname", "--first-sentence", "Bonjour.", "--json")
    assert (done.json["shown_name"], done.json["first_sentence"]) == ("surname", "Bonjour.")
    refused = telephony("campaign", "desk", "Survey", "--first-sentence", "Rappelez le 01 99 00 41 27")
    assert refused.status != 0
    assert "leave it out" in refused.err
    assert "--shown-name" in telephony("campaign", "desk", "Survey").err
