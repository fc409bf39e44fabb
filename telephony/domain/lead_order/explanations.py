"""What the order of a campaign's leads is, and why one lead is early or late, in words.

The order itself is left to ``lead_plan``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from telephony.domain.lead_order.buckets import features_of, is_fresh
from telephony.domain.numbers.ranges import NumberKind
from telephony.domain.text.reason import Reason
from telephony.ids import ListId

FEW: Final = 200
"""Attempts learned from below which the order says little yet."""
LIST_ORDER: Final = Reason("order.list")
LEARNED_ORDER: Final = Reason("order.learned")


@dataclass(frozen=True, slots=True)
class RankExplanation:
    """Why a lead is early or late.

    Attributes:
        chance: that a person answers now.
        std_error: how far off that may be: one standard deviation.
        best_chance: the highest in the hours the campaign still calls in.
        best_at: when that hour begins, on the site's clock; None when it is now.
        rank: of its bucket among those of its list that wait, 1 being called first.
        of: how many such buckets there are.
        seen: attempts learned from.
    """

    chance: float
    std_error: float
    best_chance: float
    best_at: datetime | None
    rank: int
    of: int
    seen: int


def describe_learned(seen: int, first: tuple[str, float] | None) -> Reason:
    """Return what a learned order does now.

    Args:
        seen: attempts learned from.
        first: bucket that is called first and its chance now; None: nobody is due.
    """
    if seen < FEW:
        return Reason("order.learning", seen=seen, needed=FEW)
    if first is None:
        return Reason("order.learned_from", seen=seen)
    return Reason("order.learned_first", seen=seen, leads=_leads(first[0]), share=first[1])


def standing_said(standing: RankExplanation) -> Reason:
    """Return why a lead is early or late."""
    at = standing.best_at
    later = (
        Reason("order.no_better_hour") if at is None else Reason("order.better_hour", at=at, share=standing.best_chance)
    )
    return Reason(
        "order.standing",
        share=standing.chance,
        std_error=round(100 * standing.std_error),
        later=later,
        rank=standing.rank,
        of=standing.of,
        seen=standing.seen,
    )


def _leads(bucket: str) -> Reason:
    features = features_of(bucket, ListId(0))
    known = features.kind in set(NumberKind)
    kind = Reason(f"order.kind.{features.kind}" if known else "order.kind.other")
    if is_fresh(bucket):
        return Reason("order.never_tried", kind=kind)
    return Reason("order.tried", kind=kind, n=len(features.tries))
