"""The open sockets of the desks; ``desk_socket`` decides what they send."""

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Protocol

from telephony.ids import OperatorId


class OpenSocket(Protocol):
    """The socket of one browser."""

    operator_id: OperatorId
    token: str
    """The id of its sign-in, which is the browser's."""

    def end(self) -> None:
        """Send that the sign-in has ended, then close."""


class DeskSockets:
    """Every open socket, by operator."""

    def __init__(self) -> None:
        self._open: defaultdict[OperatorId, set[OpenSocket]] = defaultdict(set)

    @contextlib.contextmanager
    def counting(self, socket: OpenSocket) -> Iterator[None]:
        """Count a socket while it is open; the socket itself makes the others of its seat refresh."""
        self._open[socket.operator_id].add(socket)
        try:
            yield
        finally:
            self._open[socket.operator_id].discard(socket)

    def browsers(self, operator_id: OperatorId) -> int:
        """Return how many browsers show the desk of an operator."""
        return len({socket.token for socket in self._open.get(operator_id, ())})

    def sockets(self, operator_id: OperatorId) -> int:
        """Return how many sockets the desk of an operator has."""
        return len(self._open.get(operator_id, ()))

    def end(self, token: str) -> None:
        """Close the sockets of a sign-in that has ended."""
        for sockets in list(self._open.values()):
            for socket in sockets:
                if socket.token == token:
                    socket.end()
