"""What needs a person's attention on the floor: overdue and missing results, incidents. Pure."""

from datetime import datetime, timedelta
from typing import Final

from telephony.domain.calls.operators import OperatorState
from telephony.domain.floor.snapshot import FloorView, SeatView
from telephony.web.i18n.formats import Formats
from telephony.web.i18n.translations import incident
from telephony.words import say

OVERDUE: Final = timedelta(minutes=3)
"""How long a seat may be in wrap-up before its missing result is shown: until then it takes no call."""


def to_look_at(view: FloorView, f: Formats) -> list[str]:
    """Return what needs attention: overdue results, missing results, open incidents, repeated callbacks."""
    t = f.words
    owed = [seat for seat in view.seats if seat.state is OperatorState.WRAP_UP and view.at - seat.since_at >= OVERDUE]
    texts = [_overdue(seat, view.at, f) for seat in sorted(owed, key=lambda seat: seat.since_at)]
    if view.results_due:
        texts.append(t.count("floor.results_missing", view.results_due, f.number(view.results_due)))
    texts += [incident(t, opened) for opened in view.incidents]
    return texts + [say(reason, f.language) for reason in view.repeated]


def _overdue(seat: SeatView, at: datetime, f: Formats) -> str:
    minutes = (at - seat.since_at) // timedelta(minutes=1)
    return f.words("floor.result_overdue", n=minutes, seat=f"{seat.seat:02d}")
