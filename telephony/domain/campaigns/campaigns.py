"""Campaigns: what is dialled, for whom, under which caller ID; and which state may follow which.

How a campaign dials is in ``dialing_options``; choosing leads and pacing are left to ``pacing`` and the dialer service.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from telephony.domain.campaigns.dialing_options import DialingOptions
from telephony.domain.law.basis import CampaignKind, Sector
from telephony.domain.leads.retries import ONCE, USUAL_PLAN, RetryPlan
from telephony.domain.trunks.routes import Route
from telephony.ids import CampaignId


class CampaignState(StrEnum):
    """State of a campaign; only ``RUNNING`` dials."""

    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


MAY_FOLLOW: Final[dict[CampaignState, frozenset[CampaignState]]] = {
    CampaignState.READY: frozenset({CampaignState.RUNNING, CampaignState.STOPPED}),
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED, CampaignState.STOPPED}),
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING, CampaignState.STOPPED}),
    CampaignState.STOPPED: frozenset(),
}
"""Stopped is permanent: the leads of a stopped campaign are never dialled again."""


@dataclass(frozen=True, slots=True)
class CampaignWish:
    """A campaign manager's request for a campaign; what is left out takes the value of the settings, or the usual one.

    Attributes:
        name: unique, 1-80 characters.
        client_company: the company called for.
        kind: legal kind.
        caller_id: E.164 without plus; None: the trunk's first.
        trunk: name of a trunk, or ``NAME:CALLER_ID``; None: the first of the settings.
        more_trunks: further trunks in order, each ``NAME`` or ``NAME:CALLER_ID``.
        shares: weight of each trunk, in the same order; empty: the next trunk is used when one fails.
        sector: what it sells, where the law has a specific rule for it.
        plan: when its leads are tried again.
        options: how it dials, by key of ``dialing_options.OPTIONS``.
    """

    name: str
    client_company: str
    kind: CampaignKind
    caller_id: str | None = None
    trunk: str | None = None
    more_trunks: Sequence[str] = ()
    shares: Sequence[int] = ()
    sector: Sector = Sector.GENERAL
    plan: RetryPlan = USUAL_PLAN
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """A campaign to create.

    Attributes:
        name: unique.
        client_company: the company called for; frequency rules count per company.
        routes: in order, at least one.
        dialing: how it dials.
        wrap_up_s: seconds shown for choosing a result.
        plan: when its leads are tried again.
        sector: what it sells, where the law has a specific rule for it.
    """

    name: str
    client_company: str
    kind: CampaignKind
    routes: tuple[Route, ...]
    dialing: DialingOptions
    wrap_up_s: int
    created_at: datetime
    plan: RetryPlan = ONCE
    sector: Sector = Sector.GENERAL


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as stored; ``NewCampaign`` describes each value."""

    campaign_id: CampaignId
    name: str
    client_company: str
    kind: CampaignKind
    state: CampaignState
    routes: tuple[Route, ...]
    dialing: DialingOptions
    wrap_up_s: int
    created_at: datetime
    sector: Sector = Sector.GENERAL

    @property
    def trunk(self) -> str:
        """The trunk of its first route."""
        return self.routes[0].trunk

    @property
    def caller_id(self) -> str:
        """The caller ID of its first route."""
        return self.routes[0].caller_id

    def may_show(self, trunk: str, caller_id: str) -> bool:
        """Return True if one of the campaign's routes has this trunk and this caller ID."""
        return any((route.trunk, route.caller_id) == (trunk, caller_id) for route in self.routes)

    def having(self, options: Mapping[str, object], routes: Sequence[Route] = ()) -> Self:
        """Return the campaign with other options, by key, and other routes; what is not given stays.

        Raises:
            InputError: an option is unknown, may not be changed, or its value is not possible.
        """
        return replace(self, dialing=self.dialing.having(options), routes=tuple(routes) or self.routes)


def difference(before: Campaign, after: Campaign) -> dict[str, str]:
    """Return which options and routes differ, as the ledger stores them: JSON ``from`` and ``to``; {} when none do."""
    was, now = _as_data(before), _as_data(after)
    names = [name for name in now if was[name] != now[name]]
    if not names:
        return {}
    return {"from": _json({name: was[name] for name in names}), "to": _json({name: now[name] for name in names})}


def _as_data(campaign: Campaign) -> dict[str, object]:
    return {"routes": [list(astuple(route)) for route in campaign.routes], **asdict(campaign.dialing)}


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class AnsweredCounts:
    """Attempts of one campaign since a given time: all, connected, abandoned, and those that may hide people.

    Attributes:
        machines: calls with the AMD verdict "machine", some of which were people.
        withdrawn: calls cancelled while they rang, some just as a person picked up.
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
        done: leads that are not tried any more, including those refused by a rule.
        outcomes: ended attempts by outcome code, see ``telephony.domain.calls.outcomes``.
        results: results chosen by operators, by code.
    """

    leads: int
    waiting: int
    in_progress: int
    done: int
    outcomes: dict[str, int]
    results: dict[str, int]
