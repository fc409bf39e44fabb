"""The floor for programs: codes of the domain, times in ISO 8601 UTC, no telephone number. Pure."""

from collections.abc import Mapping
from typing import Any

from telephony.domain.floor.snapshot import FloorView, SeatView
from telephony.domain.leads.preview import PreviewView
from telephony.domain.leads.waiting_causes import Held
from telephony.domain.security.locks import Lock
from telephony.words import reason_json


def floor_json(view: FloorView) -> Mapping[str, Any]:
    """Return the floor for programs: codes of the domain, times in ISO 8601 UTC."""
    return {
        "version": view.version,
        "at": view.at.isoformat(),
        "seats": [seat_json(seat) for seat in view.seats],
        "campaigns": [
            {
                "id": campaign.campaign_id,
                "name": campaign.name,
                "state": str(campaign.state),
                "leads": campaign.leads,
                "waiting": campaign.waiting,
                "done": campaign.done,
                "lines": campaign.lines,
                "talking": campaign.talking,
                "outcomes": dict(campaign.outcomes),
                "abandoned": campaign.abandoned,
                "answered": campaign.answered,
                "abandon_cap": campaign.dialing.abandon_cap,
                "calls_per_minute": campaign.calls_per_minute,
                "mode": str(campaign.dialing.mode),
                "power_ratio": campaign.dialing.power_tenths / 10,
                "pace": reason_json(campaign.pace),
                "order": reason_json(campaign.order),
                "held": [held_json(held) for held in campaign.held],
            }
            for campaign in view.campaigns
        ],
        "links": [{"node": link.node, "is_connected": link.is_connected} for link in view.links],
        "incidents": [incident.text for incident in view.incidents],
        "repeated_callbacks": [reason_json(reason) for reason in view.repeated],
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
    """Return why leads are left and not being called, for programs."""
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
        "say_first": None if seat.say_first is None else reason_json(seat.say_first),
        "skips": seat.skips,
        "is_calling": seat.is_calling,
        "has_phone": seat.has_phone,
    }


def preview_json(preview: PreviewView | None) -> Mapping[str, Any] | None:
    """Return the lead offered to an operator for programs; no telephone number, as on the desk."""
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
