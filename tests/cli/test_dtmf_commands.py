"""DTMF from the command line: requested with a reason, approved by a second person, denied at once."""

import io

import pytest

from tests.cli.conftest import Telephony

pytestmark = pytest.mark.slow


def test_dtmf_is_requested_approved_by_a_second_person_and_denied(
    installed: Telephony, monkeypatch: pytest.MonkeyPatch
):
    password = installed("account", "add", "l.petit", "--role", "compliance", "--json").json["password"]
    assert installed("campaign", "dtmf", "list").out == "no campaign may send DTMF\n"
    request = installed(
        "campaign", "dtmf", "allow", "Fibre", "--reason", "a menu", "--until", "2126-12-31", "--json"
    ).json
    assert (request["request"]["reason"], request["request"]["most"], request["approved_by"]) == ("a menu", 4, None)
    assert "pending" in installed("campaign", "dtmf", "list").out
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    done = installed("campaign", "dtmf", "approve", "Fibre", "--as", "l.petit", "--password-stdin")
    assert done.out == "Fibre: 4 DTMF digits per call are allowed, approved by l.petit\n"
    assert installed("campaign", "dtmf", "deny", "Fibre", "--reason", "done").out == "Fibre: DTMF is blocked\n"
    assert "dtmf allow" in installed("campaign", "dtmf", "deny", "Fibre", "--reason", "done").one_sentence()


def test_dtmf_without_a_reason_or_with_too_many_digits_is_refused(installed: Telephony):
    assert "say why" in installed("campaign", "dtmf", "allow", "Fibre", "--reason", " ").one_sentence()
    assert (
        "1 to 8"
        in installed("campaign", "dtmf", "allow", "Fibre", "--reason", "x", "--max-digits", "12").one_sentence()
    )
