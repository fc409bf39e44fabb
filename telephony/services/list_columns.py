"""Which column of a list is what, by its header in French or English.

Pure: a header row in, a ``Columns`` value out, and a row's cells into name and fields. Reading files is left to
``list_reading``, judging a number to ``telephony.domain.numbers``.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from telephony.domain.law.basis import LeadTerms
from telephony.domain.persons import client_key_of
from telephony.services.list_terms import find, terms_of

NUMBER_HEADERS: Final = (
    "numero",
    "numero de telephone",
    "numero telephone",
    "numero tel",
    "telephone",
    "tel",
    "no tel",
    "n tel",
    "no de telephone",
    "n de telephone",
    "no telephone",
    "n telephone",
    "phone number",
    "phone",
    "number",
    "telephone mobile",
    "telephone portable",
    "tel mobile",
    "tel portable",
    "mobile",
    "mobile phone",
    "portable",
    "telephone fixe",
    "tel fixe",
    "fixe",
    "landline",
    "telephone 1",
    "tel 1",
    "phone 1",
    "telephone 2",
    "tel 2",
    "phone 2",
    "telephone 3",
    "tel 3",
    "phone 3",
)
"""In order of preference: where several stand in one header, the first is dialled first, the others after it."""
_LAST_NAMES: Final = ("nom", "nom de famille", "nom complet", "name", "last name", "lastname", "full name", "surname")
_FIRST_NAMES: Final = ("prenom", "first name", "firstname", "given name", "forename")
_PRIORITIES: Final = ("priorite", "priority")
CLIENT_KEYS: Final = (
    "cle client",
    "client key",
    "reference client",
    "ref client",
    "client reference",
    "customer reference",
    "numero client",
    "numero de client",
    "n client",
    "no client",
    "n de client",
    "no de client",
    "client number",
    "customer number",
    "id client",
    "identifiant client",
    "client id",
    "customer id",
    "code client",
    "customer key",
    "external id",
    "identifiant",
    "reference",
    "ref",
)
"""The client company's own key of a person, in order of preference: what is counted per person is counted by it."""
_MANY_DIGITS: Final = re.compile(r"[0-9]{4}|(?:[0-9][ .-]?){6}")


@dataclass(frozen=True, slots=True)
class Columns:
    """A header that was understood.

    Attributes:
        headers: every column's header as it stands, made unique; a nameless one is ``column 3``.
        number: index of the column that is dialled.
        names: indexes that make the person's name, in spoken order (first name, last name).
        terms: indexes of what the law asks, by part (``list_terms``).
        others: indexes kept as fields; telephone columns are left out, so that no screen can show them.
        numbers: indexes of further telephone columns, in the order they are tried.
        priority: index of the column that says how soon a lead is called, or None.
        client_key: index of the client company's own key of the person, or None; kept as a field too.
    """

    headers: tuple[str, ...]
    number: int
    names: tuple[int, ...]
    others: tuple[int, ...]
    terms: Mapping[str, int] = field(default_factory=dict)
    numbers: tuple[int, ...] = ()
    priority: int | None = None
    client_key: int | None = None

    def name(self, cells: Sequence[str]) -> str:
        """Return the person's name in a row."""
        return " ".join(part for index in self.names if (part := cells[index].strip()))

    def fields(self, cells: Sequence[str]) -> dict[str, str]:
        """Return the other cells of a row that hold something, by header."""
        return {self.headers[index]: value for index in self.others if (value := cells[index].strip())}

    def person(self, cells: Sequence[str]) -> str:
        """Return the client company's own key of the person in a row, or ""."""
        return "" if self.client_key is None else client_key_of(cells[self.client_key])

    def law(self, cells: Sequence[str]) -> LeadTerms:
        """Return what a row says of legal basis, consent and time zone; TermsError when it cannot be read."""
        words = {part: simplified(cells[self.terms[part]]) for part in ("basis", "any_time") if part in self.terms}
        return terms_of(self.terms, cells, words)


def understand(header: Sequence[str]) -> Columns | None:
    """Return the columns of a header row, or None when none of them is a telephone number."""
    plain = [simplified(cell) for cell in header]
    number = _first(plain, NUMBER_HEADERS)
    if number is None:
        return None
    names = tuple(index for index in (_first(plain, _FIRST_NAMES), _first(plain, _LAST_NAMES)) if index is not None)
    terms = find(plain)
    further = sorted(
        (index for index, text in enumerate(plain) if text in NUMBER_HEADERS and index != number),
        key=lambda index: (NUMBER_HEADERS.index(plain[index]), index),
    )
    priority = _first(plain, _PRIORITIES)
    taken = {number, *further, *names, *terms.values(), priority}
    others = tuple(index for index in range(len(header)) if index not in taken)
    client_key = next((index for text in CLIENT_KEYS for index in others if plain[index] == text), None)
    return Columns(_unique(header), number, names, others, terms, tuple(further), priority, client_key)


def simplified(header: str) -> str:
    """Return a header in lower case, without accents, degree signs and punctuation."""
    letters = unicodedata.normalize("NFKD", header.replace("°", " ")).encode("ascii", "ignore").decode().lower()
    return " ".join(re.split(r"[^a-z0-9]+", letters)).strip()


def looks_like_a_row(header: Sequence[str]) -> bool:
    """Tell whether the first line holds numbers: a row of data where a header should be."""
    return any(_MANY_DIGITS.search(cell) for cell in header)


def _first(plain: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((plain.index(text) for text in wanted if text in plain), None)


def _unique(header: Sequence[str]) -> tuple[str, ...]:
    headers: list[str] = []
    for position, cell in enumerate(header, start=1):
        base = cell.strip() or f"column {position}"
        text, again = base, 2
        while text in headers:
            text, again = f"{base} ({again})", again + 1
        headers.append(text)
    return tuple(headers)
