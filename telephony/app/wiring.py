"""The composition root: every part of a controller built from settings, in one place; nothing is started.

What the parts reach the world through is made in ``outside``; starting and stopping them is left to ``controller``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from telephony.app.outside import Outside, outside
from telephony.app.previewing import Previewing, Shared, previewing, reason_of
from telephony.app.watching import Watching, watching
from telephony.domain.law.opening import say_first
from telephony.domain.pacing import AnyPacer
from telephony.ids import OperatorId
from telephony.ports.archive import Archive
from telephony.ports.clock import Clock, Dice
from telephony.ports.store import Store
from telephony.ports.switch import AgiDesk, GateWatch, Switch
from telephony.services.campaigns import Campaigns
from telephony.services.carriers import Carriers, breaker_bounds
from telephony.services.decisions import Decisions
from telephony.services.desk import Desk
from telephony.services.dialer import Dialer
from telephony.services.dialing_view import DialingView
from telephony.services.failover import Failover
from telephony.services.floor import Floor
from telephony.services.gate import Gate
from telephony.services.holds import Holds
from telephony.services.launcher import Launcher
from telephony.services.law import practice_of
from telephony.services.lead_feed import LeadFeed
from telephony.services.lead_order import LeadOrders
from telephony.services.machines import Machines
from telephony.services.open_clocks import OpenClocks
from telephony.services.orders import Orders
from telephony.services.pace import Pace
from telephony.services.previews import is_preview
from telephony.services.readiness import Readiness
from telephony.services.recorder import Recorder
from telephony.services.recovery import Recovery
from telephony.services.seats import Seats
from telephony.services.tracker import Tracker
from telephony.services.trunks import Trunks
from telephony.services.withdrawal import Withdrawal
from telephony.services.withdrawn_dials import WithdrawnDials
from telephony.settings import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """Every part of a controller, wired."""

    settings: Settings
    store: Store
    clock: Clock
    dice: Dice
    pbx: Switch
    gate_link: GateWatch
    agi: AgiDesk
    archive: Archive
    tracker: Tracker
    seats: Seats
    trunks: Trunks
    carriers: Carriers
    machines: Machines
    readiness: Readiness
    view: DialingView
    dialer: Dialer
    launcher: Launcher
    orders: Orders
    gate: Gate
    recorder: Recorder
    recovery: Recovery
    floor: Floor
    campaigns: Campaigns
    desk: Desk
    watching: Watching
    preview: Previewing
    withdrawal: Withdrawal
    withdrawn_dials: WithdrawnDials


def build(
    settings: Settings, store: Store, pacer: AnyPacer | None = None, is_sole: Callable[[], bool] = lambda: True
) -> Parts:
    """Wire every part of a real site; nothing is started.

    Args:
        settings: the site's.
        store: an open database.
        pacer: how many dials; None: as each campaign's mode says.
        is_sole: whether the database is this controller's alone, now.
    """
    return wire(settings, store, outside(settings), pacer, is_sole)


def wire(
    settings: Settings,
    store: Store,
    outside: Outside,
    pacer: AnyPacer | None = None,
    is_sole: Callable[[], bool] = lambda: True,
) -> Parts:
    """Wire every part on the adapters given; nothing is started."""
    clock, dice, archive = outside.clock, outside.dice, outside.archive
    dialing = settings.dialing
    practice = practice_of(dialing, settings.rules)
    tracker = Tracker(store.attempts, clock)
    trunks = Trunks(settings.trunks, wall=clock.now, bounds=breaker_bounds(settings.breaker))
    carriers = Carriers(store, trunks, clock)
    failover = Failover(trunks, clock.now)
    links = (outside.pbx, outside.gate)
    seats = Seats(store, tracker, clock, dialing.route_wait_s)
    watch = watching(settings, store, clock, tracker, seats, *links)
    readiness = Readiness(
        links,
        archive,
        store.ledger,
        clock,
        settings.recording.minimum_free_mib,
        also=watch.watch.why_not,
        is_sole=is_sole,
    )
    machines = Machines(store, clock)
    withdrawn = WithdrawnDials(tracker, outside.pbx, clock, practice.site, running=lambda: feed.running)
    view = DialingView(
        max_lines=trunks.channels,
        cps=sum(one.calls_per_second for one in settings.trunks),
        grace=dialing.route_wait_s,
        ring_timeout=dialing.ring_timeout_s,
        mistaken_share=machines.share,
        least_ring=withdrawn.least_ring_s,
        withdraw=withdrawn.withdraw,
        uncovered=seats.serve,
    )
    seats.kept_from = view.kept_from
    holds = Holds(store, clock)
    decisions = Decisions(trunks, readiness, failover, clock, dice, practice, dialing.permit_life_s)
    orders = Orders(store.permits, outside.pbx, tracker, clock, practice.waits)
    lead_orders = LeadOrders(store, clock, settings.site.timezone)
    shared = Shared(
        store=store,
        switch=outside.pbx,
        tracker=tracker,
        seats=seats,
        trunks=trunks,
        carriers=carriers,
        failover=failover,
        holds=holds,
        readiness=readiness,
        room=watch.room,
        decisions=decisions,
        orders=orders,
        clock=clock,
        clocks=OpenClocks(store, clock, practice),
        lead_orders=lead_orders,
    )
    feed = LeadFeed(
        store,
        clock,
        shared.clocks,
        free=lambda: [OperatorId(one) for one in view.free],
        is_closed=shared.is_closed,
        is_resting=failover.holds,
        resting=lambda: failover.resting,
        serves=lambda one: not is_preview(one),
        orders=lead_orders,
    )
    pace = Pace(
        store.campaigns,
        view,
        clock,
        settings.site.timezone,
        order=lambda campaign_id, is_covered: launcher.order(campaign_id, is_covered=is_covered),
        may_call=feed.may_call,
    )
    launcher = Launcher(
        store=store,
        tracker=tracker,
        view=view,
        trunks=trunks,
        readiness=readiness,
        feed=feed,
        decisions=decisions,
        orders=orders,
        holds=holds,
        failover=failover,
        poll_s=dialing.poll_s,
        prefer=seats.prefer,
        follow=pace.follow if pacer is None else None,
    )
    dialer = Dialer(
        view=view,
        pacer=pacer or pace,
        readiness=readiness,
        feed=feed,
        launcher=launcher,
        holds=holds,
        poll_s=dialing.poll_s,
        locked=watch.room.why_not,
        unreachable=carriers.why_not,
        why=pace.why if pacer is None else None,
    )
    preview = previewing(shared, settings.preview, view, dialer, dialing.poll_s)
    gate = Gate(
        store,
        tracker,
        clock,
        trunks.caller_ids,
        practice,
        can_record=lambda: readiness.can_record,
        is_watched=lambda: watch.watch.why_not() is None,
        locked=watch.locked,
        keys=watch.keys.allows,
        is_kept=seats.is_kept,
    )
    recorder = Recorder(store, archive, tracker, clock, keep_raw=settings.recording.keep_raw)
    floor = Floor(
        store,
        tracker,
        seats,
        readiness,
        reason_of(preview.previews, dialer),
        clock,
        settings.site.timezone,
        lambda: watch.room.locks,
        machines.share,
        lambda one: say_first(one, practice.site, clock.now().date()),
        preview.offers.recent_skips,
        lead_orders.said,
    )
    # Listeners are called in this order: the seat follows its call before the pacer looks.
    for listener in (view.on_call, trunks.on_call, failover.on_call, recorder.on_call):
        tracker.listen(listener)
    seats.listen(view.on_seat)
    return Parts(
        settings=settings,
        store=store,
        clock=clock,
        dice=dice,
        pbx=outside.pbx,
        gate_link=outside.gate,
        agi=outside.agi,
        archive=archive,
        tracker=tracker,
        seats=seats,
        trunks=trunks,
        carriers=carriers,
        machines=machines,
        readiness=readiness,
        view=view,
        dialer=dialer,
        launcher=launcher,
        orders=orders,
        gate=gate,
        recorder=recorder,
        recovery=Recovery(store, outside.pbx, archive, tracker, seats, trunks, clock),
        floor=floor,
        campaigns=Campaigns(store, clock, settings.trunks, settings.campaign),
        desk=Desk(
            seats,
            floor,
            clock,
            settings.site.timezone,
            timedelta(minutes=settings.campaign.callback_kept_min),
            preview.desk,
        ),
        watching=watch,
        withdrawn_dials=withdrawn,
        preview=preview,
        withdrawal=Withdrawal(store, tracker, clock, watch.cuts.end),
    )
