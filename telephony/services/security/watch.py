"""The watch: answers the warden, gives it orders, and blocks all calls while recording is not watched.

Without the warden nobody checks that recordings grow: nothing is dialled, and conversations are ended through the pbx.
The warden checks the files and hangs up at the gate; the tripwire decides which call is not permitted.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog

from telephony.domain.text.reason import Reason
from telephony.errors import PeerProtocolError, StoreError
from telephony.ids import AttemptId, ChannelId
from telephony.ports.calls.attempts import AttemptStore
from telephony.ports.calls.switch import AgiCall
from telephony.ports.clock import Clock
from telephony.services.calls.hangup import Hangups
from telephony.services.calls.tracker import Tracker
from telephony.services.evidence.incident_book import IncidentBook
from telephony.services.security.locks import Locks
from telephony.wire.watch import (
    Fault,
    FaultKind,
    WatchAnswer,
    WatchQuestion,
    WatchState,
    answer_variables,
    read_question,
)
from telephony.words import english

log = structlog.get_logger(__name__)

HOLD_S: Final = 1.0
"""Seconds for which an answer without orders is held back, so that a new order leaves at once."""
POLL_S: Final = 0.5
AFTER_FAULT_S: Final = 10.0
"""Seconds after the last fault until calls may leave again."""
SKEW_MS: Final = 10_000
"""Largest difference between the two clocks; an older question is a replay."""
TAMPERED: Final = frozenset({FaultKind.MISSING, FaultKind.TRUNCATED, FaultKind.CLOSED})
"""Faults that a failing disk does not cause: somebody tampered, so a person decides when to go on."""

_WHAT_HAPPENED: Final = {
    FaultKind.STALLED: "stopped growing while the call was up",
    FaultKind.MISSING: "was removed while the call was up",
    FaultKind.TRUNCATED: "was truncated while the call was up (what was written since is kept)",
    FaultKind.CLOSED: "was stopped while the call was up",
    FaultKind.UNRECORDED: "never began",
    FaultKind.DISK: "failed because the disk is full or cannot be written",
}
_STATES: Final = {
    WatchState.FULL: Reason("blocked.disk_full"),
    WatchState.READ_ONLY: Reason("blocked.disk_read_only"),
    WatchState.BLIND: Reason("blocked.watch_blind"),
    WatchState.OPEN: Reason("blocked.network_rules"),
}
_INCIDENTS: Final = {
    WatchState.OPEN: (
        "network_rules_gone",
        (
            "An attacker on the pbx can reach the carrier directly. Load them again: "
            "telephony configuration write --firewall; calls then resume by themselves."
        ),
    ),
}
_RECORDER: Final = ("recorder_unusable", "Make room, or check the gate; calls resume by themselves.")
_UNWATCHED: Final = Reason("blocked.not_watched")
_RECENT: Final = Reason("blocked.recording_stopped")


class Watch:
    """Listens to the warden; until its first question nothing leaves.

    Args:
        key: shared with the warden.
        attempts: finds the attempt of an ended leg.
        tracker: the live calls.
        hangups: the orders for the warden.
        incidents: notes the faults.
        clock: the current time.
        warden_gone_s: seconds of silence after which conversations are ended.
        locks: locks the site when somebody tampered with a recording, until a person decides.
    """

    def __init__(
        self,
        key: str,
        attempts: AttemptStore,
        tracker: Tracker,
        hangups: Hangups,
        incidents: IncidentBook,
        clock: Clock,
        warden_gone_s: float,
        locks: Locks,
    ) -> None:
        self._key = key
        self._attempts = attempts
        self._tracker = tracker
        self._hangups = hangups
        self._incidents = incidents
        self._clock = clock
        self._gone_s = warden_gone_s
        self._locks = locks
        self._heard_at_s = float("-inf")
        self._fault_at_s = float("-inf")
        self._state = WatchState.OK
        self._run = ""
        self._answered: dict[tuple[str, int], int] = {}

    @property
    def is_heard(self) -> bool:
        """Whether the warden was heard within the last ``warden_gone_s``."""
        return _now() - self._heard_at_s <= self._gone_s

    @property
    def proved_age_s(self) -> float:
        """Seconds since the warden last reported that every live call's recording grows; infinite when it cannot."""
        return _now() - self._heard_at_s if self._state is WatchState.OK else float("inf")

    def blocking_reason(self) -> Reason | None:
        """Return why nothing may be dialled, or None."""
        if not self.is_heard:
            return _UNWATCHED
        if self._state is not WatchState.OK:
            return _STATES[self._state]
        return _RECENT if _now() - self._fault_at_s < AFTER_FAULT_S else None

    async def answer(self, ask: AgiCall) -> Mapping[str, str]:
        """Answer the warden's question; one that is not authentic, or is a replay, gets no answer."""
        try:
            question = read_question(ask.headers, self._key)
        except PeerProtocolError as error:
            log.error("watch_question_refused", peer=ask.peer, reason=str(error))
            return {}
        if not self._is_fresh(question):
            log.error("watch_question_refused", peer=ask.peer, reason="repeated, or the two clocks differ by over 10 s")
            return {}
        # A warden that was silent may be about to end every call: it is answered at once.
        may_wait = self.is_heard and question.run == self._run and not question.faults
        if question.run != self._run:
            log.info("warden_connected", run=question.run)
        self._heard_at_s, self._run = _now(), question.run
        self._set_state(question.state)
        for fault in question.faults:
            await self._on_fault(fault)
        orders = await self._hangups.due(HOLD_S if may_wait else 0)
        return answer_variables(WatchAnswer(orders), question, self._key)

    def _is_fresh(self, question: WatchQuestion) -> bool:
        now_ms = round(self._clock.now().timestamp() * 1000)
        self._answered = {key: at for key, at in self._answered.items() if abs(now_ms - at) <= 2 * SKEW_MS}
        key = (question.run, question.number)
        if key in self._answered or abs(now_ms - question.at_ms) > SKEW_MS:
            return False
        self._answered[key] = question.at_ms
        return True

    def _set_state(self, state: WatchState) -> None:
        if state is self._state:
            return
        log.log(20 if state is WatchState.OK else 40, "watch_state", was=str(self._state), now=str(state))
        self._state = state
        if state is not WatchState.OK:
            kind, fix = _INCIDENTS.get(state, _RECORDER)
            self._incidents.note(kind, "gate", f"{english(_STATES[state])} {fix}")

    async def _on_fault(self, fault: Fault) -> None:
        if fault.kind is FaultKind.CONTROLLER_GONE:
            text = "The controller did not answer the gate for too long: every live call was ended. See its log."
            self._incidents.note("controller_gone", "controller", text)
            return
        if fault.kind is FaultKind.UNSEEN:
            text = (
                "The gate's console listed an invalid channel, so nothing could be watched: every live call was ended."
            )
            fix = "A name or number contains line breaks: write the gate's configuration again, see telephony check."
            self._incidents.note("gate_not_believed", "gate", f"{text} {fix}")
            self._fault_at_s = _now()
            return
        attempt_id = await self._attempt_of(ChannelId(fault.channel))
        what = f"attempt {attempt_id}" if attempt_id else f"trunk leg {fault.channel}"
        text = f"The recording of {what} {_WHAT_HAPPENED[fault.kind]}: the call was ended."
        self._incidents.note(f"recording_{fault.kind}", attempt_id or fault.channel, text)
        call = self._tracker.call(attempt_id) if attempt_id else None
        if call is not None:
            self._hangups.end(call)
        if fault.kind is not FaultKind.UNRECORDED:
            self._fault_at_s = _now()
        if fault.kind in TAMPERED:
            await self._locks.after_tampering(text)

    async def _attempt_of(self, channel: ChannelId) -> AttemptId | None:
        live = self._tracker.by_channel(channel)
        if live is not None:
            return live
        try:
            await self._tracker.flush()
            attempt = await self._attempts.by_channel(channel)
        except StoreError as error:
            log.error("attempt_lookup_failed", channel=channel, reason=str(error))
            return None
        return attempt.attempt_id if attempt else None

    async def run(self) -> None:
        """End conversations that are not watched, until cancelled."""
        began_s, is_reported = _now(), False
        while True:
            is_lost = not self.is_heard and _now() - began_s > self._gone_s
            if is_lost and any(self._tracker.calls()):
                if not is_reported:
                    text = "Recording is not watched: live calls were ended, no call leaves. Start the gate's watch."
                    self._incidents.note("warden_gone", "warden", text)
                for call in list(self._tracker.calls()):
                    self._hangups.end(call)
            is_reported = is_lost
            await asyncio.sleep(POLL_S)


def _now() -> float:
    return asyncio.get_running_loop().time()
