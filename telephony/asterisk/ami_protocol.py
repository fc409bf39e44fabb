"""One manager connection: panoramisk's protocol and manager with workarounds for their bugs.

The classes use panoramisk's own extension points (``protocol_factory``, ``Manager``, ``Action``);
``telephony.wire.ami`` reads and writes the bytes. Each workaround is for a problem seen in practice:

* an action belongs to one connection: it fails when the connection ends, and is never stored or sent again;
* an answer is paired by its action id; an event belongs to the answer only if it is an item of the requested list, so
  ``OriginateResponse`` reaches the listener although it carries an action id;
* an error in the listener neither drops the connection nor loses the following events;
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
"""Called in the event loop for every parsed event, in order; returns at once."""

_UNSTAMPED: Final = frozenset({"FullyBooted", "CoreShowChannel", "CoreShowChannelsComplete"})
"""Events that Asterisk sends without a time stamp, to one session; a late list may arrive with no action waiting."""


@dataclass(frozen=True, slots=True)
class ListShape:
    """The events in the answer to a list action.

    Attributes:
        item: event of one item, e.g. ``CoreShowChannel``.
        complete: event that ends the list, e.g. ``CoreShowChannelsComplete``.
        most: maximum number of items.
    """

    item: str
    complete: str
    most: int


class TrackedAction(Action):
    """A pending action: it waits for its response, or for a complete list.

    ``future`` returns the messages: the response, then the items of a list (without its end).
    """

    def __init__(self, fields: Sequence[tuple[str, str]], shape: ListShape | None = None) -> None:
        super().__init__(fields)  # type: ignore[no-untyped-call]
        self.fields = [*fields] if "ActionID" in dict(fields) else [*fields, ("ActionID", str(self.id))]
        self.shape = shape
        self.responses: list[AmiMessage] = []

    def claims(self, message: AmiMessage) -> bool:
        """Return True if a message with this action's id is part of its answer and not an independent event."""
        shape = self.shape
        return not message.event or (shape is not None and message.event in (shape.item, shape.complete))

    def add_message(self, message: AmiMessage) -> bool:
        """Add a part of the answer; return True if the answer is complete."""
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
            self.future.set_exception(PeerProtocolError("Asterisk ended a list that it had not started"))
        elif promised and promised != str(len(self.responses) - 1):
            self.future.set_exception(PeerProtocolError("Asterisk listed a different number of items than it says"))
        else:
            self.future.set_result(self.responses)


class GuardedProtocol(AMIProtocol):
    """Turns the bytes of one connection into messages; passes answers to their actions and events to the manager."""

    def __init__(self, manager: "GuardedManager", event_names: Collection[str] | None) -> None:
        self.closed = False
        self.responses: dict[str, TrackedAction] = {}
        self._manager = manager
        self._parser = AmiParser(event_names)

    def connection_made(self, transport: Any) -> None:
        """Start the connection; data may arrive before the manager knows of it."""
        super().connection_made(transport)  # type: ignore[no-untyped-call]
        self.factory = self._manager

    def send(self, data: TrackedAction, as_list: bool | None = None) -> "asyncio.Future[list[AmiMessage]]":
        """Send an action once.

        Raises:
            ForbiddenTextError: a value could have become a second action; nothing was sent.
            SwitchError: an action with this id is already pending, or the connection is gone; nothing was sent.
        """
        del as_list
        if self.closed:
            raise SwitchUnavailableError(f"the connection to {self._manager.place} is gone; nothing was sent")
        wire = encode_action(data.fields)
        if data.id in self.responses:
            raise SwitchError(f"action {data.id} is already pending; nothing was sent")
        self.responses[data.id] = data
        self.transport.write(wire)
        future: asyncio.Future[list[AmiMessage]] = data.future
        return future

    def forget(self, action: TrackedAction) -> None:
        """Stop waiting for an answer; a late answer is ignored."""
        self.responses.pop(action.id, None)

    def data_received(self, data: bytes) -> None:
        """Handle every complete message; invalid bytes end the connection."""
        try:
            self._parser.feed(data)
            for message in self._parser.messages():
                if self.closed:
                    return
                self.handle_message(message)
        except PeerProtocolError as error:
            self._end(error)

    def handle_message(self, message: AmiMessage) -> None:
        """Pass an answer to its action, or an event to the manager."""
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
        """Handle the end of the connection: fail pending actions and notify the manager."""
        del exc
        self._end(SwitchUnavailableError(f"{self._manager.place} closed the connection"))

    def close(self) -> None:
        """Close the connection at once and discard unsent bytes."""
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
    """The manager of one connection: connects once, passes events on, reports the loss of the connection.

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
        """Connect once; raises OSError on failure."""
        await self.connect()  # type: ignore[no-untyped-call]

    def connection_made(self, f: "asyncio.Task[tuple[Any, GuardedProtocol]]") -> None:
        """Store the protocol only: login, ping and retry are not decided in a callback."""
        if not f.cancelled() and f.exception() is None:
            self.protocol = f.result()[1]

    def live(self) -> GuardedProtocol:
        """Return the connection.

        Raises:
            SwitchUnavailableError: there is none.
        """
        if self.protocol is None:
            raise SwitchUnavailableError(f"there is no connection to {self.place}; nothing was sent")
        return self.protocol

    def dispatch(self, event: AmiMessage) -> None:
        """Pass an event to the listener and log its errors."""
        try:
            self._on_event(event)
        except Exception as error:  # noqa: BLE001 - a listener's error must not cost the connection or the next event
            log.error("ami_listener_failed", on=event.event, fault=described(error))

    def connection_lost(self, exc: SwitchError) -> None:
        """Report once that the connection is lost, and why."""
        if not self.lost.done():
            self.lost.set_result(exc)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self.protocol is not None:
            self.protocol.close()
