"""Wires the screens: the floor, every operator's desk, and the call they are in."""

from dataclasses import dataclass
from datetime import timedelta

from telephony.app.wiring.calls import CallParts
from telephony.app.wiring.dialing import DialingParts
from telephony.app.wiring.preview import PreviewParts
from telephony.services.calls.own_call import OwnCall
from telephony.services.calls.seat_results import SeatResults
from telephony.services.floor.callback_wishes import CallbackWishes
from telephony.services.floor.campaign_views import CampaignViews
from telephony.services.floor.counts import FloorCounts
from telephony.services.floor.desk_facts import DeskFacts
from telephony.services.floor.desk_feed import DeskFeed
from telephony.services.floor.mode_router import ModeRouter
from telephony.services.floor.operator_desk import OperatorDesktop
from telephony.services.floor.seat_views import SeatViews
from telephony.services.floor.site_status import SiteStatus
from telephony.services.floor.snapshot import Floor


@dataclass(frozen=True, slots=True)
class ScreenParts:
    """The parts behind the screens."""

    modes: ModeRouter
    counts: FloorCounts
    floor: Floor
    results: SeatResults
    desk: OperatorDesktop
    feed: DeskFeed
    own_call: OwnCall


def screens(calls: CallParts, dialled: DialingParts, preview: PreviewParts) -> ScreenParts:
    """Wire the screens; nothing is started."""
    services, tracker, seats = calls.services, calls.tracker, calls.seats
    store, clock, timezone = services.store, services.clock, services.settings.site.timezone
    modes = ModeRouter(dialled.dialer, preview.status)
    counts = FloorCounts(store, tracker, modes, services.nobody, clock, timezone)
    seat_views = SeatViews(tracker, counts, preview.offers, services.policy.site, clock)
    campaign_views = CampaignViews(tracker, counts, modes, calls.amd_review, services.orders, services.nobody)
    site = SiteStatus(calls.links, calls.blockers, calls.security.active_locks, calls.due)
    floor = Floor(seats, counts, seat_views, campaign_views, site, clock)
    results = SeatResults(seats, tracker, store.attempts, calls.due, clock)
    kept_for = timedelta(minutes=services.settings.campaign.callback_kept_min)
    wishes = CallbackWishes(services.promises, clock, timezone, kept_for)
    desk = OperatorDesktop(seats, seat_views, preview.desk, calls.presence, calls.seat_duties, results, wishes)
    facts = DeskFacts(site, calls.security.watch, dialled.feed, preview.feed, modes)
    return ScreenParts(
        modes=modes,
        counts=counts,
        floor=floor,
        results=results,
        desk=desk,
        feed=DeskFeed(desk, facts),
        own_call=OwnCall(store, seats, tracker, calls.security.hangups, timezone),
    )
