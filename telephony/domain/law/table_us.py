"""United States: the table of the federal Telemarketing Sales Rule. States have stricter laws: the site tightens."""

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
    Hours,
    Law,
    MessageWithin,
    NotListed,
    NotObjected,
    Protects,
    Provision,
    RingsAtLeast,
)
from telephony.domain.law.wording import Text

_ALL: Final = frozenset(CampaignKind)
_SELLING: Final = frozenset({CampaignKind.CONSUMER, CampaignKind.CONTRACT})
_ABANDON: Final = "FTC TSR, 16 CFR 310.4(b)(4)"


def _row(
    law: Law,
    kinds: frozenset[CampaignKind],
    bound: Bound,
    fr: str,
    en: str,
    reference: str = _ABANDON,
    confidence: Confidence = Confidence.READ,
) -> Provision:
    since = date(2009, 9, 1)
    return Provision(law, Jurisdiction.US, kinds, bound, Text(fr, en), reference, confidence, since)


_OF_NUMBERS: Final = (
    _row(
        Law.OPPOSITION, _ALL, NotListed(),
        "Jamais un numéro d'une liste d'opposition (Do Not Call).",
        "Never a number on an opposition list (Do Not Call).",
        "FTC TSR, 16 CFR 310.4(b)(1)(iii)", Confidence.MEMORY,
    ),
    _row(
        Law.OBJECTION, _ALL, NotObjected(),
        "Qui s'oppose n'est plus appelé pour cette entreprise, sauf consentement donné depuis.",
        "Whoever objects is not called again for that company, unless they consented since.",
        "FTC TSR, 16 CFR 310.4(b)(1)(iii)(A)", Confidence.MEMORY,
    ),
    _row(
        Law.CALLING_HOURS, _SELLING, Hours(((480, 1260),)),
        "De 8 h à 21 h, à l'heure de la personne appelée.",
        "8:00-21:00 on the called person's clock.",
        "FTC TSR, 16 CFR 310.4(c)",
    ),
    _row(
        Law.ABANDON_CAP, _ALL, AbandonAtMost(0.03, 30),
        "Au plus 3 % des appels pris par une personne sont abandonnés, par campagne et 30 jours.",
        "At most 3 % of calls answered by a live person are abandoned, per campaign and 30 days.",
    ),
    _row(
        Law.RING_TIME, _ALL, RingsAtLeast(15),
        "L'appel sonne 15 s ou 4 coups au moins.",
        "A call rings for 15 s or 4 rings at least.",
    ),
    _row(
        Law.MESSAGE, _ALL, MessageWithin(2),
        "Sans opérateur dans les 2 s, un message dit le nom et le numéro de qui appelle.",
        "Without an operator within 2 s, a recorded message tells the caller's name and number.",
    ),
    _row(
        Law.ABANDONED, _ALL, Protects(72),
        "Après un appel abandonné, 72 h sans appel, sauf opérateur garanti.",
        "After an abandoned call, none for 72 h unless an operator is guaranteed.",
        "no US text: the product's own rule, after Ofcom", Confidence.OWN,
    ),
)  # fmt: skip
TABLE: Final[tuple[Provision, ...]] = (*_OF_NUMBERS, *person_rows(_OF_NUMBERS), *callback_rows(Jurisdiction.US))
