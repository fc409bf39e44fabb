"""What the floor shows: one immutable snapshot of seats, campaigns and links, made by the floor service.

Pure values. Labels, colours and languages are left to the pages and the terminal board.
"""

from dataclasses import dataclass
from datetime import datetime

from telephony.domain.calls.operators import OperatorState
from telephony.domain.campaigns.campaigns import CampaignState
from telephony.domain.campaigns.dialing_options import DialingOptions
from telephony.domain.law.abandonment import abandon_rate
from telephony.domain.lead_order.explanations import LIST_ORDER
from telephony.domain.leads.waiting_causes import Held
from telephony.domain.security.locks import Lock
from telephony.domain.text.reason import Reason
from telephony.ids import CampaignId, OperatorId, SeatNumber


@dataclass(frozen=True, slots=True)
class SeatView:
    """One seat's tile.

    Attributes:
        operator: the work name or "".
        since_at: when the state began.
        skips: leads skipped within the last hour, without people the operator knows.
        is_calling: the operator pressed call and nobody has answered yet.
        has_phone: its phone is in its conference.
        say_first: what the law requires the operator to say at the start of this call; None: nothing.
    """

    seat: SeatNumber
    operator_id: OperatorId | None
    operator: str
    state: OperatorState
    since_at: datetime
    campaign: str
    say_first: Reason | None = None
    skips: int = 0
    is_calling: bool = False
    has_phone: bool = True


@dataclass(frozen=True, slots=True)
class CampaignView:
    """One campaign's live figures.

    Attributes:
        lines: attempts in flight now (permitted to ringing).
        talking: calls connected now.
        outcomes: ended attempts today, by outcome code.
        abandoned: people abandoned today.
        answered: people who answered today (connected or abandoned).
        calls_per_minute: attempts begun in the last 60 s.
        estimated_unseen_abandons: people hung up on today without being noticed, see ``abandon_rate``.
        dialing: how it dials.
        order: which lead is called first.
        held: why its leads wait while none is due; empty while one is due, and when none is left.
    """

    campaign_id: CampaignId
    name: str
    state: CampaignState
    leads: int
    waiting: int
    done: int
    lines: int
    talking: int
    outcomes: dict[str, int]
    abandoned: int
    answered: int
    dialing: DialingOptions
    calls_per_minute: int
    pace: Reason
    estimated_unseen_abandons: float = 0.0
    order: Reason = LIST_ORDER
    held: tuple[Held, ...] = ()

    @property
    def abandon_share(self) -> float:
        """The day's abandon rate, estimated unseen abandons included."""
        return abandon_rate(self.abandoned, self.answered - self.abandoned, self.estimated_unseen_abandons)


@dataclass(frozen=True, slots=True)
class LinkView:
    """A connection the controller depends on (pbx, gate)."""

    node: str
    is_connected: bool


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An open incident: its kind, its subject, and the message of its finder."""

    kind: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class FloorView:
    """Everything the floor page and the terminal board draw.

    Attributes:
        version: grows with every change.
        blocked: why no call may leave the site, None when one may.
        results_due: ended conversations without a result.
        repeated: people with one more callback on the same day, for a supervisor to check.
    """

    version: int
    at: datetime
    seats: tuple[SeatView, ...]
    campaigns: tuple[CampaignView, ...]
    links: tuple[LinkView, ...]
    incidents: tuple[IncidentView, ...]
    locks: tuple[Lock, ...] = ()
    blocked: Reason | None = None
    results_due: int = 0
    repeated: tuple[Reason, ...] = ()
