"""Ends calls that are no longer allowed, within seconds after a list or a rule was revoked.

The whitelist's version is read twice a second. When it has changed, and every two seconds in any case (a rule may begin
or end by its date), every live call is decided again from the database. Only the whitelist and the list count here: the
calls of a paused campaign go on. ``Hangups`` ends a call from both sides.
"""

import asyncio
from collections import deque
from datetime import datetime
from typing import Final

import structlog

from telephony.domain.calls.lifecycle import Call
from telephony.domain.evidence.ledger import LedgerNote
from telephony.domain.rules.whitelist import Denied
from telephony.errors import StoreError
from telephony.ids import AttemptId, PermitId
from telephony.ports.clock import Clock
from telephony.ports.rules.whitelist import Standing
from telephony.ports.store import Store
from telephony.services.calls.hangup import Hangups
from telephony.services.calls.tracker import Tracker
from telephony.services.rules.whitelist import verdict_on

log = structlog.get_logger(__name__)

POLL_S: Final = 0.5
"""Seconds between polls of the version."""
AT_LEAST_S: Final = 2.0
"""Seconds after which calls are decided again although nothing has changed: rules have dates."""


class Enforcement:
    """Ends calls that are no longer allowed.

    Args:
        store: the whitelist, permits and the ledger.
        tracker: the live calls.
        clock: the time of the decision.
        hangups: ends a call from both sides; asked again until the call is gone.
    """

    def __init__(self, store: Store, tracker: Tracker, clock: Clock, hangups: Hangups) -> None:
        self._store = store
        self._tracker = tracker
        self._clock = clock
        self._hangups = hangups
        self._version = -1
        self._decided_at_s = float("-inf")
        self._ending: set[AttemptId] = set()
        self._unwritten: deque[tuple[PermitId, LedgerNote]] = deque()

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                log.error("whitelist_unreadable", reason=str(error))
            await asyncio.sleep(POLL_S)

    async def look(self) -> None:
        """Decide live calls again if anything may have changed; end those that are no longer allowed.

        Raises:
            StoreError: the database cannot be read; calls already being ended are ended all the same.
        """
        self._end_again()
        await self._write()
        version = await self._store.whitelist.version()
        now_s = asyncio.get_running_loop().time()
        if version == self._version and now_s - self._decided_at_s < AT_LEAST_S:
            return
        calls = [call for call in self._tracker.calls() if call.attempt.attempt_id not in self._ending]
        standings = await self._store.whitelist.standing([call.attempt.lead_id for call in calls]) if calls else {}
        now = self._clock.now()
        for call in calls:
            rule = _broken_rule(call, standings.get(call.attempt.lead_id), now)
            if rule:
                self._end(call, rule, now)
        self._version, self._decided_at_s = version, now_s
        await self._write()

    def _end_again(self) -> None:
        for attempt_id in list(self._ending):
            call = self._tracker.call(attempt_id)
            if call is None:
                self._ending.discard(attempt_id)
            else:
                self._hangups.end(call)

    def _end(self, call: Call, broken_rule: str, now: datetime) -> None:
        attempt = call.attempt
        log.warning("call_ended_by_rule", attempt=attempt.attempt_id, rule=broken_rule)
        self._ending.add(attempt.attempt_id)
        self._hangups.end(call)
        rule, _, rule_id = broken_rule.partition(" ")
        body = {"rule": rule, "rule_id": int(rule_id) if rule_id else None, "lead": attempt.lead_id}
        body |= {"campaign": attempt.campaign_id, "list": attempt.list_id}
        note = LedgerNote("call_ended_by_rule", attempt.attempt_id, body, now)
        self._unwritten.append((PermitId("") if call.permit_used else attempt.permit_id, note))

    async def _write(self) -> None:
        """Void the permits and enter the reasons; what cannot be written now is written at a later poll."""
        while self._unwritten:
            permit_id, note = self._unwritten[0]
            if permit_id:
                await self._store.permits.refuse(permit_id, str(note.body["rule"]), note.at)
            await self._store.ledger.enter([note])
            self._unwritten.popleft()


def _broken_rule(call: Call, standing: Standing | None, now: datetime) -> str | None:
    """Return the rule that no longer allows a call, and its number where it has one; None when it may go on."""
    attempt = call.attempt
    if standing is None or not standing.list.is_in_force(now):
        return "list_not_approved"
    verdict = verdict_on(standing, attempt.number, attempt.trunk, attempt.campaign_id, now)
    if not isinstance(verdict, Denied):
        return None
    return "country_not_open" if verdict.rule is None else f"number_denied {verdict.rule.rule_id}"
