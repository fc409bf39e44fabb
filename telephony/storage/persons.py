"""The leads and numbers that are one person, in the database: by the client company's key, else the lead alone.

Two statements at most for any number of leads; none where no list has a key. What counts as the same key or company is
left to ``telephony.domain.persons``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from telephony.domain.persons import MOST_NUMBERS, person_of
from telephony.ids import LeadId, Number
from telephony.storage.tables import campaigns, leads

MOST_LEADS: Final = 5 * MOST_NUMBERS
"""Leads read of one key."""
_PERSON_LEAD: Final = select(
    leads.c.lead_id, leads.c.number, leads.c.numbers, leads.c.client_key, campaigns.c.client_company
).join(campaigns, campaigns.c.campaign_id == leads.c.campaign_id)
_WHOLE: Final = _PERSON_LEAD.where(leads.c.lead_id == bindparam("wanted"))
# A key at a time, and of each so many: one that stands on every row of a list must not be read from end to end.
_KEYED: Final = _PERSON_LEAD.where(leads.c.client_key == bindparam("key"), leads.c.client_key != "").limit(MOST_LEADS)
_OF_LEADS: Final = _PERSON_LEAD.where(leads.c.lead_id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class PersonLead:
    """A lead as far as it says who the person is."""

    lead_id: LeadId
    number: Number
    numbers: Sequence[Number]
    client_key: str
    client_company: str

    @property
    def word(self) -> str:
        """Return the person's word."""
        return person_of(self.client_company, self.client_key, self.lead_id)

    @property
    def every_number(self) -> frozenset[Number]:
        """Return the number of now and all others."""
        return frozenset((self.number, *(self.numbers or ())))


@dataclass(frozen=True, slots=True)
class Person:
    """Every lead of one person, in whatever list of the same company, and every number of those leads."""

    word: str
    leads: frozenset[LeadId]
    numbers: frozenset[Number]


def persons_among(connection: Connection, asked: Sequence[PersonLead]) -> dict[LeadId, Person]:
    """Return the person that each lead is."""
    keys = sorted({lead.client_key for lead in asked if lead.client_key})
    rows = [row for key in keys for row in connection.execute(_KEYED, {"key": key})]
    by_word: dict[str, list[PersonLead]] = {}
    for lead in {one.lead_id: one for one in (*map(_lead_of, rows), *asked)}.values():
        by_word.setdefault(lead.word, []).append(lead)
    return {lead.lead_id: _person(lead, by_word[lead.word]) for lead in asked}


def person_with(connection: Connection, lead_id: LeadId) -> frozenset[LeadId]:
    """Return every lead of the person that a lead is; none when there is no such lead."""
    rows = connection.execute(_WHOLE, {"wanted": lead_id}).all()
    found = persons_among(connection, [_lead_of(row) for row in rows])
    return found[lead_id].leads if lead_id in found else frozenset()


def words_of(connection: Connection, ids: Sequence[LeadId]) -> Mapping[LeadId, str]:
    """Return the word of the person that each lead is."""
    found = connection.execute(_OF_LEADS, {"ids": list(ids)}).all() if ids else ()
    persons = persons_among(connection, [_lead_of(row) for row in found])
    return {lead_id: person.word for lead_id, person in persons.items()}


def _lead_of(row: Sequence[Any]) -> PersonLead:
    return PersonLead(*row)


def _person(lead: PersonLead, same: Sequence[PersonLead]) -> Person:
    if len({one.number for one in same}) > MOST_NUMBERS:
        return Person(person_of("", "", lead.lead_id), frozenset({lead.lead_id}), lead.every_number)
    numbers = (number for one in same for number in one.every_number)
    return Person(lead.word, frozenset(one.lead_id for one in same), frozenset(numbers))
