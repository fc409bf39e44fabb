"""The facts behind what every desk says: links, whether recordings grow, whether a call can come at all."""

from collections.abc import Callable
from typing import Final

from telephony.domain.desk import SiteFacts
from telephony.domain.floor import PaceReason
from telephony.ids import CampaignId
from telephony.services.lead_feed import LeadFeed
from telephony.services.readiness import Readiness
from telephony.services.watch import Watch

NOTHING_RUNS: Final = PaceReason(
    fr="Aucune campagne n’est en cours\u202f: aucun appel n’arrive.", en="No campaign is running: no call comes."
)


class DeskFacts:
    """Reads them."""

    def __init__(
        self,
        readiness: Readiness,
        watch: Watch,
        calls: LeadFeed,
        leads: LeadFeed,
        reason: Callable[[CampaignId], PaceReason],
    ) -> None:
        """Keep the parts.

        Args:
            readiness: the links, and whether anything may be dialled.
            watch: what the gate says of recordings.
            calls: campaigns whose calls come by themselves.
            leads: campaigns whose leads come by themselves, to be read first.
            reason: why a campaign dials as it does.
        """
        self._readiness = readiness
        self._watch = watch
        self._calls = calls
        self._leads = leads
        self._reason = reason

    def read(self) -> SiteFacts:
        """Return what holds now."""
        lost = tuple(link.node for link in self._readiness.links() if not link.is_connected)
        nothing_comes = self._readiness.why_not()
        has_calls = _has_any(self._calls)
        if nothing_comes is None and not has_calls and not _has_any(self._leads):
            running = [*self._calls.running, *self._leads.running]
            nothing_comes = self._reason(running[0]) if running else NOTHING_RUNS
        return SiteFacts(lost, self._watch.proved_age_s, nothing_comes, is_lead=not has_calls)


def _has_any(feed: LeadFeed) -> bool:
    return any(feed.may_call(campaign_id) for campaign_id in feed.running)
