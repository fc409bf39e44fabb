"""The floor for one person: every text, figure and shape as the screen shows it.

The same values fill the page when it is loaded and are sent in the event stream afterwards. The browser only puts
them in place and draws the timers. Pure: a ``FloorView`` and ``Formats`` in, JSON values out.
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
"""Shape and text show a state; colour only helps."""
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
    """Return everything the page shows."""
    return {
        "version": view.version,
        "at": epoch_ms(view),
        "clock": f.clock(view.at),
        "summary": _summary(view, f),
        "seats": [show_seat(seat, f) for seat in view.seats],
        "campaigns": [show_campaign(campaign, f) for campaign in view.campaigns],
        "links": [
            {
                "node": link.node,
                "up": link.is_connected,
                "text": f.words(f"link.{'up' if link.is_connected else 'down'}"),
            }
            for link in view.links
        ],
        "incidents": to_look_at(view, f),
        "locks": [show_lock(lock, view, f) for lock in view.locks],
    }


def epoch_ms(view: FloorView) -> int:
    """Return the time of the snapshot in milliseconds since 1970, as browsers count."""
    return round(view.at.timestamp() * 1000)


def show_seat(seat: SeatView, f: Formats) -> Shown:
    """Return the tile of a seat."""
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


def show_campaign(campaign: CampaignView, f: Formats) -> Shown:
    """Return the figures of a campaign."""
    t, n = f.words, f.number
    share = campaign.abandon_share
    following = MAY_FOLLOW[campaign.state]
    return {
        "id": campaign.campaign_id,
        "name": campaign.name,
        "state": str(campaign.state),
        "word": t(f"campaign.state.{campaign.state}"),
        "leads": t("campaign.leads", done=n(campaign.done), leads=n(campaign.leads)),
        "waiting": n(campaign.waiting),
        "done": campaign.done,
        "total": max(campaign.leads, 1),
        "lines": n(campaign.lines),
        "talking": n(campaign.talking),
        "per_minute": n(campaign.calls_per_minute),
        "abandoned": t.count("campaign.people", campaign.abandoned, n(campaign.abandoned)),
        "share": f.percent(share),
        "of": t("campaign.of_answered", answered=n(campaign.answered), cap=f.percent(campaign.dialing.abandon_cap)),
        "is_over": share > campaign.dialing.abandon_cap,
        "mode": show_mode(campaign.dialing.mode, campaign.dialing.power_tenths, f),
        "pace": say(campaign.pace, f.language),
        "order": say(campaign.order, f.language),
        "held": [say(said(held, f.zone), f.language) for held in campaign.held],
        "outcomes": [[t(f"outcome.{outcome}"), n(campaign.outcomes.get(outcome, 0))] for outcome in OUTCOMES],
        "may_start": CampaignState.RUNNING in following,
        "may_pause": CampaignState.PAUSED in following,
        "may_stop": CampaignState.STOPPED in following,
    }


def show_mode(mode: DialMode, tenths: int, f: Formats) -> str:
    """Return the name of a mode, with its ratio if it has one."""
    return f.words(f"mode.{mode}", ratio=f.tenths(tenths))


def _summary(view: FloorView, f: Formats) -> list[Shown]:
    counts = Counter(seat.state for seat in view.seats)
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
    """Return what a browser that shows ``before`` needs to show ``after``; None when it needs everything."""
    for part, key in (("seats", "seat"), ("campaigns", "id")):
        if [row[key] for row in before[part]] != [row[key] for row in after[part]]:
            return None
    changed: Shown = {name: after[name] for name in ("version", "at", "clock")}
    for part in ("seats", "campaigns"):
        changed[part] = [new for old, new in zip(before[part], after[part], strict=True) if old != new]
    for part in ("summary", "links", "incidents", "locks"):
        if before[part] != after[part]:
            changed[part] = after[part]
    return changed
