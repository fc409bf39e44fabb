"""Operators at their desks where nobody opens a page: a seat with nobody at its desk gets no call."""

import contextlib
from collections.abc import Iterator

from telephony.app.wiring.parts import Parts


@contextlib.contextmanager
def at_their_desks(parts: Parts) -> Iterator[None]:
    """Open the desk of every operator of a controller that runs in this process."""
    with contextlib.ExitStack() as desks:
        for seat in parts.calls.seats.seats.values():
            if seat.row.operator_id is not None:
                desks.enter_context(parts.screens.desk.connected(seat.row.operator_id))
        yield
