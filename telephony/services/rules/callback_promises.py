"""Promising a callback: at a moment the law and the site's own rules allow, or a sentence with the next one that does.

What is allowed is decided by ``telephony.domain.law.promises``; here its facts are read. Keeping the callback is left
to the store, making the call to the dialer, which decides every rule again.
"""

from collections.abc import Sequence
from datetime import datetime

from telephony.domain.law.calling_zone import CallingZone
from telephony.domain.law.facts import DialingPolicy
from telephony.domain.law.places import clock as clock_of
from telephony.domain.law.places import own_zone, place_of
from telephony.domain.law.promises import promise_refusal
from telephony.domain.law.verdict import LawRefusal
from telephony.domain.leads.callbacks import Bounds, other_moments
from telephony.domain.text.reason import Reason, ReasonError
from telephony.ids import AttemptId, CallbackId, LeadId
from telephony.ports.clock import Clock
from telephony.ports.rules.whitelist import Standing
from telephony.ports.store import Store
from telephony.services.rules.facts import guaranteed, law_facts


class CallbackError(ReasonError):
    """A callback may not be promised for that moment; nothing was kept."""


class Promises:
    """Says for which moments callbacks may be promised."""

    def __init__(self, store: Store, clock: Clock, policy: DialingPolicy, timezone: str) -> None:
        """Keep the parts; ``timezone`` is the site's, IANA."""
        self._store = store
        self._clock = clock
        self._policy = guaranteed(policy)
        self._timezone = timezone

    async def zone_in(self, attempt_id: AttemptId) -> str:
        """Return the zone in which a time was agreed in a call: the called person's."""
        attempt = await self._store.attempts.get(attempt_id)
        lead = await self._store.leads.get(attempt.lead_id)
        return own_zone(attempt.number, CallingZone.read(lead.clock).zone, self._timezone)

    async def check_in(self, attempt_id: AttemptId, at: datetime) -> Bounds | None:
        """Refuse a moment for which the person of a call may not be promised another one; CallbackError says why."""
        attempt = await self._store.attempts.get(attempt_id)
        return await self.check(attempt.lead_id, at, made_in=attempt_id)

    async def check(
        self, lead_id: LeadId, at: datetime, *, made_in: AttemptId | None = None, moved: CallbackId | None = None
    ) -> Bounds | None:
        """Refuse a moment for which this person may not be promised a call.

        Args:
            lead_id: whom.
            at: aware UTC.
            made_in: the call in which it is promised: what was promised in it before is replaced.
            moved: the callback that is moved.

        Returns:
            What the store asks once more as it keeps the callback: another may have been promised since.

        Raises:
            CallbackError: why not, and the next moment that would do.
        """
        standing = (await self._store.whitelist.standing([lead_id])).get(lead_id)
        if standing is None:
            return None
        bounds = self._bounds(standing, at)
        bounds(other_moments(await self._store.callbacks.of_person(lead_id), made_in=made_in, moved=moved))
        return bounds

    def _bounds(self, standing: Standing, at: datetime) -> Bounds:
        facts = law_facts(standing, standing.campaign, standing.number, standing.campaign.caller_id, self._policy)
        now = self._clock.now()

        def bounds(promised: Sequence[datetime]) -> None:
            refusal = promise_refusal(facts, at, now, promised, self._timezone)
            if refusal is not None:
                raise CallbackError(self._said(standing, refusal))

        return bounds

    def _said(self, standing: Standing, refusal: LawRefusal) -> Reason:
        zones = place_of(standing.number, standing.terms.zone).zones
        if refusal.until is None:
            return refusal.reason
        return Reason(
            "law.no.callback_next",
            why=refusal.reason,
            at=refusal.until.astimezone(clock_of(zones[0] if zones else self._timezone)),
        )
