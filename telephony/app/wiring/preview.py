"""Wires preview mode: offers, the loop that makes them, the operator's actions, orphaned calls."""

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from telephony.app.wiring.calls import CallParts
from telephony.app.wiring.dialing import DialingParts, feed_of
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.domain.leads.preview import PreviewRules
from telephony.services.calls.orphans import OrphanedCalls
from telephony.services.dialing.campaign_poll import CampaignPoll
from telephony.services.dialing.lead_feed import LeadFeed
from telephony.services.dialing.refused_leads import RefusedLeads
from telephony.services.preview.desk import PreviewActions
from telephony.services.preview.loop import PreviewLoop
from telephony.services.preview.offering import LeadOffering
from telephony.services.preview.offers import Offers
from telephony.services.preview.pressed_calls import PressedCalls
from telephony.services.preview.review import OfferReview
from telephony.services.preview.spare_operators import SpareOperators
from telephony.services.preview.status import PreviewStatus
from telephony.settings import PreviewSettings


@dataclass(frozen=True, slots=True)
class PreviewParts:
    """The parts of preview mode."""

    offers: Offers
    previews: PreviewLoop
    status: PreviewStatus
    desk: PreviewActions
    orphans: OrphanedCalls
    feed: LeadFeed

    def loops(self) -> Iterator[tuple[str, Callable[[], Coroutine[Any, Any, None]]]]:
        """Yield the loops, with their names, that run once calls and seats are settled."""
        yield "previews", self.previews.run
        yield "orphaned_calls", self.orphans.run


def preview_parts(calls: CallParts, dialled: DialingParts) -> PreviewParts:
    """Wire preview mode; nothing is started."""
    services, store, clock = calls.services, calls.services.store, calls.services.clock
    settings = services.settings
    rules = rules_of(settings.preview)
    offers = Offers(store, calls.seats, calls.deferred, clock)
    feed = feed_of(calls, frozenset({DialMode.PREVIEW}))
    spare = SpareOperators(calls.seats, dialled.view, dialled.feed)
    refused = RefusedLeads(store.attempts, feed, calls.holds, calls.decisions)
    review = OfferReview(store.whitelist, calls.seats, offers, calls.decisions, refused, calls.blockers, rules, clock)
    offering = LeadOffering(store.whitelist, feed, offers, calls.decisions, refused, calls.blockers, spare)
    poll = CampaignPoll(feed, calls.holds, settings.dialing.poll_s)
    pressed = PressedCalls(
        store, calls.seats, calls.tracker, offers, calls.decisions, calls.originator, calls.blockers, clock
    )
    return PreviewParts(
        offers=offers,
        previews=PreviewLoop(poll, offers, review, offering, calls.failed_leads, refused),
        status=PreviewStatus(feed, offers, calls.blockers, spare),
        desk=PreviewActions(calls.seats, offers, review, pressed, rules, clock),
        orphans=OrphanedCalls(calls.exchanges.pbx, calls.seats, calls.tracker, clock),
        feed=feed,
    )


def rules_of(settings: PreviewSettings) -> PreviewRules:
    """Return the settings as the domain's rules."""
    return PreviewRules(
        look=timedelta(seconds=settings.look_s),
        skips_per_hour=settings.skips_per_hour,
        skip_wait=timedelta(minutes=settings.skip_wait_min),
        shows_name=settings.name == "full",
        fields=settings.fields,
    )
