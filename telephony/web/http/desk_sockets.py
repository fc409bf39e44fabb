"""The desks' sockets that are open now; what they tell is left to ``desk_socket``."""

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Protocol

from telephony.ids import OperatorId


class OpenSocket(Protocol):
    """One browser's socket."""

    operator_id: OperatorId
    token: str
    """Of its sign-in, which is the browser's."""

    def end(self) -> None:
        """The sign-in has ended: say so and close."""


class DeskSockets:
    """Every open socket, by operator."""

    def __init__(self) -> None:
        self._open: defaultdict[OperatorId, set[OpenSocket]] = defaultdict(set)

    @contextlib.contextmanager
    def counting(self, socket: OpenSocket) -> Iterator[None]:
        """Count a socket while it is open; having the others of its seat look again is the socket's own."""
        self._open[socket.operator_id].add(socket)
        try:
            yield
        finally:
            self._open[socket.operator_id].discard(socket)

    def browsers(self, operator_id: OperatorId) -> int:
        """Return how many browsers show an operator's desk now."""
        return len({socket.token for socket in self._open.get(operator_id, ())})

    def sockets(self, operator_id: OperatorId) -> int:
        """Return how many sockets an operator's desk has."""
        return len(self._open.get(operator_id, ()))

    def end(self, token: str) -> None:
        """End the sockets of a sign-in that has ended."""
        for sockets in list(self._open.values()):
            for socket in sockets:
                if socket.token == token:
                    socket.end()
