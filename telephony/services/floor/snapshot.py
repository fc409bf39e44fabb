"""The floor: a snapshot of seats, campaigns and links, made at most four times a second when something changed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from telephony.domain.calls.events import CallEventValue
from telephony.domain.calls.lifecycle import Call
from telephony.domain.calls.operators import OperatorEvent
from telephony.domain.floor.snapshot import FloorView
from telephony.ports.clock import Clock
from telephony.services.calls.seats import Seat, Seats
from telephony.services.floor.campaign_views import CampaignViews
from telephony.services.floor.counts import FloorCounts
from telephony.services.floor.seat_views import SeatViews
from telephony.services.floor.site_status import SiteStatus

UPDATE_S: Final = 0.25
"""Shortest time between two snapshots, in seconds."""
COUNT_S: Final = 2.0
"""Seconds between counts in the database."""


class Floor:
    """Makes the snapshots and passes them to everyone who watches."""

    def __init__(
        self,
        seats: Seats,
        counts: FloorCounts,
        seat_views: SeatViews,
        campaign_views: CampaignViews,
        site: SiteStatus,
        clock: Clock,
    ) -> None:
        self._seats = seats
        self._counts = counts
        self._seat_views = seat_views
        self._campaign_views = campaign_views
        self._site = site
        self._clock = clock
        self._view = FloorView(0, clock.now(), (), (), (), ())
        self._dirty = True
        self._updated = asyncio.Condition()

    def view(self) -> FloorView:
        """Return the latest snapshot."""
        return self._view

    async def changes(self, after_version: int) -> AsyncIterator[FloorView]:
        """Yield every snapshot newer than ``after_version``; a slow watcher gets the latest only."""
        version = after_version
        while True:
            async with self._updated:
                while self._view.version <= version:
                    await self._updated.wait()
                view = self._view
            version = view.version
            yield view

    def on_call(self, _call: Call, _event: CallEventValue) -> None:
        """Make a new snapshot soon."""
        self._dirty = True

    def on_seat(self, _seat: Seat, _event: OperatorEvent) -> None:
        """Make a new snapshot soon."""
        self._dirty = True

    async def run(self) -> None:
        """Count and make snapshots until cancelled."""
        loop = asyncio.get_running_loop()
        counted_at = -COUNT_S
        while True:
            if loop.time() - counted_at >= COUNT_S:
                counted_at = loop.time()
                await self._counts.look()
                self._dirty = True
            if self._dirty or self._view.locks != self._site.locks():
                self._dirty = False
                await self._update()
            await asyncio.sleep(UPDATE_S)

    async def _update(self) -> None:
        async with self._updated:
            seats = sorted(self._seats.seats.items())
            self._view = FloorView(
                version=self._view.version + 1,
                at=self._clock.now(),
                seats=tuple(self._seat_views.seat(seat) for _number, seat in seats),
                campaigns=tuple(map(self._campaign_views.campaign, self._counts.campaigns.values())),
                links=self._site.links(),
                incidents=self._counts.incidents,
                locks=self._site.locks(),
                blocked=self._site.blocked(),
                results_due=self._site.results_due(),
                repeated=self._counts.repeated,
            )
            self._updated.notify_all()
