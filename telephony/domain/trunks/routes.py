"""The routes of a campaign: which is tried first, and what one call says about its carrier.

A route is a trunk with the caller ID shown on it. A permit is for one route; when a carrier fails, the next attempt
takes the next route. Capacity and rate are left to the trunks service, opening and closing to ``breaker``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from telephony.domain.calls.attempts import Attempt
from telephony.domain.calls.outcomes import RECORDING_FAULT_CAUSE, Outcome


@dataclass(frozen=True, slots=True)
class Route:
    """One route of a campaign.

    Attributes:
        trunk: name of the trunk in the settings.
        caller_id: E.164 without plus, one that the trunk's contract allows.
        share: weight among the campaign's routes; all 0: they are tried in order.
    """

    trunk: str
    caller_id: str
    share: int = 0


def preferred(routes: Sequence[Route], carried: Mapping[str, int]) -> tuple[Route, ...]:
    """Return the routes in the order in which to try them for the next call.

    Args:
        routes: the campaign's, in its order.
        carried: the campaign's calls so far, by trunk; used only with shares.

    Returns:
        Without shares, the campaign's own order. With shares, the route furthest behind its share first, and those
        with share 0 last, as a fallback when the others fail.
    """
    if not any(route.share for route in routes):
        return tuple(routes)
    with_share = [route for route in routes if route.share]
    with_share.sort(key=lambda route: (carried.get(route.trunk, 0) + 1) / route.share)
    return (*with_share, *(route for route in routes if not route.share))


class Sign(StrEnum):
    """What one call says about its carrier."""

    CARRIED = "carried"
    """It rang, was busy or was answered: the carrier works."""
    FAULT = "fault"
    """The carrier's own fault: 5xx, no answer to the INVITE, our account refused."""
    UNREACHED = "unreached"
    """Nobody was reached, possibly because of the number: 404, 603, silence. Only a long run of them counts."""


def sign_of(attempt: Attempt) -> Sign | None:
    """Return the sign of an attempt in its present state; None while there is none, or if no carrier was involved."""
    if attempt.answered_at or attempt.rang_at or attempt.outcome is Outcome.BUSY:
        return Sign.CARRIED
    if not attempt.trunk_channel or attempt.hangup_cause == RECORDING_FAULT_CAUSE:
        return None
    match attempt.outcome:
        case Outcome.CARRIER_FAILED:
            return Sign.FAULT
        case Outcome.NO_ANSWER:
            return Sign.CARRIED if attempt.tech_cause or attempt.early_media_at else Sign.UNREACHED
        case Outcome.FAILED:
            return Sign.UNREACHED
        case _:
            return None
