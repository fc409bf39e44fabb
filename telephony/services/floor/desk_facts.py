"""The facts that every desk shows: links, whether recordings grow, whether a call can arrive."""

from typing import Final

from telephony.domain.floor.operator_desk import SiteFacts
from telephony.domain.text.reason import Reason
from telephony.services.dialing.lead_feed import LeadFeed
from telephony.services.floor.mode_router import ModeRouter
from telephony.services.floor.site_status import SiteStatus
from telephony.services.security.watch import Watch

NOTHING_RUNS: Final = Reason("blocked.no_campaign")


class DeskFacts:
    """Reads the facts for every desk of the site.

    Args:
        site: the links, and whether anything may be dialled.
        watch: the state of the recordings at the gate.
        calls: the campaigns whose calls arrive without an action of the operator.
        leads: the campaigns whose leads are offered for preview.
        modes: why a campaign dials as it does.
    """

    def __init__(
        self,
        site: SiteStatus,
        watch: Watch,
        calls: LeadFeed,
        leads: LeadFeed,
        modes: ModeRouter,
    ) -> None:
        self._site = site
        self._watch = watch
        self._calls = calls
        self._leads = leads
        self._modes = modes

    def read(self) -> SiteFacts:
        """Return the current facts."""
        lost = tuple(link.node for link in self._site.links() if not link.is_connected)
        nothing_comes = self._site.blocked()
        has_calls = _has_any(self._calls)
        if nothing_comes is None and not has_calls and not _has_any(self._leads):
            running = [*self._calls.running.values(), *self._leads.running.values()]
            nothing_comes = self._modes.reason(running[0]) if running else NOTHING_RUNS
        return SiteFacts(lost, self._watch.proved_age_s, nothing_comes, is_lead=not has_calls)


def _has_any(feed: LeadFeed) -> bool:
    return any(feed.may_call(campaign_id) for campaign_id in feed.running)
