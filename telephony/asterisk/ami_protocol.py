"""One manager connection: panoramisk's protocol and manager with their traps fenced.

Subclasses at panoramisk's own extension points (``protocol_factory``, ``Manager``, ``Action``); bytes are read and
written by ``telephony.wire.ami``. What is fenced, each once seen to go wrong:

* an action lives in one connection only: at its end it fails, nothing is kept and nothing is ever sent again;
* an answer is paired by its action id; an event is the answer's only when it is an item of the list asked for, so
  ``OriginateResponse`` reaches the listener although it carries an action id;
* a fault in the listener neither drops the connection nor loses the events behind it;
* the manager does not reconnect, ping or log in by itself: ``telephony.asterisk.ami`` decides when.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

from telephony.asterisk.faults import described
from telephony.errors import PeerProtocolError, SwitchError, SwitchUnavailableError
from telephony.wire.ami import AmiMessage, AmiParser, encode_action

log = structlog.get_logger(__name__)

OnEvent = Callable[[AmiMessage], None]
"""Called in the event loop for every wanted event, in order; returns at once."""

_UNSTAMPED: Final = frozenset({"FullyBooted", "CoreShowChannel", "CoreShowChannelsComplete"})
"""Events Asterisk sends to one session without a time stamp; a list may still come when nobody waits for it."""


@dataclass(frozen=True, slots=True)
class ListShape:
    """What a list action answers with.

    Attributes:
        item: event of one item, e.g. ``CoreShowChannel``.
        complete: event that ends the list, e.g. ``CoreShowChannelsComplete``.
        most: most items taken.
    """

    item: str
    complete: str
    most: int


class TrackedAction(Action):
    """An action on its way: it waits for its response, or for a whole list.

    ``future`` gives the messages: the response, and behind it the items of a list (its end left out).
    """

    def __init__(self, fields: Sequence[tuple[str, str]], shape: ListShape | None = None) -> None:
        super().__init__(fields)  # type: ignore[no-untyped-call]
        self.fields = [*fields] if "ActionID" in dict(fields) else [*fields, ("ActionID", str(self.id))]
        self.shape = shape
        self.responses: list[AmiMessage] = []

    def claims(self, message: AmiMessage) -> bool:
        """Tell whether a message with this action's id is part of its answer, or an event in its own right."""
        shape = self.shape
        return not message.event or (shape is not None and message.event in (shape.item, shape.complete))

    def add_message(self, message: AmiMessage) -> bool:
        """Take a part of the answer; tell whether the answer is whole now."""
        if self.future.done():
            return True
        if self.shape is None or message.is_error:
            self.future.set_result([message])
            return True
        if message.event == self.shape.complete:
            self._finish(message)
            return True
        if len(self.responses) > self.shape.most:
            self.future.set_exception(SwitchError(f"Asterisk lists more than {self.shape.most} items"))
            return True
        self.responses.append(message)
        return False

    def _finish(self, end: AmiMessage) -> None:
        promised = end.get("ListItems")
        if not self.responses or self.responses[0].event:
            self.future.set_exception(PeerProtocolError("Asterisk ended a list that it had not begun"))
        elif promised and promised != str(len(self.responses) - 1):
            self.future.set_exception(PeerProtocolError("Asterisk listed another number of items than it says"))
        else:
            self.future.set_result(self.responses)


class GuardedProtocol(AMIProtocol):
    """Bytes of one connection to messages, answers to their actions, events to the manager."""

    def __init__(self, manager: "GuardedManager", event_names: Collection[str] | None) -> None:
        self.closed = False
        self.responses: dict[str, TrackedAction] = {}
        self._manager = manager
        self._parser = AmiParser(event_names)

    def connection_made(self, transport: Any) -> None:
        """Begin; data may come before the manager knows of this connection."""
        super().connection_made(transport)  # type: ignore[no-untyped-call]
        self.factory = self._manager

    def send(self, data: TrackedAction, as_list: bool | None = None) -> "asyncio.Future[list[AmiMessage]]":
        """Send an action once.

        Raises:
            ForbiddenTextError: a value could have become a second action; nothing was sent.
            SwitchError: an action with this id is under way already, or the connection is gone; nothing was sent.
        """
        del as_list
        if self.closed:
            raise SwitchUnavailableError(f"the connection to {self._manager.place} is gone; nothing was sent")
        wire = encode_action(data.fields)
        if data.id in self.responses:
            raise SwitchError(f"action {data.id} is under way already; nothing was sent")
        self.responses[data.id] = data
        self.transport.write(wire)
        future: asyncio.Future[list[AmiMessage]] = data.future
        return future

    def forget(self, action: TrackedAction) -> None:
        """Stop waiting for an answer; one that still comes is ignored."""
        self.responses.pop(action.id, None)

    def data_received(self, data: bytes) -> None:
        """Handle every message that is whole by now; bytes that are not the protocol end the connection."""
        try:
            self._parser.feed(data)
            for message in self._parser.messages():
                if self.closed:
                    return
                self.handle_message(message)
        except PeerProtocolError as error:
            self._end(error)

    def handle_message(self, message: AmiMessage) -> None:
        """Give an answer to its action, an event to the manager."""
        pending = self.responses.get(message.get("ActionID"))
        if pending is not None and pending.claims(message):
            if pending.add_message(message):
                self.forget(pending)
        elif message.event and not message.is_stamped and message.event not in _UNSTAMPED:
            raise PeerProtocolError(
                "the manager peer sent an event without time stamp: somebody's caller number made it, or its "
                "manager.conf lacks timestampevents = yes"
            )
        elif message.event:
            self._manager.dispatch(message)

    def connection_lost(self, exc: Any) -> None:
        """The connection is gone: fail what waits, tell the manager."""
        del exc
        self._end(SwitchUnavailableError(f"{self._manager.place} closed the connection"))

    def close(self) -> None:
        """End the connection at once, unsent bytes included."""
        self._end(SwitchUnavailableError(f"the connection to {self._manager.place} is closed"))

    def _end(self, reason: SwitchError) -> None:
        if self.closed:
            return
        self.closed = True
        self.transport.abort()
        pending, self.responses = self.responses, {}
        for action in pending.values():
            if not action.future.done():
                action.future.set_exception(
                    SwitchUnavailableError(f"{reason}; {action['Action']} was not answered and is not sent again")
                )
        self._manager.connection_lost(reason)


class GuardedManager(Manager):
    """One connection's manager: connects once, hands events over, says when it is lost.

    Args:
        host: address of the manager interface.
        port: its TCP port.
        event_names: names of the events to parse; None: all.
        on_event: the listener.
    """

    def __init__(self, host: str, port: int, event_names: Collection[str] | None, on_event: OnEvent) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(  # type: ignore[no-untyped-call]
            host=host, port=port, loop=loop, protocol_factory=lambda: GuardedProtocol(self, event_names)
        )
        self.protocol: GuardedProtocol | None = None
        self.place = f"{host}:{port}"
        self.lost: asyncio.Future[SwitchError] = loop.create_future()
        self._on_event = on_event

    async def open(self) -> None:
        """Connect once; raises OSError when it cannot."""
        await self.connect()  # type: ignore[no-untyped-call]

    def connection_made(self, f: "asyncio.Task[tuple[Any, GuardedProtocol]]") -> None:
        """Keep the protocol and no more: logging in, pinging and trying again are not for a callback to decide."""
        if not f.cancelled() and f.exception() is None:
            self.protocol = f.result()[1]

    def live(self) -> GuardedProtocol:
        """Give the connection.

        Raises:
            SwitchUnavailableError: there is none.
        """
        if self.protocol is None:
            raise SwitchUnavailableError(f"there is no connection to {self.place}; nothing was sent")
        return self.protocol

    def dispatch(self, event: AmiMessage) -> None:
        """Hand an event to the listener, whose faults end here."""
        try:
            self._on_event(event)
        except Exception as error:  # noqa: BLE001 - a listener's fault must not cost the connection or the next event
            log.error("ami_listener_failed", on=event.event, fault=described(error))

    def connection_lost(self, exc: SwitchError) -> None:
        """Tell once that the connection is gone, and why."""
        if not self.lost.done():
            self.lost.set_result(exc)

    def close(self) -> None:
        """End the connection, if there is one."""
        if self.protocol is not None:
            self.protocol.close()
