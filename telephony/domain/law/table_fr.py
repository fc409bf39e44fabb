"""France: the table. Read on 2026-11-22; see the confidence of each row.

Prospecting rules bind calls to consumers, those of an existing contract included (décret 2022-1313 says so); surveys
that sell nothing and calls to professionals are outside them. What binds the person binds every kind of campaign: the
right to object, opposition lists, and what may not be sold by telephone (docs/adr/0502).
"""

from datetime import date
from typing import Final

from telephony.domain.law.basis import Basis, CampaignKind, Sector
from telephony.domain.law.callback_rows import callback_rows
from telephony.domain.law.person import person_rows
from telephony.domain.law.places import Jurisdiction
from telephony.domain.law.provisions import (
    AbandonAtMost,
    Bound,
    CallerIdNot,
    CallerIdOneOf,
    Confidence,
    CoolOff,
    Days,
    Duty,
    Frequency,
    Holidays,
    Hours,
    Law,
    MessageWithin,
    NeedsBasis,
    NotListed,
    NotObjected,
    NotSold,
    Protects,
    Provision,
    RingsAtLeast,
)
from telephony.domain.law.wording import Text

EVERYBODY: Final = frozenset(CampaignKind)
CONSUMERS: Final = frozenset({CampaignKind.CONSUMER, CampaignKind.CONTRACT})
_PROSPECTING: Final = frozenset({CampaignKind.CONSUMER})
_DECREE: Final = date(2023, 3, 1)
OPT_IN: Final = date(2026, 8, 11)
"""First day on which a consumer is called only with consent or under a contract."""
_D223_9: Final = "art. D. 223-9 C. conso., décret 2022-1313"
_L223_1: Final = "art. L. 223-1 C. conso., loi 2025-594"
_ARCEP: Final = "ARCEP, plan de numérotation, décision 2018-0881 modifiée"
_OFCOM_MODEL: Final = "no French text: the product's own rule, after Ofcom"


def _row(
    law: Law,
    kinds: frozenset[CampaignKind],
    bound: Bound,
    text: Text,
    reference: str,
    confidence: Confidence,
    valid_from: date,
    *,
    waived: bool = False,
) -> Provision:
    return Provision(
        law, Jurisdiction.FR, kinds, bound, text, reference, confidence, valid_from, is_waived_by_consent=waived
    )


_WHEN: Final = (
    _row(
        Law.CALLING_DAYS, CONSUMERS, Days(frozenset(range(5))),
        Text("Du lundi au vendredi.", "Monday to Friday."),
        _D223_9, Confidence.READ, _DECREE, waived=True,
    ),
    _row(
        Law.PUBLIC_HOLIDAY, CONSUMERS, Holidays(),
        Text("Jamais un jour férié (les 11 jours nationaux).", "Never on a public holiday (the 11 national ones)."),
        f"{_D223_9}; art. L. 3133-1 C. trav.", Confidence.READ, _DECREE, waived=True,
    ),
    _row(
        Law.CALLING_HOURS, CONSUMERS, Hours(((600, 780), (840, 1200))),
        Text(
            "De 10 h à 13 h et de 14 h à 20 h, à l'heure de la personne appelée.",
            "10:00-13:00 and 14:00-20:00 on the called person's clock.",
        ),
        _D223_9, Confidence.READ, _DECREE, waived=True,
    ),
    _row(
        Law.FREQUENCY, CONSUMERS, Frequency(4, 30),
        Text(
            "Au plus 4 appels ou tentatives sur 30 jours calendaires, toutes campagnes de l'entreprise confondues.",
            "At most 4 calls or attempts in any 30 calendar days, over all campaigns of the company.",
        ),
        _D223_9, Confidence.READ, _DECREE,
    ),
    _row(
        Law.COOL_OFF, CONSUMERS, CoolOff(60),
        Text(
            "Après un refus, aucun appel pendant 60 jours calendaires.",
            "After a refusal, no call for 60 calendar days.",
        ),
        _D223_9, Confidence.READ, _DECREE,
    ),
    _row(
        Law.OBJECTION, EVERYBODY, NotObjected(),
        Text(
            "Qui s'oppose n'est plus appelé pour cette entreprise, sauf consentement donné depuis.",
            "Whoever objects is not called again for that company, unless they consented since.",
        ),
        "RGPD art. 21(3)", Confidence.READ, date(2018, 5, 25),
    ),
)  # fmt: skip
_WHETHER: Final = (
    _row(
        Law.OPPOSITION, EVERYBODY, NotListed(),
        Text("Jamais un numéro d'une liste d'opposition.", "Never a number on an opposition list."),
        "RGPD art. 21; art. L. 223-1 C. conso. (Bloctel until 2026-08-10)", Confidence.READ, date(2016, 6, 1),
    ),
    _row(
        Law.LEGAL_BASIS, _PROSPECTING,
        NeedsBasis(frozenset({Basis.CONSENT, Basis.CONTRACT}), frozenset({Sector.PRESS})),
        Text(
            "Un consommateur n'est appelé qu'avec son consentement préalable prouvé, ou pour un contrat en cours.",
            "A consumer is called only with prior consent that can be proved, or about a current contract.",
        ),
        f"{_L223_1} (press subscriptions outside it: B)", Confidence.READ, OPT_IN,
    ),
    _row(
        Law.LEGAL_BASIS, frozenset({CampaignKind.CONTRACT}), NeedsBasis(frozenset({Basis.CONSENT, Basis.CONTRACT})),
        Text(
            "Contrat en cours et produits liés seulement\u202f: la fiche le dit, ou porte un consentement prouvé.",
            "Current contract and related products only: the lead must say so, or carry consent that can be proved.",
        ),
        _L223_1, Confidence.READ, OPT_IN,
    ),
    _row(
        Law.SECTOR, EVERYBODY, NotSold(frozenset({Sector.ENERGY_WORKS})),
        Text(
            "Rénovation énergétique\u202f: interdit par téléphone, sauf contrat en cours.",
            "Energy-saving works: forbidden by telephone, an existing contract excepted.",
        ),
        f"{_L223_1}; loi 2020-901 before (its date: C)", Confidence.READ, date(2020, 7, 26),
    ),
    _row(
        Law.SECTOR, EVERYBODY, NotSold(frozenset({Sector.HOME_ADAPTATION})),
        Text(
            "Adaptation du logement\u202f: interdit par téléphone, sauf contrat en cours.",
            "Home adaptation: forbidden by telephone, an existing contract excepted.",
        ),
        _L223_1, Confidence.READ, OPT_IN,
    ),
)  # fmt: skip
NEVER_SHOWN: Final = (
    r"33[67]\d{8}",
    r"(262(639|69[23])|59069[01]|594694|59669[67])\d{6}",
    r"3389\d*",
    r"33(?!3[01])3\d{3}",
    r"33118\d{3}",
)
"""Mobile numbers, mainland and overseas, 089, 3BPQ but 30PQ and 31PQ, 118XYZ."""
VERIFIED: Final = (
    r"33(16[23]|27[01]|37[78]|42[45]|56[89]|94[89])\d{6}",
    r"(33|262|590|594|596)947[5-9]\d{5}",
    r"3380\d{7}",
)
"""Numéros polyvalents vérifiés, mainland and overseas, and 08 numbers at free or normal rate."""
_HOW: Final = (
    _row(
        Law.CALLER_ID_CLASS, EVERYBODY, CallerIdNot(NEVER_SHOWN),
        Text(
            "Numéro présenté\u202f: jamais masqué, ni 06/07, 089, numéro court 3BPQ (hors 30PQ et 31PQ) ou 118XYZ.",
            "Caller ID: never hidden, nor 06/07, 089, a short number 3BPQ (30PQ and 31PQ excepted) or 118XYZ.",
        ),
        f"{_ARCEP}; art. L. 221-16, L. 221-17 C. conso.", Confidence.SECONDARY, date(2023, 1, 1),
    ),
    _row(
        Law.CALLER_ID_AUTOMATED, CONSUMERS, CallerIdOneOf(VERIFIED),
        Text(
            "Appels automatisés à des consommateurs\u202f: un numéro polyvalent vérifié, ou un 08 gratuit ou banalisé.",
            "Automated calls to consumers: a verified multi-purpose number, or an 08 at free or normal rate.",
        ),
        _ARCEP, Confidence.SECONDARY, date(2023, 1, 1),
    ),
    _row(
        Law.RING_TIME, EVERYBODY, RingsAtLeast(15),
        Text("L'appel sonne 15 s au moins.", "A call rings for 15 s at least."),
        _OFCOM_MODEL, Confidence.OWN, date(2026, 1, 1),
    ),
    _row(
        Law.MESSAGE, EVERYBODY, MessageWithin(2),
        Text(
            "Un opérateur ou le message d'information dans les 2 s.",
            "An operator or the information message within 2 s.",
        ),
        _OFCOM_MODEL, Confidence.OWN, date(2026, 1, 1),
    ),
    _row(
        Law.ABANDON_CAP, EVERYBODY, AbandonAtMost(0.03, 1),
        Text("Au plus 3 % d'appels abandonnés par jour.", "At most 3 % of calls abandoned a day."),
        _OFCOM_MODEL, Confidence.OWN, date(2026, 1, 1),
    ),
    _row(
        Law.ABANDONED, EVERYBODY, Protects(72),
        Text(
            "Après un appel abandonné, 72 h sans appel, sauf opérateur garanti.",
            "After an abandoned call, none for 72 h unless an operator is guaranteed.",
        ),
        _OFCOM_MODEL, Confidence.OWN, date(2026, 1, 1),
    ),
)  # fmt: skip
_DUTIES: Final = (
    _row(
        Law.START_OF_CALL, CONSUMERS, Duty(),
        Text(
            "Dire au début\u202f: qui appelle, pour quelle entreprise, et que l'appel est commercial.",
            "Say first: who calls, for which company, and that the call is commercial.",
        ),
        "art. L. 221-16 C. conso.", Confidence.READ, date(2022, 1, 1),
    ),
    _row(
        Law.DUTY, CONSUMERS, Duty(),
        Text(
            "Le professionnel prouve le consentement ; la personne peut le retirer à tout moment.",
            "The professional proves the consent; the person may take it back at any time.",
        ),
        _L223_1, Confidence.READ, OPT_IN,
    ),
    _row(
        Law.DUTY, EVERYBODY, Duty(),
        Text(
            "Le message joué à une personne sans opérateur ne fait aucune publicité.",
            "The message played to an abandoned person carries no marketing.",
        ),
        "directive 2002/58/CE art. 13(1)", Confidence.MEMORY, date(2003, 10, 31),
    ),
)  # fmt: skip

_OF_NUMBERS: Final = (*_WHETHER, *_WHEN, *_HOW, *_DUTIES)
TABLE: Final[tuple[Provision, ...]] = (*_OF_NUMBERS, *person_rows(_OF_NUMBERS), *callback_rows(Jurisdiction.FR))
