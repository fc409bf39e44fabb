"""``telephony rules`` and ``telephony do-not-call``."""

import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.cli.conftest import Telephony
from tests.cli.test_whitelist_commands import approve, people  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow

NUMBER = "01 99 00 41 27"
SUNDAY, MONDAY = "2026-11-22T11:00+01:00", "2026-11-23T11:00+01:00"
HEADER = "numero;nom;base légale\n"


@pytest.fixture
def shop(installed: Telephony, tmp_path: Path, approve: Any) -> Telephony:  # noqa: F811
    """A consumer campaign with one approved lead under a contract."""
    installed("campaign", "create", "Shop", "--client", "Alpha", "--kind", "consumer_prospecting")
    path = tmp_path / "shop.csv"
    path.write_text(HEADER + f"{NUMBER};A;contrat\n", encoding="utf-8")
    list_id = installed("list", "import", path, "--campaign", "Shop", "--json").json["list"]["list_id"]
    assert approve("list", "approve", list_id).status == 0
    return installed


def explained(installed: Telephony, at: str, campaign: str = "Shop") -> dict[str, dict[str, Any]]:
    said = installed("rules", "explain", NUMBER, "--campaign", campaign, "--at", at, "--json").json
    return {rule["rule"]: rule for rule in said["law"]} | {"": said}


def test_explain_says_each_rule_with_its_verdict_and_reference(shop: Telephony):
    rules = explained(shop, SUNDAY)
    assert rules["calling_days"]["says"] == "no"
    assert "D. 223-9" in rules["calling_days"]["reference"]
    assert rules["calling_days"]["code"] == "law.no.weekday"
    assert rules["legal_basis"]["says"] == rules["calling_hours"]["says"] == "yes"
    assert explained(shop, MONDAY)["calling_days"]["says"] == "yes"
    done = shop("rules", "explain", NUMBER, "--campaign", "Shop", "--at", SUNDAY)
    assert done.status == 1
    said, where, *_ = done.out.splitlines()
    assert said == "no: …41 27 for Shop on Sunday 22 November 2026 at 11:00 (Europe/Paris)"
    assert where == "  under the law of FR, time zone Europe/Paris"
    assert "Pas d’appel le dimanche." in done.out
    assert "2026-11-23 00:00:00" in done.out  # on the site's clock, whatever the machine's is
    assert rules["start_of_call"]["says"] == "duty"


def test_explain_shows_the_next_time_if_only_the_hours_forbid_a_call(installed: Telephony, tmp_path: Path):
    """A survey has no hours by law: the campaign of the fixture may call on a Sunday night."""
    rules = explained(installed, "2026-11-22T23:00+01:00", "Fibre")
    assert "calling_hours" not in rules
    assert rules[""]["next_at"] == rules[""]["at"]


def test_the_rows_of_a_law_are_dated(installed: Telephony):
    def rules(day: str) -> set[str]:
        words = ("rules", "list", "--jurisdiction", "FR", "--at", day, "--kind", "consumer_prospecting", "--json")
        return {rule["rule"] for rule in installed(*words).json}

    assert "legal_basis" not in rules("2026-08-10")
    assert "legal_basis" in rules("2026-08-11")
    assert "16 CFR 310.4" in installed("rules", "list", "--jurisdiction", "US").out
    assert "is not a date" in installed("rules", "list", "--at", "tomorrow").one_sentence()


@pytest.mark.parametrize("machine", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_today_is_the_sites_day_and_never_the_machines(installed: Telephony, monkeypatch: Any, machine: str):
    """These two time zones are 25 hours apart: in one of them it is never the site's day."""
    before = datetime.now(ZoneInfo("Europe/Paris")).date()
    with monkeypatch.context() as patched:
        patched.setenv("TZ", machine)
        time.tzset()
        said = installed("rules", "list").out.splitlines()[0]
    time.tzset()
    assert said.strip() in {f"FR on {day}" for day in (before, datetime.now(ZoneInfo("Europe/Paris")).date())}


def test_an_exemption_is_dated_and_takes_two_persons(shop: Telephony, approve: Any):  # noqa: F811
    words = ("calling_days", "--campaign", "Shop", "--by", "m.durand", "--reason", "flood alert")
    refused = shop("rules", "exempt", *words, "--until", "2031-01-01")
    assert "at most 31 days" in refused.one_sentence()
    window = ("--from", "2031-03-01T00:00", "--until", "2031-03-08T00:00")
    exemption = shop("rules", "exempt", *words, *window, "--json").json
    sunday = "2031-03-02T11:00+01:00"
    assert explained(shop, sunday)["calling_days"]["says"] == "no"
    done = approve("rules", "approve", exemption["exemption_id"])
    assert "is suspended until" in done.out
    assert explained(shop, sunday)["calling_days"]["says"] == f"lifted by exemption {exemption['exemption_id']}"
    assert "flood alert" in shop("rules", "exemptions").out
    assert "applies again" in shop("rules", "revoke", exemption["exemption_id"]).out
    kinds = [row["note"]["kind"] for row in shop("ledger", "list", "--limit", "50", "--json").json]
    assert [kind for kind in kinds if kind.startswith("exemption")] == [
        "exemption_ended",
        "exemption_approved",
        "exemption_asked",
    ]


def test_nobody_approves_the_exemption_they_requested(shop: Telephony, approve: Any):  # noqa: F811
    window = ("--from", "2031-03-01T00:00", "--until", "2031-03-08T00:00")
    words = ("--by", "l.petit", "--reason", "flood alert", *window, "--json")
    exemption = shop("rules", "exempt", "frequency", *words).json
    assert "a second person approves it" in approve("rules", "approve", exemption["exemption_id"]).one_sentence()


def test_a_do_not_call_list_blocks_its_numbers_and_names_unreadable_lines(shop: Telephony, tmp_path: Path):
    path = tmp_path / "objections.txt"
    path.write_text(f"téléphone;date\n+33 1 99 00 41 27;2026\n{'ab' * 32}\nnot a number 12\n", encoding="cp1252")
    done = shop("do-not-call", "import", path, "--client", "ALPHA")
    assert done.status == 1
    assert "2 numbers of 3 lines" in done.out
    assert "line 4" in done.out
    assert explained(shop, MONDAY)["opposition_list"]["says"] == "no"
    (dnc_list,) = shop("do-not-call", "list", "--json").json
    assert (dnc_list["name"], dnc_list["client_company"], dnc_list["entries"]) == ("objections.txt", "ALPHA", 2)
    empty = tmp_path / "empty.txt"
    empty.write_text("téléphone\n", encoding="utf-8")
    assert "nothing was loaded" in shop("do-not-call", "import", empty).one_sentence()
    assert "cannot be read" in shop("do-not-call", "import", tmp_path / "missing").one_sentence()
    assert "cannot be read" in shop("do-not-call", "import", tmp_path).one_sentence()


def test_a_do_not_call_list_for_a_company_without_a_campaign_says_that_it_protects_nobody(
    shop: Telephony, tmp_path: Path
):
    path = tmp_path / "objections.txt"
    path.write_text(f"{NUMBER}\n", encoding="utf-8")
    done = shop("do-not-call", "import", path, "--client", "Alfa")
    assert done.status == 1
    assert "no campaign calls for 'Alfa'" in done.out
    assert explained(shop, MONDAY)["opposition_list"]["says"] == "yes"
    assert shop("do-not-call", "import", path, "--client", "\uff21lpha\u200b").status == 0
    assert explained(shop, MONDAY)["opposition_list"]["says"] == "no"


def test_a_name_in_another_encoding_is_said_by_what_it_names(shop: Telephony, tmp_path: Path):
    path = tmp_path / os.fsdecode(b"opposition-\xe9t\xe9.txt")
    path.write_text(f"{NUMBER}\n", encoding="utf-8")
    assert shop("do-not-call", "import", path).status == 0
    assert shop("do-not-call", "list", "--json").json[0]["name"] == "opposition-\ufffdt\ufffd.txt"
    said = shop("do-not-call", "import", path, "--name", "\udce9t\udce9").one_sentence()
    assert said.startswith("the list's name contains a byte that is not UTF-8 text")
    said = shop("list", "import", path, "--campaign", "Shop", "--name", "\u200b\u3164").one_sentence()
    assert said.startswith("the list's name is empty or cannot be seen")


def test_a_do_not_call_list_that_is_not_a_file_is_refused_at_once(installed: Telephony, tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.txt")
    for path in (tmp_path / "pipe.txt", Path("/dev/zero")):
        assert "is not a regular file" in installed("do-not-call", "import", path).one_sentence()
    assert installed("do-not-call", "list", "--json").json == []


def test_an_imported_do_not_call_list_leaves_no_progress_bar(installed: Telephony, tmp_path: Path):
    path = tmp_path / "objections.txt"
    path.write_text("01 99 00 41 28\n", encoding="utf-8")
    assert installed("do-not-call", "import", path).err == ""


def test_a_number_on_no_list_yet_is_explained_too(shop: Telephony, tmp_path: Path):
    path = tmp_path / "objections.txt"
    path.write_text("01 99 00 41 28\n", encoding="utf-8")
    assert shop("do-not-call", "import", path).status == 0
    said = shop("rules", "explain", "01 99 00 41 28", "--campaign", "Shop", "--at", MONDAY, "--json").json
    assert [rule["says"] for rule in said["law"] if rule["rule"] == "opposition_list"] == ["no"]


def test_a_campaign_says_what_it_sells(installed: Telephony):
    words = ("--client", "Alpha", "--kind", "existing_contract", "--sector", "energy_works")
    assert installed("campaign", "create", "Works", *words, "--json").json["sector"] == "energy_works"
    said = explained(installed, MONDAY, "Works")[""]["law"]
    assert [rule["says"] for rule in said if rule["rule"] == "forbidden_sector"] == ["no", "yes"]


def test_what_may_be_sold_to_nobody_is_refused_when_the_campaign_is_created(installed: Telephony):
    for kind in ("consumer_prospecting", "survey"):
        words = ("--client", "Alpha", "--kind", kind, "--sector", "home_adaptation")
        said = installed("campaign", "create", "Works", *words).one_sentence()
        assert "home_adaptation" in said
        assert "kind" in said


def test_a_do_not_call_list_or_one_number_of_it_is_removed_by_two_persons(
    shop: Telephony,
    approve: Any,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    path = tmp_path / "objections.txt"
    path.write_text("01 99 00 41 27\n01 99 00 41 28\n", encoding="utf-8")
    list_id = shop("do-not-call", "import", path, "--json").json["list"]["list_id"]
    words = ("--reason", "signed a new consent")
    done = shop("do-not-call", "remove", list_id, "--entry", "01 99 00 41 27", *words)
    assert done.out.startswith(f"removal 1 is pending, …41 27 on do-not-call list {list_id} is still in force")
    assert explained(shop, MONDAY)["opposition_list"]["says"] == "no"
    assert "is removed, approved by" in approve("do-not-call", "approve", 1).out
    assert explained(shop, MONDAY)["opposition_list"]["says"] == "yes"
    monkeypatch.setenv("SUDO_USER", "l.petit")
    assert "--by" in shop("do-not-call", "remove", list_id, *words, "--by", "s.martin").one_sentence()
    own = shop("do-not-call", "remove", list_id, *words, "--json").json
    assert (own["entry"], own["asked_by"]) == ("", "cli:l.petit")
    assert "a second person approves it" in approve("do-not-call", "approve", 2).one_sentence()
    assert "is cancelled" in shop("do-not-call", "cancel", 2).out
    rows = shop("do-not-call", "removals", "--json").json
    assert [(row["entry"], row["approved_by"]) for row in rows] == [("…41 27", "l.petit"), ("", None)]
    assert "0199004127" not in shop("do-not-call", "removals").out.replace(" ", "")


def test_what_cannot_be_removed_is_one_sentence(shop: Telephony, tmp_path: Path):
    path = tmp_path / "objections.txt"
    path.write_text("01 99 00 41 27\n", encoding="utf-8")
    list_id = shop("do-not-call", "import", path, "--json").json["list"]["list_id"]
    words = ("--reason", "signed a new consent")
    assert "list 99" in shop("do-not-call", "remove", 99, *words).one_sentence()
    wrong = shop("do-not-call", "remove", list_id, "--entry", "0199004129", *words)
    assert "is not on do-not-call list" in wrong.one_sentence()
    assert shop("do-not-call", "remove", list_id, "--entry", "nobody", *words).status == 2
    assert "say why" in shop("do-not-call", "remove", list_id, "--reason", " ").one_sentence()
    assert "no removal 9" in shop("do-not-call", "cancel", 9).one_sentence()


def test_the_law_and_the_time_zones_of_a_number_are_shown(shop: Telephony):
    said = shop("rules", "explain", "0262 26 12 34", "--campaign", "Shop", "--at", MONDAY)
    assert "under the law of FR, time zone Indian/Reunion" in said.out
    command = ("rules", "explain", "+1 416 555 0123", "--campaign", "Shop", "--at", MONDAY)
    assert (
        "under the law of FR, the site's own, because its country has no table, time zone unknown" in shop(*command).out
    )
    explanation = shop(*command, "--json").json
    assert (explanation["jurisdiction"], explanation["zones"]) == (None, [])


@pytest.mark.parametrize(
    ("number", "at", "sentence"),
    [
        ("", MONDAY, "empty"),
        ("abc", MONDAY, "letters"),
        (NUMBER, "9999-12-31T23:59", "out of range"),
        (NUMBER, "0001-01-01", "out of range"),
        (NUMBER, "demain", "is not a date or time"),
    ],
)
def test_what_cannot_be_explained_is_one_sentence(shop: Telephony, number: str, at: str, sentence: str):
    assert sentence in shop("rules", "explain", number, "--campaign", "Shop", "--at", at).one_sentence()
