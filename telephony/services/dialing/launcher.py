"""The launcher: carries out dial orders. It takes and decides leads, writes the attempts, then dials them.

Several orders share one transaction. While it is being written the pacer goes on deciding; its new orders wait for the
next transaction. An attempt and its permit are durable before the switch is told (I4). Nothing is dialled while
anything blocks (I3). The pacer chooses how many, ``lead_decider`` whom to call; ``call_starter`` dials what is written.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final

import structlog

from telephony.errors import StoreError
from telephony.ids import AttemptId, CampaignId
from telephony.ports.calls.attempts import AttemptStore
from telephony.services.dialing.call_starter import CallStarter
from telephony.services.dialing.campaign_poll import CampaignPoll
from telephony.services.dialing.lead_decider import Batch, LeadDecider
from telephony.services.dialing.live_view import LiveView
from telephony.services.dialing.pace import DialOrder, FloorPacer
from telephony.services.rules.blockers import Blockers
from telephony.services.rules.readiness import StoreHealth

log = structlog.get_logger(__name__)

AT_ONCE: Final = 40
"""Most dials in one transaction: more would delay the first of them."""
LATEST: Final = 10_000
STALE_S: Final = 1.0
"""Seconds after which an order that could not be carried out is given back: its operator may have gone."""


@dataclass(frozen=True, slots=True)
class _Ordered:
    at: float
    call: int
    campaign_id: CampaignId | None


class Launcher:
    """Turns ordered dials into attempts that are written down and given to the switch."""

    def __init__(
        self,
        attempts: AttemptStore,
        view: LiveView,
        blockers: Blockers,
        health: StoreHealth,
        decider: LeadDecider,
        starter: CallStarter,
        poll: CampaignPoll,
        pacer: FloorPacer,
    ) -> None:
        self._attempts = attempts
        self._view = view
        self._blockers = blockers
        self._health = health
        self._decider = decider
        self._starter = starter
        self._poll = poll
        self._pacer = pacer
        self._ordered: deque[_Ordered] = deque()
        self._wake = asyncio.Event()
        self.took_s: deque[float] = deque(maxlen=LATEST)
        """Seconds from order to dial, latest last."""

    def order(self, order: DialOrder) -> bool:
        """Take a dial order: it counts as in the air at once, and is given back if it cannot be carried out.

        Returns:
            False if nothing may be dialled now.
        """
        if self._blockers.site() is not None:
            return False
        call = self._view.order(order.campaign_id, is_reserved=order.is_reserved)
        self._ordered.append(_Ordered(asyncio.get_running_loop().time(), call, order.campaign_id))
        self._wake.set()
        return True

    async def run(self) -> None:
        """Poll the campaigns and carry out the ordered dials, until cancelled."""
        loop = asyncio.get_running_loop()
        poll_at = loop.time()
        try:
            while True:
                if await self._is_time_to_poll(poll_at):
                    poll_at = loop.time() + self._poll.every_s
                    await self._refresh()
                if self._ordered:
                    await self._try_launch()
        finally:
            self._starter.cancel()

    async def _is_time_to_poll(self, poll_at: float) -> bool:
        """Wait for an order or for the next poll; return True if it is time to poll."""
        if self._ordered:
            return asyncio.get_running_loop().time() >= poll_at
        self._wake.clear()
        try:
            async with asyncio.timeout_at(poll_at):
                await self._wake.wait()
        except TimeoutError:
            return True
        return False

    async def _refresh(self) -> None:
        """Read which campaigns run now and which leads are due."""
        try:
            await self._poll.look()
            await self._pacer.follow(self._poll.running.values())
            self._health.answered()
        except StoreError as error:
            self._poll.forget()
            self._health.failed(error)
            log.error("campaigns_unreadable", reason=str(error))

    async def _try_launch(self) -> None:
        """Carry out the oldest orders; give back those that are not dialled."""
        oldest = asyncio.get_running_loop().time() - STALE_S
        calls_by_campaign: dict[CampaignId | None, deque[int]] = {}
        stale: list[int] = []
        for _ in range(min(AT_ONCE, len(self._ordered))):
            ordered = self._ordered.popleft()
            calls = stale if ordered.at < oldest else calls_by_campaign.setdefault(ordered.campaign_id, deque())
            calls.append(ordered.call)
        try:
            if calls_by_campaign and self._blockers.site() is None:
                await self._launch(calls_by_campaign)
        except StoreError as error:
            self._health.failed(error)
            # An attempt that was written in spite of the error is settled by recovery's sweep, never dialled.
            log.error("attempts_not_written", reason=str(error))
        finally:
            for call in chain(stale, *calls_by_campaign.values()):
                self._view.give_back(call)

    async def _launch(self, calls_by_campaign: Mapping[CampaignId | None, deque[int]]) -> None:
        """Take a lead for each call, decide, write attempts and refusals in one transaction, dial; leave the rest."""
        batch, begun = Batch(), set[AttemptId]()
        try:
            await self._decider.fill(batch, calls_by_campaign)
            if not batch.starts and not batch.refusals:
                return
            for start in await self._attempts.begin(batch.starts, batch.refusals):
                begun.add(start.permit.attempt_id)
                own = calls_by_campaign.get(start.permit.campaign_id)
                self.took_s.append(self._starter.start((own or calls_by_campaign[None]).popleft(), start))
        finally:
            self._decider.give_back_lines(batch, begun)
