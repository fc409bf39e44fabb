"""May a call leave now? One fixed order of checks; people read the reason of the first check that blocks (I3).

The dialer, the preview loop, the lead feed, the floor and the gate ask here and nowhere else. A missing check is an
error of the program and is found when the parts are wired, so a forgotten check never allows a call.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Protocol

from telephony.domain.campaigns.campaigns import Campaign, CampaignState
from telephony.domain.text.reason import Reason

NOT_RUNNING: Final = Reason("pace.not_running")


class Blocker(StrEnum):
    """What may keep calls from leaving, in the order of the checks."""

    LINKS = "links"
    RECORDER = "recorder"
    SINGLE_CONTROLLER = "single_controller"
    WATCH = "watch"
    LIVENESS = "liveness"
    DATABASE = "database"
    LOCK = "lock"
    RUNNING = "running"
    CARRIERS = "carriers"
    HOLDS = "holds"


SITE: Final = (
    Blocker.LINKS,
    Blocker.RECORDER,
    Blocker.SINGLE_CONTROLLER,
    Blocker.WATCH,
    Blocker.LIVENESS,
    Blocker.DATABASE,
)
"""Checks of the whole site: each of them blocks every call."""
CAMPAIGN: Final = (Blocker.LOCK, Blocker.RUNNING, Blocker.CARRIERS, Blocker.HOLDS)
"""Checks of one campaign, made after those of the site."""


class SiteCheck(Protocol):
    """Something every call needs."""

    def blocking_reason(self) -> Reason | None:
        """Return why no call may leave, or None."""


class CampaignCheck(Protocol):
    """Something a campaign's calls need."""

    def blocking_reason(self, campaign: Campaign) -> Reason | None:
        """Return why no call of the campaign may leave, or None."""


class Running:
    """A campaign's calls leave only while it runs."""

    def blocking_reason(self, campaign: Campaign) -> Reason | None:
        """Return that it does not run, or None."""
        return None if campaign.state is CampaignState.RUNNING else NOT_RUNNING


class Blockers:
    """Every check, in order."""

    def __init__(self, site: Mapping[Blocker, SiteCheck], campaign: Mapping[Blocker, CampaignCheck]) -> None:
        """Require exactly the checks of ``SITE`` and ``CAMPAIGN``.

        Raises:
            ValueError: one is missing, or one is unknown.
        """
        if site.keys() != set(SITE) or campaign.keys() != set(CAMPAIGN):
            given = sorted([*site, *campaign])
            raise ValueError(f"blockers need every check of {[*SITE, *CAMPAIGN]} and no other, not {given}")
        self._site = tuple(site[blocker] for blocker in SITE)
        self._campaign = tuple((blocker, campaign[blocker]) for blocker in CAMPAIGN)
        self._by_name = dict(site)

    def site(self) -> Reason | None:
        """Return why no call at all may leave now, or None."""
        reasons = (check.blocking_reason() for check in self._site)
        return next((reason for reason in reasons if reason is not None), None)

    def campaign(self, campaign: Campaign) -> Reason | None:
        """Return why no call of a campaign may leave now although the site's calls may, or None."""
        reasons = (check.blocking_reason(campaign) for _, check in self._campaign)
        return next((reason for reason in reasons if reason is not None), None)

    def call(self, campaign: Campaign) -> Reason | None:
        """Return why no call of a campaign may leave now, for the site's reasons or its own, or None."""
        return self.site() or self.campaign(campaign)

    def blocking(self, campaign: Campaign) -> Mapping[Blocker, Reason]:
        """Return every check that blocks a campaign's calls now, in order, with its reason."""
        reasons = {blocker: self._by_name[blocker].blocking_reason() for blocker in SITE}
        reasons |= {blocker: check.blocking_reason(campaign) for blocker, check in self._campaign}
        return {blocker: reason for blocker, reason in reasons.items() if reason is not None}
