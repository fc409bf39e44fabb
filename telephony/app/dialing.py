"""The parts of every dialled mode, wired: what is under way, how many more, which leads, and the orders for them."""

from dataclasses import dataclass

from telephony.app.sharing import Shared
from telephony.domain.pacing import AnyPacer
from telephony.services.dialer import Dialer
from telephony.services.dialing_view import DialingView
from telephony.services.launcher import Launcher
from telephony.services.lead_feed import LeadFeed
from telephony.services.pace import Pace
from telephony.services.previews import is_preview
from telephony.services.withdrawn_dials import WithdrawnDials
from telephony.settings import Settings


@dataclass(frozen=True, slots=True)
class Dialing:
    """Everything of progressive, power and predictive mode."""

    view: DialingView
    withdrawn: WithdrawnDials
    launcher: Launcher
    dialer: Dialer
    feed: LeadFeed


def dialing(shared: Shared, settings: Settings, pacer: AnyPacer | None) -> Dialing:
    """Wire the dialled modes; nothing is started. ``pacer`` None: as each campaign's mode says."""
    withdrawn = WithdrawnDials(
        shared.tracker, shared.switch, shared.clock, shared.practice.site, running=lambda: feed.running
    )
    view = _view(shared, settings, withdrawn)
    feed = shared.feed(
        view,
        serves=lambda one: not is_preview(one),
        is_resting=shared.failover.holds,
        resting=lambda: shared.failover.resting,
    )
    pace = Pace(
        shared.store.campaigns,
        view,
        shared.clock,
        settings.site.timezone,
        order=lambda campaign_id, is_covered: launcher.order(campaign_id, is_covered=is_covered),
        may_call=feed.may_call,
    )
    launcher = Launcher(
        store=shared.store,
        tracker=shared.tracker,
        view=view,
        trunks=shared.trunks,
        readiness=shared.readiness,
        feed=feed,
        decisions=shared.decisions,
        orders=shared.orders,
        holds=shared.holds,
        failover=shared.failover,
        poll_s=settings.dialing.poll_s,
        prefer=shared.seats.prefer,
        follow=pace.follow if pacer is None else None,
    )
    dialer = Dialer(
        view=view,
        pacer=pacer or pace,
        readiness=shared.readiness,
        feed=feed,
        launcher=launcher,
        holds=shared.holds,
        poll_s=settings.dialing.poll_s,
        locked=shared.watching.room.why_not,
        unreachable=shared.carriers.why_not,
        why=pace.why if pacer is None else None,
        why_nobody=shared.nobody.why,
    )
    return Dialing(view, withdrawn, launcher, dialer, feed)


def _view(shared: Shared, settings: Settings, withdrawn: WithdrawnDials) -> DialingView:
    view = DialingView(
        max_lines=shared.trunks.channels,
        cps=sum(one.calls_per_second for one in settings.trunks),
        grace=settings.dialing.route_wait_s,
        ring_timeout=settings.dialing.ring_timeout_s,
        mistaken_share=shared.machines.share,
        least_ring=withdrawn.least_ring_s,
        withdraw=withdrawn.withdraw,
        uncovered=shared.seats.serve,
    )
    shared.seats.kept_from = view.kept_from
    return view
