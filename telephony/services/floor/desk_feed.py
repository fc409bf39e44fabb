"""Every desk as it is now, told to whoever follows it in the moment it changes. Acts are left to ``desk``."""

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
"""Seconds for which the facts of the whole site are taken as they were."""


class OwnSeats(Protocol):
    """Each operator's seat and the lead before them."""

    def seat_of(self, operator_id: OperatorId) -> SeatView:
        """Return the operator's own seat; InputError when there is none."""

    def preview_of(self, operator_id: OperatorId) -> PreviewView | None:
        """Return the lead before the operator, None when there is none."""


class FactsOfSite(Protocol):
    """What holds for every seat."""

    def read(self) -> SiteFacts:
        """Return it as it is now."""


class DeskFeed:
    """Follows desks; a version of this run is never given to two different states of a desk."""

    def __init__(self, seats: OwnSeats, facts: FactsOfSite) -> None:
        """Follow nobody yet.

        Args:
            seats: the seats, and the leads before operators.
            facts: what holds for every seat now.
        """
        self._seats = seats
        self._desk_facts = facts
        self._facts = SiteFacts()
        self._read_at_s = float("-inf")
        self._marks: dict[OperatorId, tuple[str, int]] = {}
        self._followers: defaultdict[OperatorId, set[asyncio.Event]] = defaultdict(set)

    def wake(self, operator_id: OperatorId | None) -> None:
        """Have whoever follows this operator's desk look again at once."""
        for news in self._followers.get(operator_id, ()) if operator_id is not None else ():
            news.set()

    def on_seat(self, seat: Seat, _event: OperatorEvent) -> None:
        """Have the desk of a seat that changed look again."""
        self.wake(seat.row.operator_id)

    def state(self, operator_id: OperatorId) -> DeskState:
        """Return the desk as it is now; InputError when the operator has no seat."""
        seat, facts = self._seats.seat_of(operator_id), self.facts()
        mark = mark_of(seat, self._seats.preview_of(operator_id))
        lead = lead_of(seat, facts)
        reason = facts.nothing_comes if lead == Assurance.NOTHING_COMES else None
        return DeskState(self._version(operator_id, mark), mark, seat.state, seat.since_at, lead, reason)

    def facts(self) -> SiteFacts:
        """Return what holds for every seat, at most ``FRESH_S`` old."""
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
        """Give an event that is set in the moment this operator's desk may have changed."""
        news = asyncio.Event()
        self._followers[operator_id].add(news)
        try:
            yield news
        finally:
            self._followers[operator_id].discard(news)
