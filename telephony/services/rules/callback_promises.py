"""Checks whether a callback may be promised for a time, under the law and the site's own rules.

``telephony.domain.law.promises`` decides; this module reads the facts for it. The store keeps the callback. The dialer
makes the call and checks every rule again.
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
    """A callback may not be promised for that time; nothing was stored."""


class Promises:
    """Checks times for callbacks; ``timezone`` is the site's, IANA."""

    def __init__(self, store: Store, clock: Clock, policy: DialingPolicy, timezone: str) -> None:
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
        """Check a time for a callback promised during a call; CallbackError says why it is refused."""
        attempt = await self._store.attempts.get(attempt_id)
        return await self.check(attempt.lead_id, at, made_in=attempt_id)

    async def check(
        self, lead_id: LeadId, at: datetime, *, made_in: AttemptId | None = None, moved: CallbackId | None = None
    ) -> Bounds | None:
        """Check a time for a callback to this person.

        Args:
            lead_id: whom to call back.
            at: aware UTC.
            made_in: the call in which it is promised; a callback promised earlier in the same call is replaced.
            moved: the callback that is moved.

        Returns:
            The check for the store to repeat when it stores the callback: another may have been promised since.

        Raises:
            CallbackError: the reason, and the next time that is allowed.
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
                raise CallbackError(self._reason(standing, refusal))

        return bounds

    def _reason(self, standing: Standing, refusal: LawRefusal) -> Reason:
        zones = place_of(standing.number, standing.terms.zone).zones
        if refusal.until is None:
            return refusal.reason
        return Reason(
            "law.no.callback_next",
            why=refusal.reason,
            at=refusal.until.astimezone(clock_of(zones[0] if zones else self._timezone)),
        )
