"""What the order of a campaign's leads is, and why one lead is early or late, in words.

The order itself is left to ``lead_plan``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from telephony.domain.floor import PaceReason
from telephony.domain.lead_buckets import features_of, is_fresh
from telephony.domain.propensity import NumberKind
from telephony.ids import ListId

FEW: Final = 200
"""Attempts learned from below which the order says little yet."""
_KINDS: Final = {
    NumberKind.MOBILE: ("mobiles", "mobiles"),
    NumberKind.LANDLINE: ("fixes", "landlines"),
    NumberKind.OVERSEAS: ("numéros d’outre-mer", "overseas numbers"),
    NumberKind.NON_GEOGRAPHIC: ("numéros en 08 et 09", "08 and 09 numbers"),
    NumberKind.FOREIGN: ("numéros étrangers", "foreign numbers"),
}
_DAYS: Final = (
    ("lundi", "Monday"),
    ("mardi", "Tuesday"),
    ("mercredi", "Wednesday"),
    ("jeudi", "Thursday"),
    ("vendredi", "Friday"),
    ("samedi", "Saturday"),
    ("dimanche", "Sunday"),
)
LIST_ORDER: Final = PaceReason(
    fr="Ordre de la liste\u202f: les rappels après échec, puis le fichier.",
    en="List order: those that come back, then the file.",
)
LEARNED_ORDER: Final = PaceReason(
    fr="Chaque liste est appelée selon la chance qu’une personne réponde, apprise des appels de la campagne\u202f;"
    " rappels promis, priorités, parts et délais restent, et chacun est essayé.",
    en="Each list is called by the chance that a person answers, learned from the campaign's own calls; callbacks,"
    " priorities, shares and delays hold, and everybody is tried.",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Why a lead is early or late.

    Attributes:
        chance: that a person answers now.
        doubt: how far off that may be: one standard deviation.
        best_chance: the highest in the hours the campaign still calls in.
        best_at: when that hour begins, on the site's clock; None when it is now.
        rank: of its bucket among those of its list that wait, 1 being called first.
        of: how many such buckets there are.
        seen: attempts learned from.
    """

    chance: float
    doubt: float
    best_chance: float
    best_at: datetime | None
    rank: int
    of: int
    seen: int


def learned_said(seen: int, first: tuple[str, float] | None) -> PaceReason:
    """Say what a learned order does now.

    Args:
        seen: attempts learned from.
        first: bucket that is called first and its chance now; None: nobody is due.
    """
    if seen < FEW:
        return PaceReason(
            fr=f"Ordre appris\u202f: {seen} appels vus, il en faut {FEW}\u202f; d’ici là, presque l’ordre de la liste.",
            en=f"Learned order: {seen} calls seen, need {FEW}; until then nearly list order.",
        )
    if first is None:
        return PaceReason(fr=f"Ordre appris de {seen} appels.", en=f"Order learned from {seen} calls.")
    fr, en = _said_of(first[0])
    percent = round(100 * first[1])
    return PaceReason(
        fr=f"Ordre appris de {seen} appels\u202f: d’abord {fr}, {percent}\u202f% répondent à cette heure.",
        en=f"Order learned from {seen} calls: first {en}, {percent}% answer at this hour.",
    )


def standing_said(standing: Standing) -> PaceReason:
    """Say why a lead is early or late."""
    chance, doubt = round(100 * standing.chance), round(100 * standing.doubt)
    fr = f"Une personne répondrait maintenant avec {chance}\u202f% de chances (± {doubt})"
    en = f"A person would answer now with a chance of {chance}% (± {doubt})"
    at = standing.best_at
    if at is None:
        fr, en = f"{fr}\u202f; aucune heure à venir n’est meilleure", f"{en}; no hour to come is better"
    else:
        best = round(100 * standing.best_chance)
        day_fr, day_en = _DAYS[at.weekday()]
        fr = f"{fr}\u202f; {day_fr} à {at.hour}\u202fh ce serait {best}\u202f%"
        en = f"{en}; on {day_en} at {at:%H:%M} it would be {best}%"
    fr = f"{fr}. Son groupe est le {standing.rank}ᵉ sur {standing.of} de sa liste ({standing.seen} appels appris)."
    en = f"{en}. Its group is number {standing.rank} of {standing.of} of its list ({standing.seen} calls learned from)."
    return PaceReason(fr, en)


def _said_of(bucket: str) -> tuple[str, str]:
    features = features_of(bucket, ListId(0))
    known = features.kind in set(NumberKind)
    fr, en = _KINDS[NumberKind(features.kind)] if known else ("d’autres numéros", "other numbers")
    if is_fresh(bucket):
        return f"{fr} jamais essayés", f"{en} never tried"
    count = len(features.tries)
    return f"{fr} essayés {count} fois", f"{en} tried {count} time{'s' if count > 1 else ''}"
