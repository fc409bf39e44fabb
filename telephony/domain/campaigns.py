"""Campaigns: what is dialled, for whom, under which caller ID; and which state may follow which.

Choosing leads and pacing are left to ``pacing`` and the dialer service.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from telephony.domain.law.basis import Sector
from telephony.domain.retries import ONCE, USUAL_PLAN, RetryPlan
from telephony.domain.talk import NameShown
from telephony.domain.trunks import Route
from telephony.ids import CampaignId

USUAL_POWER: Final = 15
"""Calls per free operator in power mode, in tenths, until somebody says otherwise."""


class CampaignState(StrEnum):
    """Where a campaign stands; only ``RUNNING`` dials."""

    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class CampaignKind(StrEnum):
    """The legal kind, which decides the rules that apply (RULES: France, B2B)."""

    SURVEY = "survey"
    CONTRACT = "existing_contract"
    CONSUMER = "consumer_prospecting"
    B2B = "b2b"


class DialMode(StrEnum):
    """How its calls are paced; may change while it runs."""

    PREVIEW = "preview"
    """An operator sees the lead and presses call."""
    PROGRESSIVE = "progressive"
    """One call per free operator."""
    POWER = "power"
    """A fixed number of calls per free operator, as far as the abandon cap allows."""
    PREDICTIVE = "predictive"
    """Ahead of operators coming free, as far as the abandon cap allows."""


class CallOrder(StrEnum):
    """Which lead of a list is called first; may change while it runs. Callbacks, priorities and shares hold in both."""

    LIST = "list"
    """Those that come back, by their moment, then the file's order."""
    LEARNED = "learned"
    """Who is likely to answer now, and not much likelier at an hour to come, as the campaign's own calls tell."""


MAY_FOLLOW: Final[dict[CampaignState, frozenset[CampaignState]]] = {
    CampaignState.READY: frozenset({CampaignState.RUNNING, CampaignState.STOPPED}),
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED, CampaignState.STOPPED}),
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING, CampaignState.STOPPED}),
    CampaignState.STOPPED: frozenset(),
}
"""Stopped is for good: a stopped campaign's leads are never dialled again."""


@dataclass(frozen=True, slots=True)
class CampaignWish:
    """What a campaign manager asks for; what is left out is as the settings, or most campaigns, have it.

    Attributes:
        name: unique, 1-80 characters.
        client_company: the company called for.
        kind: legal kind.
        caller_id: E.164 without plus; None: the trunk's first.
        trunk: name of a trunk, or ``NAME:CALLER_ID``; None: the first of the settings.
        more_trunks: further trunks in order, each ``NAME`` or ``NAME:CALLER_ID``.
        shares: weight of each trunk, the first one's first; empty: the next is taken when one fails.
        abandon_cap: share per day, 0 to 0.03; None: as the settings say.
        sector: what it sells, where the law has a rule of its own for it.
        plan: when its leads are tried again.
        mode: how its calls are paced.
        call_order: which of its leads are called first.
        ratio: calls per free operator in power mode, 1.0 to 3.0 in tenths; None: 1.5.
        detects_machines: tell answering machines from people, at the price of up to 1.7 s of silence for a person.
        withdraw_after_s: hang dials up that rang so long in vain, 15 to 60; 0: never.
        shown_name: how much of the called person's name operators see.
        first_sentence: what operators say first, shown at the desk; ``{operator}`` and ``{company}`` are filled in.
    """

    name: str
    client_company: str
    kind: CampaignKind
    caller_id: str | None = None
    trunk: str | None = None
    more_trunks: Sequence[str] = ()
    shares: Sequence[int] = ()
    abandon_cap: float | None = None
    sector: Sector = Sector.GENERAL
    plan: RetryPlan = USUAL_PLAN
    mode: DialMode = DialMode.PROGRESSIVE
    call_order: CallOrder = CallOrder.LIST
    ratio: float | None = None
    detects_machines: bool = False
    withdraw_after_s: int = 0
    shown_name: NameShown = NameShown.FULL
    first_sentence: str = ""


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """A campaign to create.

    The first way out stands in ``trunk``, ``caller_id`` and ``trunk_share``, the others in ``more_routes``.

    Attributes:
        name: unique, as people say it.
        client_company: the company called for; frequency rules count per company.
        caller_id: E.164 without plus; one of the trunk's allowed ones.
        trunk: name of the trunk in the settings.
        abandon_cap: share of answered calls that may be abandoned per day, 0 to 0.03.
        wrap_up_s: seconds shown for choosing a result.
        plan: when its leads are tried again.
        trunk_share: weight of ``trunk``; 0 there and in ``more_routes``: in order.
        more_routes: further ways out, in order.
        detects_machines: answered calls are listened to for an answering machine before an operator is asked for.
        sector: what it sells, where the law has a rule of its own for it.
        mode: how its calls are paced.
        call_order: which lead is called first.
        power_tenths: calls per free operator in power mode, in tenths: 10 to 30.
        withdraw_after_s: seconds after which a dial that rings in vain may be hung up, 15 to 60; 0: never.
        shown_name: how much of the called person's name operators see.
        first_sentence: what operators say first, or "".
    """

    name: str
    client_company: str
    kind: CampaignKind
    caller_id: str
    trunk: str
    abandon_cap: float
    wrap_up_s: int
    created_at: datetime
    plan: RetryPlan = ONCE
    trunk_share: int = 0
    more_routes: tuple[Route, ...] = ()
    detects_machines: bool = False
    sector: Sector = Sector.GENERAL
    mode: DialMode = DialMode.PROGRESSIVE
    power_tenths: int = USUAL_POWER
    withdraw_after_s: int = 0
    call_order: CallOrder = CallOrder.LIST
    shown_name: NameShown = NameShown.FULL
    first_sentence: str = ""


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as stored; ``NewCampaign`` says what each value is."""

    campaign_id: CampaignId
    name: str
    client_company: str
    kind: CampaignKind
    state: CampaignState
    caller_id: str
    trunk: str
    abandon_cap: float
    wrap_up_s: int
    created_at: datetime
    trunk_share: int = 0
    more_routes: tuple[Route, ...] = ()
    detects_machines: bool = False
    sector: Sector = Sector.GENERAL
    mode: DialMode = DialMode.PROGRESSIVE
    power_tenths: int = USUAL_POWER
    withdraw_after_s: int = 0
    call_order: CallOrder = CallOrder.LIST
    shown_name: NameShown = NameShown.FULL
    first_sentence: str = ""

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every way out, in the campaign's order."""
        return (Route(self.trunk, self.caller_id, self.trunk_share), *self.more_routes)

    def may_show(self, trunk: str, caller_id: str) -> bool:
        """Tell whether this caller ID is the campaign's on that trunk."""
        return any((route.trunk, route.caller_id) == (trunk, caller_id) for route in self.routes)


@dataclass(frozen=True, slots=True)
class AnsweredCounts:
    """Attempts of one campaign since a moment: all, connected, abandoned, and those that may hide people.

    Attributes:
        machines: taken for machines, some of which were people.
        withdrawn: hung up while they rang, just as some people picked up.
    """

    dials: int
    connected: int
    abandoned: int
    machines: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class CampaignProgress:
    """Counts of one campaign, all its lists together.

    Attributes:
        leads: leads loaded.
        waiting: leads to be tried, for the first time or again, now or later.
        in_progress: leads with an attempt that has not ended.
        done: leads that are not tried any more, those refused by a rule among them.
        outcomes: ended attempts by outcome word, see ``telephony.domain.outcomes``.
        results: results chosen by operators, by word.
    """

    leads: int
    waiting: int
    in_progress: int
    done: int
    outcomes: dict[str, int]
    results: dict[str, int]
