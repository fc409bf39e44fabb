"""Keys: keeping allowances (``DtmfAllowances``, for commands) and letting single keys through (``DtmfPolicy``, live).

The seat's conference passes no key, ever. A key that an operator presses is heard as an event of the pbx; when the
campaign of the call they are in may use keys, the desk writes it down and plays that one key on the called person's
leg. The gate lets it pass on the trunk only if it said so when the permit was used. Keys that are not allowed stay an
incident, which is the tripwire's.
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

LOOK_S: Final = 0.5
"""Seconds between looks: an allowance taken back on the command line ends within half a second."""
_BEGINNING: Final = "0"
"""Stands for a key at its beginning, when nobody can know yet which it is."""


class DtmfAllowances:
    """Asks, approves and takes back."""

    def __init__(self, store: DtmfStore, clock: Clock) -> None:
        """Keep the parts."""
        self._store = store
        self._clock = clock

    async def ask(
        self, campaign_id: CampaignId, *, reason: str, by: str, most: int = MOST, until: datetime | None = None
    ) -> DtmfAllowance:
        """Ask for keys in a campaign's calls; they pass once a second person has approved it.

        Raises:
            InputError: no reason, a telephone number in it, or too many keys.
            ConflictError: the campaign has an allowance already.
        """
        wish = NewDtmfAllowance(campaign_id, reason_of(reason), by, most, until)
        return await self._store.ask(wish, self._clock.now())

    async def approve(self, campaign_id: CampaignId, who: Account) -> DtmfAllowance:
        """Let keys pass, as the second person; InputError without the right, ConflictError for one's own."""
        refuse_without_right(who)
        return await self._store.approve(campaign_id, who.username, self._clock.now())

    async def deny(self, campaign_id: CampaignId, *, reason: str, by: str) -> DtmfAllowance:
        """Let no key of a campaign pass from now on; needs nobody else."""
        return await self._store.deny(campaign_id, by, reason_of(reason), self._clock.now())

    async def standing(self) -> Sequence[DtmfAllowance]:
        """Return those that are not taken back, oldest first."""
        return await self._store.standing()


@dataclass(frozen=True, slots=True)
class _Key:
    attempt_id: AttemptId
    note: LedgerNote
    key: str


class DtmfPolicy:
    """Decides about keys of running calls, and plays those that may pass, in order."""

    def __init__(self, store: DtmfStore, ledger: LedgerStore, switch: Switch, tracker: Tracker, clock: Clock) -> None:
        """Begin with nothing allowed; ``run`` reads what is."""
        self._store = store
        self._ledger = ledger
        self._switch = switch
        self._tracker = tracker
        self._clock = clock
        self._allowances: dict[CampaignId, DtmfAllowance] = {}
        self._keys: asyncio.Queue[_Key] = asyncio.Queue()

    def allows(self, campaign_id: CampaignId) -> bool:
        """Tell whether keys may pass in this campaign's calls now: what the gate is told with the verdict."""
        allowance = self._allowances.get(campaign_id)
        return allowance is not None and allowance.is_in_force(self._clock.now())

    def take(self, seat: Seat, fact: DtmfPressed) -> str | None:
        """Take a key pressed at a seat; return the rule that stops it, None when it may pass or has only begun."""
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
        self._keys.put_nowait(_Key(attempt.attempt_id, note, fact.key))
        return None

    async def look(self) -> None:
        """Read what is allowed now; while the database cannot be read, nothing is."""
        try:
            self._allowances = {allowance.asked.campaign_id: allowance for allowance in await self._store.standing()}
        except StoreError:
            self._allowances = {}
            raise

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                log.error("keys_unread", reason=str(error))
            await asyncio.sleep(LOOK_S)

    async def play(self) -> None:
        """Write down and play what was taken, one key after the other, until cancelled."""
        while True:
            key = await self._keys.get()
            try:
                await self._ledger.enter([key.note])
                await self._switch.play_key(ChannelId(key.attempt_id), key.key)
            except (StoreError, SwitchError) as error:
                log.error("key_not_played", attempt=key.attempt_id, reason=str(error))
