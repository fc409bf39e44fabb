"""A campaign of several days over leads that differ: it measures which lead each dial uses.

Every order of leads meets the same people: the result of a try is drawn by (seed, lead, try), the lead's true chance
at that hour, and the day's drift. ``engine`` runs the days, with any pacer; one dial is one lead.
"""

from dataclasses import dataclass
from time import thread_time_ns
from typing import Final

from telephony.domain.lead_order.contact_rate import Features, Reply, cell_at
from telephony.domain.lead_order.plan import Hour
from telephony.domain.pacing.interface import AnyPacer, Kind, View
from telephony.domain.text.reason import Reason
from telephony.simulation.baselines import Maker
from telephony.simulation.engine import Day
from telephony.simulation.lead_orders import AGAIN_S, DAY_S, MOST_TRIES, OrderMaker
from telephony.simulation.outcomes import Fate, Fates
from telephony.simulation.people import People, Population
from telephony.simulation.results import DayResult
from telephony.simulation.scenarios import HOUR, Scenario

AGAIN_AFTER_FAILURE_S: Final = HOUR
MOST_FAILURES: Final = 3
_PERSON_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Campaign:
    """A list, a team and some days.

    Attributes:
        day: the scenario of each day; its answer rate is not used, its ``leads`` stays None.
        population: the people of the list.
        leads: how many.
        days: how many working days.
    """

    day: Scenario
    population: Population
    leads: int
    days: int

    @property
    def name(self) -> str:
        """The name in tables."""
        return self.day.name

    def hours(self) -> list[int]:
        """Return the calling hours of one day, as hours of the clock."""
        opens = self.day.opens_hour
        return [
            int(opens + (begin + n * HOUR) / HOUR) for begin, end in self.day.windows for n in range(_hours(begin, end))
        ]


def _hours(begin: float, end: float) -> int:
    return round((end - begin) / HOUR)


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """The totals of a campaign.

    Attributes:
        dials: made in all.
        contacts: people connected to an operator, each once.
        tried: leads dialled at least once.
        leads: leads there were.
        logged_s: operators' time logged in and not paused, seconds.
        busy_s: the part of it in talk and wrap-up, seconds.
        abandoned: answered calls without an operator.
        worst_day: the highest share abandoned of a day.
        choices: leads chosen and learned from.
        choice_ns: CPU time it took in all, nanoseconds.
    """

    dials: int
    contacts: int
    tried: int
    leads: int
    logged_s: float
    busy_s: float
    abandoned: int
    worst_day: float
    choices: int
    choice_ns: int

    @property
    def dials_per_contact(self) -> float:
        """Dials for each person reached."""
        return self.dials / max(1, self.contacts)

    @property
    def contacts_per_hour(self) -> float:
        """People reached per operator hour."""
        return HOUR * self.contacts / self.logged_s if self.logged_s else 0.0

    @property
    def utilisation(self) -> float:
        """Talk and wrap-up over time logged in and not paused, 0 to 1."""
        return self.busy_s / self.logged_s if self.logged_s else 0.0

    @property
    def choice_us(self) -> float:
        """Mean CPU time of choosing a lead and learning what became of it, microseconds."""
        return self.choice_ns / 1000 / self.choices if self.choices else 0.0


class LeadBook:
    """The leads of one running campaign, and what the dialer knows of them."""

    def __init__(self, campaign: Campaign, seed: int, order: OrderMaker) -> None:
        self.campaign = campaign
        self.people = People(campaign.population, campaign.leads, seed)
        self.tries = [0] * campaign.leads
        self.day = 0
        self.dials = self.reached = self.choices = self.choice_ns = 0
        self._failures = [0] * campaign.leads
        self._order, self._propensity = order(self.people, campaign.day.opens_hour)
        self._open = [(day, hour) for day in range(campaign.days) for hour in campaign.hours()]
        self._hour = -1
        self._cell = 0
        for lead, (kind, source) in enumerate(self.people.kinds):
            self._order.put(lead, Features(kind, source), 0.0)

    def due(self, t: float) -> int:
        """Return how many leads may be dialled, ``t`` seconds into the present day."""
        return self._order.due(self._now(t))

    def choose(self, t: float) -> tuple[int, Features, int, float]:
        """Take the lead to dial: who, as what, in which cell, and its true chance."""
        begun = thread_time_ns()
        now = self._now(t)
        hour = self.campaign.day.opens_hour + t / HOUR
        if (self.day, int(hour)) != (self._hour // 24, self._hour % 24):
            self._begin_hour(int(hour))
        chosen = self._order.take(now)
        if chosen is None:
            raise RuntimeError("a lead was asked for while none is due; ask due() first")
        self.choice_ns += thread_time_ns() - begun
        self.choices += 1
        self.dials += 1
        lead, features = chosen
        return lead, features, self._cell, self.people.chance(lead, hour)

    def ended(self, lead: int, features: Features, cell: int, reply: Reply | None, t: float) -> None:
        """Learn the result of a try (``None``: none); the lead waits again unless that was its last."""
        begun = thread_time_ns()
        if reply is not None and self._propensity is not None:
            self._propensity.observe(features, cell, reply)
        self._failures[lead] += reply is Reply.FAILURE
        is_over = self.tries[lead] >= MOST_TRIES or self._failures[lead] >= MOST_FAILURES
        if reply is not Reply.PERSON and not is_over:
            after = features.after(cell, reply if reply is not None else Reply.NOBODY)
            wait = AGAIN_AFTER_FAILURE_S if reply is Reply.FAILURE else AGAIN_S
            self._order.put(lead, after, self._now(t) + wait)
        self.choice_ns += thread_time_ns() - begun

    def _now(self, t: float) -> float:
        return self.day * DAY_S + t

    def _begin_hour(self, hour: int) -> None:
        """Begin a new hour."""
        self._hour = 24 * self.day + hour
        self._cell = cell_at(hour)
        gone = sum(slot < (self.day, hour) for slot in self._open)
        left = self._open[gone:]
        per_hour = self.dials / gone if gone else self.campaign.leads * MOST_TRIES / len(self._open) / 2
        opens = self.campaign.day.opens_hour
        hours = [Hour(day * DAY_S + (hour_of_day - opens) * HOUR, cell_at(hour_of_day)) for day, hour_of_day in left]
        self._order.look(hours, per_hour)


class LeadDials(Fates):
    """One day's dials, each to a lead of the book; a wrapped pacer passes on how each ended."""

    def __init__(self, book: LeadBook, seed: int) -> None:
        super().__init__(book.campaign.day, seed)
        self._book = book
        self._day = book.campaign.day
        self._under_way: dict[int, tuple[int, Features, int, bool, float]] = {}

    def left(self, t: float) -> int:
        """Return how many leads are due."""
        return self._book.due(t)

    def fate(self, n: int, t: float) -> Fate:
        """Return the outcome of dial ``n``; the book chooses its lead."""
        book = self._book
        lead, features, cell, chance = book.choose(t)
        rate = chance * self.rate(t) / self._day.answer_rate
        people = book.people
        row = lead * MOST_TRIES + book.tries[lead]
        book.tries[lead] += 1
        fate = self.drawn(row, rate, people.fails[lead], people.machines[lead])
        # A call to a machine takes an operator as long to write down as to hear, see ``Fates.drawn``.
        is_person = fate.kind == Kind.HUMAN and fate.talk != fate.wrap
        self._under_way[n] = (lead, features, cell, is_person, t + fate.setup + fate.ring)
        return fate

    def heard(self, t: float, kind: int, call: int) -> None:
        """Receive an event that the pacer gets."""
        if kind not in _ENDINGS:
            return
        lead, features, cell, is_person, planned_at = self._under_way.pop(call)
        reply = _ENDINGS[Kind(kind)]
        if kind == Kind.CONNECT and not is_person:
            reply = Reply.NOBODY  # the operator found a machine
        elif kind == Kind.NOANSWER and t < planned_at - _PERSON_S:
            reply = None  # cancelled
        self._book.reached += kind == Kind.CONNECT and is_person
        self._book.ended(lead, features, cell, reply, t)


_ENDINGS: Final[dict[Kind, Reply | None]] = {
    Kind.CONNECT: Reply.PERSON,
    Kind.ABANDON: Reply.PERSON,
    Kind.MACHINE: Reply.NOBODY,
    Kind.NOANSWER: Reply.NOBODY,
    Kind.FAIL: Reply.FAILURE,
}


class _PacerWithLeads:
    """A pacer that passes its events to the leads too."""

    def __init__(self, pacer: AnyPacer, dials: LeadDials) -> None:
        self.tick = pacer.tick
        self._pacer = pacer
        self._dials = dials

    def start(self, view: View) -> None:
        """Start the pacer."""
        self._pacer.start(view)

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Pass the event to the leads, then to the pacer."""
        self._dials.heard(t, kind, call)
        return self._pacer.step(t, kind, call, agent)

    def reason(self) -> Reason:
        """Return the pacer's reason."""
        return self._pacer.reason()


def run_campaign(campaign: Campaign, maker: Maker, seed: int, order: OrderMaker) -> CampaignResult:
    """Simulate a campaign.

    Args:
        campaign: list, team and days.
        maker: makes each day's pacer.
        seed: selects the people and the results of their tries: the same for every order.
        order: makes the lead order.
    """
    book = LeadBook(campaign, seed, order)
    days: list[DayResult] = []
    for day in range(campaign.days):
        book.day = day
        dials = LeadDials(book, seed)
        days.append(Day(campaign.day, _PacerWithLeads(maker(campaign.day), dials), seed, dials).run())
    return CampaignResult(
        dials=book.dials,
        contacts=book.reached,
        tried=sum(map(bool, book.tries)),
        leads=campaign.leads,
        logged_s=sum(day.logged_s for day in days),
        busy_s=sum(day.talk_s + day.wrap_s for day in days),
        abandoned=sum(day.abandoned for day in days),
        worst_day=max(day.abandoned_share for day in days),
        choices=book.choices,
        choice_ns=book.choice_ns,
    )
