"""Trunks as a campaign sees them: its ways out, which is tried first, and what one call says about its carrier.

A way out is a trunk with the caller ID shown on it. A permit is for one of them; when a carrier fails, the next
attempt takes the next one. Room and rate are left to the trunks service, opening and closing to ``breaker``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from telephony.domain.calls.attempts import Attempt
from telephony.domain.calls.outcomes import RECORDING_FAULT_CAUSE, Outcome


@dataclass(frozen=True, slots=True)
class Route:
    """One way out of a campaign.

    Attributes:
        trunk: name of the trunk in the settings.
        caller_id: E.164 without plus, one of those that trunk's contract allows.
        share: weight among the campaign's ways out; all 0: they are taken in order.
    """

    trunk: str
    caller_id: str
    share: int = 0


def preferred(routes: Sequence[Route], carried: Mapping[str, int]) -> tuple[Route, ...]:
    """Return the ways out in the order they are to be tried for the next call.

    Args:
        routes: the campaign's, in its order.
        carried: the campaign's calls so far, by trunk; only shares look at them.

    Returns:
        Without shares, the campaign's own order. With shares, the one furthest behind its share first, and those of
        share 0 last: they stand in when the others fail.
    """
    if not any(route.share for route in routes):
        return tuple(routes)
    with_share = [route for route in routes if route.share]
    with_share.sort(key=lambda route: (carried.get(route.trunk, 0) + 1) / route.share)
    return (*with_share, *(route for route in routes if not route.share))


class Sign(StrEnum):
    """What one call says about the carrier that had it."""

    CARRIED = "carried"
    """It rang, was busy or was answered: the carrier works."""
    FAULT = "fault"
    """The carrier's own fault: 5xx, no answer to the INVITE, our account refused."""
    UNREACHED = "unreached"
    """Nobody was reached, for a reason that may be the number's: 404, 603, silence. Only a long run of them counts."""


def sign_of(attempt: Attempt) -> Sign | None:
    """Read the sign of an attempt as it stands; None while there is none, or when the carrier had no part in it."""
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
