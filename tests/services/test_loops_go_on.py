"""A loop that a value stopped begins again, with one incident; a fault of the program still ends the service."""

import asyncio

import pytest

from telephony.services.evidence.incident_book import IncidentBook
from telephony.services.evidence.unreadable import AGAIN_S, LOOP_STOPPED, Unreadable
from tests.doubles.store import FakeStore
from tests.services.test_lists import StoppedClock
from tests.virtual_time import passes, virtual


class Stops:
    """A loop whose first rounds meet an error, and which goes on afterwards."""

    def __init__(self, *errors: BaseException) -> None:
        self._errors = list(errors)
        self.began = 0

    async def run(self) -> None:
        self.began += 1
        if self._errors:
            raise self._errors.pop(0)
        await asyncio.Event().wait()


def kept_on(stops: Stops) -> tuple[asyncio.Task[None], FakeStore, IncidentBook]:
    fake = FakeStore()
    book = IncidentBook(fake.store.ledger, StoppedClock())
    return asyncio.create_task(Unreadable(fake.store.unreadable, book).keep_on("locks", stops.run)), fake, book


@pytest.mark.parametrize(
    "error", [ValueError("9" * 5000), KeyError("Mars/Olympus"), ExceptionGroup("two workers", [TypeError("x")])]
)
@virtual
async def test_a_value_that_stops_a_loop_ends_neither_the_loop_nor_the_service(error: Exception):
    stops = Stops(error, error)
    task, fake, book = kept_on(stops)
    await passes(3 * AGAIN_S)
    assert not task.done()
    assert stops.began == 3
    await book.flush()
    incidents = fake.tables.incidents
    assert {(incident.kind, incident.subject) for incident in incidents} == {(LOOP_STOPPED, "locks")}
    assert not any("9999" in incident.text or "Mars" in incident.text for incident in incidents), (
        "the value itself is told nowhere"
    )
    task.cancel()


@pytest.mark.parametrize(
    "error", [RuntimeError("ours"), ExceptionGroup("two", [ValueError("x"), RuntimeError("ours")])]
)
@virtual
async def test_a_fault_of_the_program_ends_a_loop(error: Exception):
    stops = Stops(error)
    task, _, _ = kept_on(stops)
    await passes(3 * AGAIN_S)
    assert task.done()
    assert task.exception() is error
    assert stops.began == 1
