"""DTMF: managing allowances (``DtmfAllowances``, for commands) and passing single digits (``DtmfPolicy``, live).

The seat's conference never passes DTMF. A digit that an operator presses arrives as an event of the pbx. If the call's
campaign has an allowance, the digit is entered in the ledger and played on the called person's leg. The gate passes it
on the trunk only if the verdict on the permit allowed it. The tripwire opens an incident for other digits.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from telephony.domain.accounts import Account
from telephony.domain.calls.events import KeyPassed
from telephony.domain.calls.operators import OperatorState
from telephony.domain.evidence.ledger import LedgerNote
from telephony.domain.ledger_reason import reason_of
from telephony.domain.security.dtmf import MOST, DtmfAllowance, NewDtmfAllowance, refusal
from telephony.errors import StoreError, SwitchError
from telephony.ids import AttemptId, CampaignId, ChannelId
from telephony.ports.calls.switch import DtmfPressed, Switch
from telephony.ports.clock import Clock
from telephony.ports.evidence.ledger import LedgerStore
from telephony.ports.security.dtmf import DtmfStore
from telephony.services.calls.seats import Seat
from telephony.services.calls.tracker import Tracker
from telephony.services.rules.second_person import refuse_without_right

log = structlog.get_logger(__name__)

POLL_S: Final = 0.5
"""Seconds between polls: an allowance that is denied on the command line ends within half a second."""
_BEGINNING: Final = "0"
"""Replaces a digit at its beginning, when it is not known yet which one it is."""


class DtmfAllowances:
    """Requests, approves and denies allowances."""

    def __init__(self, store: DtmfStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def ask(
        self, campaign_id: CampaignId, *, reason: str, by: str, most: int = MOST, until: datetime | None = None
    ) -> DtmfAllowance:
        """Request DTMF for a campaign's calls; it passes once a second person has approved.

        Raises:
            InputError: no reason, a telephone number in it, or too many digits.
            ConflictError: the campaign has an allowance already.
        """
        wish = NewDtmfAllowance(campaign_id, reason_of(reason), by, most, until)
        return await self._store.ask(wish, self._clock.now())

    async def approve(self, campaign_id: CampaignId, who: Account) -> DtmfAllowance:
        """Approve a request as the second person; InputError without the right, ConflictError for their own."""
        refuse_without_right(who)
        return await self._store.approve(campaign_id, who.username, self._clock.now())

    async def deny(self, campaign_id: CampaignId, *, reason: str, by: str) -> DtmfAllowance:
        """Stop DTMF in a campaign's calls from now on; no second person is needed."""
        return await self._store.deny(campaign_id, by, reason_of(reason), self._clock.now())

    async def standing(self) -> Sequence[DtmfAllowance]:
        """Return the allowances that are not denied, oldest first."""
        return await self._store.standing()


@dataclass(frozen=True, slots=True)
class _PressedKey:
    attempt_id: AttemptId
    note: LedgerNote
    key: str


class DtmfPolicy:
    """Decides about the digits pressed in live calls, and plays the allowed ones in order."""

    def __init__(self, store: DtmfStore, ledger: LedgerStore, switch: Switch, tracker: Tracker, clock: Clock) -> None:
        self._store = store
        self._ledger = ledger
        self._switch = switch
        self._tracker = tracker
        self._clock = clock
        self._allowances: dict[CampaignId, DtmfAllowance] = {}
        self._pressed: asyncio.Queue[_PressedKey] = asyncio.Queue()

    def allows(self, campaign_id: CampaignId) -> bool:
        """Return True if DTMF may pass in this campaign's calls now; the gate gets it with the verdict."""
        allowance = self._allowances.get(campaign_id)
        return allowance is not None and allowance.is_in_force(self._clock.now())

    def take(self, seat: Seat, fact: DtmfPressed) -> str | None:
        """Handle a digit pressed at a seat; return the rule that refuses it, None when it passes or has only begun."""
        call = self._tracker.call(seat.row.attempt_id) if seat.row.attempt_id is not None else None
        if call is None or seat.state is not OperatorState.TALKING or call.customer_gone_at is not None:
            return "keys_not_allowed"
        attempt, now = call.attempt, self._clock.now()
        allowance = self._allowances.get(attempt.campaign_id)
        rule = refusal(allowance, fact.key or _BEGINNING, call.keys_passed, now)
        if rule or allowance is None or not fact.key:
            return rule
        self._tracker.record_event(attempt.attempt_id, KeyPassed(now, fact.key))
        body = {"campaign": attempt.campaign_id, "seat": seat.row.seat, "allowance": allowance.allowance_id}
        note = LedgerNote("key_passed", attempt.attempt_id, body, now)
        self._pressed.put_nowait(_PressedKey(attempt.attempt_id, note, fact.key))
        return None

    async def look(self) -> None:
        """Read the allowances; while the database cannot be read, nothing is allowed."""
        try:
            self._allowances = {allowance.request.campaign_id: allowance for allowance in await self._store.standing()}
        except StoreError:
            self._allowances = {}
            raise

    async def run(self) -> None:
        """Read the allowances until cancelled."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                log.error("dtmf_allowances_unreadable", reason=str(error))
            await asyncio.sleep(POLL_S)

    async def play(self) -> None:
        """Enter and play the accepted digits, one after the other, until cancelled."""
        while True:
            pressed = await self._pressed.get()
            try:
                await self._ledger.enter([pressed.note])
                await self._switch.play_key(ChannelId(pressed.attempt_id), pressed.key)
            except (StoreError, SwitchError) as error:
                log.error("dtmf_not_played", attempt=pressed.attempt_id, reason=str(error))
