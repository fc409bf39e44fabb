"""A supervised manager connection: it logs in, checks that the peer is alive, and reconnects after a loss.

``AmiClient`` guarantees: every action is answered, refused or given up within its time-out; an action belongs to one
connection and is never sent again, especially Originate; without a connection an action fails at once; ``stop`` is
permanent. ``switch_facts`` interprets the events; ``ami_protocol`` handles the messages of one connection.
"""

import asyncio
import random
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from telephony.asterisk.ami_protocol import GuardedManager, ListShape, OnEvent, TrackedAction
from telephony.asterisk.faults import described
from telephony.errors import SwitchError, SwitchTimeoutError, SwitchUnavailableError
from telephony.wire.ami import AmiMessage

log = structlog.get_logger(__name__)


class LoginRefusedError(SwitchUnavailableError):
    """Asterisk refused the account; the message names account and address, never the secret."""


@dataclass(frozen=True, slots=True)
class AmiAccount:
    """Address and account of a manager interface."""

    host: str
    port: int
    user: str
    secret: str

    def __repr__(self) -> str:
        return f"AmiAccount({self.place}, {self.user})"

    @property
    def place(self) -> str:
        """The address for messages: ``host:port``."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class AmiTiming:
    """Time-outs and pauses of a connection; the defaults are for one host or a local network.

    Attributes:
        action: for the answer to an action.
        connect: for the connection and, again, for the login.
        ping_every: between pings; a dead half-open connection is detected after this time plus ``action``.
        first_retry: before the first retry; doubled after every failure, with jitter.
        last_retry: longest pause between retries; also the pause after a refused login.
        stable: after a connection of this length, retries start again at ``first_retry``.
    """

    action: timedelta = timedelta(seconds=5)
    connect: timedelta = timedelta(seconds=5)
    ping_every: timedelta = timedelta(seconds=10)
    first_retry: timedelta = timedelta(milliseconds=200)
    last_retry: timedelta = timedelta(seconds=10)
    stable: timedelta = timedelta(seconds=5)

    def pause(self, failures: int, dice: float) -> float:
        """Return the seconds before the next try.

        Args:
            failures: failed tries in a row, at least 1.
            dice: 0-1; chooses between half and all of the doubled pause, so that clients spread out.
        """
        doubled = self.first_retry.total_seconds() * 2.0 ** min(failures - 1, 30)
        longest = min(doubled, self.last_retry.total_seconds())
        return max(self.first_retry.total_seconds(), longest * (0.5 + dice / 2))


@dataclass(frozen=True, slots=True)
class AmiHooks:
    """Callbacks of a connection.

    Attributes:
        on_event: called for every parsed event, also before ``on_up`` is done.
        on_up: awaited after every login. If it raises ``SwitchError``, the connection is given up and retried; if the
            connection is lost, it is cancelled.
        on_down: called after the end of every connection that had logged in; not after ``stop``.
    """

    on_event: OnEvent
    on_up: Callable[[], Coroutine[None, None, None]]
    on_down: Callable[[], None]


class AmiClient:
    """Keeps one manager connection up.

    Args:
        account: address and account.
        event_names: names of the events to parse; None: all.
        hooks: callbacks.
        timing: time-outs and pauses.
        dice: a number in 0-1 for the jitter of the pauses.
    """

    def __init__(
        self,
        account: AmiAccount,
        event_names: Collection[str] | None,
        hooks: AmiHooks,
        timing: AmiTiming | None = None,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._account = account
        self._event_names = event_names
        self._hooks = hooks
        self._timing = timing or AmiTiming()
        self._dice = dice
        self._manager: GuardedManager | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self.last_error: SwitchError | None = None
        """The reason why there is no connection now, or None."""

    @property
    def is_logged_in(self) -> bool:
        """True if actions can be sent now."""
        return self._manager is not None

    async def start(self) -> None:
        """Connect in the background and reconnect after losses; returns at once, does nothing if already started."""
        if self._supervisor is None:
            self._supervisor = asyncio.create_task(self._supervise(), name=f"ami {self._account.place}")

    async def stop(self) -> None:
        """Disconnect permanently; pending actions fail."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            supervisor.cancel()
            await asyncio.wait({supervisor})

    async def request(
        self, action: str, fields: Sequence[tuple[str, str]] = (), *, timeout: timedelta | None = None
    ) -> AmiMessage:
        """Send one action and wait for its response, which may be a refusal (``is_error``).

        Raises:
            SwitchUnavailableError: not connected, nothing was sent; or the connection was lost while waiting.
            SwitchTimeoutError: no answer in time; it is unknown whether Asterisk acted.
            ForbiddenTextError: a value could have become a second action; nothing was sent.
        """
        return (await self._ask(self._up(), action, fields, None, timeout))[0]

    async def request_list(
        self, action: str, fields: Sequence[tuple[str, str]], shape: ListShape, *, timeout: timedelta | None = None
    ) -> list[AmiMessage]:
        """Send a list action and wait for all of its items.

        Raises:
            SwitchError: as ``request``; or refused, too long, or the number of items differs from Asterisk's count.
        """
        response, *items = await self._ask(self._up(), action, fields, shape, timeout)
        if response.is_error:
            raise refused(self._account, action, response)
        return items

    def _up(self) -> GuardedManager:
        if self._manager is None:
            raise SwitchUnavailableError(f"no connection to Asterisk at {self._account.place}; nothing was sent")
        return self._manager

    async def _ask(
        self,
        manager: GuardedManager,
        action: str,
        fields: Sequence[tuple[str, str]],
        shape: ListShape | None = None,
        timeout: timedelta | None = None,
    ) -> list[AmiMessage]:
        tracked = TrackedAction([("Action", action), *fields], shape)
        seconds = (timeout or self._timing.action).total_seconds()
        protocol = manager.live()
        answer = protocol.send(tracked)
        try:
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError as error:
            raise SwitchTimeoutError(
                f"Asterisk at {self._account.place} did not answer {action} within {seconds:g} s"
            ) from error
        finally:
            protocol.forget(tracked)

    async def _supervise(self) -> None:
        failures = 0
        clock = asyncio.get_running_loop().time
        while True:
            began_s = clock()
            try:
                await self._session()
            except SwitchError as error:
                self._note(error)
            except Exception as error:  # noqa: BLE001 - outermost frame: retry the connection after any error
                self._note(SwitchError(f"the connection to {self._account.place} broke: {described(error)}"))
            failures = 1 if clock() - began_s > self._timing.stable.total_seconds() else failures + 1
            is_refused = isinstance(self.last_error, LoginRefusedError)
            slow_s = self._timing.last_retry.total_seconds()
            await asyncio.sleep(slow_s if is_refused else self._timing.pause(failures, self._dice()))

    def _note(self, error: SwitchError) -> None:
        if str(error) != str(self.last_error):
            log.warning("ami_down", reason=str(error))
        self.last_error = error

    async def _session(self) -> None:
        """Run one connection; always ends with an exception."""
        manager = GuardedManager(self._account.host, self._account.port, self._event_names, self._hooks.on_event)
        try:
            await self._connect(manager)
            await self._login(manager)
            self._manager = manager
            await self._rise(manager)
            self.last_error = None
            log.info("ami_up", place=self._account.place, account=self._account.user)
            await self._keep_alive(manager)
        finally:
            was_up, self._manager = self._manager is not None, None
            manager.close()
            if was_up and self._supervisor is not None:
                self._hooks.on_down()

    async def _rise(self, manager: GuardedManager) -> None:
        """Await ``on_up``, but not longer than the connection exists."""
        rising = asyncio.create_task(self._hooks.on_up())
        try:
            either: set[asyncio.Future[Any]] = {rising, manager.lost}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not rising.done():
                raise manager.lost.result()
            rising.result()
        finally:
            rising.cancel()
            await asyncio.wait({rising})

    async def _connect(self, manager: GuardedManager) -> None:
        try:
            async with asyncio.timeout(self._timing.connect.total_seconds()):
                await manager.open()
        except OSError as error:  # includes TimeoutError
            raise SwitchUnavailableError(
                f"cannot connect to Asterisk at {self._account.place} ({type(error).__name__}): "
                "is it running, and does manager.conf listen there?"
            ) from error

    async def _login(self, manager: GuardedManager) -> None:
        account = self._account
        fields = [("Username", account.user), ("Secret", account.secret), ("Events", "on")]
        response = (await self._ask(manager, "Login", fields, timeout=self._timing.connect))[0]
        if response.is_error:
            raise LoginRefusedError(
                f"Asterisk at {account.place} refuses manager account {account.user}: check its secret and its "
                "permit list in manager.conf against the settings"
            )

    async def _keep_alive(self, manager: GuardedManager) -> None:
        while True:
            done, _ = await asyncio.wait({manager.lost}, timeout=self._timing.ping_every.total_seconds())
            if done:
                raise manager.lost.result()
            await self._ask(manager, "Ping", ())


def refused(account: AmiAccount, action: str, response: AmiMessage) -> SwitchError:
    """Return the error for a refusal; includes Asterisk's message only if it is a known one."""
    word = response.get("Message")
    if word == "Permission denied":
        return SwitchError(
            f"Asterisk at {account.place} does not let account {account.user} do {action}: "
            "grant its class in manager.conf (write = …)"
        )
    known = (
        word
        if word in {"No such channel", "Extension does not exist.", "Invalid/unknown command"}
        else "no reason given"
    )
    return SwitchError(f"Asterisk at {account.place} refused {action}: {known}")
