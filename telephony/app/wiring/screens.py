"""What people look at, wired: the floor, every operator's desk, and the call they are in."""

from dataclasses import dataclass
from datetime import timedelta

from telephony.app.wiring.common import Shared
from telephony.app.wiring.dialing import Dialing
from telephony.app.wiring.preview import Previewing
from telephony.services.calls.own_call import OwnCall
from telephony.services.calls.seat_results import SeatResults
from telephony.services.floor.callback_wishes import CallbackWishes
from telephony.services.floor.campaign_views import CampaignPictures
from telephony.services.floor.counts import FloorCounts
from telephony.services.floor.desk_facts import DeskFacts
from telephony.services.floor.desk_feed import DeskFeed
from telephony.services.floor.mode_router import ModeRouter
from telephony.services.floor.operator_desk import Desk
from telephony.services.floor.seat_views import SeatPictures
from telephony.services.floor.site_status import SiteStatus
from telephony.services.floor.snapshot import Floor


@dataclass(frozen=True, slots=True)
class Screens:
    """Everything people look at."""

    modes: ModeRouter
    counts: FloorCounts
    floor: Floor
    results: SeatResults
    desk: Desk
    feed: DeskFeed
    own_call: OwnCall


def screens(shared: Shared, dialled: Dialing, preview: Previewing) -> Screens:
    """Wire them; nothing is started."""
    services, tracker, seats = shared.services, shared.tracker, shared.seats
    store, clock, timezone = services.store, services.clock, services.settings.site.timezone
    modes = ModeRouter(dialled.dialer, preview.status)
    counts = FloorCounts(store, tracker, modes, services.nobody, clock, timezone)
    seat_pictures = SeatPictures(tracker, counts, preview.offers, services.practice.site, clock)
    campaign_pictures = CampaignPictures(tracker, counts, modes, shared.machines, services.orders, services.nobody)
    site = SiteStatus(shared.links, shared.blockers, shared.watching.room, shared.due)
    floor = Floor(seats, counts, seat_pictures, campaign_pictures, site, clock)
    results = SeatResults(seats, tracker, store.attempts, shared.due, clock)
    kept_for = timedelta(minutes=services.settings.campaign.callback_kept_min)
    wishes = CallbackWishes(services.promises, clock, timezone, kept_for)
    desk = Desk(seats, seat_pictures, preview.desk, shared.presence, shared.duties, results, wishes)
    facts = DeskFacts(site, shared.watching.watch, dialled.feed, preview.feed, modes)
    return Screens(
        modes=modes,
        counts=counts,
        floor=floor,
        results=results,
        desk=desk,
        feed=DeskFeed(desk, facts),
        own_call=OwnCall(store, seats, tracker, shared.watching.cuts, timezone),
    )
