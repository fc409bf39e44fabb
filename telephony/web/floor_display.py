"""The floor as one person sees it: every word, figure and shape ready to be put on the screen.

The same values fill the page when it is loaded and travel in the event stream afterwards, so the browser only writes
them where they belong and draws the timers. Pure: a ``FloorView`` and ``Formats`` in, JSON values out.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from telephony.domain.campaigns import MAY_FOLLOW, CampaignState, DialMode
from telephony.domain.floor import CampaignView, FloorView, SeatView
from telephony.domain.held_leads import Held, said
from telephony.domain.locks import Lock, LockScope
from telephony.domain.operators import OperatorState
from telephony.domain.outcomes import Outcome
from telephony.domain.previews import PreviewView
from telephony.web.formats import Formats
from telephony.web.saying import incident, plain

OVERDUE: Final = timedelta(minutes=3)
"""After so long in wrap-up a result is somebody's business: the seat takes no call until it is given."""
SHAPES: Final[dict[OperatorState, str]] = {
    OperatorState.OFFLINE: "–",
    OperatorState.READY: "○",
    OperatorState.ABSENT: "◌",
    OperatorState.PREVIEW: "◇",
    OperatorState.RESERVED: "◎",
    OperatorState.TALKING: "●",
    OperatorState.WRAP_UP: "◆",
    OperatorState.PAUSED: "‖",
}
"""A state is told by shape and word; colour only helps."""
COUNTED: Final = (
    OperatorState.TALKING,
    OperatorState.READY,
    OperatorState.PREVIEW,
    OperatorState.WRAP_UP,
    OperatorState.PAUSED,
    OperatorState.ABSENT,
    OperatorState.OFFLINE,
)
OUTCOMES: Final = (
    Outcome.ANSWERED,
    Outcome.NO_ANSWER,
    Outcome.WITHDRAWN,
    Outcome.BUSY,
    Outcome.MACHINE,
    Outcome.FAILED,
    Outcome.CARRIER_FAILED,
    Outcome.ABANDONED,
    Outcome.REFUSED,
    Outcome.INTERRUPTED,
)
_ON_A_CALL: Final = frozenset({OperatorState.TALKING, OperatorState.RESERVED})
Shown = dict[str, Any]


def show_floor(view: FloorView, f: Formats) -> Shown:
    """Return everything the page draws."""
    return {
        "version": view.version,
        "at": epoch_ms(view),
        "clock": f.clock(view.at),
        "summary": _summary(view, f),
        "seats": [show_seat(one, f) for one in view.seats],
        "campaigns": [show_campaign(one, f) for one in view.campaigns],
        "links": [
            {"node": one.node, "up": one.is_connected, "text": f.words(f"link.{'up' if one.is_connected else 'down'}")}
            for one in view.links
        ],
        "incidents": _to_look_at(view, f),
        "locks": [show_lock(lock, view, f) for lock in view.locks],
    }


def _to_look_at(view: FloorView, f: Formats) -> list[str]:
    """Return what waits for a person: results an operator owes for long, those nobody gave, open incidents."""
    t = f.words
    owed = [seat for seat in view.seats if seat.state is OperatorState.WRAP_UP and view.at - seat.since_at >= OVERDUE]
    found = [_overdue(seat, view.at, f) for seat in sorted(owed, key=lambda seat: seat.since_at)]
    if view.results_due:
        found.append(t.count("floor.results_missing", view.results_due, f.number(view.results_due)))
    found += [incident(t, one) for one in view.incidents]
    return found + [one.fr if f.language == "fr" else one.en for one in view.repeated]


def _overdue(seat: SeatView, at: datetime, f: Formats) -> str:
    minutes = (at - seat.since_at) // timedelta(minutes=1)
    return f.words("floor.result_overdue", n=minutes, seat=f"{seat.seat:02d}")


def epoch_ms(view: FloorView) -> int:
    """Return the picture's moment in milliseconds since 1970, as browsers count."""
    return round(view.at.timestamp() * 1000)


def show_lock(one: Lock, view: FloorView, f: Formats) -> Shown:
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


def show_seat(seat: SeatView, f: Formats) -> Shown:
    """Return one tile."""
    t = f.words
    return {
        "seat": seat.seat,
        "operator": seat.operator,
        "state": str(seat.state),
        "shape": SHAPES[seat.state],
        "word": t("state.calling" if seat.is_calling else f"state.{seat.state}"),
        "since": round(seat.since_at.timestamp() * 1000),
        "timed": seat.state is not OperatorState.OFFLINE,
        "campaign": seat.campaign,
        "say_first": seat.say_first.of(f.words.language) if seat.say_first else "",
        "skips": t.count("floor.skips", seat.skips, f.number(seat.skips)) if seat.skips else "",
    }


def show_campaign(one: CampaignView, f: Formats) -> Shown:
    """Return one campaign's figures."""
    t, n = f.words, f.number
    share = one.abandon_share
    following = MAY_FOLLOW[one.state]
    return {
        "id": one.campaign_id,
        "name": one.name,
        "state": str(one.state),
        "word": t(f"campaign.state.{one.state}"),
        "leads": t("campaign.leads", done=n(one.done), leads=n(one.leads)),
        "waiting": n(one.waiting),
        "done": one.done,
        "total": max(one.leads, 1),
        "lines": n(one.lines),
        "talking": n(one.talking),
        "per_minute": n(one.calls_per_minute),
        "abandoned": t.count("campaign.people", one.abandoned, n(one.abandoned)),
        "share": f.percent(share),
        "of": t("campaign.of_answered", answered=n(one.answered), cap=f.percent(one.abandon_cap)),
        "is_over": share > one.abandon_cap,
        "mode": show_mode(one.mode, one.power_tenths, f),
        "pace": one.pace.fr if f.language == "fr" else one.pace.en,
        "order": one.order.fr if f.language == "fr" else one.order.en,
        "held": [said(held, f.zone).of(f.language) for held in one.held],
        "outcomes": [[t(f"outcome.{word}"), n(one.outcomes.get(word, 0))] for word in OUTCOMES],
        "may_start": CampaignState.RUNNING in following,
        "may_pause": CampaignState.PAUSED in following,
        "may_stop": CampaignState.STOPPED in following,
    }


def show_mode(mode: DialMode, tenths: int, f: Formats) -> str:
    """Return a mode's name, with its ratio where it has one."""
    return f.words(f"mode.{mode}", ratio=f.tenths(tenths))


def _summary(view: FloorView, f: Formats) -> list[Shown]:
    counts = Counter(one.state for one in view.seats)
    counts[OperatorState.READY] += counts[OperatorState.RESERVED]
    return [
        {
            "state": str(state),
            "shape": SHAPES[state],
            "text": f"{counts[state]} {f.words(f'summary.{state}')}",
        }
        for state in COUNTED
    ] + [{"state": "due", "shape": "!", "text": f"{view.results_due} {f.words('summary.due')}"}]


def difference(before: Shown, after: Shown) -> Shown | None:
    """Return what a browser that drew ``before`` needs to draw ``after``; None when it needs everything."""
    for part, key in (("seats", "seat"), ("campaigns", "id")):
        if [one[key] for one in before[part]] != [one[key] for one in after[part]]:
            return None
    changed: Shown = {name: after[name] for name in ("version", "at", "clock")}
    for part in ("seats", "campaigns"):
        changed[part] = [new for old, new in zip(before[part], after[part], strict=True) if old != new]
    for part in ("summary", "links", "incidents", "locks"):
        if before[part] != after[part]:
            changed[part] = after[part]
    return changed


def floor_json(view: FloorView) -> Mapping[str, Any]:
    """Return the floor for programs: words of the domain, times in ISO 8601 UTC."""
    return {
        "version": view.version,
        "at": view.at.isoformat(),
        "seats": [seat_json(one) for one in view.seats],
        "campaigns": [
            {
                "id": one.campaign_id,
                "name": one.name,
                "state": str(one.state),
                "leads": one.leads,
                "waiting": one.waiting,
                "done": one.done,
                "lines": one.lines,
                "talking": one.talking,
                "outcomes": dict(one.outcomes),
                "abandoned": one.abandoned,
                "answered": one.answered,
                "abandon_cap": one.abandon_cap,
                "calls_per_minute": one.calls_per_minute,
                "mode": str(one.mode),
                "power_ratio": one.power_tenths / 10,
                "pace": {"fr": one.pace.fr, "en": one.pace.en},
                "order": {"fr": one.order.fr, "en": one.order.en},
                "held": [held_json(held) for held in one.held],
            }
            for one in view.campaigns
        ],
        "links": [{"node": one.node, "is_connected": one.is_connected} for one in view.links],
        "incidents": [found.text for found in view.incidents],
        "repeated_callbacks": [{"fr": one.fr, "en": one.en} for one in view.repeated],
        "results_due": view.results_due,
        "locks": [lock_json(lock) for lock in view.locks],
    }


def lock_json(lock: Lock) -> Mapping[str, Any]:
    """Return one lock for programs."""
    return {
        "scope": str(lock.scope),
        "target": lock.target,
        "by": lock.by,
        "at": lock.at.isoformat(),
        "reason": lock.reason,
        "ends_calls": lock.ends_calls,
    }


def held_json(held: Held) -> Mapping[str, Any]:
    """Return why leads are left and not called now, for programs."""
    until = held.until.isoformat() if held.until else None
    return {"cause": str(held.cause), "leads": held.count, "at_least": held.is_at_least, "until": until}


def seat_json(seat: SeatView) -> Mapping[str, Any]:
    """Return one seat for programs."""
    return {
        "seat": seat.seat,
        "operator": seat.operator,
        "state": str(seat.state),
        "since_at": seat.since_at.isoformat(),
        "campaign": seat.campaign,
        "say_first": None if seat.say_first is None else {"fr": seat.say_first.fr, "en": seat.say_first.en},
        "skips": seat.skips,
        "is_calling": seat.is_calling,
        "has_phone": seat.has_phone,
    }


def preview_json(preview: PreviewView | None) -> Mapping[str, Any] | None:
    """Return the lead before an operator for programs; no number, as on the desk."""
    if preview is None:
        return None
    return {
        "id": preview.preview_id,
        "campaign": preview.campaign,
        "name": preview.name,
        "fields": dict(preview.fields),
        "ends_at": preview.ends_at.isoformat(),
        "skips_left": preview.skips_left,
        "is_called": preview.is_called,
    }
