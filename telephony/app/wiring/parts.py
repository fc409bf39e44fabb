"""The composition root: builds every part of a controller from settings, in one place; nothing is started.

``outside`` makes the adapters; ``controller`` starts and stops the parts. No part registers itself when it is built:
``observe`` alone registers all observers.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from telephony.app.wiring.adapters import Outside, outside
from telephony.app.wiring.calls import CallParts, call_parts
from telephony.app.wiring.dialing import DialingParts, dialing
from telephony.app.wiring.preview import PreviewParts, preview_parts
from telephony.app.wiring.screens import ScreenParts, screens
from telephony.app.wiring.services import Services, services_of
from telephony.domain.calls.time_limits import CallClocks
from telephony.domain.pacing.interface import AnyPacer
from telephony.ports.calls.switch import AgiServer
from telephony.ports.store import Store
from telephony.services.calls.call_evidence import CallEvidence
from telephony.services.calls.lost_calls import LostCalls
from telephony.services.calls.recovery import Recovery
from telephony.services.calls.seats import SeatObserver
from telephony.services.calls.tracker import CallObserver
from telephony.services.recordings.recorder import Recorder
from telephony.services.rules.enforcement import Enforcement
from telephony.services.rules.permits import Gate
from telephony.services.rules.readiness import SingleController
from telephony.settings import Settings

MESSAGE: Final = timedelta(seconds=20)
"""Longest time that the pbx plays its message to a person no operator could take, before it hangs up."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Every part of a controller, wired."""

    services: Services
    calls: CallParts
    agi: AgiServer
    dialing: DialingParts
    preview: PreviewParts
    screens: ScreenParts
    gate: Gate
    recorder: Recorder
    lost_calls: LostCalls
    recovery: Recovery
    enforcement: Enforcement


def build(settings: Settings, store: Store, pacer: AnyPacer | None, single: SingleController) -> Parts:
    """Wire every part of a real site; nothing is started.

    Args:
        settings: the site's settings.
        store: an open database.
        pacer: decides how many to dial; None: the pacer of each campaign's mode.
        single: True while this controller has the lock of the single controller.
    """
    return wire(settings, store, outside(settings), pacer, single)


def wire(settings: Settings, store: Store, outside: Outside, pacer: AnyPacer | None, single: SingleController) -> Parts:
    """Wire every part on these adapters; nothing is started."""
    clock = outside.clock
    services = services_of(settings, store, clock, outside.dice, outside.archive)
    calls = call_parts(services, outside, single)
    tracker, seats, hangups = calls.tracker, calls.seats, calls.security.hangups
    dialled = dialing(calls, pacer)
    preview = preview_parts(calls, dialled)
    lost_calls = _lost(calls, outside)
    parts = Parts(
        services=services,
        calls=calls,
        agi=outside.agi,
        dialing=dialled,
        preview=preview,
        screens=screens(calls, dialled, preview),
        gate=Gate(store, tracker, clock, calls.facts, calls.security.dtmf, seats, services.refusals),
        recorder=Recorder(store, outside.archive, tracker, clock, keep_raw=settings.recording.keep_raw),
        lost_calls=lost_calls,
        recovery=Recovery(store, calls.exchanges, lost_calls, tracker, seats, calls.seat_logins, calls.trunks, clock),
        enforcement=Enforcement(store, tracker, clock, hangups),
    )
    observe(parts)
    return parts


def _lost(calls: CallParts, outside: Outside) -> LostCalls:
    services, dialing = calls.services, calls.services.settings.dialing
    clocks = CallClocks(
        answer=services.policy.waits,
        operator=timedelta(seconds=dialing.route_wait_s) + MESSAGE,
        talk=timedelta(seconds=dialing.maximum_call_s),
    )
    return LostCalls(
        calls.tracker,
        calls.seats,
        calls.seat_logins,
        calls.exchanges,
        CallEvidence(outside.records, outside.archive, services.clock),
        calls.security.hangups,
        services.clock,
        clocks,
    )


def call_observers(parts: Parts) -> tuple[CallObserver, ...]:
    """Return the observers of calls, in order: the seat follows its call before the pacer sees it."""
    calls = parts.calls
    return (
        calls.due,
        calls.seats,
        calls.router,
        parts.screens.counts,
        parts.screens.floor,
        parts.dialing.view,
        calls.trunks,
        calls.failover,
        parts.recorder,
    )


def seat_observers(parts: Parts) -> tuple[SeatObserver, ...]:
    """Return the observers of seats, in order: the router comes last and serves the calls that wait."""
    return (
        parts.preview.previews,
        parts.screens.floor,
        parts.dialing.view,
        parts.screens.feed,
        parts.calls.router,
    )


def observe(parts: Parts) -> None:
    """Register every observer: the only place where this is done."""
    calls = parts.calls
    calls.tracker.observe(*call_observers(parts))
    calls.seats.observe(*seat_observers(parts))
    calls.trunks.observe(calls.outages)
    calls.presence.observe(calls.seat_duties)
    calls.coverage.observe(calls.router)
