"""The whitelist in the database: rules, approvals of lists, and the facts a call is decided on.

What is decided is left to ``telephony.domain``; that nobody approves their own is checked here once more, inside the
transaction, whoever asks. A change bumps the version in the same transaction: what was decided before it is not used
after it (see ``permits``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, insert, select, update
from typing_extensions import override

from telephony.domain.campaigns import Campaign
from telephony.domain.law.basis import LeadTerms
from telephony.domain.leads import LeadList
from telephony.domain.whitelist import (
    NewRule,
    NumberRule,
    RuleEffect,
    RuleKind,
    beginnings,
    is_same_person,
)
from telephony.errors import ConflictError, NotFoundError, UnreadableRowError
from telephony.ids import CampaignId, LeadId, ListId, Number, RuleId
from telephony.ports.whitelist import Standing, WhitelistStore
from telephony.storage.capability import Capability, read, write
from telephony.storage.given_back import give_back
from telephony.storage.law import (
    HAS_EXEMPTION,
    changed,
    contacts_among,
    contacts_with,
    every_exemption,
)
from telephony.storage.leads import LIST, list_of
from telephony.storage.opposition import HAS_OPPOSITION, Call, opposed_among
from telephony.storage.persons import Person, PersonLead, persons_among
from telephony.storage.reading import made, readable
from telephony.storage.tables import ListState, campaigns, leads, lists, number_rules, whitelist_changes
from telephony.storage.transaction import Body, Transaction

VERSION: Final = select(func.coalesce(func.max(whitelist_changes.c.version), 0))
MANY: Final = 200
"""Leads asked for in one statement."""
SHOWN_DIGITS: Final = 8
"""Longest prefix the ledger names: longer ones come close to somebody's number."""

_RULE: Final = tuple(number_rules.c[field.name] for field in fields(NewRule))
_KEPT: Final = tuple(
    number_rules.c[field.name] for field in fields(NumberRule) if field.name not in {"rule_id", "rule"}
)
_CAMPAIGN: Final = tuple(campaigns.c[field.name] for field in fields(Campaign))
_RULES: Final = select(number_rules.c.rule_id, *_RULE, *_KEPT)
_ONE: Final = _RULES.where(number_rules.c.rule_id == bindparam("wanted"))
_STANDING: Final = _RULES.where(number_rules.c.withdrawn_at.is_(None)).order_by(number_rules.c.rule_id)
_TOUCHING: Final = _RULES.where(number_rules.c.digits.in_(bindparam("digits", expanding=True)))
_LAW: Final = (leads.c.terms, leads.c.client_key, leads.c.numbers, HAS_OPPOSITION, HAS_EXEMPTION)
STANDING: Final = (VERSION.scalar_subquery(), leads.c.lead_id, leads.c.number, *LIST, *_CAMPAIGN, *_LAW)
"""What ``standings`` reads, over ``LEADS``."""
LEADS: Final = leads.join(lists, lists.c.list_id == leads.c.list_id).join(
    campaigns, campaigns.c.campaign_id == leads.c.campaign_id
)
_LEADS: Final = (
    select(*STANDING)
    .select_from(LEADS)
    .where(leads.c.lead_id.in_(bindparam("ids", expanding=True)), lists.c.state == ListState.LOADED)
)
_LEAD_OF: Final = select(leads.c.lead_id).where(
    leads.c.campaign_id == bindparam("campaign"), leads.c.number == bindparam("wanted")
)
_LIST: Final = select(*LIST).where(lists.c.list_id == bindparam("wanted"), lists.c.state == ListState.LOADED)
_WAITING: Final = (
    select(*LIST)
    .where(lists.c.state == ListState.LOADED, lists.c.approved_at.is_(None), lists.c.withdrawn_at.is_(None))
    .order_by(lists.c.list_id)
)


class Whitelist(Capability, WhitelistStore):
    """Implements ``WhitelistStore``."""

    @override
    @read
    def version(self, connection: Connection) -> int:
        return int(connection.execute(VERSION).scalar_one())

    @override
    @read
    def standing(self, connection: Connection, leads: Sequence[LeadId]) -> Mapping[LeadId, Standing]:
        found: dict[LeadId, Standing] = {}
        for start in range(0, len(leads), MANY):
            rows = connection.execute(_LEADS, {"ids": list(leads[start : start + MANY])}).all()
            found |= _each_readable(connection, rows)
        return found

    @override
    @read
    def lead_of(self, connection: Connection, campaign_id: CampaignId, number: Number) -> LeadId | None:
        found = connection.execute(_LEAD_OF, {"campaign": campaign_id, "wanted": number}).scalar_one_or_none()
        return None if found is None else LeadId(found)

    @override
    @read
    def touching(self, connection: Connection, number: Number) -> Sequence[NumberRule]:
        return _touching(connection, [number])[number]

    @override
    @read
    def rules(self, connection: Connection) -> Sequence[NumberRule]:
        return readable(connection, connection.execute(_STANDING), rule_of)

    @override
    @read
    def get(self, connection: Connection, rule_id: RuleId) -> NumberRule:
        return _find(connection, rule_id)

    @override
    @write
    def add(self, tx: Transaction, rule: NewRule, at: datetime) -> NumberRule:
        values = {field.name: getattr(rule, field.name) for field in fields(NewRule)} | {"added_at": at}
        rule_id = tx.connection.execute(insert(number_rules).returning(number_rules.c.rule_id), values).scalar_one()
        if rule.is_immediate:
            changed(tx, "rule_added", rule_id, at)
        tx.enter("rule_added", rule_id, at, _told(rule) | {"by": rule.author, "reason": rule.reason})
        return _find(tx.connection, RuleId(rule_id))

    @override
    @write
    def approve(self, tx: Transaction, rule_id: RuleId, by: str, at: datetime) -> NumberRule:
        one = _find(tx.connection, rule_id)
        if one.awaits_approval:
            _refuse_own(one.rule.author, by, "wrote this rule")
            tx.enter("rule_approved", rule_id, at, _told(one.rule) | {"by": by, "author": one.rule.author})
            if one.rule.effect is RuleEffect.ALLOW:
                give_back(tx, rule_id, one.rule, at)
            return _move(tx, one, "rule_approved", at, approved_by=by, approved_at=at)
        if one.awaits_withdrawal:
            _refuse_own(one.withdrawal_asked_by, by, "asked for the withdrawal of this rule")
            body = {"by": by, "asked_by": one.withdrawal_asked_by, "reason": one.withdrawal_reason}
            tx.enter("rule_withdrawn", rule_id, at, _told(one.rule) | body)
            give_back(tx, rule_id, one.rule, at)
            return _move(tx, one, "rule_withdrawn", at, withdrawn_by=by, withdrawn_at=at)
        raise ConflictError(f"rule {rule_id} waits for nobody's approval: it {_state(one)}")

    @override
    @write
    def ask_withdrawal(self, tx: Transaction, rule_id: RuleId, by: str, reason: str, at: datetime) -> NumberRule:
        one = _find(tx.connection, rule_id)
        if one.withdrawn_at is not None or one.awaits_withdrawal:
            raise ConflictError(f"nothing to ask for: rule {rule_id} {_state(one)}")
        tx.enter("rule_withdrawal_asked", rule_id, at, _told(one.rule) | {"by": by, "reason": reason})
        return _move(tx, one, "", at, withdrawal_asked_by=by, withdrawal_reason=reason)

    @override
    @write
    def withdraw(self, tx: Transaction, rule_id: RuleId, by: str, reason: str, at: datetime) -> NumberRule:
        one = _find(tx.connection, rule_id)
        if one.withdrawn_at is not None:
            raise ConflictError(f"nothing to withdraw: rule {rule_id} {_state(one)}")
        if one.rule.effect is RuleEffect.DENY and not one.awaits_approval:
            raise ConflictError(f"rule {rule_id} closes numbers: its withdrawal needs a second person")
        tx.enter("rule_withdrawn", rule_id, at, _told(one.rule) | {"by": by, "reason": reason})
        values = {"withdrawal_reason": reason, "withdrawn_by": by, "withdrawn_at": at}
        return _move(tx, one, "rule_withdrawn", at, **values)

    @override
    @read
    def waiting_lists(self, connection: Connection) -> Sequence[LeadList]:
        return readable(connection, connection.execute(_WAITING), list_of)

    @override
    @read
    def get_list(self, connection: Connection, list_id: ListId) -> LeadList:
        return find_list(connection, list_id)

    @override
    @write
    def approve_list(self, tx: Transaction, list_id: ListId, by: str, at: datetime) -> LeadList:
        one = find_list(tx.connection, list_id)
        if one.approved_at is not None and one.withdrawn_at is None:
            raise ConflictError(f"list {list_id} was approved by {one.approved_by} already: nothing to do")
        _refuse_own(one.loaded_by, by, "loaded this list")
        _refuse_own(one.withdrawn_by, by, "withdrew this list")
        body: Body = {"campaign": one.campaign_id, "by": by, "loaded_by": one.loaded_by, "accepted": one.accepted}
        tx.enter("list_approved", list_id, at, {**body, "file_sha256": one.file_sha256})
        gone = {"withdrawn_by": None, "withdrawn_at": None, "withdrawal_reason": None}
        return move_list(tx, one, "list_approved", at, {"approved_by": by, "approved_at": at, **gone})

    @override
    @write
    def withdraw_list(self, tx: Transaction, list_id: ListId, by: str, reason: str, at: datetime) -> LeadList:
        one = find_list(tx.connection, list_id)
        if one.withdrawn_at is not None:
            raise ConflictError(f"list {list_id} was withdrawn by {one.withdrawn_by} already: nothing to do")
        tx.enter("list_withdrawn", list_id, at, {"campaign": one.campaign_id, "by": by, "reason": reason})
        values = {"withdrawn_by": by, "withdrawn_at": at, "withdrawal_reason": reason}
        return move_list(tx, one, "list_withdrawn", at, values)


def rule_of(row: Sequence[Any]) -> NumberRule:
    """Return a row of a rule's columns as the domain's value."""
    own = len(_RULE) + 1
    asked = {column.name: value for column, value in zip(_KEPT, row[own:], strict=True)}
    texts = ("approved_by", "withdrawal_asked_by", "withdrawal_reason", "withdrawn_by")
    rule = made("number_rules", row[0], NewRule, row[1:own])
    return made(
        "number_rules", row[0], NumberRule, (row[0], rule), **asked | {name: asked[name] or "" for name in texts}
    )


def standings(connection: Connection, rows: Sequence[Sequence[Any]]) -> dict[LeadId, Standing]:
    """Return rows of ``STANDING`` with the rules that touch their numbers; those are read last, so never too old."""
    if not rows:
        return {}
    numbers = [row[2] for row in rows]
    rules, contacts = _touching(connection, numbers), contacts_among(connection, numbers)
    middle, end = 3 + len(LIST), -len(_LAW)
    theirs = {row[1]: made("campaigns", row[middle], Campaign, row[middle:end]) for row in rows}
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
    asked = [PersonLead(row[1], row[2], row[numbers], row[key], theirs[row[1]].client_company) for row in rows]
    return persons_among(connection, asked)


def _opposed(
    connection: Connection, theirs: Mapping[LeadId, Campaign], persons: Mapping[LeadId, Person]
) -> Mapping[Call, Sequence[str]]:
    """Return the lists that hold any number of the persons, by number and company."""
    calls = {
        (number, theirs[lead_id].client_company) for lead_id, person in persons.items() for number in person.numbers
    }
    return opposed_among(connection, calls)


def _opposed_elsewhere(
    opposed: Mapping[Call, Sequence[str]], person: Person, number: Number, campaign: Campaign
) -> tuple[str, ...]:
    """Return the lists that hold another number of the person."""
    others = sorted(person.numbers - {number})
    return tuple(dict.fromkeys(name for one in others for name in opposed.get((one, campaign.client_company), ())))


def _each_readable(connection: Connection, rows: Sequence[Sequence[Any]]) -> dict[LeadId, Standing]:
    """Return what is known of each lead; one of which a part cannot be read is left out, and so is not called."""
    try:
        return made("leads", "", standings, (connection, rows))
    except UnreadableRowError:
        found: dict[LeadId, Standing] = {}
        for one in readable(connection, rows, lambda row: made("leads", row[1], standings, (connection, [row]))):
            found |= one
        return found


def _touching(connection: Connection, numbers: Sequence[Number]) -> dict[Number, list[NumberRule]]:
    digits = {beginning for number in numbers for beginning in beginnings(number)}
    found: dict[str, list[NumberRule]] = {}
    for row in connection.execute(_TOUCHING, {"digits": sorted(digits)}) if digits else ():
        rule = rule_of(row)
        found.setdefault(rule.rule.digits, []).append(rule)
    return {
        number: [rule for start in beginnings(number) for rule in found.get(start, ()) if rule.matches(number)]
        for number in numbers
    }


def _find(connection: Connection, rule_id: RuleId) -> NumberRule:
    row = connection.execute(_ONE, {"wanted": rule_id}).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no rule {rule_id}; `telephony whitelist rules` shows those there are")
    return rule_of(row)


def find_list(connection: Connection, list_id: ListId) -> LeadList:
    """Return it; NotFoundError when there is none."""
    row = connection.execute(_LIST, {"wanted": list_id}).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no list {list_id}; `telephony list show` shows those of a campaign")
    return list_of(row)


def _move(tx: Transaction, one: NumberRule, kind: str, at: datetime, **values: object) -> NumberRule:
    tx.connection.execute(update(number_rules).where(number_rules.c.rule_id == one.rule_id).values(**values))
    if kind:
        changed(tx, kind, one.rule_id, at)
    return _find(tx.connection, one.rule_id)


def move_list(tx: Transaction, one: LeadList, kind: str, at: datetime, values: Mapping[str, object]) -> LeadList:
    """Change a list in a way that may allow or forbid a call."""
    tx.connection.execute(update(lists).where(lists.c.list_id == one.list_id).values(**values))
    changed(tx, kind, one.list_id, at)
    return find_list(tx.connection, one.list_id)


def _refuse_own(one: str, by: str, what: str) -> None:
    if one and is_same_person(one, by):
        raise ConflictError(f"{by} {what}: a second person approves it")


def _state(one: NumberRule) -> str:
    if one.withdrawn_at is not None:
        return f"was withdrawn by {one.withdrawn_by}"
    if one.awaits_withdrawal:
        return f"is asked to be withdrawn by {one.withdrawal_asked_by}; a second person approves that"
    return f"was approved by {one.approved_by}" if one.approved_by else "took effect at once"


def _told(rule: NewRule) -> dict[str, str | int | float | bool | None]:
    """Return what the ledger says of a rule: never somebody's whole number."""
    is_shown = rule.kind is RuleKind.PREFIX and len(rule.digits) <= SHOWN_DIGITS
    return {
        "effect": str(rule.effect),
        "kind": str(rule.kind),
        "digits": rule.digits if is_shown else None,
        "scope": str(rule.scope),
        "target": rule.target,
    }
