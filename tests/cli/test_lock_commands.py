"""Locks from the command line: one message, stored with who and why."""

from pathlib import Path

import pytest

from tests.cli.conftest import Telephony


def test_the_site_is_locked_and_unlocked_with_a_reason(installed: Telephony):
    assert installed("lock", "site", "--reason", "incident in room 2").out == "site: locked\n"
    assert installed("lock", "site").out == "site: already locked\n"
    assert installed("unlock", "site", "--reason", "the visit is over").out == "site: unlocked\n"
    assert "not locked" in installed("unlock", "site", "--reason", "again").one_sentence()


def test_a_lock_ends_calls_only_when_that_is_asked(installed: Telephony):
    (lock,) = installed("lock", "site", "--json").json
    assert lock["ends_calls"] is False
    assert installed("lock", "site", "--end-calls").out == "site: already locked: calls in progress end too\n"
    (lock,) = installed("lock", "site", "--json").json
    assert lock["ends_calls"] is True


def test_unlocking_without_a_reason_is_refused(installed: Telephony):
    installed("lock", "seat", "3")
    assert "reason" in installed("unlock", "seat", "3").one_sentence()
    (lock,) = installed("lock", "seat", "3", "--json").json
    assert (lock["scope"], lock["target"], lock["released_by"]) == ("seat", "3", None)


def test_a_campaign_is_locked_by_its_name(installed: Telephony):
    (lock,) = installed("lock", "campaign", "Fibre", "--json").json
    assert lock["scope"] == "campaign"
    assert lock["target"].isdecimal()
    assert lock["by"].startswith("cli:")
    assert "no campaign named" in installed("lock", "campaign", "Fiber").one_sentence()


def test_an_account_that_decides_is_named_beside_who_typed_it(installed: Telephony):
    installed("account", "add", "s.martin", "--role", "supervisor", "--name", "S. Martin")
    (lock,) = installed("lock", "site", "--by", "s.martin", "--json").json
    assert " (cli:" in lock["by"]
    assert "no active account" in installed("lock", "site", "--by", "nobody").one_sentence()


@pytest.mark.parametrize("words", [("site", "Fibre"), ("seat", "zero"), ("seat", "0"), ("seat",), ("campaign",)])
def test_what_cannot_be_locked_is_said_so(words: tuple[str, ...], installed: Telephony):
    assert installed("lock", *words).one_sentence()


def test_the_warden_refuses_the_sites_own_settings(telephony: Telephony, config: Path):
    config.chmod(0o600)
    assert "unknown or missing" in telephony("warden").one_sentence()


@pytest.mark.parametrize("target", ["9" * 5000, "٣", "03", "12", "1e3"])
def test_a_seat_there_is_not_is_not_locked(target: str, installed: Telephony):
    assert "seat" in installed("lock", "seat", target).one_sentence()
    assert installed("lock", "seat", "3").out == "seat 3: locked\n"
