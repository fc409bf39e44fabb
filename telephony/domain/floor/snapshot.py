"""What the floor shows: one immutable picture of seats, campaigns and links, made by the floor service.

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
    """One tile.

    Attributes:
        operator: the work name or "".
        since_at: when the state began.
        skips: leads skipped within the last hour, people they know not counted.
        is_calling: they pressed call and nobody has answered yet.
        has_phone: its phone is in its conference.
        say_first: what the law asks the operator to say at the start of this call, None when it asks nothing.
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
        outcomes: ended attempts today, by outcome word.
        abandoned: people abandoned today.
        answered: people who answered today (connected or abandoned).
        calls_per_minute: attempts begun in the last 60 s.
        estimated_unseen_abandons: people hung up on today without anybody knowing, see ``abandon_rate``.
        dialing: how it dials.
        order: which lead is called first.
        held: what holds its leads back while nobody is due; empty while somebody is, and when nobody is left.
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
        """The day's abandoned rate, people hung up on unseen included."""
        return abandon_rate(self.abandoned, self.answered - self.abandoned, self.estimated_unseen_abandons)


@dataclass(frozen=True, slots=True)
class LinkView:
    """A connection the controller depends on (pbx, gate)."""

    node: str
    is_connected: bool


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An open incident: what, of what, and the sentence of whoever found it."""

    kind: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class FloorView:
    """Everything the floor page and the terminal board draw.

    Attributes:
        version: grows with every change.
        blocked: why no call may leave the site at all, None when one may.
        results_due: ended conversations whose result nobody has given.
        repeated: people who wait for one more callback of the same day: for a supervisor to look at.
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
