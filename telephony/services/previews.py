"""Preview campaigns: leads are laid before ready operators, and taken back when they must not be called any more.

Beside campaigns that dial by themselves, previews come second: an operator whom a ringing call counts on, or whom a
dialled campaign has somebody for, is offered nothing. Every open offer is decided again twice a second, so what is
withdrawn, locked, paused or switched to another mode disappears from the desk. Pressing and skipping are left to
``preview_desk``; how many calls a pacer dials, to the dialer.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from telephony.domain.campaigns import Campaign, CampaignState, DialMode
from telephony.domain.floor import PaceReason
from telephony.domain.law.decision import CLOCK
from telephony.domain.leads import Lead
from telephony.domain.operators import OperatorEvent, OperatorState
from telephony.domain.previews import PreviewEnding, PreviewRules
from telephony.domain.rules import Refused
from telephony.errors import StoreError
from telephony.ids import CampaignId, LeadId, OperatorId
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.ports.whitelist import Standing
from telephony.services.decisions import Decisions
from telephony.services.failover import Failover
from telephony.services.holds import Holds
from telephony.services.lead_feed import LeadFeed
from telephony.services.offers import Offer, Offers
from telephony.services.seats import Seat, Seats
from telephony.services.tracker import Tracker
from telephony.services.trunks import Trunks

log = structlog.get_logger(__name__)

REST: Final = timedelta(minutes=1)
"""How long a lead that this operator may not be offered is left to others."""
AT_ONCE: Final = 50
"""Leads decided in one look, at most: a list that is refused from end to end must not keep everybody waiting."""
OTHER_MODE: Final = "mode_changed"
LEFT: Final = "operator_left"


def is_preview(campaign: Campaign) -> bool:
    """Tell whether a campaign's leads are laid before operators."""
    return campaign.mode is DialMode.PREVIEW


class Previews:
    """Drives every running preview campaign."""

    def __init__(
        self,
        store: Store,
        seats: Seats,
        tracker: Tracker,
        offers: Offers,
        feed: LeadFeed,
        decisions: Decisions,
        trunks: Trunks,
        failover: Failover,
        holds: Holds,
        clock: Clock,
        rules: PreviewRules,
        *,
        poll_s: float,
        spare: Callable[[], int],
        why_not: Callable[[Campaign], PaceReason | None] = lambda _: None,
        locked: Callable[[CampaignId], PaceReason | None] = lambda _: None,
    ) -> None:
        """Keep the parts; ``run`` does the work.

        Args:
            store: leads, offers and the whitelist.
            seats: who is ready.
            tracker: flushed before a lead that a carrier failed for is looked at.
            offers: what lies before whom.
            feed: the next leads of preview campaigns, and of no other.
            decisions: what the rules say.
            trunks: ways out that carry calls.
            failover: leads that a carrier failed for.
            holds: campaigns that wait as a whole.
            clock: the present moment.
            rules: the site's.
            poll_s: seconds between looks.
            spare: ready operators whom no other campaign needs now.
            why_not: why nothing may leave for a campaign now.
            locked: the lock a campaign falls under.
        """
        self._store = store
        self._seats = seats
        self._tracker = tracker
        self._offers = offers
        self._feed = feed
        self._decisions = decisions
        self._trunks = trunks
        self._failover = failover
        self._holds = holds
        self._clock = clock
        self._rules = rules
        self._poll_s = poll_s
        self._spare = spare
        self._why_not = why_not
        self._locked = locked
        self._rests: dict[LeadId, datetime] = {}
        self._wake = asyncio.Event()
        self._is_recalled = False
        seats.listen(self._on_seat)

    def _on_seat(self, _seat: Seat, _event: OperatorEvent) -> None:
        if self._feed.running or self._offers.all():
            self._wake.set()

    def rests(self, lead_id: LeadId) -> bool:
        """Tell whether a lead is to be left alone by the feed: it lies before somebody, or waits for another one."""
        return lead_id in self._rests or self._offers.holds(lead_id)

    def resting(self) -> int:
        """Count such leads."""
        return len(self._rests) + len(self._offers.all())

    def serves(self, campaign_id: CampaignId) -> bool:
        """Tell whether it is a running preview campaign, as of the last look."""
        return campaign_id in self._feed.running

    def reason(self, campaign_id: CampaignId) -> PaceReason:
        """Say why a campaign's leads are offered as they are."""
        why = self._why_not(self._feed.running[campaign_id]) or self._holds.why_not(campaign_id)
        if why is not None:
            return why
        looking = self._offers.of_campaign(campaign_id)
        if looking == 0 and not self._feed.has_leads(campaign_id):
            return PaceReason(fr="Aperçu\u202f: personne à proposer maintenant.", en="Preview: nobody to offer now.")
        if looking == 0 and self._spare() <= 0:
            return PaceReason(
                fr="Aperçu\u202f: aucun poste libre pour une fiche, les autres campagnes passent avant.",
                en="Preview: no seat is free for a lead; other campaigns come first.",
            )
        return PaceReason(
            fr=f"Aperçu\u202f: {looking} fiches sous les yeux, chacun appelle quand il appuie.",
            en=f"Preview: {looking} leads being looked at; each call leaves when its operator presses.",
        )

    def has_nobody(self, campaign_id: CampaignId) -> bool:
        """Tell whether it serves a campaign of which nobody is looked at or to be offered now."""
        is_idle = not self._feed.has_leads(campaign_id) and self._offers.of_campaign(campaign_id) == 0
        return self.serves(campaign_id) and is_idle

    async def run(self) -> None:
        """Look after every change of a seat and every ``poll_s``, until cancelled."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                self._feed.forget()
                log.error("previews_wait", reason=str(error))
            try:
                async with asyncio.timeout(self._poll_s):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()

    async def look(self) -> None:
        """Read what runs, take back what must not be called, offer what may.

        Raises:
            StoreError: the database cannot be asked; open offers stay, and no call leaves.
        """
        if not self._is_recalled:
            await self._offers.recall()
            self._is_recalled = True
        now = self._clock.now()
        self._rests = {key: until_at for key, until_at in self._rests.items() if now < until_at}
        await self._feed.look()
        if not self._feed.running and not self._offers.all():
            return
        for campaign_id, (word, no) in self._feed.shut.items():
            await self._holds.shut(campaign_id, word, no)
        await self._fail_over()
        await self._check()
        for _ in range(AT_ONCE):
            if not await self._offer_one():
                break

    # What lies before operators

    async def _check(self) -> None:
        """Decide every open offer again."""
        offers = [one for one in self._offers.all() if not one.is_pressed]
        ids = [one.lead.lead_id for one in offers]
        found = await self._store.whitelist.standing(ids) if ids else {}
        for one in offers:
            if one.is_pressed or self._offers.of(one.preview.operator_id) is not one:
                continue  # pressed or skipped while the others were decided
            await self._check_one(one, found.get(one.lead.lead_id))

    async def _check_one(self, offer: Offer, standing: Standing | None) -> None:
        back = OperatorEvent.LEAD_GIVEN_BACK
        seat = self._seats.seat_of(offer.preview.operator_id)
        if seat.state is not OperatorState.PREVIEW:
            await self._offers.end(offer, PreviewEnding.TAKEN_BACK, back, LEFT)
        elif self._clock.now() - offer.preview.offered_at >= self._rules.look:
            await self._offers.end(offer, PreviewEnding.EXPIRED, OperatorEvent.LOOKED_TOO_LONG)
        elif standing is not None and not is_preview(standing.campaign):
            await self._offers.end(offer, PreviewEnding.TAKEN_BACK, back, OTHER_MODE)
        elif self._locked(offer.campaign.campaign_id) is not None:
            await self._offers.end(offer, PreviewEnding.TAKEN_BACK, back, "locked")
        elif self._why_not(offer.campaign) is None:  # a link that is lost for a moment only keeps the press waiting
            refused = self._decisions.refused(offer.campaign, offer.lead, standing)
            if refused is not None:
                await self.refuse(offer, refused)

    async def refuse(self, offer: Offer, refused: Refused) -> None:
        """Take an offer back that a rule does not allow any more, and write down what the rule does to its lead."""
        await self._offers.end(offer, PreviewEnding.TAKEN_BACK, OperatorEvent.LEAD_GIVEN_BACK, refused.rule)
        await self._write(offer.campaign, offer.lead, refused)

    async def _write(self, campaign: Campaign, lead: Lead, refused: Refused) -> bool:
        """Let the campaign wait, or write the refusal down; True when the next lead may be looked at."""
        if refused.rule in CLOCK and self._feed.is_shut(campaign, lead):
            return True  # nothing is written to it: it is read again when its clock opens
        if await self._holds.take(campaign.campaign_id, lead, refused):
            return False
        await self._store.attempts.begin([], [self._decisions.refusal(lead, refused)])
        return True

    async def _fail_over(self) -> None:
        """A lead that a carrier failed for is offered again, rests, or is set aside because its number fails."""
        if self._failover.is_idle(guaranteed=True):
            return
        await self._tracker.flush()  # the failed attempt gives its lead back first
        for lead_id, campaign_id in self._failover.take(guaranteed=True).items():
            campaign = self._feed.running.get(campaign_id)
            routes = campaign.routes if campaign is not None else ()
            if not self._failover.untried(lead_id, self._trunks.routes(campaign_id, routes)):
                refusal = self._failover.all_failed(lead_id, campaign_id, routes)
                if refusal is not None:
                    await self._store.attempts.begin([], [refusal])

    # Offering

    async def _offer_one(self) -> bool:
        """Decide the next lead and lay it before an operator; False when there is nothing more to do now."""
        if not self._ready() or self._spare() <= 0:
            return False
        taken = await self._feed.next(may_fetch=True)
        if taken is None:
            return False
        campaign, lead = taken
        if self.rests(lead.lead_id):
            return True
        standing = (await self._store.whitelist.standing([lead.lead_id])).get(lead.lead_id)
        if standing is not None and (
            standing.campaign.state is not CampaignState.RUNNING or not is_preview(standing.campaign)
        ):
            self._feed.forget(campaign.campaign_id)
            return True
        if self._why_not(campaign) is not None or self._spare() <= 0:
            return False
        refused = self._decisions.refused(campaign, lead, standing)
        if refused is not None:
            return await self._write(campaign, lead, refused)
        return await self._lay(campaign, lead)

    async def _lay(self, campaign: Campaign, lead: Lead) -> bool:
        """Lay a lead before whoever may have it; False when operators are needed otherwise."""
        for operator_id in self._whose(lead):
            if self._spare() <= 0:
                return False
            if await self._offers.lay(campaign, lead, operator_id):
                return True
        # Nobody here may be offered it, or it does not wait any more.
        self._rests[lead.lead_id] = self._clock.now() + REST
        return True

    def _ready(self) -> list[OperatorId]:
        seats = [one for one in self._seats.seats.values() if one.state is OperatorState.READY]
        seats.sort(key=lambda one: one.row.since_at)
        return [one.row.operator_id for one in seats if one.row.operator_id is not None]

    def _whose(self, lead: Lead) -> list[OperatorId]:
        """Return who may be offered a lead: the operator who promised the call alone, or all, ready longest first."""
        promised = self._feed.promised_to(lead.lead_id)
        return [one for one in self._ready() if promised in (None, one)]
