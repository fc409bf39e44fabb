"""The floor as one person sees it: every word, figure and shape ready to be put on the screen.

The same values fill the page when it is loaded and travel in the event stream afterwards, so the browser only writes
them where they belong and draws the timers. Pure: a ``FloorView`` and ``Formats`` in, JSON values out.
"""

from collections import Counter
from typing import Any, Final

from telephony.domain.calls.operators import OperatorState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import MAY_FOLLOW, CampaignState
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.domain.floor.snapshot import CampaignView, FloorView, SeatView
from telephony.domain.leads.waiting_causes import said
from telephony.web.i18n.formats import Formats
from telephony.web.views.locks import show_lock
from telephony.web.views.to_do import to_look_at
from telephony.words import say

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
        "incidents": to_look_at(view, f),
        "locks": [show_lock(lock, view, f) for lock in view.locks],
    }


def epoch_ms(view: FloorView) -> int:
    """Return the picture's moment in milliseconds since 1970, as browsers count."""
    return round(view.at.timestamp() * 1000)


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
        "say_first": say(seat.say_first, f.language) if seat.say_first else "",
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
        "of": t("campaign.of_answered", answered=n(one.answered), cap=f.percent(one.dialing.abandon_cap)),
        "is_over": share > one.dialing.abandon_cap,
        "mode": show_mode(one.dialing.mode, one.dialing.power_tenths, f),
        "pace": say(one.pace, f.language),
        "order": say(one.order, f.language),
        "held": [say(said(held, f.zone), f.language) for held in one.held],
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
