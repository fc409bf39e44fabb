"""One person with several numbers: the rows that count for the person what the law counts for the number.

The texts speak of *a consumer*, and a consumer with three numbers is one. No text says how a caller tells, so this is
the product's own, stricter reading, as dated rows beside those of the law. Who the person is is left to storage: the
client company's own key within that company, else the lead.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final

from telephony.domain.law.provisions import Confidence, Counts, Law, Provision
from telephony.domain.law.wording import Text

SINCE: Final = date(2026, 1, 1)
_SOURCE: Final = "no text: the product's own, stricter reading of"
_SAYS: Final[dict[Law, Text]] = {
    Law.FREQUENCY: Text(
        "Les tentatives se comptent aussi par personne, tous ses numéros confondus.",
        "Attempts are counted per person too, over all their numbers.",
    ),
    Law.COOL_OFF: Text(
        "Un refus vaut pour la personne, sous tous ses numéros.",
        "A refusal holds for the person, under all their numbers.",
    ),
    Law.OBJECTION: Text(
        "Une opposition vaut pour la personne, sous tous ses numéros.",
        "An objection holds for the person, under all their numbers.",
    ),
    Law.OPPOSITION: Text(
        "Jamais une personne dont un autre numéro est sur une liste d\u2019opposition.",
        "Never a person of whom another number is on an opposition list.",
    ),
    Law.ABANDONED: Text(
        "La protection après un appel abandonné vaut pour la personne, sous tous ses numéros.",
        "Protection after an abandoned call holds for the person, under all their numbers.",
    ),
}


def person_rows(rows: Iterable[Provision]) -> tuple[Provision, ...]:
    """Return, for the rows that look back on a number, those that look back on the person."""
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
