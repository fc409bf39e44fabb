"""Wires the dialled modes: live view, pacer, lead feed, launcher, dialer."""

from dataclasses import dataclass
from typing import Final

from telephony.app.wiring.common import CommonParts
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.domain.pacing.interface import AnyPacer
from telephony.services.dialing.call_starter import CallStarter
from telephony.services.dialing.campaign_poll import CampaignPoll
from telephony.services.dialing.day_counters import DayCounters
from telephony.services.dialing.dialer import Dialer
from telephony.services.dialing.launcher import Launcher
from telephony.services.dialing.lead_decider import LeadDecider
from telephony.services.dialing.lead_feed import LeadFeed
from telephony.services.dialing.live_view import LiveView, PacingLimits
from telephony.services.dialing.pace import OnePacer, Pace
from telephony.services.dialing.pacer_events import PacerEvents
from telephony.services.dialing.refused_leads import RefusedLeads
from telephony.services.dialing.ring_limits import RingLimits

DIALLED: Final = frozenset(DialMode) - {DialMode.PREVIEW}
"""Modes whose calls are not started by an operator."""


@dataclass(frozen=True, slots=True)
class DialingParts:
    """The parts of progressive, power and predictive mode."""

    feed: LeadFeed
    withdrawn: RingLimits
    view: LiveView
    launcher: Launcher
    dialer: Dialer


def dialing(common: CommonParts, pacer: AnyPacer | None) -> DialingParts:
    """Wire the dialled modes; nothing is started. ``pacer`` None: the pacer of each campaign's mode."""
    services, store, clock = common.services, common.services.store, common.services.clock
    settings = services.settings
    feed = feed_of(common, DIALLED)
    withdrawn = RingLimits(common.tracker, common.exchanges.pbx, clock, services.policy.site, feed)
    limits = PacingLimits(
        max_lines=common.trunks.channels,
        cps=sum(trunk.calls_per_second for trunk in settings.trunks),
        grace=settings.dialing.route_wait_s,
        ring_timeout=settings.dialing.ring_timeout_s,
    )
    view = LiveView(limits, PacerEvents(), DayCounters(common.machines), common.coverage, withdrawn)
    if pacer is None:
        floor_pacer: Pace | OnePacer = Pace(store.campaigns, view, feed, clock, settings.site.timezone)
    else:
        floor_pacer = OnePacer(pacer, view)
    refused = RefusedLeads(store.attempts, feed, common.holds, common.decisions)
    decider = LeadDecider(store, feed, common.decisions, common.blockers, refused, common.failed, common.trunks)
    launcher = Launcher(
        attempts=store.attempts,
        view=view,
        blockers=common.blockers,
        health=common.health,
        decider=decider,
        starter=CallStarter(common.tracker, view, feed, common.router, common.orders),
        poll=CampaignPoll(feed, common.holds, settings.dialing.poll_s),
        pacer=floor_pacer,
    )
    dialer = Dialer(
        view=view,
        pacer=floor_pacer,
        blockers=common.blockers,
        feed=feed,
        launcher=launcher,
        holds=common.holds,
        nobody=services.nobody,
        poll_s=settings.dialing.poll_s,
    )
    return DialingParts(feed, withdrawn, view, launcher, dialer)


def feed_of(common: CommonParts, modes: frozenset[DialMode]) -> LeadFeed:
    """Return a lead feed for the campaigns of these modes."""
    services = common.services
    return LeadFeed(
        services.store,
        services.clock,
        services.clocks,
        common.seats,
        common.blockers,
        common.deferred,
        services.orders,
        modes,
    )
