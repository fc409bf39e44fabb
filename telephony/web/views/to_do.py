"""What waits for a person, as the floor lists it: results owed for long, those nobody gave, incidents. Pure."""

from datetime import datetime, timedelta
from typing import Final

from telephony.domain.calls.operators import OperatorState
from telephony.domain.floor.snapshot import FloorView, SeatView
from telephony.web.i18n.formats import Formats
from telephony.web.i18n.translations import incident
from telephony.words import say

OVERDUE: Final = timedelta(minutes=3)
"""After so long in wrap-up a result is somebody's business: the seat takes no call until it is given."""


def to_look_at(view: FloorView, f: Formats) -> list[str]:
    """Return what waits for a person: results an operator owes for long, those nobody gave, open incidents."""
    t = f.words
    owed = [seat for seat in view.seats if seat.state is OperatorState.WRAP_UP and view.at - seat.since_at >= OVERDUE]
    found = [_overdue(seat, view.at, f) for seat in sorted(owed, key=lambda seat: seat.since_at)]
    if view.results_due:
        found.append(t.count("floor.results_missing", view.results_due, f.number(view.results_due)))
    found += [incident(t, one) for one in view.incidents]
    return found + [say(one, f.language) for one in view.repeated]


def _overdue(seat: SeatView, at: datetime, f: Formats) -> str:
    minutes = (at - seat.since_at) // timedelta(minutes=1)
    return f.words("floor.result_overdue", n=minutes, seat=f"{seat.seat:02d}")
