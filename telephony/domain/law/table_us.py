"""United States: the table of the federal Telemarketing Sales Rule. States have stricter laws; a site adds them."""

from datetime import date
from typing import Final

from telephony.domain.law.basis import CampaignKind
from telephony.domain.law.callback_rows import callback_rows
from telephony.domain.law.person import person_rows
from telephony.domain.law.provisions import (
    AbandonAtMost,
    Bound,
    Confidence,
    Hours,
    Law,
    MessageWithin,
    NotListed,
    NotObjected,
    Protects,
    Provision,
    RingsAtLeast,
)
from telephony.domain.numbers.ranges import Jurisdiction
from telephony.domain.text.reason import Reason

_ALL: Final = frozenset(CampaignKind)
_SELLING: Final = frozenset({CampaignKind.CONSUMER, CampaignKind.CONTRACT})
_ABANDON: Final = "FTC TSR, 16 CFR 310.4(b)(4)"


def _row(
    law: Law,
    kinds: frozenset[CampaignKind],
    bound: Bound,
    text: Reason,
    reference: str = _ABANDON,
    confidence: Confidence = Confidence.READ,
) -> Provision:
    since = date(2009, 9, 1)
    return Provision(law, Jurisdiction.US, kinds, bound, text, reference, confidence, since)


_OF_NUMBERS: Final = (
    _row(
        Law.OPPOSITION, _ALL, NotListed(),
        Reason("law.row.us.do_not_call"),
        "FTC TSR, 16 CFR 310.4(b)(1)(iii)", Confidence.MEMORY,
    ),
    _row(
        Law.OBJECTION, _ALL, NotObjected(),
        Reason("law.row.us.objection"),
        "FTC TSR, 16 CFR 310.4(b)(1)(iii)(A)", Confidence.MEMORY,
    ),
    _row(
        Law.CALLING_HOURS, _SELLING, Hours(((480, 1260),)),
        Reason("law.row.us.calling_hours"),
        "FTC TSR, 16 CFR 310.4(c)",
    ),
    _row(
        Law.ABANDON_CAP, _ALL, AbandonAtMost(0.03, 30),
        Reason("law.row.us.abandon_cap"),
    ),
    _row(
        Law.RING_TIME, _ALL, RingsAtLeast(15),
        Reason("law.row.us.ring_time"),
    ),
    _row(
        Law.MESSAGE, _ALL, MessageWithin(2),
        Reason("law.row.us.message"),
    ),
    _row(
        Law.ABANDONED, _ALL, Protects(72),
        Reason("law.row.us.abandoned"),
        "no US text: the product's own rule, after Ofcom", Confidence.OWN,
    ),
)  # fmt: skip
TABLE: Final[tuple[Provision, ...]] = (*_OF_NUMBERS, *person_rows(_OF_NUMBERS), *callback_rows(Jurisdiction.US))
