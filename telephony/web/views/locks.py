"""A lock as the floor's banner shows it, and the calls it could still terminate. Pure."""

from typing import Any, Final

from telephony.domain.calls.operators import OperatorState
from telephony.domain.floor.snapshot import FloorView
from telephony.domain.security.locks import Lock, LockScope
from telephony.web.i18n.formats import Formats
from telephony.web.i18n.translations import plain

_ON_A_CALL: Final = frozenset({OperatorState.TALKING, OperatorState.RESERVED})


def show_lock(lock: Lock, view: FloorView, f: Formats) -> dict[str, Any]:
    """Return one lock for the banner; the button to terminate calls is there while it could terminate any."""
    calls = 0 if lock.ends_calls else calls_under(lock, view)
    by = f.words("lock.by_watch") if lock.by == "watch" else lock.by
    return {
        "scope": str(lock.scope),
        "target": lock.target,
        "text": f.words(f"lock.{lock.scope}", at=f.clock(lock.at), by=by, target=lock.target),
        "reason": plain(f.words, lock.reason) if lock.by == "watch" and lock.reason else lock.reason,
        "effect": f.words("lock.ends" if lock.ends_calls else "lock.effect"),
        "end_calls": f.words.count("lock.end_calls", calls, f.number(calls)) if calls else "",
    }


def calls_under(lock: Lock, view: FloorView) -> int:
    """Return how many calls, ringing ones included, a lock applies to."""
    if lock.scope is LockScope.SEAT:
        return sum(lock.target == str(seat.seat) and seat.state in _ON_A_CALL for seat in view.seats)
    is_under = lock.scope is LockScope.SITE
    return sum(
        campaign.lines + campaign.talking
        for campaign in view.campaigns
        if is_under or lock.target == str(campaign.campaign_id)
    )
