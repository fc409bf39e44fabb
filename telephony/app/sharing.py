"""The parts that calls of every mode have in common, wired: books, seats, lines, blockers, rules, watch."""

from dataclasses import dataclass

from telephony.app.outside import Outside
from telephony.app.services import Services
from telephony.app.watching import Watching, watching
from telephony.domain.deferred_leads import DeferredLeads
from telephony.ports.switch import Exchanges
from telephony.services.blockers import Blocker, Blockers, Running
from telephony.services.carriers import Carriers, breaker_bounds
from telephony.services.coverage import Coverage
from telephony.services.decisions import Decisions
from telephony.services.failed_leads import FailedLeads
from telephony.services.failover import Failover
from telephony.services.holds import Holds
from telephony.services.machines import Machines
from telephony.services.orders import Orders
from telephony.services.phones import Phones
from telephony.services.presence import Presence
from telephony.services.readiness import Links, RecordingRoom, SingleController, StoreHealth
from telephony.services.results_due import ResultsDue
from telephony.services.rule_facts import RuleFacts
from telephony.services.seat_duties import SeatDuties
from telephony.services.seat_router import SeatRouter
from telephony.services.seats import Seats
from telephony.services.tracker import Tracker
from telephony.services.trunks import Trunks


@dataclass(frozen=True, slots=True)
class Shared:
    """What whoever makes calls needs, whatever the mode."""

    services: Services
    exchanges: Exchanges
    tracker: Tracker
    seats: Seats
    coverage: Coverage
    router: SeatRouter
    presence: Presence
    due: ResultsDue
    duties: SeatDuties
    phones: Phones
    trunks: Trunks
    carriers: Carriers
    deferred: DeferredLeads
    failover: Failover
    failed: FailedLeads
    machines: Machines
    holds: Holds
    watching: Watching
    single: SingleController
    links: Links
    room: RecordingRoom
    health: StoreHealth
    blockers: Blockers
    facts: RuleFacts
    decisions: Decisions
    orders: Orders


def sharing(services: Services, outside: Outside, single: SingleController) -> Shared:
    """Wire what every mode shares; nothing is started."""
    settings, store, clock = services.settings, services.store, services.clock
    exchanges, dialing = Exchanges(outside.pbx, outside.gate), settings.dialing
    tracker = Tracker(store.attempts, clock)
    trunks = Trunks(settings.trunks, wall=clock.now, bounds=breaker_bounds(settings.breaker))
    deferred, coverage = DeferredLeads(), Coverage()
    failover = Failover(trunks, clock, deferred)
    presence, due = Presence(), ResultsDue(store.attempts, tracker, clock)
    seats = Seats(store, tracker, clock, presence, due)
    watch = watching(services, exchanges, tracker, seats)
    links, health, holds = Links(exchanges.pbx, exchanges.gate), StoreHealth(), Holds(store, clock)
    room = RecordingRoom(outside.archive, store.ledger, clock, settings.recording.minimum_free_mib)
    carriers = Carriers(store, trunks, clock)
    blockers = _blockers(links, room, single, watch, health, carriers, holds)
    facts = RuleFacts(trunks.caller_ids, services.practice, blockers, clock)
    return Shared(
        services=services,
        exchanges=exchanges,
        tracker=tracker,
        seats=seats,
        coverage=coverage,
        router=SeatRouter(seats, tracker, clock, coverage, dialing.route_wait_s),
        presence=presence,
        due=due,
        duties=SeatDuties(seats, presence, due),
        phones=Phones(seats),
        trunks=trunks,
        carriers=carriers,
        deferred=deferred,
        failover=failover,
        failed=FailedLeads(tracker, trunks, failover),
        machines=Machines(store, clock),
        holds=holds,
        watching=watch,
        single=single,
        links=links,
        room=room,
        health=health,
        blockers=blockers,
        facts=facts,
        decisions=Decisions(trunks, facts, failover, clock, services.dice, dialing.permit_life_s),
        orders=Orders(store.permits, exchanges.pbx, tracker, clock, services.practice.waits),
    )


def _blockers(
    links: Links,
    room: RecordingRoom,
    single: SingleController,
    watch: Watching,
    health: StoreHealth,
    carriers: Carriers,
    holds: Holds,
) -> Blockers:
    return Blockers(
        site={
            Blocker.LINKS: links,
            Blocker.RECORDER: room,
            Blocker.SINGLE_CONTROLLER: single,
            Blocker.WATCH: watch.watch,
            Blocker.LIVENESS: watch.liveness,
            Blocker.DATABASE: health,
        },
        campaign={
            Blocker.LOCK: watch.room,
            Blocker.RUNNING: Running(),
            Blocker.CARRIERS: carriers,
            Blocker.HOLDS: holds,
        },
    )
