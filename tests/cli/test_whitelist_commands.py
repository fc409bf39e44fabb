"""The whitelist from the command line: two persons open, one closes, and a check shows why."""

import io
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Done, Telephony

pytestmark = pytest.mark.slow

NUMBER = "01 99 00 10 01"


@pytest.fixture
def people(installed: Telephony) -> dict[str, str]:
    """A campaign manager, a compliance officer and a supervisor, with their passwords."""
    roles = {"m.durand": "campaign_manager", "l.petit": "compliance", "s.martin": "supervisor"}
    added = {name: installed("account", "add", name, "--role", role, "--json").json for name, role in roles.items()}
    return {name: account["password"] for name, account in added.items()}


@pytest.fixture
def loaded(installed: Telephony, people: dict[str, str], tmp_path: Path) -> int:
    """A list of three leads, pending approval."""
    file = tmp_path / "list.csv"
    file.write_text("telephone\n0199001001\n0199001002\n0199001003\n")
    return int(installed("list", "import", file, "--campaign", "Fibre", "--json").json["list"]["list_id"])


def typed(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))


@pytest.fixture
def approve(installed: Telephony, people: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(*words: object, by: str = "l.petit", password: str | None = None) -> Done:
        typed(monkeypatch, people[by] if password is None else password)
        return installed(*map(str, words), "--as", by, "--password-stdin")

    return run


def test_a_list_is_approved_by_somebody_else_before_its_campaign_starts(
    installed: Telephony, loaded: int, approve: Any
):
    assert f"telephony list approve {loaded} --as" in installed("campaign", "start", "Fibre").one_sentence()
    assert "pending approval" in installed("list", "show", "--campaign", "Fibre").out
    assert "3 leads approved by l.petit" in approve("list", "approve", loaded).out
    assert "approved by l.petit" in installed("list", "show", "--campaign", "Fibre").out
    assert installed("campaign", "start", "Fibre").status == 0


def test_nobody_approves_what_they_loaded(
    installed: Telephony,
    people: dict[str, str],
    loaded: int,
    approve: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    monkeypatch.setenv("SUDO_USER", "m.durand")  # the same person, at the keyboard
    file = tmp_path / "own.csv"
    file.write_text("telephone\n0199001004\n")
    own = installed("list", "import", file, "--campaign", "Fibre", "--json").json["list"]["list_id"]
    assert "m.durand loaded this list" in approve("list", "approve", own, by="m.durand").one_sentence()
    assert approve("list", "approve", own).status == 0


@pytest.mark.parametrize(
    ("by", "password", "says"),
    [
        ("l.petit", "wrong", "do not go together"),
        ("l.petit", "", "do not go together"),
        ("s.martin", None, "a supervisor may not approve"),
    ],
)
def test_a_wrong_password_or_role_approves_nothing(
    installed: Telephony, loaded: int, approve: Any, by: str, password: str | None, says: str
):
    assert says in approve("list", "approve", loaded, by=by, password=password).one_sentence()
    assert "pending approval" in installed("list", "show", "--campaign", "Fibre").out


def test_a_password_is_asked_at_a_terminal_only(installed: Telephony, loaded: int, monkeypatch: pytest.MonkeyPatch):
    typed(monkeypatch, "")
    assert "--password-stdin" in installed("list", "approve", str(loaded), "--as", "l.petit").one_sentence()


def test_the_check_tells_yes_or_no_and_everything_behind_it(installed: Telephony, loaded: int, approve: Any):
    ask = ("whitelist", "check", NUMBER, "--campaign", "Fibre")
    no = installed(*ask)
    assert no.status == 1
    assert no.out.startswith("no: …10 01 for Fibre")
    for rule in ("campaign_not_running", "list_not_approved"):
        assert f"[{rule}]" in no.out
    approve("list", "approve", loaded)
    installed("campaign", "start", "Fibre")
    yes = installed(*ask)
    assert yes.status == 0
    assert yes.out.startswith("yes: …10 01")
    assert "France, nine digits" in yes.out
    assert "approved by l.petit" in yes.out
    shown = installed(*ask, "--json")
    assert shown.status == 0
    assert shown.json["is_allowed"] is True
    assert shown.json["list"]["approved_by"] == "l.petit"
    assert "199001001" not in shown.out


@pytest.mark.parametrize(
    ("number", "rules"),
    [
        ("01 99 00 99 99", {"number_not_on_list"}),
        ("+44 7700 900123", {"number_form", "number_not_on_list", "country_not_open"}),
        ("0899 12 34 56", {"number_form", "number_not_on_list", "number_denied"}),
        ("112", {"number_form", "number_not_on_list", "number_denied"}),
        ("+8816 1234 5678", {"number_form", "number_not_on_list", "number_denied"}),
    ],
)
def test_every_failing_check_is_shown(installed: Telephony, loaded: int, approve: Any, number: str, rules: set[str]):
    approve("list", "approve", loaded)
    installed("campaign", "start", "Fibre")
    done = installed("whitelist", "check", number, "--campaign", "Fibre", "--json")
    assert done.status == 1
    assert {refusal["rule"] for refusal in done.json["refused"]} == rules


def test_a_rule_waits_for_a_second_person_and_closes_then(installed: Telephony, loaded: int, approve: Any):
    added = installed("whitelist", "add", "deny", "prefix", "33199001", "--reason", "moved away", "--json").json
    rule = added["rule_id"]
    ask = ("whitelist", "check", NUMBER, "--campaign", "Fibre", "--json")
    assert "number_denied" not in installed(*ask).out
    assert installed("whitelist", "pending", "--json").json["rules"][0]["rule_id"] == rule
    approve("whitelist", "approve", rule)
    assert installed(*ask).json["rules"][0]["rule_id"] == rule
    assert "number_denied" in installed(*ask).out
    assert installed("whitelist", "pending", "--json").json["rules"] == []
    assert "33199001" in installed("whitelist", "rules").out


def test_a_number_is_blocked_at_once_and_opened_again_by_two(installed: Telephony, loaded: int, approve: Any):
    done = installed("whitelist", "block-number", NUMBER, "--reason", "asked us to stop", "--json")
    rule = done.json["rule_id"]
    assert "199001001" not in done.out + installed("whitelist", "rules").out
    ask = ("whitelist", "check", NUMBER, "--campaign", "Fibre")
    assert f"Rule {rule} forbids" in installed(*ask).out
    said = installed("whitelist", "revoke", rule, "--reason", "entered by mistake").out
    assert "still applies" in said
    assert f"Rule {rule} forbids" in installed(*ask).out
    approve("whitelist", "approve", rule)
    assert f"Rule {rule} forbids" not in installed(*ask).out


def test_an_allow_rule_is_revoked_at_once(installed: Telephony, loaded: int):
    installed("whitelist", "revoke", "1", "--reason", "nothing is called any more")
    assert "[country_not_open]" in installed("whitelist", "check", NUMBER, "--campaign", "Fibre").out
    assert "was revoked" in installed("whitelist", "revoke", "1", "--reason", "again").one_sentence()


def test_a_number_blocked_for_one_campaign_stays_open_for_the_others(installed: Telephony, loaded: int):
    installed("campaign", "create", "Other", "--client", "Alpha", "--kind", "survey")
    installed("whitelist", "block-number", NUMBER, "--campaign", "Other", "--reason", "asked us to stop")
    assert "[number_denied]" not in installed("whitelist", "check", NUMBER, "--campaign", "Fibre").out
    assert "[number_denied]" in installed("whitelist", "check", NUMBER, "--campaign", "Other").out


def test_the_check_decides_for_another_time(installed: Telephony, loaded: int, approve: Any):
    words = ("deny", "prefix", "33", "--from", "2031-01-01", "--until", "2032-01-01", "--reason", "closed that year")
    approve("whitelist", "approve", installed("whitelist", "add", *words, "--json").json["rule_id"])
    ask = ("whitelist", "check", NUMBER, "--campaign", "Fibre", "--at")
    said = {year: "number_denied" in installed(*ask, f"{year}-01-01").out for year in ("2030", "2031", "2032")}
    assert said == {"2030": False, "2031": True, "2032": False}
    assert "is not a date or time" in installed(*ask, "tomorrow").one_sentence()


def test_a_list_and_a_campaign_are_revoked(installed: Telephony, loaded: int, approve: Any):
    approve("list", "approve", loaded)
    installed("campaign", "start", "Fibre")
    assert installed("list", "revoke", loaded, "--reason", "wrong file").status == 0
    assert "wrong file" in installed("whitelist", "check", NUMBER, "--campaign", "Fibre").out
    assert "revoked by" in installed("list", "revoke", loaded, "--reason", "again").one_sentence()
    assert "--yes" in installed("whitelist", "revoke-campaign", "Fibre", "--reason", "over").one_sentence()
    assert "stopped, 0 lists" in installed("whitelist", "revoke-campaign", "Fibre", "--reason", "over", "--yes").out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "allow", "prefix", "0199", "--reason", "x"), "never with 0"),
        (("add", "allow", "exact", "", "--reason", "x"), "needs the whole number"),
        (("add", "allow", "prefix", "33", "--reason", " "), "say why"),
        (("add", "allow", "prefix", "33", "--reason", "as 01 99 00 10 01 asked"), "contains a telephone number"),
        (
            ("add", "deny", "prefix", "33", "--reason", "x", "--scope", "trunk:mars"),
            "trunk mars is not in the settings",
        ),
        (("add", "deny", "prefix", "33", "--reason", "x", "--scope", "campaign:Mars"), "no campaign named"),
        (("add", "deny", "prefix", "33", "--reason", "x", "--scope", "world"), "write site, trunk:NAME"),
        (("add", "deny", "prefix", "33", "--reason", "x", "--from", "2031-01-01", "--until", "2030-01-01"), "must end"),
        (("revoke", "4000", "--reason", "x"), "there is no rule 4000"),
        (("block-number", "abc", "--reason", "x"), "letters"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_changes_nothing(
    installed: Telephony, words: tuple[str, ...], says: str
):
    before = installed("whitelist", "rules", "--json").out
    assert says in installed("whitelist", *words).one_sentence()
    assert installed("whitelist", "rules", "--json").out == before


def test_every_step_is_in_the_ledger_with_who_and_why(installed: Telephony, loaded: int, approve: Any, tmp_path: Path):
    approve("list", "approve", loaded)
    rule = installed("whitelist", "block-number", NUMBER, "--reason", "asked us to stop", "--json").json["rule_id"]
    installed("whitelist", "revoke", rule, "--reason", "entered by mistake")
    approve("whitelist", "approve", rule)
    installed("list", "revoke", loaded, "--reason", "wrong file")
    with sqlite3.connect(tmp_path / "telephony.db") as file:
        rows = file.execute("SELECT kind, body FROM ledger ORDER BY sequence").fetchall()
    file.close()
    entries = [(kind, json.loads(body)) for kind, body in rows]
    mine = [(kind, body["by"], body.get("reason")) for kind, body in entries if kind.startswith(("rule_", "list_"))]
    me = f"cli:{os.environ.get('SUDO_USER') or os.environ.get('USER') or 'root'}"
    assert [entry[0] for entry in mine] == [
        "list_loaded",
        "list_approved",
        "rule_added",
        "rule_withdrawal_asked",
        "rule_withdrawn",
        "list_withdrawn",
    ]
    assert [entry[1] for entry in mine] == [me, "l.petit", me, me, "l.petit", me]
    assert "199001001" not in json.dumps(entries)
