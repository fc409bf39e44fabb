"""The parts that calls of every mode have in common, wired: books, operators, lines, rules, permits, the watch."""

from collections.abc import Callable
from dataclasses import dataclass

from telephony.app.outside import Outside
from telephony.app.watching import Watching, watching
from telephony.domain.campaigns import Campaign
from telephony.domain.floor import PaceReason
from telephony.domain.law.facts import Practice
from telephony.ids import LeadId, OperatorId
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.ports.switch import Switch
from telephony.services.carriers import Carriers, breaker_bounds
from telephony.services.decisions import Decisions
from telephony.services.dialing_view import DialingView
from telephony.services.failover import Failover
from telephony.services.holds import Holds
from telephony.services.law import practice_of
from telephony.services.lead_feed import LeadFeed
from telephony.services.lead_order import LeadOrders
from telephony.services.machines import Machines
from telephony.services.nobody_due import NobodyDue
from telephony.services.open_clocks import OpenClocks
from telephony.services.orders import Orders
from telephony.services.phones import Phones
from telephony.services.presence import Presence
from telephony.services.readiness import Readiness
from telephony.services.results_due import ResultsDue
from telephony.services.seat_duties import SeatDuties
from telephony.services.seats import Seats
from telephony.services.tracker import Tracker
from telephony.services.trunks import Trunks
from telephony.settings import Settings


@dataclass(frozen=True, slots=True)
class Shared:
    """What whoever makes calls needs, whatever the mode."""

    store: Store
    clock: Clock
    switch: Switch
    practice: Practice
    tracker: Tracker
    seats: Seats
    presence: Presence
    due: ResultsDue
    duties: SeatDuties
    phones: Phones
    trunks: Trunks
    carriers: Carriers
    failover: Failover
    machines: Machines
    holds: Holds
    watching: Watching
    readiness: Readiness
    decisions: Decisions
    orders: Orders
    clocks: OpenClocks
    lead_orders: LeadOrders
    nobody: NobodyDue

    def is_closed(self, campaign: Campaign) -> bool:
        """Tell whether nothing may be taken from a campaign now."""
        why = self.watching.room.why_not(campaign.campaign_id) or self.carriers.why_not(campaign)
        return bool(why or self.holds.why_not(campaign.campaign_id))

    def feed(
        self,
        view: DialingView,
        serves: Callable[[Campaign], bool],
        is_resting: Callable[[LeadId], bool],
        resting: Callable[[], int],
    ) -> LeadFeed:
        """Return what brings the leads of the campaigns that a mode serves; those that rest are left out."""
        return LeadFeed(
            self.store,
            self.clock,
            self.clocks,
            free=lambda: [OperatorId(one) for one in view.free],
            is_closed=self.is_closed,
            is_resting=is_resting,
            resting=resting,
            serves=serves,
            orders=self.lead_orders,
        )

    def why_not(self, campaign: Campaign) -> PaceReason | None:
        """Return why no call may leave for a campaign, whoever asks."""
        why = self.readiness.why_not() or self.watching.room.why_not(campaign.campaign_id)
        return why or self.carriers.why_not(campaign)


def sharing(settings: Settings, store: Store, outside: Outside, is_sole: Callable[[], bool]) -> Shared:
    """Wire what every mode shares; nothing is started."""
    clock, links, dialing = outside.clock, (outside.pbx, outside.gate), settings.dialing
    practice = practice_of(dialing, settings.rules)
    tracker = Tracker(store.attempts, clock)
    trunks = Trunks(settings.trunks, wall=clock.now, bounds=breaker_bounds(settings.breaker))
    failover = Failover(trunks, clock.now)
    clocks = OpenClocks(store, clock, practice)
    presence, due = Presence(), ResultsDue(store.attempts, tracker, clock)
    seats = Seats(store, tracker, clock, dialing.route_wait_s, presence, due)
    watch = watching(settings, store, clock, tracker, seats, *links)
    readiness = Readiness(
        links,
        outside.archive,
        store.ledger,
        clock,
        settings.recording.minimum_free_mib,
        also=watch.why_not,
        is_sole=is_sole,
    )
    return Shared(
        store=store,
        clock=clock,
        switch=outside.pbx,
        practice=practice,
        tracker=tracker,
        seats=seats,
        presence=presence,
        due=due,
        duties=SeatDuties(seats, presence, due),
        phones=Phones(seats),
        trunks=trunks,
        carriers=Carriers(store, trunks, clock),
        failover=failover,
        machines=Machines(store, clock),
        holds=Holds(store, clock),
        watching=watch,
        readiness=readiness,
        decisions=Decisions(trunks, readiness, failover, clock, outside.dice, practice, dialing.permit_life_s),
        orders=Orders(store.permits, outside.pbx, tracker, clock, practice.waits),
        clocks=clocks,
        nobody=NobodyDue(store.choice, clocks, clock),
        lead_orders=LeadOrders(store, clock, settings.site.timezone),
    )
