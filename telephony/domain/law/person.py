"""One person with several numbers: rows that count per person what the law counts per number.

The laws speak of *a consumer*, and a consumer with three numbers is one consumer. No text defines how a caller
recognises one, so this is the product's own, stricter reading, as dated rows beside those of the law. Identifying the
person is left to storage: the client company's own key within that company, else the lead.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final

from telephony.domain.law.provisions import Confidence, Counts, Law, Provision
from telephony.domain.text.reason import Reason

SINCE: Final = date(2026, 1, 1)
_SOURCE: Final = "no text: the product's own, stricter reading of"
_SAYS: Final[dict[Law, Reason]] = {
    Law.FREQUENCY: Reason("law.row.person.frequency"),
    Law.COOL_OFF: Reason("law.row.person.cool_off"),
    Law.OBJECTION: Reason("law.row.person.objection"),
    Law.OPPOSITION: Reason("law.row.person.do_not_call"),
    Law.ABANDONED: Reason("law.row.person.abandoned"),
}


def person_rows(rows: Iterable[Provision]) -> tuple[Provision, ...]:
    """Return the rows per person for the rows that count attempts at a number."""
    return tuple(_of_person(row) for row in rows if row.law in _SAYS)


def _of_person(row: Provision) -> Provision:
    return replace(
        row,
        counts=Counts.PERSON,
        text=_SAYS[row.law],
        reference=f"{_SOURCE} {row.reference}",
        confidence=Confidence.OWN,
        valid_from=max(row.valid_from, SINCE),
    )
