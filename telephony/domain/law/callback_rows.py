"""The rows about promising a callback, the same in every table: how soon, how often a day, at which hours.

No law limits callbacks, so these are the product's own rules. They apply to the promise only, never to a call.
"""

from datetime import date
from typing import Final

from telephony.domain.law.basis import CampaignKind
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
from telephony.domain.numbers.ranges import Jurisdiction
from telephony.domain.text.reason import Reason

_SINCE: Final = date(2026, 1, 1)
_ROWS: Final[tuple[tuple[Law, Bound, Reason], ...]] = (
    (
        Law.CALLBACK_NOTICE,
        NoticeAtLeast(2),
        Reason("law.row.callback_notice"),
    ),
    (
        Law.CALLBACK_GAP,
        GapAtLeast(15),
        Reason("law.row.callback_gap"),
    ),
    (
        Law.CALLBACKS_A_DAY,
        AtMostADay(2),
        Reason("law.row.callbacks_a_day"),
    ),
    (
        Law.CALLBACK_HOURS,
        Days(frozenset(range(6))),
        Reason("law.row.callback_days"),
    ),
    (
        Law.CALLBACK_HOURS,
        Hours(((420, 1260),)),
        Reason("law.row.callback_hours"),
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
