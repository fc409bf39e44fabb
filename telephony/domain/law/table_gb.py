"""United Kingdom: the table, from secondary sources. No law sets hours; do-not-call lists take the place of consent."""

from datetime import date
from typing import Final

from telephony.domain.law.basis import CampaignKind
from telephony.domain.law.callback_rows import callback_rows
from telephony.domain.law.person import person_rows
from telephony.domain.law.provisions import (
    AbandonAtMost,
    Bound,
    Confidence,
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

_OFCOM: Final = "Ofcom, statement on persistent misuse, 2016-12-20"
_SINCE: Final = date(2017, 3, 1)


def _row(
    law: Law, bound: Bound, text: Reason, reference: str = _OFCOM, confidence: Confidence = Confidence.SECONDARY
) -> Provision:
    kinds = frozenset(CampaignKind)
    return Provision(law, Jurisdiction.GB, kinds, bound, text, reference, confidence, _SINCE)


_OF_NUMBERS: Final = (
    _row(
        Law.OPPOSITION, NotListed(),
        Reason("law.row.gb.do_not_call"),
        "PECR 2003 reg. 21", Confidence.MEMORY,
    ),
    _row(
        Law.OBJECTION, NotObjected(),
        Reason("law.row.gb.objection"),
        "UK GDPR art. 21; PECR 2003 reg. 21", Confidence.MEMORY,
    ),
    _row(
        Law.ABANDON_CAP, AbandonAtMost(0.03, 1),
        Reason("law.row.gb.abandon_cap"),
    ),
    _row(
        Law.MESSAGE, MessageWithin(2),
        Reason("law.row.gb.message"),
    ),
    _row(Law.RING_TIME, RingsAtLeast(15), Reason("law.row.gb.ring_time")),
    _row(
        Law.ABANDONED, Protects(72),
        Reason("law.row.gb.abandoned"),
    ),
    _row(
        Law.MACHINE, Protects(24),
        Reason("law.row.gb.machine"),
    ),
)  # fmt: skip
TABLE: Final[tuple[Provision, ...]] = (*_OF_NUMBERS, *person_rows(_OF_NUMBERS), *callback_rows(Jurisdiction.GB))
