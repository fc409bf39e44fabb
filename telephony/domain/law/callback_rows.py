"""The rows about promising a callback, the same in every table: how soon, how often a day, at which hours.

No text bounds callbacks, so these are the product's own. They bind the promise alone, never a call.
"""

from datetime import date
from typing import Final

from telephony.domain.law.basis import CampaignKind
from telephony.domain.law.places import Jurisdiction
from telephony.domain.law.provisions import (
    AtMostADay,
    Bound,
    Confidence,
    Days,
    GapAtLeast,
    Hours,
    Law,
    NoticeAtLeast,
    Provision,
)
from telephony.domain.law.wording import Text

_SINCE: Final = date(2026, 1, 1)
_ROWS: Final[tuple[tuple[Law, Bound, Text], ...]] = (
    (
        Law.CALLBACK_NOTICE,
        NoticeAtLeast(2),
        Text("Un rappel se promet au moins 2 minutes à l’avance.", "A callback is promised 2 minutes ahead at least."),
    ),
    (
        Law.CALLBACK_GAP,
        GapAtLeast(15),
        Text(
            "Au moins 15 minutes entre deux rappels à une même personne.",
            "At least 15 minutes between two callbacks to one person.",
        ),
    ),
    (
        Law.CALLBACKS_A_DAY,
        AtMostADay(2),
        Text(
            "Au plus 2 rappels promis par personne et par jour.",
            "At most 2 callbacks are promised per person and day.",
        ),
    ),
    (
        Law.CALLBACK_HOURS,
        Days(frozenset(range(6))),
        Text("Aucun rappel ne se promet pour un dimanche.", "No callback is promised for a Sunday."),
    ),
    (
        Law.CALLBACK_HOURS,
        Hours(((420, 1260),)),
        Text(
            "Un rappel se promet entre 7 h et 21 h, à l\u2019heure de la personne.",
            "A callback is promised for 7:00-21:00 on the person's clock.",
        ),
    ),
)


def callback_rows(jurisdiction: Jurisdiction) -> tuple[Provision, ...]:
    """Return them as rows of a table."""
    return tuple(
        Provision(
            law, jurisdiction, frozenset(CampaignKind), bound, text, "no text: the product's own rule", Confidence.OWN,
            _SINCE,
        )
        for law, bound, text in _ROWS
    )  # fmt: skip
