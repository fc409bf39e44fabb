"""Terminates a call from both sides at once: the pbx hangs up its leg, the warden cuts the trunk leg at the gate.

An order for the warden is kept until the gate reports the leg's end, and is sent again until then. The tripwire, the
locks and the watch decide which call is terminated, and why.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog

from telephony.domain.calls.events import CallInterrupted
from telephony.domain.calls.lifecycle import Call
from telephony.errors import SwitchError
from telephony.ids import ChannelId
from telephony.ports.calls.switch import LegEnded, Switch, SwitchFact
from telephony.ports.clock import Clock
from telephony.services.calls.tracker import Tracker

log = structlog.get_logger(__name__)

AGAIN_S: Final = 0.5
"""Seconds before an order is sent again."""
KEPT_S: Final = 20.0
"""Seconds after which an order is dropped: no leg lives that long after it, and ids are not used twice."""
PBX_AGAIN_S: Final = 1.0


@dataclass(slots=True)
class _Order:
    given_at_s: float
    due_at_s: float


class Hangups:
    """Terminates calls and keeps the orders for the warden."""

    def __init__(self, tracker: Tracker, switch: Switch, clock: Clock) -> None:
        self._tracker = tracker
        self._switch = switch
        self._clock = clock
        self._orders: dict[ChannelId, _Order] = {}
        self._asked_at_s: dict[ChannelId, float] = {}
        self._news = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def under_way(self) -> tuple[asyncio.Task[None], ...]:
        """The tasks that are terminating calls now."""
        return tuple(self._tasks)

    def cut(self, channel: ChannelId) -> None:
        """Order the warden to cut one channel at the gate, by unique id."""
        now_s = _now()
        self._orders.setdefault(channel, _Order(now_s, now_s))
        self._news.set()

    def end(self, call: Call) -> None:
        """Terminate a call from both sides; unanswered, its lead is tried again. Repeating it soon has no effect."""
        attempt = call.attempt
        if attempt.answered_at is None and not call.is_interrupted:
            self._tracker.record_event(attempt.attempt_id, CallInterrupted(self._clock.now()))
        self.hang_up(ChannelId(attempt.attempt_id))
        if attempt.trunk_channel and call.trunk_gone_at is None:
            self.cut(ChannelId(attempt.trunk_channel))

    def hang_up(self, channel: ChannelId) -> None:
        """Hang up a channel at the pbx, in the background."""
        now_s = _now()
        if now_s - self._asked_at_s.get(channel, float("-inf")) < PBX_AGAIN_S:
            return
        self._asked_at_s = {key: at for key, at in self._asked_at_s.items() if now_s - at < KEPT_S} | {channel: now_s}
        task = asyncio.create_task(self._hang_up(channel))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hang_up(self, channel: ChannelId) -> None:
        try:
            await self._switch.hang_up(channel)
        except SwitchError as error:
            log.error("hangup_failed", channel=channel, reason=str(error))

    def on_gate(self, fact: SwitchFact) -> None:
        """Drop an order when the gate reports that the leg has ended."""
        if isinstance(fact, LegEnded):
            self._orders.pop(fact.channel, None)

    async def due(self, wait_s: float) -> tuple[ChannelId, ...]:
        """Return the orders to send now, waiting up to ``wait_s`` seconds for the first."""
        channels = self._due()
        if channels or wait_s <= 0:
            return channels
        self._news.clear()
        try:
            async with asyncio.timeout(wait_s):
                await self._news.wait()
        except TimeoutError:
            return self._due()
        return self._due()

    def _due(self) -> tuple[ChannelId, ...]:
        now_s = _now()
        self._orders = {key: order for key, order in self._orders.items() if now_s - order.given_at_s < KEPT_S}
        channels = tuple(key for key, order in self._orders.items() if order.due_at_s <= now_s)
        for channel in channels:
            self._orders[channel].due_at_s = now_s + AGAIN_S
        return channels


def _now() -> float:
    return asyncio.get_running_loop().time()
