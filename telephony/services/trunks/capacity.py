"""Trunk capacity: simultaneous calls, new calls per second, and each trunk's breaker, checked before a permit is given.

``outages`` acts when a breaker opens; ``failover`` handles leads whose carrier failed.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol

from telephony.domain.calls.attempts import Attempt
from telephony.domain.calls.events import CallEventValue
from telephony.domain.calls.lifecycle import Call
from telephony.domain.trunks.breaker import Breaker, BreakerBounds, BreakerState, Seen, follow
from telephony.domain.trunks.routes import Route, Sign, preferred, sign_of
from telephony.ids import AttemptId, CampaignId, LeadId
from telephony.settings import TrunkSettings

REMEMBERED: Final = 10_000
"""Number of leads a trunk did not carry that are remembered."""


class BreakerObserver(Protocol):
    """Is notified of breaker changes."""

    def on_breaker(self, name: str, breaker: Breaker) -> None:
        """Handle a breaker that opens, opens again or closes, in the event loop; must not raise."""


@dataclass(slots=True)
class _Use:
    settings: TrunkSettings
    calls: int = 0
    begun: deque[float] = field(default_factory=deque)
    """Start times of the latest calls: the carrier counts them in any second, so bursts must not follow each other."""
    breaker: Breaker = field(default_factory=Breaker)
    is_tested: bool = False
    """A test call is under way: while half-open only one is allowed at a time."""
    signed: set[AttemptId] = field(default_factory=set)
    """Live calls whose sign has been counted already."""
    failed_leads: dict[LeadId, None] = field(default_factory=dict)
    """Leads it did not carry: when they are retried together, at the end of a list, they show nothing new."""
    causes: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    """The carrier's responses to the latest calls it did not carry."""

    def has_rate(self, now: float) -> bool:
        """Return True if one more call may begin now."""
        rate = self.settings.calls_per_second
        most = max(1, int(rate))
        while self.begun and now - self.begun[0] >= max(1.0, most / rate):
            self.begun.popleft()
        return len(self.begun) < most

    def is_news(self, sign: Sign, lead_id: LeadId) -> bool:
        """Return True if a call shows something that an earlier call to the same lead did not."""
        if sign is Sign.CARRIED:
            self.failed_leads.pop(lead_id, None)
            return True
        was_known = lead_id in self.failed_leads
        self.failed_leads[lead_id] = None
        if len(self.failed_leads) > REMEMBERED:
            del self.failed_leads[next(iter(self.failed_leads))]
        return not was_known

    def is_out(self, now: datetime) -> bool:
        """Return True if its breaker allows no call now."""
        state = self.breaker.state(now)
        return state is BreakerState.OPEN or (state is BreakerState.HALF_OPEN and self.is_tested)


@dataclass(frozen=True, slots=True)
class TrunkState:
    """The state of a trunk, as ``telephony trunk state`` shows it.

    Attributes:
        seen: latest calls counted, one per lead.
        failed: number of them that the carrier did not carry.
        causes: the carrier's responses to these, most frequent first, e.g. ``SIP 503 x5``.
        until_at: end of the pause while open; time since which a test call is possible while half-open.
    """

    name: str
    state: BreakerState
    seen: int
    failed: int
    causes: str
    until_at: datetime | None
    channels: int
    calls_per_second: float
    caller_ids: tuple[str, ...]


class TrunkCapacity:
    """Every trunk of the site."""

    def __init__(
        self,
        trunks: Sequence[TrunkSettings],
        now: Callable[[], float] | None = None,
        *,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        bounds: BreakerBounds | None = None,
    ) -> None:
        """Build it without calls and with every breaker closed.

        Args:
            trunks: the settings.
            now: monotonic seconds; None: the running loop's clock.
            wall: the present time, aware UTC.
            bounds: when a breaker opens, and for how long.
        """
        self._uses = {trunk.name: _Use(trunk) for trunk in trunks}
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._wall = wall
        self._bounds = bounds or BreakerBounds()
        self._sent: dict[CampaignId, Counter[str]] = {}
        self._observers: tuple[BreakerObserver, ...] = ()
        self.caller_ids: Mapping[str, frozenset[str]] = {trunk.name: frozenset(trunk.caller_ids) for trunk in trunks}
        """Allowed caller IDs by trunk name."""

    def observe(self, *observers: BreakerObserver) -> None:
        """Register observers of breakers, in this order; called once, when everything is built."""
        self._observers = observers

    @property
    def names(self) -> tuple[str, ...]:
        """The trunks' names, in the order of the settings."""
        return tuple(self._uses)

    @property
    def channels(self) -> int:
        """Most simultaneous calls, all trunks together."""
        return sum(use.settings.channels for use in self._uses.values())

    def calls(self, name: str) -> int:
        """Return how many calls a trunk carries now."""
        return self._uses[name].calls

    def routes(self, campaign_id: CampaignId, routes: Sequence[Route]) -> tuple[Route, ...]:
        """Return the routes whose breaker allows a call, in the order to try them."""
        now = self._wall()
        ordered = preferred(routes, self._sent.get(campaign_id, Counter()))
        # A trunk that is not in the settings stays: the rules will name it.
        return tuple(
            route for route in ordered if route.trunk not in self._uses or not self._uses[route.trunk].is_out(now)
        )

    def is_failing(self, name: str) -> bool:
        """Return True if a trunk's breaker is not closed."""
        use = self._uses.get(name)
        return use is not None and use.breaker.until_at is not None

    def take(self, name: str, campaign_id: CampaignId | None = None) -> bool:
        """Take a line on a trunk for one call; False if its lines, its rate or its breaker do not allow it."""
        use = self._uses.get(name)
        if use is None:
            return False
        now, wall_now = self._now(), self._wall()
        if use.is_out(wall_now) or use.calls >= use.settings.channels or not use.has_rate(now):
            return False
        use.is_tested = use.breaker.state(wall_now) is BreakerState.HALF_OPEN
        use.begun.append(now)
        use.calls += 1
        if campaign_id is not None:
            self._sent.setdefault(campaign_id, Counter())[name] += 1
        return True

    def give_back(self, name: str) -> None:
        """Give back the line of one call."""
        use = self._uses.get(name)
        if use is not None and use.calls > 0:
            use.calls -= 1
            use.is_tested = False

    def on_call(self, call: Call, event: CallEventValue) -> None:
        """Update the breaker from a call, and give back the line of a call that has ended."""
        attempt = call.attempt
        use = self._uses.get(attempt.trunk)
        if use is None:
            return
        if attempt.attempt_id not in use.signed and self._follow(use, attempt, event.at):
            for observer in self._observers:
                observer.on_breaker(use.settings.name, use.breaker)
        if call.has_ended:
            use.signed.discard(attempt.attempt_id)
            self.give_back(attempt.trunk)

    def _follow(self, use: _Use, attempt: Attempt, at: datetime) -> bool:
        """Update a trunk's breaker from a call; True if it opened, opened again or closed."""
        sign = sign_of(attempt)
        if sign is None:
            return False
        use.signed.add(attempt.attempt_id)
        before = use.breaker
        if not use.is_news(sign, attempt.lead_id) and before.until_at is None:
            return False
        if sign is not Sign.CARRIED:
            use.causes.append(attempt.tech_cause or "no answer")
        use.breaker = follow(before, Seen(sign, attempt.lead_id, attempt.started_at, at), self._bounds)
        if use.breaker.until_at is None and before.until_at is not None:
            use.causes.clear()
        return use.breaker.until_at != before.until_at

    def adopt(self, name: str) -> None:
        """Count a call that was under way before the service started."""
        use = self._uses.get(name)
        if use is not None:
            use.calls += 1

    def recall(self, attempts: Iterable[Attempt]) -> None:
        """Rebuild the breakers from these attempts, oldest first; observers are not notified."""
        for attempt in attempts:
            use = self._uses.get(attempt.trunk)
            at = attempt.rang_at or attempt.answered_at or attempt.ended_at
            if use is not None and at is not None:
                self._follow(use, attempt, at)
                use.signed.discard(attempt.attempt_id)

    def state(self, name: str) -> TrunkState:
        """Return the state of a trunk."""
        use = self._uses[name]
        causes = ", ".join(f"{cause} x{count}" for cause, count in Counter(use.causes).most_common())
        return TrunkState(
            name=name,
            state=use.breaker.state(self._wall()),
            seen=len(use.breaker.seen),
            failed=use.breaker.failed,
            causes=causes,
            until_at=use.breaker.until_at,
            channels=use.settings.channels,
            calls_per_second=use.settings.calls_per_second,
            caller_ids=use.settings.caller_ids,
        )
