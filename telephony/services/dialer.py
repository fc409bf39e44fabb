"""The dialer: asks the pacer how many, takes leads in order, asks the rules, writes the attempt, then dials.

An attempt and its permit are durable before the switch hears of them (I4); nothing is dialled while a link, the
recorder or the database is away (I3). Following the call is left to the tracker, choosing how many to the pacer.
"""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta

import structlog

from telephony.domain.attempts import Attempt, AttemptStart, CallState, Refusal
from telephony.domain.calls import Originated, OriginateGivenUp
from telephony.domain.campaigns import Campaign, CampaignState
from telephony.domain.floor import PaceReason
from telephony.domain.law.basis import NO_TERMS, LeadTerms
from telephony.domain.law.facts import Practice
from telephony.domain.leads import Lead
from telephony.domain.pacing import Pacer
from telephony.domain.permits import PERMIT_DIGITS, DialPermit, PermitRequest, give_permit
from telephony.domain.rules import DialFacts, Refused, decide
from telephony.domain.trunks import Route
from telephony.errors import StoreError, SwitchError, SwitchTimeoutError
from telephony.ids import AttemptId, CampaignId, ChannelId, OperatorId, RecordingId
from telephony.ports.clock import Clock, Dice
from telephony.ports.store import Store
from telephony.ports.switch import Switch
from telephony.ports.whitelist import Standing
from telephony.services.dialing_view import DialingView
from telephony.services.failover import Failover
from telephony.services.gate import GATE
from telephony.services.holds import Holds
from telephony.services.law import law_facts
from telephony.services.lead_feed import LeadFeed
from telephony.services.readiness import Readiness
from telephony.services.tracker import Tracker
from telephony.services.trunks import Trunks
from telephony.services.whitelist import verdict_on

log = structlog.get_logger(__name__)


class Dialer:
    """Drives every running campaign."""

    def __init__(
        self,
        store: Store,
        switch: Switch,
        tracker: Tracker,
        view: DialingView,
        pacer: Pacer,
        trunks: Trunks,
        readiness: Readiness,
        clock: Clock,
        dice: Dice,
        feed: LeadFeed,
        *,
        holds: Holds,
        failover: Failover,
        practice: Practice,
        permit_life_s: int,
        poll_s: float,
        locked: Callable[[CampaignId], PaceReason | None] = lambda _: None,
        unreachable: Callable[[Campaign], PaceReason | None] = lambda _: None,
        prefer: Callable[[AttemptId, OperatorId], None] = lambda *_: None,
        follow: Callable[[Collection[Campaign]], Awaitable[None]] | None = None,
    ) -> None:
        """Keep the parts; ``run`` does the work."""
        self._store = store
        self._switch = switch
        self._tracker = tracker
        self._view = view
        self._pacer = pacer
        self._trunks = trunks
        self._readiness = readiness
        self._clock = clock
        self._dice = dice
        self._practice = practice
        self._life = timedelta(seconds=permit_life_s)
        self._poll_s = poll_s
        self._failover = failover
        self._locked = locked
        self._unreachable = unreachable
        self._prefer = prefer
        self._follow = follow
        self._feed = feed
        self._orders: set[asyncio.Task[None]] = set()
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
            for order in self._orders:
                order.cancel()

    async def _look(self) -> None:
        """Read which campaigns run now and who is due."""
        try:
            await self._feed.look()
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
            way = self._way_out(campaign, lead, standing)
            if isinstance(way, Route):
                starts.append(self._start(lead, way, standing.terms if standing is not None else NO_TERMS))
            elif way is not None and not await self._holds.take(campaign.campaign_id, lead, way):
                refusals.append(self._refusal(lead, way))
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

    def _way_out(self, campaign: Campaign, lead: Lead, standing: Standing | None) -> Route | Refused | None:
        """Take room on the first way out that the rules allow; None when the lead must wait for room."""
        campaign = standing.campaign if standing is not None else campaign  # it may have other trunks since the look
        routes = self._trunks.routes(campaign.campaign_id, campaign.routes)
        first: Refused | None = None
        may_wait = not routes
        for route in self._failover.untried(lead.lead_id, routes):
            refused = decide(self._facts(campaign, lead, standing, route))
            if refused is not None:
                first = first or refused
            elif self._trunks.take(route.trunk, campaign.campaign_id):
                return route
            else:
                may_wait = True
        return None if may_wait else first

    def _facts(self, campaign: Campaign, lead: Lead, standing: Standing | None, route: Route) -> DialFacts:
        """What the rules look at for one way out, as it is now."""
        now = self._clock.now()
        return DialFacts(
            campaign=standing.campaign if standing is not None else None,
            asked=lead.number,
            on_list=standing.number if standing is not None and lead.campaign_id == campaign.campaign_id else None,
            is_list_in_force=standing is not None and standing.list.holds(now),
            is_list_paused=standing is not None and standing.list.paused_at is not None,
            whitelist=verdict_on(standing, lead.number, route.trunk, campaign.campaign_id, now),
            caller_id=route.caller_id,
            trunk=route.trunk,
            trunks=self._trunks.caller_ids,
            law=law_facts(standing, campaign, lead.number, route.caller_id, self._practice),
            at=now,
            can_record=self._readiness.can_record,
        )

    def _refusal(self, lead: Lead, refused: Refused) -> Refusal:
        log.info("lead_refused", lead=lead.lead_id, rule=refused.rule)
        now = self._clock.now()
        return Refusal(
            lead.campaign_id, lead.lead_id, refused.rule, refused.text, now, refused.is_lasting, refused.until
        )

    def _start(self, lead: Lead, way: Route, terms: LeadTerms) -> AttemptStart:
        now = self._clock.now()
        request = PermitRequest(
            attempt_id=AttemptId(self._dice.uuid()),
            recording_id=RecordingId(self._dice.uuid()),
            campaign_id=lead.campaign_id,
            list_id=lead.list_id,
            lead_id=lead.lead_id,
            number=lead.number,
            caller_id=way.caller_id,
            trunk=way.trunk,
            gate=GATE,
        )
        permit = give_permit(request, self._dice.digits(PERMIT_DIGITS), now, self._life)
        return AttemptStart(permit, now, terms.record())

    def _order(self, start: AttemptStart) -> None:
        self._tracker.begin(attempt_of(start))
        self._view.dialled(start.permit.attempt_id)
        operator = self._feed.promised_to(start.permit.lead_id)
        if operator is not None:
            self._prefer(start.permit.attempt_id, operator)
        task = asyncio.create_task(self._originate(start.permit))
        self._orders.add(task)
        task.add_done_callback(self._orders.discard)

    async def _originate(self, permit: DialPermit) -> None:
        try:
            campaign = self._feed.running.get(permit.campaign_id)
            detects = campaign is not None and campaign.detects_machines
            await self._switch.originate(permit, self._practice.rings, detects_machines=detects)
        except SwitchTimeoutError as error:
            # The order may have been taken: the fate is read from the switch's own events, never guessed.
            log.warning("originate_unanswered", attempt=permit.attempt_id, reason=str(error))
            with contextlib.suppress(SwitchError):
                present = {fact.channel for fact in await self._switch.channels()}
                if ChannelId(permit.attempt_id) not in present:
                    await self._give_up(permit)
        except SwitchError as error:
            log.warning("originate_refused", attempt=permit.attempt_id, reason=str(error))
            await self._give_up(permit)
        else:
            self._tracker.happened(permit.attempt_id, Originated(self._clock.now()))

    async def _give_up(self, permit: DialPermit) -> None:
        """Void the permit first: should the order have been taken after all, the gate refuses it."""
        try:
            await self._store.permits.refuse(permit.permit_id, "order_not_given", self._clock.now())
        except StoreError as error:
            log.error("permit_not_voided", attempt=permit.attempt_id, reason=str(error))
            return  # it expires within seconds; the recovery's sweep settles the attempt
        self._tracker.happened(permit.attempt_id, OriginateGivenUp(self._clock.now()))


def _nobody_due(wait: timedelta | None) -> PaceReason:
    if wait is None:
        return PaceReason(fr="Liste terminée\u202f: plus aucune personne à appeler.", en="The list is finished.")
    if not wait:
        return PaceReason(fr="Les rappels attendent leur opérateur.", en="Callbacks wait for their operator.")
    minutes = math.ceil(wait / timedelta(minutes=1))
    return PaceReason(
        fr=f"Personne à appeler avant {minutes}\u202fmin.", en=f"Nobody is due to be called for {minutes} min."
    )


def attempt_of(start: AttemptStart) -> Attempt:
    """Return the first projection of an attempt that has just been written down."""
    permit = start.permit
    return Attempt(
        attempt_id=permit.attempt_id,
        campaign_id=permit.campaign_id,
        list_id=permit.list_id,
        lead_id=permit.lead_id,
        permit_id=permit.permit_id,
        recording_id=permit.recording_id,
        number=permit.number,
        caller_id=permit.caller_id,
        trunk=permit.trunk,
        state=CallState.PERMITTED,
        outcome=None,
        operator_id=None,
        seat=None,
        hangup_cause=0,
        tech_cause="",
        trunk_channel="",
        result=None,
        started_at=start.started_at,
        rang_at=None,
        early_media_at=None,
        answered_at=None,
        connected_at=None,
        ended_at=None,
        legal_basis=start.legal_basis,
    )
