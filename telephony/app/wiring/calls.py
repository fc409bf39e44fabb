"""Wires the parts that calls of every mode share: tracker, seats, trunks, blockers, rules, watch."""

from dataclasses import dataclass

from telephony.app.wiring.adapters import Outside
from telephony.app.wiring.security import SecurityParts, watching
from telephony.app.wiring.services import Services
from telephony.domain.leads.deferred import DeferredLeads
from telephony.ports.calls.switch import Exchanges
from telephony.services.calls.coverage import Coverage
from telephony.services.calls.failed_leads import FailedLeads
from telephony.services.calls.originate import Originator
from telephony.services.calls.presence import Presence
from telephony.services.calls.results_due import ResultsDue
from telephony.services.calls.seat_duties import SeatDuties
from telephony.services.calls.seat_login import SeatLogins
from telephony.services.calls.seat_router import SeatRouter
from telephony.services.calls.seats import Seats
from telephony.services.calls.tracker import Tracker
from telephony.services.recordings.amd_review import AmdReview
from telephony.services.rules.blockers import Blocker, Blockers, Running
from telephony.services.rules.decisions import Decisions
from telephony.services.rules.holds import Holds
from telephony.services.rules.readiness import Links, RecordingRoom, SingleController, StoreHealth
from telephony.services.rules.rule_facts import RuleFacts
from telephony.services.trunks.capacity import TrunkCapacity
from telephony.services.trunks.failover import Failover
from telephony.services.trunks.outages import Outages, breaker_bounds


@dataclass(frozen=True, slots=True)
class CallParts:
    """The parts needed for calls, in every mode."""

    services: Services
    exchanges: Exchanges
    tracker: Tracker
    seats: Seats
    coverage: Coverage
    router: SeatRouter
    presence: Presence
    due: ResultsDue
    seat_duties: SeatDuties
    seat_logins: SeatLogins
    trunks: TrunkCapacity
    outages: Outages
    deferred: DeferredLeads
    failover: Failover
    failed_leads: FailedLeads
    amd_review: AmdReview
    holds: Holds
    security: SecurityParts
    single: SingleController
    links: Links
    recording_room: RecordingRoom
    health: StoreHealth
    blockers: Blockers
    facts: RuleFacts
    decisions: Decisions
    originator: Originator


def call_parts(services: Services, outside: Outside, single: SingleController) -> CallParts:
    """Wire what every mode shares; nothing is started."""
    settings, store, clock = services.settings, services.store, services.clock
    exchanges, dialing = Exchanges(outside.pbx, outside.gate), settings.dialing
    tracker = Tracker(store.attempts, clock)
    trunks = TrunkCapacity(settings.trunks, wall=clock.now, bounds=breaker_bounds(settings.breaker))
    deferred, coverage = DeferredLeads(), Coverage()
    failover = Failover(trunks, clock, deferred)
    presence, due = Presence(), ResultsDue(store.attempts, tracker, clock)
    seats = Seats(store, tracker, clock, presence, due)
    watch = watching(services, exchanges, tracker, seats)
    links, health, holds = Links(exchanges.pbx, exchanges.gate), StoreHealth(), Holds(store, clock)
    room = RecordingRoom(outside.archive, store.ledger, clock, settings.recording.minimum_free_mib)
    outages = Outages(store, trunks, clock)
    blockers = _blockers(links, room, single, watch, health, outages, holds)
    facts = RuleFacts(trunks.caller_ids, services.policy, blockers, clock)
    return CallParts(
        services=services,
        exchanges=exchanges,
        tracker=tracker,
        seats=seats,
        coverage=coverage,
        router=SeatRouter(seats, tracker, clock, coverage, dialing.route_wait_s),
        presence=presence,
        due=due,
        seat_duties=SeatDuties(seats, presence, due),
        seat_logins=SeatLogins(seats),
        trunks=trunks,
        outages=outages,
        deferred=deferred,
        failover=failover,
        failed_leads=FailedLeads(tracker, trunks, failover),
        amd_review=AmdReview(store, clock),
        holds=holds,
        security=watch,
        single=single,
        links=links,
        recording_room=room,
        health=health,
        blockers=blockers,
        facts=facts,
        decisions=Decisions(trunks, facts, failover, clock, services.dice, dialing.permit_life_s),
        originator=Originator(store.permits, exchanges.pbx, tracker, clock, services.policy.waits),
    )


def _blockers(
    links: Links,
    recording_room: RecordingRoom,
    single: SingleController,
    watch: SecurityParts,
    health: StoreHealth,
    outages: Outages,
    holds: Holds,
) -> Blockers:
    return Blockers(
        site={
            Blocker.LINKS: links,
            Blocker.RECORDER: recording_room,
            Blocker.SINGLE_CONTROLLER: single,
            Blocker.WATCH: watch.watch,
            Blocker.LIVENESS: watch.liveness,
            Blocker.DATABASE: health,
        },
        campaign={
            Blocker.LOCK: watch.active_locks,
            Blocker.RUNNING: Running(),
            Blocker.CARRIERS: outages,
            Blocker.HOLDS: holds,
        },
    )
