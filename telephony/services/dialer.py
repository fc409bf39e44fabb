"""The dialer: asks the pacer how many, takes leads in order, asks the rules, writes the attempt, then dials.

An attempt and its permit are durable before the switch hears of them (I4); nothing is dialled while a link, the
recorder or the database is away (I3). Following the call is left to the tracker, choosing how many to the pacer.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta

import structlog

from telephony.domain.attempts import AttemptStart, Refusal
from telephony.domain.campaigns import Campaign, CampaignState
from telephony.domain.floor import PaceReason
from telephony.domain.law.decision import CLOCK
from telephony.domain.pacing import Pacer
from telephony.domain.trunks import Route
from telephony.errors import StoreError
from telephony.ids import AttemptId, CampaignId, OperatorId
from telephony.ports.store import Store
from telephony.services.decisions import Decisions
from telephony.services.dialing_view import DialingView
from telephony.services.failover import Failover
from telephony.services.holds import Holds
from telephony.services.lead_feed import LeadFeed
from telephony.services.orders import Orders
from telephony.services.readiness import Readiness
from telephony.services.tracker import Tracker
from telephony.services.trunks import Trunks

log = structlog.get_logger(__name__)


class Dialer:
    """Drives every running campaign."""

    def __init__(
        self,
        store: Store,
        tracker: Tracker,
        view: DialingView,
        pacer: Pacer,
        trunks: Trunks,
        readiness: Readiness,
        feed: LeadFeed,
        decisions: Decisions,
        orders: Orders,
        *,
        holds: Holds,
        failover: Failover,
        poll_s: float,
        locked: Callable[[CampaignId], PaceReason | None] = lambda _: None,
        unreachable: Callable[[Campaign], PaceReason | None] = lambda _: None,
        prefer: Callable[[AttemptId, OperatorId], None] = lambda *_: None,
        follow: Callable[[Collection[Campaign]], Awaitable[None]] | None = None,
    ) -> None:
        """Keep the parts; ``run`` does the work."""
        self._store = store
        self._tracker = tracker
        self._view = view
        self._pacer = pacer
        self._trunks = trunks
        self._readiness = readiness
        self._poll_s = poll_s
        self._failover = failover
        self._locked = locked
        self._unreachable = unreachable
        self._prefer = prefer
        self._follow = follow
        self._feed = feed
        self._decisions = decisions
        self._orders = orders
        self._is_store_away = False
        self._holds = holds

    def reason(self, campaign_id: CampaignId) -> PaceReason:
        """Say why a campaign dials as it does."""
        why = self._readiness.why_not()
        if why is not None:
            return why
        if self._is_store_away:
            return PaceReason(
                fr="La base de données ne répond pas\u202f: aucun appel ne part.",
                en="The database does not answer: no call leaves.",
            )
        locked = self._locked(campaign_id)
        if locked is not None:
            return locked
        campaign = self._feed.running.get(campaign_id)
        if campaign is None:
            return PaceReason(fr="La campagne ne tourne pas.", en="The campaign does not run.")
        unreachable = self._unreachable(campaign)
        if unreachable is not None:
            return unreachable
        held = self._holds.why_not(campaign_id)
        if held is not None:
            return held
        if not self._feed.has_leads(campaign_id):
            return self._holds.why_empty(campaign_id) or _nobody_due(self._feed.next_in(campaign_id))
        return self._pacer.reason()

    async def run(self) -> None:
        """Look at campaigns, step the pacer after every event and tick, launch what it says; until cancelled."""
        loop = asyncio.get_running_loop()
        self._pacer.start(self._view)
        looked_at = -self._poll_s
        try:
            while True:
                if loop.time() - looked_at >= self._poll_s:
                    looked_at = loop.time()
                    await self._look()
                kind, call, agent = await self._view.next(min(self._pacer.tick, self._poll_s))
                self._view.now = loop.time()
                count = self._pacer.step(self._view.now, kind, call, agent)
                if count > 0 and self._readiness.why_not() is None:
                    await self._try_launch(count)
        finally:
            self._orders.cancel()

    async def _look(self) -> None:
        """Read which campaigns run now and who is due."""
        try:
            await self._feed.look()
            for campaign_id, (word, no) in self._feed.shut.items():
                await self._holds.shut(campaign_id, word, no)
            if self._follow is not None:
                await self._follow(self._feed.running.values())
            self._is_store_away = False
        except StoreError as error:
            self._feed.forget()
            self._is_store_away = True
            log.error("campaigns_unreadable", reason=str(error))

    async def _try_launch(self, count: int) -> None:
        try:
            await self._launch(count)
        except StoreError as error:
            self._is_store_away = True
            # Whatever was written in spite of the error is settled by the recovery's sweep, never dialled.
            log.error("attempts_not_written", reason=str(error))

    async def _launch(self, count: int) -> None:
        """Take up to ``count`` leads, decide, write attempts and refusals in one transaction, then order the dials."""
        starts: list[AttemptStart] = []
        refusals: list[Refusal] = await self._fail_over()
        while len(starts) < count:
            taken = await self._feed.next(may_fetch=not starts and not refusals)
            if taken is None:
                break
            campaign, lead = taken
            standing = (await self._store.whitelist.standing([lead.lead_id])).get(lead.lead_id)
            if standing is not None and standing.campaign.state is not CampaignState.RUNNING:
                # Moved since the last look: its leads go on waiting; they are fetched again when it runs again.
                self._feed.forget(campaign.campaign_id)
                continue
            way = self._decisions.way_out(campaign, lead, standing)
            if isinstance(way, Route):
                starts.append(self._decisions.start(lead, way, standing))
            elif way is not None and way.rule in CLOCK and self._feed.is_shut(campaign, lead):
                continue  # nothing is written to it: it is read again when its clock opens
            elif way is not None and not await self._holds.take(campaign.campaign_id, lead, way):
                refusals.append(self._decisions.refusal(lead, way))
            elif way is not None:
                self._feed.give_back(lead)
            else:
                self._feed.give_back(lead)
                break
        if not starts and not refusals:
            return
        kept: set[AttemptId] = set()
        try:
            for start in await self._store.attempts.begin(starts, refusals):
                kept.add(start.permit.attempt_id)
                self._order(start)
        finally:
            for start in starts:
                if start.permit.attempt_id not in kept:
                    self._trunks.give_back(start.permit.trunk)

    async def _fail_over(self) -> list[Refusal]:
        """Put leads that a carrier failed for in front, or to rest; return those whose number is what fails."""
        if self._failover.is_idle:
            return []
        await self._tracker.flush()  # the failed attempt gives its lead back first
        refusals = []
        for lead_id, campaign_id in self._failover.take().items():
            campaign = self._feed.running.get(campaign_id)
            routes = campaign.routes if campaign is not None else ()
            if self._failover.untried(lead_id, self._trunks.routes(campaign_id, routes)):
                self._feed.put_first(await self._store.leads.get(lead_id))
            else:
                refusal = self._failover.all_failed(lead_id, campaign_id, routes)
                refusals += [] if refusal is None else [refusal]
        return refusals

    def _order(self, start: AttemptStart) -> None:
        self._tracker.begin(start.attempt())
        self._view.dialled(start.permit.attempt_id)
        operator = self._feed.promised_to(start.permit.lead_id)
        if operator is not None:
            self._prefer(start.permit.attempt_id, operator)
        campaign = self._feed.running.get(start.permit.campaign_id)
        self._orders.give(start.permit, detects_machines=campaign is not None and campaign.detects_machines)


def _nobody_due(wait: timedelta | None) -> PaceReason:
    if wait is None:
        return PaceReason(fr="Liste terminée\u202f: plus aucune personne à appeler.", en="The list is finished.")
    if not wait:
        return PaceReason(fr="Les rappels attendent leur opérateur.", en="Callbacks wait for their operator.")
    minutes = math.ceil(wait / timedelta(minutes=1))
    return PaceReason(
        fr=f"Personne à appeler avant {minutes}\u202fmin.", en=f"Nobody is due to be called for {minutes} min."
    )
