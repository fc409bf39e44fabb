"""The composition root: every part of a controller built from settings, in one place; nothing is started.

What the parts reach the world through is made in ``outside``; starting and stopping them is left to ``controller``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from telephony.app.dialing import Dialing, dialing
from telephony.app.outside import Outside, outside
from telephony.app.previewing import Previewing, previewing, reason_of
from telephony.app.sharing import Shared, sharing
from telephony.app.watching import Watching
from telephony.domain.call_clocks import CallClocks
from telephony.domain.law.opening import say_first
from telephony.domain.pacing import AnyPacer
from telephony.ports.archive import Archive
from telephony.ports.clock import Clock, Dice
from telephony.ports.store import Store
from telephony.ports.switch import AgiDesk, GateWatch, Switch
from telephony.services.campaigns import Campaigns
from telephony.services.carriers import Carriers
from telephony.services.desk import Desk
from telephony.services.desk_facts import DeskFacts
from telephony.services.desk_feed import DeskFeed
from telephony.services.dialer import Dialer
from telephony.services.dialing_view import DialingView
from telephony.services.floor import Floor
from telephony.services.gate import Gate
from telephony.services.launcher import Launcher
from telephony.services.lost_calls import LostCalls
from telephony.services.machines import Machines
from telephony.services.orders import Orders
from telephony.services.own_call import OwnCall
from telephony.services.phones import Phones
from telephony.services.promises import Promises
from telephony.services.readiness import Readiness
from telephony.services.recorder import Recorder
from telephony.services.recovery import Recovery
from telephony.services.refusals import Refusals
from telephony.services.results_due import MissingResults
from telephony.services.seat_duties import SeatDuties
from telephony.services.seats import Seats
from telephony.services.tracker import Tracker
from telephony.services.trunks import Trunks
from telephony.services.withdrawal import Withdrawal
from telephony.services.withdrawn_dials import WithdrawnDials
from telephony.settings import Settings

MESSAGE: Final = timedelta(seconds=20)
"""How long the pbx plays its message at most, before it lets somebody go whom nobody could take."""


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
    phones: Phones
    duties: SeatDuties
    results: MissingResults
    trunks: Trunks
    carriers: Carriers
    machines: Machines
    readiness: Readiness
    view: DialingView
    dialer: Dialer
    launcher: Launcher
    orders: Orders
    gate: Gate
    refusals: Refusals
    recorder: Recorder
    lost: LostCalls
    recovery: Recovery
    floor: Floor
    campaigns: Campaigns
    desk: Desk
    desk_feed: DeskFeed
    own_call: OwnCall
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
    shared = sharing(settings, store, outside, is_sole)
    clock, archive, tracker, seats, watch = (
        outside.clock,
        outside.archive,
        shared.tracker,
        shared.seats,
        shared.watching,
    )
    dialled = dialing(shared, settings, pacer)
    preview = previewing(shared, settings.preview, dialled.view, dialled.dialer, settings.dialing.poll_s)
    floor = _floor(shared, dialled, preview, settings.site.timezone)
    recorder = Recorder(store, archive, tracker, clock, keep_raw=settings.recording.keep_raw)
    lost = _lost(shared, outside, settings)
    kept = timedelta(minutes=settings.campaign.callback_kept_min)
    # Listeners are called in this order: the seat follows its call before the pacer looks.
    for listener in (dialled.view.on_call, shared.trunks.on_call, shared.failover.on_call, recorder.on_call):
        tracker.listen(listener)
    seats.listen(dialled.view.on_seat)
    refusals = Refusals(store.ledger, clock)
    promises = Promises(store, clock, shared.practice, settings.site.timezone)
    desk = Desk(
        seats, floor, clock, settings.site.timezone, kept, preview.desk, shared.presence, shared.duties, promises
    )
    desk_feed = _desk_feed(shared, dialled, preview, desk)
    return Parts(
        settings=settings,
        store=store,
        clock=clock,
        dice=outside.dice,
        pbx=outside.pbx,
        gate_link=outside.gate,
        agi=outside.agi,
        archive=archive,
        tracker=tracker,
        seats=seats,
        phones=shared.phones,
        duties=shared.duties,
        results=MissingResults(store.attempts, clock),
        trunks=shared.trunks,
        carriers=shared.carriers,
        machines=shared.machines,
        readiness=shared.readiness,
        view=dialled.view,
        dialer=dialled.dialer,
        launcher=dialled.launcher,
        orders=shared.orders,
        gate=_gate(shared, refusals),
        refusals=refusals,
        recorder=recorder,
        lost=lost,
        recovery=Recovery(store, outside.pbx, outside.gate, lost, tracker, seats, shared.phones, shared.trunks, clock),
        floor=floor,
        campaigns=Campaigns(store, clock, settings.trunks, settings.campaign),
        desk=desk,
        desk_feed=desk_feed,
        own_call=OwnCall(store, seats, tracker, watch.cuts, settings.site.timezone),
        watching=watch,
        withdrawn_dials=dialled.withdrawn,
        preview=preview,
        withdrawal=Withdrawal(store, tracker, clock, watch.cuts.end),
    )


def _lost(shared: Shared, outside: Outside, settings: Settings) -> LostCalls:
    dialing = settings.dialing
    clocks = CallClocks(
        answer=shared.practice.waits,
        operator=timedelta(seconds=dialing.route_wait_s) + MESSAGE,
        talk=timedelta(seconds=dialing.maximum_call_s),
    )
    return LostCalls(
        shared.tracker,
        shared.seats,
        shared.phones,
        outside.pbx,
        outside.gate,
        outside.records,
        outside.archive,
        shared.watching.cuts,
        shared.clock,
        clocks,
    )


def _gate(shared: Shared, refusals: Refusals) -> Gate:
    return Gate(
        shared.store,
        shared.tracker,
        shared.clock,
        shared.trunks.caller_ids,
        shared.practice,
        can_record=lambda: shared.readiness.can_record,
        is_watched=lambda: shared.watching.why_not() is None,
        locked=shared.watching.locked,
        keys=shared.watching.keys.allows,
        is_kept=shared.seats.is_kept,
        refusals=refusals,
    )


def _desk_feed(shared: Shared, dialled: Dialing, preview: Previewing, desk: Desk) -> DeskFeed:
    reason = reason_of(preview.previews, dialled.dialer)
    facts = DeskFacts(shared.readiness, shared.watching.watch, dialled.feed, preview.feed, reason)
    feed = DeskFeed(desk, facts.read)
    shared.seats.listen(lambda seat, _: feed.wake(seat.row.operator_id))
    return feed


def _floor(shared: Shared, dialled: Dialing, preview: Previewing, timezone: str) -> Floor:
    return Floor(
        shared.store,
        shared.tracker,
        shared.seats,
        shared.readiness,
        reason_of(preview.previews, dialled.dialer),
        shared.clock,
        timezone,
        lambda: shared.watching.room.locks,
        shared.machines.share,
        lambda one: say_first(one, shared.practice.site, shared.clock.now().date()),
        preview.offers.recent_skips,
        shared.lead_orders.said,
        shared.nobody,
        lambda one: dialled.dialer.has_nobody(one) or preview.previews.has_nobody(one),
        lambda: shared.due.count,
    )
