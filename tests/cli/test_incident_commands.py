"""Incidents from the command line: a named person closes one with its cause."""

import asyncio
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from telephony.ports.ledger import Incident
from telephony.storage import open_store
from tests.cli.conftest import Done, Telephony

pytestmark = pytest.mark.slow
PASSWORDS: dict[str, str] = {}


@pytest.fixture
def incident(site: Telephony, tmp_path: Path) -> str:
    async def add() -> None:
        async with await open_store(f"sqlite:///{tmp_path}/telephony.db") as opened:
            at = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
            await opened.store.ledger.open_incident(Incident("warden_gone", "warden", "Nobody watches.", at))

    asyncio.run(add())
    for name, role in (("l.petit", "compliance"), ("s.martin", "supervisor"), ("h.moreau", "campaign_manager")):
        PASSWORDS[name] = site("account", "add", name, "--role", role, "--json").json["password"]
    return str(site("incident", "list", "--json").json[0]["incident_id"])


@pytest.fixture
def approve(site: Telephony, incident: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Done]:
    """Run ``incident approve`` as somebody who types a password."""

    def run(username: str, password: str) -> Done:
        monkeypatch.setattr("sys.stdin", io.StringIO(password))
        return site("incident", "approve", incident, "--as", username, "--password-stdin")

    return run


def test_an_incident_is_listed_shown_and_closed_by_two_persons(
    site: Telephony, incident: str, approve: Callable[[str, str], Done]
):
    assert "Nobody watches." in site("incident", "list").out
    assert "warden_gone" in site("incident", "show", incident).out
    said = site("incident", "close", incident, "--by", "l.petit", "--reason", "started again").out
    assert f"telephony incident approve {incident}" in said
    assert "waits for a second person: started again" in site("incident", "list").out
    assert "a second person closes it" in approve("l.petit", PASSWORDS["l.petit"]).one_sentence()
    assert approve("s.martin", "guessed-by-somebody").status != 0
    assert approve("s.martin", PASSWORDS["s.martin"]).out.endswith("closed\n")
    assert site("incident", "list").out == "no open incident\n"
    closed = site("incident", "show", incident, "--json").json
    assert (closed["closed_by"], closed["explained_by"]) == ("s.martin", "l.petit")
    assert closed["typed_by"].startswith("cli:")
    (entry,) = site("ledger", "list", "--kind", "incident_closed", "--json").json
    assert entry["note"]["body"]["reason"] == "started again"


def test_the_cause_is_shown_before_the_password_and_another_one_given_meanwhile_is_not_agreed_to(
    site: Telephony, incident: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    site("incident", "close", incident, "--by", "l.petit", "--reason", "started again")

    async def explain() -> None:
        async with await open_store(f"sqlite:///{tmp_path}/telephony.db") as opened:
            at = datetime(2031, 11, 22, 9, 0, tzinfo=UTC)
            await opened.store.ledger.explain_incident(int(incident), "l.petit", "", "cable replaced", at)

    def typed_meanwhile(username: str, *, from_stdin: bool) -> str:
        assert not from_stdin
        asyncio.run(explain())
        return PASSWORDS[username]

    monkeypatch.setattr("telephony.cli.incidents.password_of", typed_meanwhile)
    refused = site("incident", "approve", incident, "--as", "s.martin")
    assert refused.status == 3
    assert refused.err.splitlines()[0] == "cause, given by l.petit: started again"
    assert "has another cause since" in refused.err.splitlines()[-1]
    assert len(site("incident", "list", "--json").json) == 1
    monkeypatch.setattr("telephony.cli.incidents.password_of", lambda username, **_: PASSWORDS[username])
    assert site("incident", "approve", incident, "--as", "s.martin").out.endswith("closed\n")
    assert site("incident", "show", incident, "--json").json["close_reason"] == "cable replaced"


def test_who_has_not_the_right_approves_nothing(site: Telephony, incident: str, approve: Callable[[str, str], Done]):
    site("incident", "close", incident, "--by", "l.petit", "--reason", "started again")
    assert "may not close incidents" in approve("h.moreau", PASSWORDS["h.moreau"]).one_sentence()


@pytest.mark.parametrize(
    ("by", "reason", "says"),
    [
        ("nobody", "x", "no account nobody"),
        ("h.moreau", "x", "may not close incidents; those who may: supervisor, compliance"),
        ("l.petit", " ", "say why"),
    ],
)
def test_who_may_not_or_gives_no_cause_closes_nothing(site: Telephony, incident: str, by: str, reason: str, says: str):
    assert says in site("incident", "close", incident, "--by", by, "--reason", reason).one_sentence()
    assert len(site("incident", "list", "--json").json) == 1
