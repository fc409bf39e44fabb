"""Preview mode's parts, wired: offers, the loop that makes them, the operator's acts, calls whose operator is gone."""

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from telephony.app.wiring.common import Shared
from telephony.app.wiring.dialing import Dialing, feed_of
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.domain.leads.preview import PreviewRules
from telephony.services.calls.orphans import Forsaken
from telephony.services.dialing.campaign_poll import CampaignPoll
from telephony.services.dialing.lead_feed import LeadFeed
from telephony.services.dialing.refused_leads import RefusedLeads
from telephony.services.preview.desk import PreviewDesk
from telephony.services.preview.loop import Previews
from telephony.services.preview.offering import LeadOffering
from telephony.services.preview.offers import Offers
from telephony.services.preview.pressed_calls import PressedCalls
from telephony.services.preview.review import OfferReview
from telephony.services.preview.spare_operators import SpareOperators
from telephony.services.preview.status import PreviewStatus
from telephony.settings import PreviewSettings


@dataclass(frozen=True, slots=True)
class Previewing:
    """Everything of preview mode."""

    offers: Offers
    previews: Previews
    status: PreviewStatus
    desk: PreviewDesk
    forsaken: Forsaken
    feed: LeadFeed

    def loops(self) -> Iterator[tuple[str, Callable[[], Coroutine[Any, Any, None]]]]:
        """Name what must run once calls and seats are settled."""
        yield "previews", self.previews.run
        yield "forsaken", self.forsaken.run


def previewing(shared: Shared, dialled: Dialing) -> Previewing:
    """Wire preview mode; nothing is started."""
    services, store, clock = shared.services, shared.services.store, shared.services.clock
    settings = services.settings
    rules = rules_of(settings.preview)
    offers = Offers(store, shared.seats, shared.deferred, clock)
    feed = feed_of(shared, frozenset({DialMode.PREVIEW}))
    spare = SpareOperators(shared.seats, dialled.view, dialled.feed)
    refused = RefusedLeads(store.attempts, feed, shared.holds, shared.decisions)
    review = OfferReview(
        store.whitelist, shared.seats, offers, shared.decisions, refused, shared.blockers, rules, clock
    )
    offering = LeadOffering(store.whitelist, feed, offers, shared.decisions, refused, shared.blockers, spare)
    poll = CampaignPoll(feed, shared.holds, settings.dialing.poll_s)
    pressed = PressedCalls(
        store, shared.seats, shared.tracker, offers, shared.decisions, shared.orders, shared.trunks, clock
    )
    return Previewing(
        offers=offers,
        previews=Previews(poll, offers, review, offering, shared.failed, refused),
        status=PreviewStatus(feed, offers, shared.blockers, spare),
        desk=PreviewDesk(shared.seats, offers, review, pressed, shared.blockers, rules, clock),
        forsaken=Forsaken(shared.exchanges.pbx, shared.seats, shared.tracker, clock),
        feed=feed,
    )


def rules_of(settings: PreviewSettings) -> PreviewRules:
    """Return the settings as the domain takes them."""
    return PreviewRules(
        look=timedelta(seconds=settings.look_s),
        skips_per_hour=settings.skips_per_hour,
        skip_wait=timedelta(minutes=settings.skip_wait_min),
        shows_name=settings.name == "full",
        fields=settings.fields,
    )
