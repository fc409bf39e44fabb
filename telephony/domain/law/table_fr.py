"""France: the table. Read on 2026-11-22; see the confidence of each row.

Prospecting rules apply to calls to consumers, including those with an existing contract (décret 2022-1313); surveys
that sell nothing and calls to professionals are outside them. Rules about the person apply to every kind of campaign:
the right to object, do-not-call lists, and what may not be sold by telephone (docs/adr/0502).
"""

from datetime import date
from typing import Final

from telephony.domain.law.basis import Basis, CampaignKind, Sector
from telephony.domain.law.callback_rows import callback_rows
from telephony.domain.law.person import person_rows
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
from telephony.domain.numbers.ranges import Jurisdiction
from telephony.domain.text.reason import Reason

EVERYBODY: Final = frozenset(CampaignKind)
CONSUMERS: Final = frozenset({CampaignKind.CONSUMER, CampaignKind.CONTRACT})
_PROSPECTING: Final = frozenset({CampaignKind.CONSUMER})
_DECREE: Final = date(2023, 3, 1)
OPT_IN: Final = date(2026, 8, 11)
"""First day from which a consumer may be called only with consent or under a contract."""
_D223_9: Final = "art. D. 223-9 C. conso., décret 2022-1313"
_L223_1: Final = "art. L. 223-1 C. conso., loi 2025-594"
_ARCEP: Final = "ARCEP, plan de numérotation, décision 2018-0881 modifiée"
_OFCOM_MODEL: Final = "no French text: the product's own rule, after Ofcom"


def _row(
    law: Law,
    kinds: frozenset[CampaignKind],
    bound: Bound,
    text: Reason,
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
        Reason("law.row.fr.calling_days"),
        _D223_9, Confidence.READ, _DECREE, waived=True,
    ),
    _row(
        Law.PUBLIC_HOLIDAY, CONSUMERS, Holidays(),
        Reason("law.row.fr.public_holidays"),
        f"{_D223_9}; art. L. 3133-1 C. trav.", Confidence.READ, _DECREE, waived=True,
    ),
    _row(
        Law.CALLING_HOURS, CONSUMERS, Hours(((600, 780), (840, 1200))),
        Reason("law.row.fr.calling_hours"),
        _D223_9, Confidence.READ, _DECREE, waived=True,
    ),
    _row(
        Law.FREQUENCY, CONSUMERS, Frequency(4, 30),
        Reason("law.row.fr.frequency"),
        _D223_9, Confidence.READ, _DECREE,
    ),
    _row(
        Law.COOL_OFF, CONSUMERS, CoolOff(60),
        Reason("law.row.fr.cool_off"),
        _D223_9, Confidence.READ, _DECREE,
    ),
    _row(
        Law.OBJECTION, EVERYBODY, NotObjected(),
        Reason("law.row.fr.objection"),
        "RGPD art. 21(3)", Confidence.READ, date(2018, 5, 25),
    ),
)  # fmt: skip
_WHETHER: Final = (
    _row(
        Law.OPPOSITION, EVERYBODY, NotListed(),
        Reason("law.row.fr.do_not_call"),
        "RGPD art. 21; art. L. 223-1 C. conso. (Bloctel until 2026-08-10)", Confidence.READ, date(2016, 6, 1),
    ),
    _row(
        Law.LEGAL_BASIS, _PROSPECTING,
        NeedsBasis(frozenset({Basis.CONSENT, Basis.CONTRACT}), frozenset({Sector.PRESS})),
        Reason("law.row.fr.legal_basis"),
        f"{_L223_1} (press subscriptions outside it: B)", Confidence.READ, OPT_IN,
    ),
    _row(
        Law.LEGAL_BASIS, frozenset({CampaignKind.CONTRACT}), NeedsBasis(frozenset({Basis.CONSENT, Basis.CONTRACT})),
        Reason("law.row.fr.legal_basis_contract"),
        _L223_1, Confidence.READ, OPT_IN,
    ),
    _row(
        Law.SECTOR, EVERYBODY, NotSold(frozenset({Sector.ENERGY_WORKS})),
        Reason("law.row.fr.energy_works"),
        f"{_L223_1}; loi 2020-901 before (its date: C)", Confidence.READ, date(2020, 7, 26),
    ),
    _row(
        Law.SECTOR, EVERYBODY, NotSold(frozenset({Sector.HOME_ADAPTATION})),
        Reason("law.row.fr.home_adaptation"),
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
"""Mobile numbers, mainland and overseas, 089, 3BPQ except 30PQ and 31PQ, 118XYZ."""
VERIFIED: Final = (
    r"33(16[23]|27[01]|37[78]|42[45]|56[89]|94[89])\d{6}",
    r"(33|262|590|594|596)947[5-9]\d{5}",
    r"3380\d{7}",
)
"""Numéros polyvalents vérifiés, mainland and overseas, and 08 numbers at free or normal rate."""
_HOW: Final = (
    _row(
        Law.CALLER_ID_CLASS, EVERYBODY, CallerIdNot(NEVER_SHOWN),
        Reason("law.row.fr.caller_id"),
        f"{_ARCEP}; art. L. 221-16, L. 221-17 C. conso.", Confidence.SECONDARY, date(2023, 1, 1),
    ),
    _row(
        Law.CALLER_ID_AUTOMATED, CONSUMERS, CallerIdOneOf(VERIFIED),
        Reason("law.row.fr.caller_id_automated"),
        _ARCEP, Confidence.SECONDARY, date(2023, 1, 1),
    ),
    _row(
        Law.RING_TIME, EVERYBODY, RingsAtLeast(15),
        Reason("law.row.fr.ring_time"),
        _OFCOM_MODEL, Confidence.OWN, date(2026, 1, 1),
    ),
    _row(
        Law.MESSAGE, EVERYBODY, MessageWithin(2),
        Reason("law.row.fr.message"),
        _OFCOM_MODEL, Confidence.OWN, date(2026, 1, 1),
    ),
    _row(
        Law.ABANDON_CAP, EVERYBODY, AbandonAtMost(0.03, 1),
        Reason("law.row.fr.abandon_cap"),
        _OFCOM_MODEL, Confidence.OWN, date(2026, 1, 1),
    ),
    _row(
        Law.ABANDONED, EVERYBODY, Protects(72),
        Reason("law.row.fr.abandoned"),
        _OFCOM_MODEL, Confidence.OWN, date(2026, 1, 1),
    ),
)  # fmt: skip
_DUTIES: Final = (
    _row(
        Law.START_OF_CALL, CONSUMERS, Duty(),
        Reason("law.row.fr.start_of_call"),
        "art. L. 221-16 C. conso.", Confidence.READ, date(2022, 1, 1),
    ),
    _row(
        Law.DUTY, CONSUMERS, Duty(),
        Reason("law.row.fr.consent_proof"),
        _L223_1, Confidence.READ, OPT_IN,
    ),
    _row(
        Law.DUTY, EVERYBODY, Duty(),
        Reason("law.row.fr.no_marketing"),
        "directive 2002/58/CE art. 13(1)", Confidence.MEMORY, date(2003, 10, 31),
    ),
)  # fmt: skip

_OF_NUMBERS: Final = (*_WHETHER, *_WHEN, *_HOW, *_DUTIES)
TABLE: Final[tuple[Provision, ...]] = (*_OF_NUMBERS, *person_rows(_OF_NUMBERS), *callback_rows(Jurisdiction.FR))
