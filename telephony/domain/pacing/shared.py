"""The pace of several campaigns on one pool of operators: each under its own cap, on its own counts of the day (I9).

A call is either *reserved*: a free operator is kept for it until it ends or is connected; or *overdialed*. A campaign
with a cap of 0, too few observations, or no call left in its budget has reserved calls only: one per unclaimed
operator. Another campaign's overdialing then cannot take its operators, and its calls cannot take more of theirs than
they can bear. Overdialed calls race for the unreserved operators; the level is the lowest among the campaigns whose
calls are in the race. Campaigns dial in turn. Keeping operators free for reserved calls is left to routing.
"""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

from telephony.domain.pacing.interface import NO_ID, Kind, View, completed
from telephony.domain.pacing.predictive import AT_ONCE, NEWS, RINGING_S
from telephony.domain.pacing.predictive_shared import PredictiveBeside
from telephony.domain.text.reason import Reason
from telephony.ids import CampaignId

LEAST_LEAD: Final = 2
"""Least number of dials by which a campaign may be ahead of another that cannot dial now."""
ENDS: Final = frozenset({Kind.MACHINE, Kind.NOANSWER, Kind.FAIL, Kind.CONNECT, Kind.ABANDON})


@dataclass(slots=True)
class DayCounts:
    """One campaign's counts of the day."""

    n_dials: int = 0
    n_human: int = 0
    n_connected: int = 0
    n_abandoned: int = 0


class SharedView(View, Protocol):
    """The view of a floor that several campaigns share."""

    @property
    def campaigns(self) -> Mapping[int, CampaignId]:
        """Call in flight or waiting: its campaign."""

    @property
    def reserved(self) -> Collection[int]:
        """Calls with a reserved operator."""

    @property
    def days(self) -> Mapping[CampaignId, DayCounts]:
        """Each campaign's counts of today."""


@dataclass(frozen=True, slots=True)
class Order:
    """One dial to launch."""

    campaign_id: CampaignId
    is_reserved: bool


class _Part:
    """One campaign's view of the floor; implements ``View``."""

    def __init__(self, floor: SharedView, campaign_id: CampaignId) -> None:
        self._floor = floor
        self.campaign_id = campaign_id
        self.inflight: dict[int, Sequence[float | None]] = {}
        self.dials: Mapping[int, Sequence[float | None]] = {}
        self.free: Mapping[int, float] = {}
        self.waiting: Mapping[int, float] = {}
        self.max_lines = 0
        self.ordered = 0
        self.cps, self.grace, self.ring_timeout = floor.cps, floor.grace, floor.ring_timeout
        self.refresh(frozenset())

    def refresh(self, announced: Collection[int]) -> None:
        """Read the floor again; ``announced`` are the dials with a DIAL event."""
        floor, reserved, campaigns = self._floor, self._floor.reserved, self._floor.campaigns
        self.free = dict(islice(floor.free.items(), max(0, len(floor.free) - len(reserved))))
        self.waiting = {call: since for call, since in floor.waiting.items() if call not in reserved}
        mine, calls = self.campaign_id, floor.inflight.items()
        self.dials = {call: dial for call, dial in calls if campaigns.get(call) == mine}
        self.inflight = {call: dial for call, dial in self.dials.items() if call not in reserved}
        self.ordered = sum(1 for call in self.inflight if call not in announced)
        self.max_lines = floor.max_lines - (len(floor.inflight) - len(self.inflight))

    def show(self, call: int, *, is_new: bool) -> None:
        """Show a dial as it is now; a new one is shown until the next refresh, even with a reserved operator."""
        dial = self._floor.inflight.get(call)
        if dial is not None and (is_new or call in self.inflight):
            self.inflight[call] = dial

    @property
    def talking(self) -> Mapping[int, float]:
        return self._floor.talking

    @property
    def wrapping(self) -> Mapping[int, float]:
        return self._floor.wrapping

    @property
    def _day(self) -> DayCounts:
        return self._floor.days.get(self.campaign_id) or DayCounts()

    @property
    def n_dials(self) -> int:
        return self._day.n_dials

    @property
    def n_human(self) -> int:
        return self._day.n_human

    @property
    def n_connected(self) -> int:
        return self._day.n_connected

    @property
    def n_abandoned(self) -> int:
        return self._day.n_abandoned

    @property
    def now(self) -> float:
        return self._floor.now

    @property
    def end(self) -> float:
        return self._floor.end

    @property
    def min_ring(self) -> float:
        return self._floor.min_ring

    def cancel(self, call: int) -> bool:
        return self._floor.cancel(call)


@dataclass(slots=True, eq=False)
class _Member:
    """A running campaign."""

    part: _Part
    pacer: PredictiveBeside
    given: int = 0
    """Dials it was given, or would have been given if it had had leads to call."""
    waits: bool = False
    """It may not dial before another campaign has had its turn."""


class SharedPace:
    """Decides which campaign dials next, and whether an operator is reserved for the call."""

    tick = 1.0

    def __init__(self, floor: SharedView, is_ready: Callable[[CampaignId], bool]) -> None:
        """Start without campaigns.

        Args:
            floor: live; an order counts in it before the next one is requested.
            is_ready: whether a campaign has a lead to call now.
        """
        self._floor = completed(floor, min_ring=math.inf)
        self._is_ready = is_ready
        self._members: dict[CampaignId, _Member] = {}
        self._announced: dict[int, tuple[CampaignId, bool]] = {}
        self._gone: set[int] = set()
        self._reconciled_at = -math.inf

    def follow(self, caps: Mapping[CampaignId, float]) -> None:
        """Pace exactly these campaigns, each with its cap; 0 is one call per free operator."""
        for campaign_id in self._members.keys() - caps.keys():
            del self._members[campaign_id]
        for campaign_id, cap in caps.items():
            member = self._members.get(campaign_id)
            if member is None:
                self._members[campaign_id] = self._new_member(campaign_id, cap)
            elif member.pacer.limit != cap:
                member.pacer.keep(cap)
        for member in self._members.values():
            member.pacer.rivals = [other.pacer for other in self._members.values() if other is not member]

    def renew(self, campaign_id: CampaignId) -> None:
        """Start a campaign's day again."""
        member = self._members.get(campaign_id)
        if member is not None:
            self._members[campaign_id] = self._new_member(campaign_id, member.pacer.limit)
            self.follow({key: other.pacer.limit for key, other in self._members.items()})

    def _new_member(self, campaign_id: CampaignId, cap: float) -> _Member:
        part, pacer = _Part(self._floor, campaign_id), PredictiveBeside(cap)
        pacer.start(part)
        return _Member(part, pacer, min((member.given for member in self._members.values()), default=0))

    def step(self, t: float, kind: int, call: int, agent: int) -> Iterator[Order]:
        """Process an event, then yield the dials to launch; each counts in the floor before the next is requested."""
        self._process(t, kind, call, agent)
        if kind not in NEWS:
            if t - self._reconciled_at >= RINGING_S:
                self._reconciled_at = t
                self._reconcile(t)
            yield from self._decide(t)

    def _reconcile(self, t: float) -> None:
        """Correct by the floor what events reported: a call may end without one, an event may repeat or be lost."""
        floor = self._floor
        gone = {call for call in self._announced if call not in floor.inflight and call not in floor.waiting}
        for call in gone & self._gone:  # at the first refresh its event may still be on its way
            del self._announced[call]
        self._gone = gone
        for call, (dialled, *_) in floor.inflight.items():
            if call in floor.campaigns and t - (t if dialled is None else dialled) >= RINGING_S:
                self._announced.setdefault(call, (floor.campaigns[call], call in floor.reserved))
        self._refresh_parts()
        for member in self._members.values():
            member.pacer.reconcile(t, member.part.dials)

    def _process(self, t: float, kind: int, call: int, agent: int) -> None:
        if kind == Kind.DIAL and call in self._floor.campaigns:
            self._announced[call] = (self._floor.campaigns[call], call in self._floor.reserved)
        whose, is_reserved = self._announced.get(call, (None, True))
        for campaign_id, member in self._members.items():
            if call == NO_ID or whose == campaign_id:
                member.part.show(call, is_new=kind == Kind.DIAL)
                member.pacer.heard(t, kind, call, agent, is_overdialed=not is_reserved)
            elif kind == Kind.CONNECT:  # an operator talks, for whichever campaign
                member.pacer.heard(t, kind, NO_ID, agent, is_overdialed=False)
        if kind in ENDS:
            self._announced.pop(call, None)

    def _decide(self, t: float) -> Iterator[Order]:
        ready = [member for key, member in self._members.items() if self._is_ready(key)]
        lead = max(LEAST_LEAD, self._operators // 4)
        for member in ready:  # one that had no leads to call does not make up for it
            member.given = max(member.given, max(other.given for other in ready) - lead)
        again = ready
        while again:  # one that may still get an operator has its next turn after the others
            turn, again = sorted(again, key=lambda member: member.given), []
            for member in turn:
                room = min(other.given for other in ready) + lead - member.given if len(ready) > 1 else AT_ONCE
                member.waits = room <= 0
                for order in self._dials(t, member, room):
                    member.given += 1
                    yield order
                    again += [member] if order.is_reserved else []

    def _dials(self, t: float, member: _Member, room: int) -> Iterator[Order]:
        """Yield the dials that a campaign launches: as many overdialed as it may, or one with a reserved operator."""
        if room <= 0:
            return
        self._refresh_parts()
        campaign_id = member.part.campaign_id
        if not member.pacer.may_overdial():
            if self._may_reserve(t):
                yield Order(campaign_id, is_reserved=True)
            return
        for _ in range(self._ahead(t, member, room)):
            yield Order(campaign_id, is_reserved=False)

    def _ahead(self, t: float, member: _Member, room: int) -> int:
        """Return how many dials to overdial; none while there are more reserved calls than free operators."""
        if len(self._floor.reserved) > len(self._floor.free):
            return 0
        return member.pacer.ahead(t, room)

    def _may_reserve(self, t: float) -> bool:
        """Return True if an operator is free and unclaimed, and the dials in flight can bear losing that operator."""
        floor = self._floor
        claims = len(floor.reserved) + sum(1 for call in floor.waiting if call not in floor.reserved)
        lines = floor.max_lines - len(floor.inflight) - len(floor.waiting)
        if len(floor.free) <= claims or lines <= 0:
            return False
        return all(member.pacer.bears_one_fewer(t) for member in self._members.values() if member.pacer.has_overdialed)

    def _refresh_parts(self) -> None:
        for member in self._members.values():
            member.part.refresh(self._announced)

    @property
    def _operators(self) -> int:
        floor = self._floor
        return len(floor.free) + len(floor.talking) + len(floor.wrapping)

    def reason(self, campaign_id: CampaignId) -> Reason:
        """Return the reason for a campaign's present pace."""
        member = self._members.get(campaign_id)
        if member is None:
            return Reason("pace.not_running")
        pacer = member.pacer
        if member.waits:
            return Reason("pace.other_turn")
        if (
            pacer.limit > 0
            and pacer.may_overdial()
            and any(rival.has_overdialed and not rival.may_overdial() for rival in pacer.rivals)
        ):
            return Reason("pace.other_in_the_air")
        return pacer.reason()
