"""The controller: starts its parts in order and stops them in the reverse order; ``wiring`` builds them.

Order of start: database, recovery after a crash, FastAGI (so that the gate gets an answer), the two links, then the
loops. The dialer begins only when the calls of both links have been settled. A stop dials nothing more, leaves
conversations up (the next start takes them over) and writes everything down.
"""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

import structlog

from telephony.app.wiring.parts import Parts, build
from telephony.domain.pacing.interface import AnyPacer
from telephony.errors import ControllerLockLostError, StoreError
from telephony.ports.calls.switch import LinkLost, LinkRestored, SwitchFact
from telephony.services.rules.readiness import SingleController
from telephony.settings import Settings
from telephony.storage import open_store
from telephony.wire.watch import ROUTE as WATCH

log = structlog.get_logger(__name__)

SEATS_SAVE_S: Final = 0.25
SINGLE_CHECK_S: Final = 0.1
"""Seconds between checks that this controller still has the lock of the single controller."""
STOP_RINGING_S: Final = 3.0
"""How long an orderly stop waits for the cancelled calls to end."""


class Controller:
    """A running controller."""

    def __init__(self, parts: Parts) -> None:
        """Take wired parts; ``start`` starts them."""
        self.parts = parts
        self.is_lost = False
        """True if another controller may have started: nothing is decided, written or hung up any more."""
        self._tasks: list[asyncio.Task[None]] = []
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Gets an exception when a loop ends that must not end."""

    async def start(self) -> None:
        """Start in order.

        Raises:
            TelephonyError: a part cannot start; the message names it and the fix.
        """
        parts, calls = self.parts, self.parts.calls
        await calls.seats.load()
        parts.dialing.view.count_seats(calls.seats.seats.values())
        await calls.outages.recall()
        await parts.recovery.begin()
        await calls.recording_room.look()
        with contextlib.suppress(StoreError):  # not readable now: the loop below reads again, and no permit can be used
            await calls.security.active_locks.look()
        routes = {
            "verdict": parts.gate.verdict,
            "route": calls.router.route,
            "login": calls.seat_logins.login,
            WATCH: calls.security.watch.answer,
        }
        await parts.agi.start(routes)
        self._loop("single_controller", self._while_single)
        self._loop("tracker", calls.tracker.run)
        self._loop("recording_room", calls.recording_room.run)
        self._loop("recorder", parts.recorder.run)
        self._loop("recovery", parts.recovery.run)
        self._loop("lost_calls", parts.lost_calls.run)
        self._loop("outages", calls.outages.run)
        self._loop("amd_review", calls.amd_review.run)
        self._loop("enforcement", parts.enforcement.run)
        self._loop("ring_limits", parts.dialing.ring_limits.run)
        self._loop("floor", parts.screens.floor.run)
        self._loop("seats", self._save_seats)
        self._loop("duties", calls.seat_duties.run)
        for name, run in calls.security.loops():
            self._loop(name, run)
        await calls.exchanges.pbx.start(self._on_pbx)
        await calls.exchanges.gate.start(self._on_gate)
        self._loop("launcher", functools.partial(self._when_settled, parts.dialing.launcher.run))
        self._loop("dialer", functools.partial(self._when_settled, parts.dialing.dialer.run))
        for name, run in parts.preview.loops():
            self._loop(name, functools.partial(self._when_settled, run))

    async def stop(self) -> None:
        """Dial nothing more, cancel ringing calls, then stop everything and write everything down."""
        if not self.is_lost:
            await self._end_dialing()
        for task in reversed(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        parts = self.parts
        await parts.agi.stop()
        await parts.calls.exchanges.pbx.stop()
        await parts.calls.exchanges.gate.stop()
        if not self.is_lost:
            await parts.calls.tracker.flush()
            await parts.calls.seats.save()
            await parts.services.refusals.settle()
        if not self.failed.done():
            self.failed.cancel()

    async def _end_dialing(self) -> None:
        """End the loops that dial, then cancel the ringing calls."""
        dialing = {"launcher", "dialer", *(name for name, _ in self.parts.preview.loops())}
        ending = [task for task in self._tasks if task.get_name() in dialing]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        await self.parts.recovery.cancel_unanswered(STOP_RINGING_S)

    def _loop(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = asyncio.create_task(self.parts.calls.security.unreadable.keep_on(name, run), name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or self.failed.done():
            return
        error = task.exception() or RuntimeError(f"{task.get_name()} ended by itself")
        if isinstance(error, ControllerLockLostError):
            self._cancel_all()
        log.error("loop_ended", loop=task.get_name(), reason=type(error).__name__)
        self.failed.set_exception(error)

    async def _when_settled(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await self.parts.recovery.ready.wait()
        await run()

    async def _while_single(self) -> None:
        """End, and with it the controller, as soon as the lock of the single controller is lost."""
        while self.parts.calls.single.is_single:  # noqa: ASYNC110 - another thread changes it
            await asyncio.sleep(SINGLE_CHECK_S)
        raise ControllerLockLostError(
            "the lock of the single controller was lost (the database ended its connection, or did not answer): this"
            " controller ended at once and left every call as it is; telephony serve --wait starts it again when the"
            " controller that has the lock now ends"
        )

    def _cancel_all(self) -> None:
        """Stop deciding, sweeping and hanging up at once; ``stop`` closes the links."""
        self.is_lost = True
        for task in (*self._tasks, *self.parts.recovery.under_way, *self.parts.calls.security.hangups.under_way):
            task.cancel()

    async def _save_seats(self) -> None:
        while True:
            await asyncio.sleep(SEATS_SAVE_S)
            await self.parts.calls.seats.save()

    def _on_pbx(self, fact: SwitchFact) -> None:
        if self.is_lost:
            return
        match fact:
            case LinkRestored(node=node, channels=channels):
                log.info("link_restored", node=node, channels=len(channels))
                self.parts.recovery.restored(node, channels)
            case LinkLost(node=node):
                log.error("link_lost", node=node)
            case _:
                self.parts.calls.security.tripwire.on_pbx(fact)
                self.parts.calls.tracker.on_pbx(fact)
                self.parts.calls.seat_logins.on_pbx(fact)

    def _on_gate(self, fact: SwitchFact) -> None:
        if self.is_lost:
            return
        match fact:
            case LinkRestored(node=node, channels=channels):
                log.info("link_restored", node=node, channels=len(channels))
                self.parts.recovery.restored(node, channels)
            case LinkLost(node=node):
                log.error("link_lost", node=node)
            case _:
                if self.parts.calls.security.on_gate(fact):
                    self.parts.calls.tracker.on_gate(fact)


@contextlib.asynccontextmanager
async def running(
    settings: Settings, pacer: AnyPacer | None = None, waits: Callable[[str], None] | None = None
) -> AsyncIterator[Controller]:
    """Open the database, run a controller, stop it in order.

    Args:
        settings: the site's settings.
        pacer: decides how many to dial; None: the pacer of each campaign's mode.
        waits: called with a message while another controller runs, and waited for; None: be refused then.
    """
    opened = await open_store(settings.database.url)
    try:
        await (opened.single_controller.hold() if waits is None else opened.single_controller.wait(waits))
        controller = Controller(build(settings, opened.store, pacer, SingleController(opened.single_controller)))
        try:
            await controller.start()
            yield controller
        finally:
            await controller.stop()
    finally:
        await opened.close()
