"""United Kingdom: the table, from secondary sources. No law sets hours; consent is left to the opposition list."""

from datetime import date
from typing import Final

from telephony.domain.law.basis import CampaignKind
from telephony.domain.law.callback_rows import callback_rows
from telephony.domain.law.person import person_rows
from telephony.domain.law.places import Jurisdiction
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
from telephony.domain.law.wording import Text

_OFCOM: Final = "Ofcom, statement on persistent misuse, 2016-12-20"
_SINCE: Final = date(2017, 3, 1)


def _row(
    law: Law, bound: Bound, fr: str, en: str, reference: str = _OFCOM, confidence: Confidence = Confidence.SECONDARY
) -> Provision:
    kinds = frozenset(CampaignKind)
    return Provision(law, Jurisdiction.GB, kinds, bound, Text(fr, en), reference, confidence, _SINCE)


_OF_NUMBERS: Final = (
    _row(
        Law.OPPOSITION, NotListed(),
        "Jamais un numéro d'une liste d'opposition (TPS, CTPS).",
        "Never a number on an opposition list (TPS, CTPS).",
        "PECR 2003 reg. 21", Confidence.MEMORY,
    ),
    _row(
        Law.OBJECTION, NotObjected(),
        "Qui s'oppose n'est plus appelé pour cette entreprise, sauf consentement donné depuis.",
        "Whoever objects is not called again for that company, unless they consented since.",
        "UK GDPR art. 21; PECR 2003 reg. 21", Confidence.MEMORY,
    ),
    _row(
        Law.ABANDON_CAP, AbandonAtMost(0.03, 1),
        "Au plus 3 % d'appels abandonnés par campagne et par 24 h (plafond, non plus garantie).",
        "At most 3 % of calls abandoned per campaign and 24 h (a ceiling, no longer a safe harbour).",
    ),
    _row(
        Law.MESSAGE, MessageWithin(2),
        "Un opérateur ou le message d'information dans les 2 s.",
        "An operator or the information message within 2 s.",
    ),
    _row(Law.RING_TIME, RingsAtLeast(15), "L'appel sonne 15 s au moins.", "A call rings for 15 s at least."),
    _row(
        Law.ABANDONED, Protects(72),
        "Après un appel abandonné, 72 h sans appel, sauf opérateur garanti.",
        "After an abandoned call, none for 72 h unless a live operator is guaranteed.",
    ),
    _row(
        Law.MACHINE, Protects(24),
        "Après un répondeur détecté, 24 h sans appel, sauf opérateur garanti.",
        "After a machine was detected, none for 24 h unless a live operator is guaranteed.",
    ),
)  # fmt: skip
TABLE: Final[tuple[Provision, ...]] = (*_OF_NUMBERS, *person_rows(_OF_NUMBERS), *callback_rows(Jurisdiction.GB))
