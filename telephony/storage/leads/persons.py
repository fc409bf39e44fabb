"""The leads and numbers of one person, in the database: found by the client company's key, otherwise the lead alone.

One statement for each key, none if no list has keys. Only if a key is on many leads, its company's leads are read
separately, a few campaigns at a time: a number is unique in a campaign, so a person has at most ``MOST_NUMBERS`` leads
in each. ``telephony.domain.leads.persons`` decides which keys and companies are the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Integer, bindparam, select

from telephony.domain.law.contacts import is_same_company
from telephony.domain.leads.persons import MOST_NUMBERS, person_of
from telephony.ids import CampaignId, LeadId, Number
from telephony.storage.tables import campaigns, leads

MOST_LEADS: Final = 5 * MOST_NUMBERS
"""Leads read of one key, of any company. If one company has more leads with its key, all of them are read."""
CAMPAIGNS: Final = 50
"""Number of campaigns of a company read in one statement."""
_PERSON_LEAD: Final = select(
    leads.c.lead_id, leads.c.number, leads.c.numbers, leads.c.client_key, campaigns.c.client_company
).join(campaigns, campaigns.c.campaign_id == leads.c.campaign_id)
_WHOLE: Final = _PERSON_LEAD.where(leads.c.lead_id == bindparam("wanted"))
# One key at a time, with a limit: a key that is on every row of a list must not be read completely.
_OF_KEY: Final = _PERSON_LEAD.where(leads.c.client_key == bindparam("key"), leads.c.client_key != "")
_KEYED: Final = _OF_KEY.limit(MOST_LEADS)
_KEYED_IN: Final = _OF_KEY.where(leads.c.campaign_id.in_(bindparam("campaigns", expanding=True))).limit(
    bindparam("most", type_=Integer)
)
_OF_LEADS: Final = _PERSON_LEAD.where(leads.c.lead_id.in_(bindparam("ids", expanding=True)))
_COMPANIES: Final = select(campaigns.c.campaign_id, campaigns.c.client_company).order_by(campaigns.c.campaign_id)


@dataclass(frozen=True, slots=True)
class PersonLead:
    """The columns of a lead that identify the person."""

    lead_id: LeadId
    number: Number
    numbers: Sequence[Number]
    client_key: str
    client_company: str

    @property
    def word(self) -> str:
        """Return the person's code."""
        return person_of(self.client_company, self.client_key, self.lead_id)

    @property
    def every_number(self) -> frozenset[Number]:
        """Return the current number and all others."""
        return frozenset((self.number, *(self.numbers or ())))


@dataclass(frozen=True, slots=True)
class Person:
    """All leads of one person in the lists of one company, and all numbers of those leads."""

    word: str
    leads: frozenset[LeadId]
    numbers: frozenset[Number]


def persons_among(connection: Connection, given: Sequence[PersonLead]) -> dict[LeadId, Person]:
    """Return the person of each lead."""
    same: dict[str, dict[LeadId, PersonLead]] = {}
    cut: set[str] = set()
    for key in sorted({lead.client_key for lead in given if lead.client_key}):
        rows = connection.execute(_KEYED, {"key": key}).all()
        _add(same, map(_lead_of, rows))
        if len(rows) == MOST_LEADS:
            cut.add(key)
    _add(same, given)
    _read_on(connection, {lead.word: lead for lead in given if lead.client_key in cut}, same)
    whole = {word: _person(word, of_word.values()) for word, of_word in same.items()}
    return {lead.lead_id: whole[lead.word] or _alone(lead) for lead in given}


def _add(same: dict[str, dict[LeadId, PersonLead]], more: Iterable[PersonLead]) -> None:
    for lead in more:
        same.setdefault(lead.word, {})[lead.lead_id] = lead


def _read_on(
    connection: Connection, persons: Mapping[str, PersonLead], same: dict[str, dict[LeadId, PersonLead]]
) -> None:
    """Read more leads of persons whose key is on many leads, until each is complete or is no single person."""
    companies = connection.execute(_COMPANIES).all() if persons else ()
    for word, lead in persons.items():
        mine: list[CampaignId] = [
            campaign_id for campaign_id, company in companies if is_same_company(company, lead.client_company)
        ]
        for first in range(0, len(mine), CAMPAIGNS):
            few = mine[first : first + CAMPAIGNS]
            if _is_no_person(same[word].values()):
                break
            values = {"key": lead.client_key, "campaigns": few, "most": len(few) * MOST_NUMBERS + 1}
            _add(same, map(_lead_of, connection.execute(_KEYED_IN, values)))


def person_with(connection: Connection, lead_id: LeadId) -> frozenset[LeadId]:
    """Return all leads of a lead's person; empty when there is no such lead."""
    rows = connection.execute(_WHOLE, {"wanted": lead_id}).all()
    persons = persons_among(connection, [_lead_of(row) for row in rows])
    return persons[lead_id].leads if lead_id in persons else frozenset()


def words_of(connection: Connection, ids: Sequence[LeadId]) -> Mapping[LeadId, str]:
    """Return the person code of each lead."""
    rows = connection.execute(_OF_LEADS, {"ids": list(ids)}).all() if ids else ()
    persons = persons_among(connection, [_lead_of(row) for row in rows])
    return {lead_id: person.word for lead_id, person in persons.items()}


def _lead_of(row: Sequence[Any]) -> PersonLead:
    return PersonLead(*row)


def _is_no_person(same: Iterable[PersonLead]) -> bool:
    return len({lead.number for lead in same}) > MOST_NUMBERS


def _person(word: str, same: Iterable[PersonLead]) -> Person | None:
    """Return the person of leads with one code; None when they have too many numbers for one person."""
    every = list(same)
    if _is_no_person(every):
        return None
    numbers = (number for lead in every for number in lead.every_number)
    return Person(word, frozenset(lead.lead_id for lead in every), frozenset(numbers))


def _alone(lead: PersonLead) -> Person:
    return Person(person_of("", "", lead.lead_id), frozenset({lead.lead_id}), lead.every_number)
