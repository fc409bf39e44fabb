"""The whitelist in the database: rules, and approvals of lists. What a call is decided on is left to ``standings``.

That nobody approves their own is checked here once more, inside the
transaction, whoever asks. A change bumps the version in the same transaction: what was decided before it is not used
after it (see ``permits``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update
from typing_extensions import override

from telephony.domain.leads import LeadList
from telephony.domain.whitelist import NewRule, NumberRule, RuleEffect, RuleKind, is_same_person
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import CampaignId, LeadId, ListId, Number, RuleId
from telephony.ports.whitelist import Standing, WhitelistStore
from telephony.storage.capability import Capability, read, write
from telephony.storage.given_back import give_back
from telephony.storage.lists import LIST, change_list, find_list, list_of
from telephony.storage.number_rules import RULES, rule_of, rules_touching
from telephony.storage.reading import readable
from telephony.storage.rules_version import VERSION, bump_version
from telephony.storage.standings import standings_of
from telephony.storage.tables import ListState, leads, lists, number_rules
from telephony.storage.transaction import Body, Transaction

SHOWN_DIGITS: Final = 8
"""Longest prefix the ledger names: longer ones come close to somebody's number."""

_ONE: Final = RULES.where(number_rules.c.rule_id == bindparam("wanted"))
_STANDING: Final = RULES.where(number_rules.c.withdrawn_at.is_(None)).order_by(number_rules.c.rule_id)
_LEAD_OF: Final = select(leads.c.lead_id).where(
    leads.c.campaign_id == bindparam("campaign"), leads.c.number == bindparam("wanted")
)
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
        return standings_of(connection, leads)

    @override
    @read
    def lead_of(self, connection: Connection, campaign_id: CampaignId, number: Number) -> LeadId | None:
        found = connection.execute(_LEAD_OF, {"campaign": campaign_id, "wanted": number}).scalar_one_or_none()
        return None if found is None else LeadId(found)

    @override
    @read
    def touching(self, connection: Connection, number: Number) -> Sequence[NumberRule]:
        return rules_touching(connection, [number])[number]

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
            bump_version(tx, "rule_added", rule_id, at)
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
        return change_list(tx, one, "list_approved", at, {"approved_by": by, "approved_at": at, **gone})

    @override
    @write
    def withdraw_list(self, tx: Transaction, list_id: ListId, by: str, reason: str, at: datetime) -> LeadList:
        one = find_list(tx.connection, list_id)
        if one.withdrawn_at is not None:
            raise ConflictError(f"list {list_id} was withdrawn by {one.withdrawn_by} already: nothing to do")
        tx.enter("list_withdrawn", list_id, at, {"campaign": one.campaign_id, "by": by, "reason": reason})
        values = {"withdrawn_by": by, "withdrawn_at": at, "withdrawal_reason": reason}
        return change_list(tx, one, "list_withdrawn", at, values)


def _find(connection: Connection, rule_id: RuleId) -> NumberRule:
    row = connection.execute(_ONE, {"wanted": rule_id}).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no rule {rule_id}; `telephony whitelist rules` shows those there are")
    return rule_of(row)


def _move(tx: Transaction, one: NumberRule, kind: str, at: datetime, **values: object) -> NumberRule:
    tx.connection.execute(update(number_rules).where(number_rules.c.rule_id == one.rule_id).values(**values))
    if kind:
        bump_version(tx, kind, one.rule_id, at)
    return _find(tx.connection, one.rule_id)


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
