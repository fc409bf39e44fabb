"""Exemptions from a rule of the law for a limited time: requested by one named person, approved by a second one.

The rule applies until the second person has approved. Ending an exemption takes effect at once and needs nobody else.
The rules are in ``telephony.domain.law``; the rights to approve are in ``telephony.domain.accounts``.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from telephony.domain.accounts import Account
from telephony.domain.law.provisions import DUTIES, PROMISES, Law
from telephony.domain.law.site import Exemption
from telephony.domain.ledger_reason import reason_of
from telephony.domain.text.visible import says_something
from telephony.errors import InputError
from telephony.ids import CampaignId
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.services.rules.second_person import refuse_without_right

LONGEST: Final = timedelta(days=31)
"""An exemption is for one event; for a longer time it is requested again."""


class Exemptions:
    """Exemptions from the law."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def ask(
        self,
        law: Law,
        *,
        campaign_id: CampaignId | None,
        valid_from: datetime | None,
        valid_until: datetime,
        by: str,
        reason: str,
    ) -> Exemption:
        """Request an exemption from a rule; the rule applies until ``approve``.

        Args:
            law: the rule.
            campaign_id: the campaign whose calls are exempt; None for every campaign of the site.
            valid_from: aware; now when None.
            valid_until: aware, the time from which the rule applies again.
            by: the person responsible for the request.
            reason: why; it goes into the ledger.

        Raises:
            InputError: a value is not possible; the message names it.
        """
        now = self._clock.now()
        begins = valid_from or now
        if law in DUTIES:
            raise InputError(f"{law} is a duty that the dialer does not check: it has no exemption")
        if law in PROMISES:
            raise InputError(f"{law} limits what may be promised to people: it has no exemption")
        if not says_something(by):
            raise InputError("an exemption is requested by a named person: give --by")
        if valid_until <= max(begins, now):
            raise InputError("an exemption must end after it begins, and in the future: give another --until")
        if valid_until - begins > LONGEST:
            raise InputError(f"an exemption lasts at most {LONGEST.days} days: request it again when it ends")
        why = reason_of(reason)
        return await self._store.law.ask_exemption(law, campaign_id, begins, valid_until, by.strip(), why, now)

    async def approve(self, exemption_id: int, who: Account) -> Exemption:
        """Approve an exemption as the second person.

        Raises:
            InputError: the role may not approve.
            ConflictError: they requested it themselves, or it does not wait for approval.
        """
        refuse_without_right(who)
        return await self._store.law.approve_exemption(exemption_id, who.username, self._clock.now())

    async def end(self, exemption_id: int, by: str) -> Exemption:
        """End an exemption: the rule applies again at once."""
        return await self._store.law.end_exemption(exemption_id, by, self._clock.now())

    async def all(self) -> Sequence[Exemption]:
        """Return all exemptions, oldest first."""
        return await self._store.law.exemptions()
