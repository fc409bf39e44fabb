"""A lock as the floor's banner says it, and the calls it could still end. Pure."""

from typing import Any, Final

from telephony.domain.calls.operators import OperatorState
from telephony.domain.floor.snapshot import FloorView
from telephony.domain.security.locks import Lock, LockScope
from telephony.web.i18n.formats import Formats
from telephony.web.i18n.translations import plain

_ON_A_CALL: Final = frozenset({OperatorState.TALKING, OperatorState.RESERVED})


def show_lock(one: Lock, view: FloorView, f: Formats) -> dict[str, Any]:
    """Return one lock as the banner says it, with the second act while there are calls it could end."""
    calls = 0 if one.ends_calls else calls_under(one, view)
    by = f.words("lock.by_watch") if one.by == "watch" else one.by
    return {
        "scope": str(one.scope),
        "target": one.target,
        "text": f.words(f"lock.{one.scope}", at=f.clock(one.at), by=by, target=one.target),
        "reason": plain(f.words, one.reason) if one.by == "watch" and one.reason else one.reason,
        "effect": f.words("lock.ends" if one.ends_calls else "lock.effect"),
        "end_calls": f.words.count("lock.end_calls", calls, f.number(calls)) if calls else "",
    }


def calls_under(lock: Lock, view: FloorView) -> int:
    """Return how many calls, ringing ones too, fall under a lock."""
    if lock.scope is LockScope.SEAT:
        return sum(lock.target == str(seat.seat) and seat.state in _ON_A_CALL for seat in view.seats)
    is_under = lock.scope is LockScope.SITE
    return sum(one.lines + one.talking for one in view.campaigns if is_under or lock.target == str(one.campaign_id))
