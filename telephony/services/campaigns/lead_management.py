"""What campaign managers do with lists and leads: pausing, shares, recycling, callbacks, quotas, retry rules.

The values are checked here; the store writes the change with its ledger entry.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.leads.callbacks import Callback, CallbackState, read_moment
from telephony.domain.leads.leads import HIGHEST, LOWEST, Lead, LeadList
from telephony.domain.leads.quotas import MOST, Quota, read_cell
from telephony.domain.leads.retries import RetryPlan, plan_of
from telephony.domain.ledger_reason import reason_of
from telephony.errors import InputError
from telephony.ids import CallbackId, CampaignId, LeadId, ListId
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.services.rules.callback_promises import Promises

RECYCLABLE: Final = tuple(
    str(ending)
    for ending in (*Outcome, *Result)
    if ending not in (Outcome.INTERRUPTED, Outcome.REFUSED, Result.COMPLETE, Result.NO_MORE_CALLS)
)
"""Outcomes and results after which leads may be called again: not after a complete interview or a wish for no calls."""
MOST_SHARE: Final = 100


class LeadWork:
    """Changes lists and leads that are loaded; ``promises`` checks the times of callbacks."""

    def __init__(self, store: Store, clock: Clock, promises: Promises) -> None:
        self._store = store
        self._clock = clock
        self._promises = promises

    async def pause_list(self, list_id: ListId, by: str) -> LeadList:
        """Pause a list: its leads stay unchanged, and calls under way go on."""
        return await self._store.work.pause_list(list_id, by, self._clock.now())

    async def resume_list(self, list_id: ListId, by: str) -> LeadList:
        """Resume a paused list: its leads are called again."""
        return await self._store.work.resume_list(list_id, by, self._clock.now())

    async def mix(self, shares: Mapping[ListId, int], by: str) -> Sequence[LeadList]:
        """Set the shares of lists; InputError unless each is from 0 to 100."""
        for list_id, share in shares.items():
            if not 0 <= share <= MOST_SHARE:
                raise InputError(f"the share of list {list_id} must be a number from 0 to {MOST_SHARE}")
            await self._store.whitelist.get_list(list_id)
        now = self._clock.now()
        return [await self._store.work.set_share(list_id, share, by, now) for list_id, share in shares.items()]

    async def recycle(self, list_id: ListId, endings: Collection[str], by: str) -> int:
        """Make a list's finished leads with these endings callable again; return how many.

        Raises:
            InputError: an ending is unknown, or nobody is called again after it.
        """
        wrong = sorted(set(endings) - set(RECYCLABLE))
        if wrong or not endings:
            named = f"leads with the ending {wrong[0]} cannot be recycled" if wrong else "name an ending to recycle"
            raise InputError(f"{named}; there are: {', '.join(RECYCLABLE)}")
        return await self._store.work.recycle(list_id, endings, by, self._clock.now())

    async def reactivate(self, lead_id: LeadId, reason: str, by: str) -> Lead:
        """Make one finished or refused lead callable again."""
        return await self._store.work.reactivate(lead_id, reason_of(reason), by, self._clock.now())

    async def set_priority(self, lead_id: LeadId, priority: int, by: str) -> Lead:
        """Change how soon a lead is called; InputError unless it is from 0 to 9."""
        if not LOWEST <= priority <= HIGHEST:
            raise InputError(f"a priority is a number from {LOWEST} to {HIGHEST}, the higher called first")
        return await self._store.work.set_priority(lead_id, priority, by, self._clock.now())

    async def move_callback(self, callback_id: CallbackId, text: str, zone: str, by: str) -> Callback:
        """Move a callback to a time such as ``2026-11-24 14:30`` in a zone; InputError when it is not allowed."""
        now = self._clock.now()
        at = read_moment(text, zone, now)
        callback = await self._store.callbacks.get(callback_id)
        bounds = None
        if callback.state is CallbackState.OPEN:  # otherwise the store raises an error that names its state
            bounds = await self._promises.check(callback.lead_id, at, moved=callback_id)
        return await self._store.callbacks.move(callback_id, at, zone, by, now, bounds)

    async def cancel_callback(self, callback_id: CallbackId, by: str) -> Callback:
        """Cancel a callback."""
        return await self._store.callbacks.cancel(callback_id, by, self._clock.now())

    async def set_quota(
        self, campaign_id: CampaignId, values: Sequence[str], target: int, by: str
    ) -> tuple[Quota, int]:
        """Add a quota cell or change its target; return it, and how many of its closed leads were opened again."""
        if not 0 <= target <= MOST:
            raise InputError(f"a quota's target is a number from 0 to {MOST:,}")
        return await self._store.quotas.set(campaign_id, read_cell(values), target, by, self._clock.now())

    async def set_plan(self, campaign_id: CampaignId, data: Mapping[str, Any], by: str) -> RetryPlan:
        """Change a campaign's retry rules; InputError names the key that is wrong."""
        plan = plan_of(data)
        await self._store.campaigns.set_plan(campaign_id, plan, by, self._clock.now())
        return plan
