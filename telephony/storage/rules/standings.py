"""Read everything about leads that the rules need to decide a call.

``telephony.domain`` decides. The number of statements is fixed, whatever the size of the tables.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.law.basis import LeadTerms
from telephony.errors import UnreadableRowError
from telephony.ids import LeadId, Number
from telephony.ports.rules.whitelist import Standing
from telephony.storage.campaigns.campaign_rows import CAMPAIGN, campaign_of
from telephony.storage.engine.rules_version import VERSION
from telephony.storage.leads.lists import LIST, list_of
from telephony.storage.leads.persons import Person, PersonLead, persons_among
from telephony.storage.rules.do_not_call import HAS_OPPOSITION, Call, opposed_among
from telephony.storage.rules.law import HAS_EXEMPTION, contacts_among, contacts_with, every_exemption
from telephony.storage.rules.number_rules import rules_touching
from telephony.storage.tables import ListState, campaigns, leads, lists
from telephony.storage.tables.rows import made, readable

MANY: Final = 200
"""Maximum number of leads in one statement."""

_LAW: Final = (leads.c.terms, leads.c.client_key, leads.c.numbers, HAS_OPPOSITION, HAS_EXEMPTION)
STANDING: Final = (VERSION.scalar_subquery(), leads.c.lead_id, leads.c.number, *LIST, *CAMPAIGN, *_LAW)
"""The columns ``standings`` reads from ``LEADS``."""
LEADS: Final = leads.join(lists, lists.c.list_id == leads.c.list_id).join(
    campaigns, campaigns.c.campaign_id == leads.c.campaign_id
)
_LEADS: Final = (
    select(*STANDING)
    .select_from(LEADS)
    .where(leads.c.lead_id.in_(bindparam("ids", expanding=True)), lists.c.state == ListState.LOADED)
)


def standings_of(connection: Connection, ids: Sequence[LeadId]) -> dict[LeadId, Standing]:
    """Return the standing of each lead, without leads that do not exist or are partly unreadable."""
    standing: dict[LeadId, Standing] = {}
    for start in range(0, len(ids), MANY):
        rows = connection.execute(_LEADS, {"ids": list(ids[start : start + MANY])}).all()
        standing |= _each_readable(connection, rows)
    return standing


def standings(connection: Connection, rows: Sequence[Sequence[Any]]) -> dict[LeadId, Standing]:
    """Return rows of ``STANDING`` with the rules that match their numbers; the rules are read last, so are newest."""
    if not rows:
        return {}
    numbers = [row[2] for row in rows]
    rules, contacts = rules_touching(connection, numbers), contacts_among(connection, numbers)
    middle, end = 3 + len(LIST), -len(_LAW)
    one_of_each = {row[middle]: row for row in rows}
    of_id = {campaign_id: campaign_of(row[middle:end]) for campaign_id, row in one_of_each.items()}
    theirs = {row[1]: of_id[row[middle]] for row in rows}
    *_, has_opposition, has_exemption = rows[0]
    persons = _persons(connection, rows, theirs)
    with_person = contacts_with(connection, persons)
    opposed = _opposed(connection, theirs, persons) if has_opposition else {}
    exemptions = every_exemption(connection) if has_exemption else ()
    return {
        row[1]: Standing(
            version=row[0],
            number=row[2],
            list=list_of(row[3:middle]),
            campaign=theirs[row[1]],
            rules=rules[row[2]],
            terms=made("leads", row[1], LeadTerms.of, (row[end],)),
            contacts=contacts[row[2]],
            opposed=opposed.get((row[2], theirs[row[1]].client_company), ()),
            exemptions=exemptions,
            person_contacts=with_person[row[1]],
            person_opposed=_opposed_elsewhere(opposed, persons[row[1]], row[2], theirs[row[1]]),
        )
        for row in rows
    }


def _persons(
    connection: Connection, rows: Sequence[Sequence[Any]], theirs: Mapping[LeadId, Campaign]
) -> dict[LeadId, Person]:
    key, numbers = 1 - len(_LAW), 2 - len(_LAW)
    person_leads = [PersonLead(row[1], row[2], row[numbers], row[key], theirs[row[1]].client_company) for row in rows]
    return persons_among(connection, person_leads)


def _opposed(
    connection: Connection, theirs: Mapping[LeadId, Campaign], persons: Mapping[LeadId, Person]
) -> Mapping[Call, Sequence[str]]:
    """Return the do-not-call lists that contain any number of the persons, by number and company."""
    calls = {
        (number, theirs[lead_id].client_company) for lead_id, person in persons.items() for number in person.numbers
    }
    return opposed_among(connection, calls)


def _opposed_elsewhere(
    opposed: Mapping[Call, Sequence[str]], person: Person, number: Number, campaign: Campaign
) -> tuple[str, ...]:
    """Return the do-not-call lists that contain another number of the person."""
    others = sorted(person.numbers - {number})
    return tuple(dict.fromkeys(name for other in others for name in opposed.get((other, campaign.client_company), ())))


def _each_readable(connection: Connection, rows: Sequence[Sequence[Any]]) -> dict[LeadId, Standing]:
    """Return the standing of each lead; a partly unreadable one is left out and so not called."""
    try:
        return made("leads", "", standings, (connection, rows))
    except UnreadableRowError:
        standing: dict[LeadId, Standing] = {}
        for part in readable(connection, rows, lambda row: made("leads", row[1], standings, (connection, [row]))):
            standing |= part
        return standing
