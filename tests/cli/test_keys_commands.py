"""Keys from the command line: asked for with a reason, approved by somebody else, denied at once."""

import io

import pytest

from tests.cli.conftest import Telephony

pytestmark = pytest.mark.slow


def test_keys_are_asked_for_approved_by_somebody_else_and_denied(installed: Telephony, monkeypatch: pytest.MonkeyPatch):
    password = installed("account", "add", "l.petit", "--role", "compliance", "--json").json["password"]
    assert installed("campaign", "keys", "list").out == "no campaign may use keys\n"
    asked = installed(
        "campaign", "keys", "allow", "Fibre", "--reason", "a menu", "--until", "2126-12-31", "--json"
    ).json
    assert (asked["asked"]["reason"], asked["asked"]["most"], asked["approved_by"]) == ("a menu", 4, None)
    assert "waits" in installed("campaign", "keys", "list").out
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    done = installed("campaign", "keys", "approve", "Fibre", "--as", "l.petit", "--password-stdin")
    assert done.out == "Fibre: 4 keys a call are allowed, approved by l.petit\n"
    assert installed("campaign", "keys", "deny", "Fibre", "--reason", "done").out == "Fibre: no key passes\n"
    assert "keys allow" in installed("campaign", "keys", "deny", "Fibre", "--reason", "done").one_sentence()


def test_keys_without_a_reason_or_in_number_are_refused(installed: Telephony):
    assert "say why" in installed("campaign", "keys", "allow", "Fibre", "--reason", " ").one_sentence()
    assert "1 to 8" in installed("campaign", "keys", "allow", "Fibre", "--reason", "x", "--most", "12").one_sentence()
