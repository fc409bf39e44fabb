"""One day of several campaigns on one team, in simulated time: each has the dials of its own scenario.

Like ``engine``, but campaigns dial in the order of ``telephony.domain.pacing.shared``, and routing keeps an operator
free for each reserved call, as ``services/calls/seats`` does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from telephony.domain.pacing.interface import NO_ID, Kind, Progressive
from telephony.domain.pacing.shared import ENDS, DayCounts, Order, SharedPace
from telephony.ids import CampaignId
from telephony.simulation.engine import Day
from telephony.simulation.floor import Floor
from telephony.simulation.outcomes import Fates
from telephony.simulation.results import DayResult
from telephony.simulation.scenarios import Scenario


class SharedFloor(Floor):
    """Implements ``SharedView``."""

    __slots__ = ("campaigns", "days", "reserved")

    def __init__(self, scenario: Scenario, campaigns: int) -> None:
        super().__init__(scenario)
        self.campaigns: dict[int, CampaignId] = {}
        self.reserved: set[int] = set()
        self.days = {CampaignId(number): DayCounts() for number in range(campaigns)}


@dataclass(frozen=True, slots=True)
class SharedDayResult:
    """One day: the floor's, and each campaign's counts."""

    floor: DayResult
    campaigns: Mapping[CampaignId, DayCounts]

    def abandoned_share(self, campaign_id: int) -> float:
        """Return a campaign's abandoned over handed to routing, 0 to 1."""
        day = self.campaigns[CampaignId(campaign_id)]
        return day.n_abandoned / max(1, day.n_abandoned + day.n_connected)


class SharedDay(Day):
    """One simulated day."""

    floor: SharedFloor

    def __init__(self, scenarios: Sequence[Scenario], caps: Sequence[float], seed: int) -> None:
        """Schedule the shifts and the first tick.

        Args:
            scenarios: one per campaign; operators and hours are the first one's.
            caps: one per campaign: abandoned over answered, at most; 0 dials one call per free operator.
            seed: selects the day.
        """
        super().__init__(scenarios[0], Progressive(), seed)
        self.floor = SharedFloor(scenarios[0], len(scenarios))
        self._dials = [Fates(scenario, seed * len(scenarios) + place) for place, scenario in enumerate(scenarios)]
        self.pace = SharedPace(self.floor, lambda _: True)
        self.pace.follow({CampaignId(place): cap for place, cap in enumerate(caps)})

    def lived(self) -> SharedDayResult:
        """Simulate the day until every call has ended."""
        return SharedDayResult(self.run(), self.floor.days)

    def _settle(self, t: float) -> None:
        floor = self.floor
        while self._news:
            kind, call, agent = self._news.popleft()
            self._count(kind, call)
            for order in self.pace.step(t, kind, call, agent):
                if self._room(t) < 1:
                    break
                self._dial(t, order)
            if floor.withdrawn:
                self._cancel()
            if floor.waiting and floor.free:
                self._connect(t)

    def _count(self, kind: int, call: int) -> None:
        day = self.floor.days.get(self.floor.campaigns.get(call, CampaignId(NO_ID)))
        if day is not None:
            day.n_human += kind == Kind.HUMAN
            day.n_connected += kind == Kind.CONNECT
            day.n_abandoned += kind == Kind.ABANDON
        if kind in ENDS:
            self.floor.campaigns.pop(call, None)
            self.floor.reserved.discard(call)

    def _dial(self, t: float, order: Order) -> None:
        floor, day = self.floor, self.floor.days[order.campaign_id]
        call = floor.n_dials
        floor.campaigns[call] = order.campaign_id
        if order.is_reserved:
            floor.reserved.add(call)
        self._begin(t, call, self._dials[order.campaign_id].fate(day.n_dials, t))
        day.n_dials += 1

    def _connect(self, t: float) -> None:
        """Connect the first waiting call that may have an operator; some are kept for reserved calls."""
        floor = self.floor
        may_any = len(floor.free) > len(floor.reserved)
        call = next((call for call in floor.waiting if may_any or call in floor.reserved), None)
        if call is not None:
            floor.waiting = {call: floor.waiting.pop(call)} | floor.waiting
            floor.reserved.discard(call)
            super()._connect(t)
