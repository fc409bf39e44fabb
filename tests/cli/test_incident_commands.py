"""Incidents from the command line: a named person closes one with its cause."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from telephony.ports.ledger import Incident
from telephony.storage import open_store
from tests.cli.conftest import Telephony

pytestmark = pytest.mark.slow


@pytest.fixture
def incident(site: Telephony, tmp_path: Path) -> str:
    async def add() -> None:
        async with await open_store(f"sqlite:///{tmp_path}/telephony.db") as opened:
            at = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
            await opened.store.ledger.open_incident(Incident("warden_gone", "warden", "Nobody watches.", at))

    asyncio.run(add())
    for name, role in (("l.petit", "compliance"), ("h.moreau", "campaign_manager")):
        site("account", "add", name, "--role", role)
    return str(site("incident", "list", "--json").json[0]["incident_id"])


def test_an_incident_is_listed_shown_and_closed_by_a_named_person(site: Telephony, incident: str):
    assert "Nobody watches." in site("incident", "list").out
    assert "warden_gone" in site("incident", "show", incident).out
    assert site("incident", "close", incident, "--by", "l.petit", "--reason", "started again").out.endswith("closed\n")
    assert site("incident", "list").out == "no open incident\n"
    closed = site("incident", "show", incident, "--json").json
    assert closed["closed_by"].startswith("l.petit (cli:")
    (entry,) = site("ledger", "list", "--kind", "incident_closed", "--json").json
    assert entry["note"]["body"]["reason"] == "started again"


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
