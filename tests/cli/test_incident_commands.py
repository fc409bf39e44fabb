"""Incidents from the command line: a named person closes one with its cause."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from telephony.ports.evidence.ledger import Incident
from telephony.storage import open_store
from tests.cli.conftest import Telephony
from tests.cli.test_whitelist_commands import approve, people  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow


@pytest.fixture
def incident(installed: Telephony, tmp_path: Path) -> str:
    async def add() -> None:
        async with await open_store(f"sqlite:///{tmp_path}/telephony.db") as opened:
            at = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
            await opened.store.ledger.open_incident(Incident("warden_gone", "warden", "Nobody watches.", at))

    asyncio.run(add())
    return str(installed("incident", "list", "--json").json[0]["incident_id"])


def test_an_incident_is_listed_shown_and_closed_by_two_persons(
    installed: Telephony,
    incident: str,
    approve: Any,  # noqa: F811
):
    assert "Nobody watches." in installed("incident", "list").out
    assert "warden_gone" in installed("incident", "show", incident).out
    said = installed("incident", "close", incident, "--by", "l.petit", "--reason", "started again").out
    assert f"telephony incident approve {incident}" in said
    assert "waits for a second person: started again" in installed("incident", "list").out
    assert "a second person closes it" in approve("incident", "approve", incident, by="l.petit").one_sentence()
    assert approve("incident", "approve", incident, by="s.martin", password="guessed-by-somebody").status != 0
    assert approve("incident", "approve", incident, by="s.martin").out.endswith("closed\n")
    assert installed("incident", "list").out == "no open incident\n"
    closed = installed("incident", "show", incident, "--json").json
    assert (closed["closed_by"], closed["explained_by"]) == ("s.martin", "l.petit")
    assert closed["typed_by"].startswith("cli:")
    (entry,) = installed("ledger", "list", "--kind", "incident_closed", "--json").json
    assert entry["note"]["body"]["reason"] == "started again"


def test_the_cause_is_shown_before_the_password_and_another_one_given_meanwhile_is_not_agreed_to(
    installed: Telephony,
    incident: str,
    people: dict[str, str],  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    installed("incident", "close", incident, "--by", "l.petit", "--reason", "started again")

    async def explain() -> None:
        async with await open_store(f"sqlite:///{tmp_path}/telephony.db") as opened:
            at = datetime(2031, 11, 22, 9, 0, tzinfo=UTC)
            await opened.store.ledger.explain_incident(int(incident), "l.petit", "", "cable replaced", at)

    def typed_meanwhile(username: str, *, from_stdin: bool) -> str:
        assert not from_stdin
        asyncio.run(explain())
        return people[username]

    monkeypatch.setattr("telephony.cli.incidents.password_of", typed_meanwhile)
    refused = installed("incident", "approve", incident, "--as", "s.martin")
    assert refused.status == 3
    assert refused.err.splitlines()[0] == "cause, entered by l.petit: started again"
    assert "has a newer cause" in refused.err.splitlines()[-1]
    assert len(installed("incident", "list", "--json").json) == 1
    monkeypatch.setattr("telephony.cli.incidents.password_of", lambda username, **_: people[username])
    assert installed("incident", "approve", incident, "--as", "s.martin").out.endswith("closed\n")
    assert installed("incident", "show", incident, "--json").json["close_reason"] == "cable replaced"


def test_who_has_not_the_right_approves_nothing(installed: Telephony, incident: str, approve: Any):  # noqa: F811
    installed("incident", "close", incident, "--by", "l.petit", "--reason", "started again")
    assert "may not close incidents" in approve("incident", "approve", incident, by="m.durand").one_sentence()


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("by", "reason", "says"),
    [
        ("nobody", "x", "no account nobody"),
        ("m.durand", "x", "may not close incidents; those who may: supervisor, compliance"),
        ("l.petit", " ", "say why"),
    ],
)
def test_who_may_not_or_gives_no_cause_closes_nothing(
    installed: Telephony, incident: str, by: str, reason: str, says: str
):
    assert says in installed("incident", "close", incident, "--by", by, "--reason", reason).one_sentence()
    assert len(installed("incident", "list", "--json").json) == 1
