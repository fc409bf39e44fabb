"""The meaning of each column of a list, found by its header in French or English.

Pure: it turns a header row into ``Columns``, and a row's cells into name and fields. ``number_columns`` finds the
telephone columns; ``reader`` reads the files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

from telephony.domain.law.basis import LeadTerms
from telephony.domain.leads.persons import client_key_of
from telephony.services.lists.consent import find, terms_of
from telephony.services.lists.number_columns import (
    BARE_HEADERS,
    find_numbers,
    is_whole_number,
    simplified,
    speaks_of_telephones,
)

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
"""Headers of the client company's own key of a person, in order of preference; limits per person count by it."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a header.

    Attributes:
        headers: every column's header, made unique; a nameless one is ``column 3``.
        number: index of the column that is dialled.
        names: indexes of the person's name, in spoken order (first name, last name).
        terms: indexes of the columns about the law, by part (``consent``).
        others: indexes stored as fields; telephone columns are left out, so that no screen can show them.
        numbers: indexes of further telephone columns, in the order they are tried.
        priority: index of the column that says how soon a lead is called, or None.
        client_key: index of the client company's own key of the person, or None; stored as a field too.
        says_telephone: whether the header of ``number`` says telephone, not only number.
        shy: indexes of fields whose header mentions numbers or telephones: cells that are whole numbers are dropped.
    """

    headers: tuple[str, ...]
    number: int
    names: tuple[int, ...]
    others: tuple[int, ...]
    terms: Mapping[str, int] = field(default_factory=dict)
    numbers: tuple[int, ...] = ()
    priority: int | None = None
    client_key: int | None = None
    says_telephone: bool = True
    shy: tuple[int, ...] = ()

    @property
    def telephones(self) -> tuple[int, ...]:
        """Every telephone column, in the order they are tried."""
        return (self.number, *self.numbers)

    def name(self, cells: Sequence[str]) -> str:
        """Return the person's name in a row."""
        return " ".join(part for index in self.names if (part := cells[index].strip()))

    def fields(self, cells: Sequence[str]) -> dict[str, str]:
        """Return the other cells of a row that are not empty, by header."""
        return {
            self.headers[index]: value
            for index in self.others
            if (value := cells[index].strip()) and not (index in self.shy and is_whole_number(value))
        }

    def person(self, cells: Sequence[str]) -> str:
        """Return the client company's own key of the person in a row, or ""."""
        return "" if self.client_key is None else client_key_of(cells[self.client_key])

    def law(self, cells: Sequence[str], zone: tzinfo) -> LeadTerms:
        """Return a row's legal basis, consent and time zone; TermsError when they cannot be read.

        ``zone`` is the time zone of times without one: the site's.
        """
        codes = {part: simplified(cells[self.terms[part]]) for part in ("basis", "any_time") if part in self.terms}
        return terms_of(self.terms, cells, codes, zone)


def understand(header: Sequence[str]) -> Columns | None:
    """Return the columns of a header row, or None when none of them has telephone numbers."""
    plain = [simplified(cell) for cell in header]
    numbers = find_numbers(header)
    if not numbers.telephones:
        return None
    names = tuple(index for index in (_first(plain, _FIRST_NAMES), _first(plain, _LAST_NAMES)) if index is not None)
    terms = find(plain)
    priority = _first(plain, _PRIORITIES)
    number, *further = numbers.telephones
    taken = {*numbers.telephones, *names, *terms.values(), priority}
    others = tuple(index for index in range(len(header)) if index not in taken)
    shy = tuple(index for index in others if plain[index] in BARE_HEADERS or speaks_of_telephones(header[index]))
    client_key = next((index for text in CLIENT_KEYS for index in others if plain[index] == text), None)
    return Columns(
        _unique(header),
        number,
        names,
        others,
        terms,
        tuple(further),
        priority,
        client_key,
        says_telephone=numbers.says_telephone,
        shy=shy,
    )


def _first(plain: Sequence[str], headers: Sequence[str]) -> int | None:
    return next((plain.index(text) for text in headers if text in plain), None)


def _unique(header: Sequence[str]) -> tuple[str, ...]:
    headers: list[str] = []
    for position, cell in enumerate(header, start=1):
        base = cell.strip() or f"column {position}"
        text, again = base, 2
        while text in headers:
            text, again = f"{base} ({again})", again + 1
        headers.append(text)
    return tuple(headers)
