"""Locks from the command line: one sentence, kept with who and why."""

from pathlib import Path

import pytest

from tests.cli.conftest import Telephony


def test_the_site_is_locked_and_unlocked_with_a_reason(site: Telephony):
    assert site("lock", "site", "--reason", "incident in room 2").out == "site: locked\n"
    assert site("lock", "site").out == "site: was locked already\n"
    assert site("unlock", "site", "--reason", "the visit is over").out == "site: unlocked\n"
    assert "not locked" in site("unlock", "site", "--reason", "again").one_sentence()


def test_a_lock_ends_calls_only_when_that_is_asked(site: Telephony):
    (lock,) = site("lock", "site", "--json").json
    assert lock["ends_calls"] is False
    assert site("lock", "site", "--end-calls").out == "site: was locked already: calls under way end too\n"
    (lock,) = site("lock", "site", "--json").json
    assert lock["ends_calls"] is True


def test_unlocking_without_a_reason_is_refused(site: Telephony):
    site("lock", "seat", "3")
    assert "reason" in site("unlock", "seat", "3").one_sentence()
    (lock,) = site("lock", "seat", "3", "--json").json
    assert (lock["scope"], lock["target"], lock["released_by"]) == ("seat", "3", None)


def test_a_campaign_is_locked_by_its_name(site: Telephony):
    (lock,) = site("lock", "campaign", "Fibre", "--json").json
    assert lock["scope"] == "campaign"
    assert lock["target"].isdecimal()
    assert lock["by"].startswith("cli:")
    assert "no campaign named" in site("lock", "campaign", "Fiber").one_sentence()


def test_an_account_that_decides_is_named_beside_who_typed_it(site: Telephony):
    site("account", "add", "s.martin", "--role", "supervisor", "--name", "S. Martin")
    (lock,) = site("lock", "site", "--by", "s.martin", "--json").json
    assert " (cli:" in lock["by"]
    assert "no active account" in site("lock", "site", "--by", "nobody").one_sentence()


@pytest.mark.parametrize("words", [("site", "Fibre"), ("seat", "zero"), ("seat", "0"), ("seat",), ("campaign",)])
def test_what_cannot_be_locked_is_said_so(words: tuple[str, ...], site: Telephony):
    assert site("lock", *words).one_sentence()


def test_the_warden_refuses_the_sites_own_settings(telephony: Telephony, config: Path):
    config.chmod(0o600)
    assert "unknown or missing" in telephony("warden").one_sentence()


@pytest.mark.parametrize("target", ["9" * 5000, "٣", "03", "12", "1e3"])
def test_a_seat_there_is_not_is_not_locked(target: str, site: Telephony):
    assert "seat" in site("lock", "seat", target).one_sentence()
    assert site("lock", "seat", "3").out == "seat 3: locked\n"
