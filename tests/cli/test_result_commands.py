"""Results from the command line: missing ones are listed, and a named person sets them."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from telephony.domain.calls.attempts import CallState
from telephony.domain.calls.outcomes import Outcome
from telephony.storage import open_store
from tests.cli.conftest import Done, Telephony
from tests.cli.test_whitelist_commands import people, typed  # noqa: F401 - fixture
from tests.storage.store_rows import begun

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def attempt(installed: Telephony, tmp_path: Path) -> str:
    """A conversation that ended without a result."""

    async def add() -> str:
        async with await open_store(f"sqlite:///{tmp_path}/telephony.db") as opened:
            (start,) = await begun(opened.store)
            row = await opened.store.attempts.get(start.permit.attempt_id)
            at = {"answered_at": NOW, "connected_at": NOW, "ended_at": NOW + timedelta(minutes=1)}
            over = replace(row, state=CallState.ENDED, outcome=Outcome.ANSWERED, **at)
            await opened.store.attempts.save([], [over])
            return start.permit.attempt_id

    return asyncio.run(add())


Give = Callable[..., Done]


@pytest.fixture
def give(installed: Telephony, people: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Give:  # noqa: F811
    """Set a result under an account, with its password."""

    def run(attempt: str, result: str, by: str, *words: str, password: str | None = None) -> Done:
        typed(monkeypatch, people.get(by, "none") if password is None else password)
        return installed("result", "set", attempt, result, "--as", by, "--password-stdin", *words)

    return run


def test_a_missing_result_is_listed_and_set_by_a_role_that_may(installed: Telephony, attempt: str, give: Give):
    assert attempt in installed("result", "list").out
    assert [row["attempt_id"] for row in installed("result", "list", "--json").json] == [attempt]
    assert "do not go together" in give(attempt, "complete", "nobody").one_sentence()
    assert "do not go together" in give(attempt, "complete", "s.martin", password="guessed").one_sentence()
    assert "a supervisor" in give(attempt, "complete", "l.petit").one_sentence()
    assert "result list" in give("x", "complete", "s.martin").one_sentence()
    given = give(attempt, "no_more_calls", "s.martin", "--json").json
    assert given["result"] == "no_more_calls"
    assert installed("result", "list").out == "no result is missing\n"
    assert "already" in give(attempt, "complete", "s.martin").one_sentence()
    (entry,) = installed("ledger", "list", "--kind", "result_chosen", "--json").json
    assert entry["note"]["body"]["by"] == "s.martin"


def test_an_inactive_account_sets_no_result(installed: Telephony, attempt: str, give: Give, tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "telephony.db")) as database, database:
        database.execute("UPDATE accounts SET is_active = 0 WHERE username = 's.martin'")
    assert "do not go together" in give(attempt, "complete", "s.martin").one_sentence()
    assert [row["attempt_id"] for row in installed("result", "list", "--json").json] == [attempt]
