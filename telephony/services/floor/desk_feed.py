"""Every desk's current state, and events for its followers on each change. ``operator_desk`` has the actions."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Final, Protocol

from telephony.domain.calls.operators import OperatorEvent
from telephony.domain.floor.operator_desk import Assurance, DeskState, SiteFacts, lead_of, mark_of
from telephony.domain.floor.snapshot import SeatView
from telephony.domain.leads.preview import PreviewView
from telephony.ids import OperatorId
from telephony.services.calls.seats import Seat

FRESH_S: Final = 0.2
"""Seconds for which the facts of the site are reused."""


class OwnSeats(Protocol):
    """Each operator's seat and the lead offered to them."""

    def seat_of(self, operator_id: OperatorId) -> SeatView:
        """Return the operator's own seat; InputError when there is none."""

    def preview_of(self, operator_id: OperatorId) -> PreviewView | None:
        """Return the lead offered to the operator, None when there is none."""


class FactsOfSite(Protocol):
    """The facts that are the same for every seat."""

    def read(self) -> SiteFacts:
        """Return the current facts."""


class DeskFeed:
    """Follows desks; two different states of a desk never have the same version in one run.

    Args:
        seats: the seats, and the leads offered to operators.
        facts: the facts that are the same for every seat.
    """

    def __init__(self, seats: OwnSeats, facts: FactsOfSite) -> None:
        self._seats = seats
        self._desk_facts = facts
        self._facts = SiteFacts()
        self._read_at_s = float("-inf")
        self._marks: dict[OperatorId, tuple[str, int]] = {}
        self._followers: defaultdict[OperatorId, set[asyncio.Event]] = defaultdict(set)

    def wake(self, operator_id: OperatorId | None) -> None:
        """Wake the followers of this operator's desk."""
        for news in self._followers.get(operator_id, ()) if operator_id is not None else ():
            news.set()

    def on_seat(self, seat: Seat, _event: OperatorEvent) -> None:
        """Wake the followers of the desk of a seat that changed."""
        self.wake(seat.row.operator_id)

    def state(self, operator_id: OperatorId) -> DeskState:
        """Return the desk's current state; InputError when the operator has no seat."""
        seat, facts = self._seats.seat_of(operator_id), self.facts()
        mark = mark_of(seat, self._seats.preview_of(operator_id))
        lead = lead_of(seat, facts)
        reason = facts.nothing_comes if lead == Assurance.NOTHING_COMES else None
        return DeskState(self._version(operator_id, mark), mark, seat.state, seat.since_at, lead, reason)

    def facts(self) -> SiteFacts:
        """Return the facts of the site, at most ``FRESH_S`` old."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._read_at_s > FRESH_S:
            self._facts, self._read_at_s = self._desk_facts.read(), now_s
        return self._facts

    def _version(self, operator_id: OperatorId, mark: str) -> int:
        known, version = self._marks.get(operator_id, ("", 0))
        if known != mark:
            version += 1
            self._marks[operator_id] = mark, version
        return version

    @contextlib.contextmanager
    def following(self, operator_id: OperatorId) -> Iterator[asyncio.Event]:
        """Yield an event that is set when this operator's desk may have changed."""
        news = asyncio.Event()
        self._followers[operator_id].add(news)
        try:
            yield news
        finally:
            self._followers[operator_id].discard(news)
