"""Wires the dialled modes: live view, pacer, lead feed, launcher, dialer."""

from dataclasses import dataclass
from typing import Final

from telephony.app.wiring.calls import CallParts
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
    ring_limits: RingLimits
    view: LiveView
    launcher: Launcher
    dialer: Dialer


def dialing(calls: CallParts, pacer: AnyPacer | None) -> DialingParts:
    """Wire the dialled modes; nothing is started. ``pacer`` None: the pacer of each campaign's mode."""
    services, store, clock = calls.services, calls.services.store, calls.services.clock
    settings = services.settings
    feed = feed_of(calls, DIALLED)
    ring_limits = RingLimits(calls.tracker, calls.exchanges.pbx, clock, services.policy.site, feed)
    limits = PacingLimits(
        max_lines=calls.trunks.channels,
        cps=sum(trunk.calls_per_second for trunk in settings.trunks),
        grace=settings.dialing.route_wait_s,
        ring_timeout=settings.dialing.ring_timeout_s,
    )
    view = LiveView(limits, PacerEvents(), DayCounters(calls.amd_review), calls.coverage, ring_limits)
    if pacer is None:
        floor_pacer: Pace | OnePacer = Pace(store.campaigns, view, feed, clock, settings.site.timezone)
    else:
        floor_pacer = OnePacer(pacer, view)
    refused = RefusedLeads(store.attempts, feed, calls.holds, calls.decisions)
    decider = LeadDecider(store, feed, calls.decisions, calls.blockers, refused, calls.failed_leads, calls.trunks)
    launcher = Launcher(
        attempts=store.attempts,
        view=view,
        blockers=calls.blockers,
        health=calls.health,
        decider=decider,
        starter=CallStarter(calls.tracker, view, feed, calls.router, calls.originator),
        poll=CampaignPoll(feed, calls.holds, settings.dialing.poll_s),
        pacer=floor_pacer,
    )
    dialer = Dialer(
        view=view,
        pacer=floor_pacer,
        blockers=calls.blockers,
        feed=feed,
        launcher=launcher,
        holds=calls.holds,
        nobody=services.nobody,
        poll_s=settings.dialing.poll_s,
    )
    return DialingParts(feed, ring_limits, view, launcher, dialer)


def feed_of(calls: CallParts, modes: frozenset[DialMode]) -> LeadFeed:
    """Return a lead feed for the campaigns of these modes."""
    services = calls.services
    return LeadFeed(
        services.store,
        services.clock,
        services.clocks,
        calls.seats,
        calls.blockers,
        calls.deferred,
        services.orders,
        modes,
    )
