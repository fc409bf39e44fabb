"""Random days, short and quick, that search for a way over the cap: any order of leads, lists that end, restarts.

A conversation lasts a seventh of what ``simulation`` assumes and caps go up to 25 %, so that a day of some minutes has
as many calls to spend as one of eight hours. Operators do not leave for lunch: when the one who was free for a call
goes, one call per free operator is abandoned too, and no pacer can know.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from telephony.domain.pacing.interface import AnyPacer, View
from telephony.domain.pacing.shared import SharedPace
from telephony.domain.text.reason import Reason
from telephony.ids import CampaignId
from telephony.simulation.engine import Day
from telephony.simulation.outcomes import Fate, Fates
from telephony.simulation.scenarios import TALKS, Event, Scenario
from telephony.simulation.shared_day import SharedDay

QUICK = 0.15
TICK_S = 2.0
EVENTS = (Event.NONE, Event.HALVE, Event.DOUBLE, Event.START)


class QuickFates(Fates):
    """Leads in stretches, each answered more or less than the list as a whole; short conversations."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        """Draw the order of the list."""
        super().__init__(scenario, seed)
        dice = Random(seed)
        self._stretch = dice.randrange(15, 120)
        self._factors = [dice.choice((0.3, 0.7, 1.0, 1.0, 1.5, 2.2)) for _ in range(200)]

    def fate(self, n: int, t: float) -> Fate:
        """Return what becomes of dial ``n``."""
        factor = self._factors[n // self._stretch % len(self._factors)]
        drawn = self.drawn(n, min(0.95, factor * self.rate(t)))
        return drawn._replace(talk=QUICK * drawn.talk, wrap=QUICK * drawn.wrap, pause=QUICK * drawn.pause)


class Restarted:
    """A pacer that restarts in the middle of the day, with the day's counts and the calls in the air."""

    def __init__(self, make: Callable[[], AnyPacer], at: float) -> None:
        """Start; restart at ``at``."""
        self._make, self._at = make, at
        self._pacer = make()
        self.tick = TICK_S

    def start(self, view: View) -> None:
        """Start the pacer."""
        self._view = view
        self._pacer.start(view)

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Pass on."""
        if t >= self._at:
            self._at = float("inf")
            self._pacer = self._make()
            self._pacer.start(self._view)
        return self._pacer.step(t, kind, call, agent)

    def reason(self) -> Reason:
        """Pass on."""
        return self._pacer.reason()


class QuickSharedDay(SharedDay):
    """Several campaigns, restarted once."""

    def __init__(self, scenarios: list[Scenario], caps: list[float], seed: int, restart_at: float) -> None:
        """Fill the diary."""
        super().__init__(scenarios, caps, seed)
        self._dials = [QuickFates(scenario, seed * len(scenarios) + place) for place, scenario in enumerate(scenarios)]
        self._caps = {CampaignId(place): cap for place, cap in enumerate(caps)}
        self._restart_at = restart_at
        self._pacer.tick = TICK_S

    def _settle(self, t: float) -> None:
        if t >= self._restart_at:
            self._restart_at = float("inf")
            self.pace = SharedPace(self.floor, lambda _: True)
            self.pace.follow(self._caps)
        super()._settle(t)


@dataclass(frozen=True)
class Came:
    """What a campaign's day came to."""

    seed: int
    cap: float
    abandoned: int
    connected: int

    @property
    def is_over(self) -> bool:
        """Return True if more was abandoned than the cap allows, of all who answered, after the last call."""
        people = self.abandoned + self.connected
        return people > 0 and self.abandoned / people > self.cap


def scenario(dice: Random, operators: int, end: float) -> Scenario:
    return Scenario(
        "random",
        operators,
        TALKS[dice.choice(sorted(TALKS))],
        dice.uniform(0.15, 0.7),
        ((0.0, end),),
        dice.choice(EVENTS),
        dice.choice((0.0, 0.0, 2.0)),
        has_detection=dice.random() < 0.7,
        limit=dice.choice((0.03, 0.05, 0.08, 0.12, 0.18, 0.25)),
    )


def lived_alone(seed: int, make: Callable[[float], AnyPacer]) -> Came:
    """Live through one day of one campaign; in half of them the list ends first."""
    dice = Random(seed)
    base = scenario(dice, dice.randrange(2, 9), dice.uniform(200.0, 900.0))
    leads = dice.randrange(40, 300) if dice.random() < 0.5 else None
    restart = dice.uniform(0, base.end) if dice.random() < 0.3 else float("inf")
    base = Scenario(**{name: getattr(base, name) for name in base.__slots__} | {"leads": leads})
    pacer = Restarted(lambda: make(base.limit), restart)
    day = Day(base, pacer, seed, QuickFates(base, seed), tells_cancels=dice.random() < 0.5).run()
    return Came(seed, base.limit, day.abandoned, day.connected)


def lived_together(seed: int) -> list[Came]:
    """Live through one day of two or three campaigns on one team."""
    dice = Random(seed)
    operators, end = dice.randrange(2, 9), dice.uniform(200.0, 800.0)
    scenarios = [scenario(dice, operators, end) for _ in range(dice.choice((2, 2, 3)))]
    caps = [scenario.limit if dice.random() < 0.8 else 0.0 for scenario in scenarios]
    restart = dice.uniform(0, end) if dice.random() < 0.3 else float("inf")
    day = QuickSharedDay(scenarios, caps, seed, restart).lived()
    return [
        Came(seed, cap, day.campaigns[CampaignId(place)].n_abandoned, day.campaigns[CampaignId(place)].n_connected)
        for place, cap in enumerate(caps)
    ]
