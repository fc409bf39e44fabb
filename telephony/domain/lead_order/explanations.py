"""Explain the order of a campaign's leads, and why one lead is early or late.

The order itself is left to ``plan``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from telephony.domain.lead_order.buckets import features_of, is_fresh
from telephony.domain.numbers.ranges import NumberKind
from telephony.domain.text.reason import Reason
from telephony.ids import ListId

FEW: Final = 200
"""With fewer attempts learned from, the learned order is not yet reliable."""
LIST_ORDER: Final = Reason("order.list")
LEARNED_ORDER: Final = Reason("order.learned")


@dataclass(frozen=True, slots=True)
class RankExplanation:
    """Why a lead is early or late.

    Attributes:
        chance: chance that a person answers now.
        std_error: standard error of that chance.
        best_chance: the highest chance in the campaign's remaining calling hours.
        best_at: when that hour begins, in the site's local time; None when it is now.
        rank: rank of its bucket among the waiting buckets of its list; 1 is called first.
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
    """Return the description of a learned order.

    Args:
        seen: attempts learned from.
        first: the bucket that is called first and its chance now; None: no lead is due.
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
