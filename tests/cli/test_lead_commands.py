"""Lists and leads from the command line: pausing, mixing, recycling, quotas, retry rules."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from telephony.domain.leads.preview import PreviewEnding
from telephony.ids import LeadId
from telephony.shipped import shipped
from telephony.storage import open_store
from tests.cli.conftest import Telephony

pytestmark = pytest.mark.slow


@pytest.fixture
def loaded(installed: Telephony, tmp_path: Path) -> int:
    file = tmp_path / "list.csv"
    file.write_text("telephone;sexe\n0199001001;F\n0199001002;M\n")
    return int(installed("list", "import", file, "--campaign", "Fibre", "--json").json["list"]["list_id"])


def test_a_list_is_paused_mixed_and_recycled(installed: Telephony, loaded: int):
    assert "is paused" in installed("list", "pause", loaded).out
    assert "paused by" in installed("list", "show", "--campaign", "Fibre").out
    assert "nothing to do" in installed("list", "pause", loaded).one_sentence()
    assert "is resumed" in installed("list", "resume", loaded).out
    assert installed("list", "mix", f"{loaded}=70", "--json").json[0]["share"] == 70
    assert "write LIST=SHARE" in installed("list", "mix", "70").one_sentence()
    assert "0 to 100" in installed("list", "mix", f"{loaded}=101").one_sentence()
    assert installed("list", "recycle", loaded, "--outcome", "no_answer", "--json").json["recycled"] == 0
    assert (
        "leads with the ending no_more_calls cannot be recycled"
        in installed("list", "recycle", loaded, "--outcome", "no_more_calls").one_sentence()
    )


def test_a_leads_history_priority_and_reactivation(installed: Telephony, loaded: int):
    assert "no attempt yet" in installed("lead", "show", 1).out
    story = installed("lead", "show", 1, "--json")
    assert "199001001" not in story.out
    assert story.json["lead"]["state"] == "waiting"
    assert installed("lead", "priority", 1, 9, "--json").json["priority"] == 9
    assert "from 0 to 9" in installed("lead", "priority", 1, 10).one_sentence()
    assert "only a finished or refused lead" in installed("lead", "reactivate", 1, "--reason", "why").one_sentence()
    assert "no lead 99" in installed("lead", "show", 99).one_sentence()


def test_callbacks_and_quotas(installed: Telephony, loaded: int):
    assert "no callback" in installed("callback", "list", "--campaign", "Fibre").out
    assert "no callback 7" in installed("callback", "cancel", 7).one_sentence()
    assert "cannot be read" in installed("callback", "move", 7, "--at", "soon").one_sentence()
    done = installed("quota", "set", "sexe=F", "--campaign", "Fibre", "--target", 120, "--json").json
    assert (done["quota"]["cell"], done["opened_again"]) == ({"sexe": "F"}, 0)
    assert "120" in installed("quota", "show", "--campaign", "Fibre").out
    assert "column=value" in installed("quota", "set", "sexe", "--campaign", "Fibre", "--target", 1).one_sentence()


def test_retry_rules_are_shown_and_changed(installed: Telephony, tmp_path: Path):
    before = installed("campaign", "retry", "Fibre", "--json").json
    assert before["retry"]["busy"] == {"after_min": 15, "limit": 3, "jitter": 0.1, "other_hours": False}
    file = tmp_path / "retry.toml"
    file.write_text("most_tries = 2\n[retry.busy]\nafter_min = 5\nlimit = 1\n")
    after = installed("campaign", "retry", "Fibre", "--file", file, "--json").json
    assert (after["most_tries"], list(after["retry"])) == (2, ["busy"])
    file.write_text("[retry.bussy]\n")
    assert "unknown key retry.bussy" in installed("campaign", "retry", "Fibre", "--file", file).one_sentence()
    example = shipped("config") / "examples" / "retry.toml"
    assert installed("campaign", "retry", "Fibre", "--file", example, "--json").json == before


def test_a_mode_says_what_it_does_and_asks_before_it_is_changed(installed: Telephony):
    refused = installed("campaign", "mode", "Fibre", "power", "--ratio", "2").one_sentence()
    assert "Up to 2.0 calls ring" in refused
    assert "--yes" in refused
    done = installed("campaign", "mode", "Fibre", "power", "--ratio", "2", "--yes", "--json")
    assert (done.json["mode"], done.json["power_tenths"]) == ("power", 20)
    assert "power 2.0" in installed("campaign", "list").out
    assert "1.0 to 3.0" in installed("campaign", "mode", "Fibre", "power", "--ratio", "5", "--yes").one_sentence()
    assert "power mode" in installed("campaign", "mode", "Fibre", "predictive", "--ratio", "2", "--yes").one_sentence()


def test_the_ring_limit_is_15_seconds_at_least_or_none(installed: Telephony):
    change = ("campaign", "change", "Fibre", "--ring-limit")
    assert installed(*change, 15, "--json").json["withdraw_after_s"] == 15
    assert ": 20\n" in installed(*change, 20).out
    for wrong in (14, 61, -1):
        assert "rings 15 s at least" in installed(*change, wrong).one_sentence()
    assert installed(*change, 0, "--json").json["withdraw_after_s"] == 0
    wrong_campaign = ("campaign", "create", "Court", "--client", "Alpha", "--kind", "b2b", "--ring-limit")
    assert "rings 15 s at least" in installed(*wrong_campaign, 10).one_sentence()
    assert installed(*wrong_campaign, 18, "--json").json["withdraw_after_s"] == 18


def test_skipped_leads_are_listed_with_their_reasons(installed: Telephony, loaded: int, tmp_path: Path):
    assert "no lead was skipped" in installed("preview", "skips").out
    assert installed("operator", "add", "Claire", "--seat", 1).status == 0
    asyncio.run(_skip_one(tmp_path))
    (row,) = installed("preview", "skips", "--hours", 8, "--campaign", "Fibre", "--json").json
    assert (row["operator"], row["campaign"], row["reason"], row["looked_s"]) == ("Claire", "Fibre", "unclear", 12.0)
    table = installed("preview", "skips").out
    assert "unclear" in table
    assert "199001001" not in table
    assert "there is no campaign named 'Nobody'" in installed("preview", "skips", "--campaign", "Nobody").one_sentence()


async def _skip_one(folder: Path) -> None:
    now = datetime.now(UTC)
    async with await open_store(f"sqlite:///{folder}/telephony.db") as opened:
        store = opened.store
        (operator,) = await store.accounts.operators()
        offer = await store.previews.offer(await store.leads.get(LeadId(1)), operator.operator_id, now)
        assert offer is not None
        await store.previews.end(offer.preview_id, PreviewEnding.SKIPPED, now + timedelta(seconds=12), "unclear")


def test_amd_is_off_until_it_is_switched_on_and_can_be_switched_off_again(installed: Telephony):
    assert installed("campaign", "show", "Fibre", "--json").json["campaign"]["detects_machines"] is False
    assert installed("campaign", "change", "Fibre", "--amd", "--json").json["detects_machines"] is True
    assert "(AMD): no" in installed("campaign", "change", "Fibre", "--no-amd").out


def test_any_option_is_changed_by_one_command_and_stands_in_the_ledger(installed: Telephony):
    words = ("campaign", "change", "Fibre")
    assert "--amd" in installed(*words).one_sentence()
    done = installed(*words, "--amd", "--ring-limit", 20, "--shown-name", "surname")
    assert "answering machine detection (AMD): yes" in done.out
    assert "rung for 20 s is cancelled" in done.err
    assert installed(*words, "--no-amd", "--json").json["detects_machines"] is False
    assert "--yes" in installed(*words, "--mode", "predictive").one_sentence()
    assert "power mode" in installed(*words, "--ratio", 2, "--yes").one_sentence()
    changed = installed(*words, "--mode", "power", "--ratio", 2, "--yes", "--json").json
    assert (changed["mode"], changed["power_tenths"], changed["shown_name"]) == ("power", 20, "surname")
    assert installed(*words, "--abandon-cap", 0.02).status == 2
    bodies = [row["note"]["body"] for row in installed("ledger", "list", "--kind", "campaign_changed", "--json").json]
    assert [json.loads(body["to"]) for body in reversed(bodies)] == [
        {"detects_machines": True, "withdraw_after_s": 20, "shown_name": "surname"},
        {"detects_machines": False},
        {"mode": "power", "power_tenths": 20},
    ]


def test_an_order_is_chosen_and_a_leads_chance_is_shown(installed: Telephony, loaded: int):
    assert "List order" in installed("campaign", "show", "Fibre").out
    changed = installed("campaign", "order", "Fibre", "learned", "--json")
    assert changed.json["call_order"] == "learned"
    assert "200 needed" in installed("campaign", "show", "Fibre", "--json").json["order"]
    shown = installed("lead", "show", 1, "--json").json
    assert 0 < shown["chance"]["chance"] < 1
    assert shown["chance"]["seen"] == 0
    assert "A person would answer now with a probability of" in installed("lead", "show", 1).out


def test_a_campaign_says_who_is_left_and_what_holds_them_back(installed: Telephony, loaded: int):
    shown = installed("campaign", "show", "Fibre").out
    assert "2 on a list not yet approved" in " ".join(shown.replace("│", " ").split())
    held = installed("campaign", "show", "Fibre", "--json").json["held"]
    assert [(cause["cause"], cause["count"]) for cause in held] == [("approval", 2)]
    assert "2 approval" in " ".join(installed("campaign", "list").out.split())
