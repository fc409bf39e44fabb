"""The leads and numbers that are one person, in the database: by the client company's key, else the lead alone.

One statement for each key, none where no list has any. Only where a key stands on many leads, its company's are read
on by themselves, a few campaigns at a time: a number stands once in a campaign, so that a person of ``MOST_NUMBERS``
has so many leads in each at most. What counts as the same key or company is left to ``telephony.domain.leads.persons``.
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
"""Leads read of one key, whose they may be; of a company's own key there may be more, and all are read."""
CAMPAIGNS: Final = 50
"""Campaigns of a company whose leads of one key are read at once."""
_PERSON_LEAD: Final = select(
    leads.c.lead_id, leads.c.number, leads.c.numbers, leads.c.client_key, campaigns.c.client_company
).join(campaigns, campaigns.c.campaign_id == leads.c.campaign_id)
_WHOLE: Final = _PERSON_LEAD.where(leads.c.lead_id == bindparam("wanted"))
# A key at a time, and of each so many: one that stands on every row of a list must not be read from end to end.
_OF_KEY: Final = _PERSON_LEAD.where(leads.c.client_key == bindparam("key"), leads.c.client_key != "")
_KEYED: Final = _OF_KEY.limit(MOST_LEADS)
_KEYED_IN: Final = _OF_KEY.where(leads.c.campaign_id.in_(bindparam("campaigns", expanding=True))).limit(
    bindparam("most", type_=Integer)
)
_OF_LEADS: Final = _PERSON_LEAD.where(leads.c.lead_id.in_(bindparam("ids", expanding=True)))
_COMPANIES: Final = select(campaigns.c.campaign_id, campaigns.c.client_company).order_by(campaigns.c.campaign_id)


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


def persons_among(connection: Connection, given: Sequence[PersonLead]) -> dict[LeadId, Person]:
    """Return the person that each lead is."""
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
    """Read the rest of persons whose key stands on many leads, until they are whole or seen to be nobody."""
    companies = connection.execute(_COMPANIES).all() if persons else ()
    for word, lead in persons.items():
        mine: list[CampaignId] = [
            campaign_id for campaign_id, company in companies if is_same_company(company, lead.client_company)
        ]
        for first in range(0, len(mine), CAMPAIGNS):
            few = mine[first : first + CAMPAIGNS]
            if _is_nobody(same[word].values()):
                break
            values = {"key": lead.client_key, "campaigns": few, "most": len(few) * MOST_NUMBERS + 1}
            _add(same, map(_lead_of, connection.execute(_KEYED_IN, values)))


def person_with(connection: Connection, lead_id: LeadId) -> frozenset[LeadId]:
    """Return every lead of the person that a lead is; none when there is no such lead."""
    rows = connection.execute(_WHOLE, {"wanted": lead_id}).all()
    persons = persons_among(connection, [_lead_of(row) for row in rows])
    return persons[lead_id].leads if lead_id in persons else frozenset()


def words_of(connection: Connection, ids: Sequence[LeadId]) -> Mapping[LeadId, str]:
    """Return the word of the person that each lead is."""
    rows = connection.execute(_OF_LEADS, {"ids": list(ids)}).all() if ids else ()
    persons = persons_among(connection, [_lead_of(row) for row in rows])
    return {lead_id: person.word for lead_id, person in persons.items()}


def _lead_of(row: Sequence[Any]) -> PersonLead:
    return PersonLead(*row)


def _is_nobody(same: Iterable[PersonLead]) -> bool:
    return len({lead.number for lead in same}) > MOST_NUMBERS


def _person(word: str, same: Iterable[PersonLead]) -> Person | None:
    """Return the person that leads of one word are, None when there are too many numbers for one."""
    every = list(same)
    if _is_nobody(every):
        return None
    numbers = (number for lead in every for number in lead.every_number)
    return Person(word, frozenset(lead.lead_id for lead in every), frozenset(numbers))


def _alone(lead: PersonLead) -> Person:
    return Person(person_of("", "", lead.lead_id), frozenset({lead.lead_id}), lead.every_number)
