"""The whitelist in the database: rules, and approvals of lists. ``standings`` reads what calls are decided on.

Each transaction checks again that nobody approves their own rule or list. A change bumps the version in the same
transaction, so that earlier decisions are not used after it (see ``permits``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update
from typing_extensions import override

from telephony.domain.leads.leads import LeadList
from telephony.domain.rules.whitelist import NewRule, NumberRule, RuleEffect, RuleKind, is_same_person
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import CampaignId, LeadId, ListId, Number, RuleId
from telephony.ports.rules.whitelist import Standing, WhitelistStore
from telephony.storage.engine.capability import Capability, read, write
from telephony.storage.engine.rules_version import VERSION, bump_version
from telephony.storage.engine.transaction import Body, Transaction
from telephony.storage.leads.lists import LIST, change_list, find_list, list_of
from telephony.storage.leads.requeue import requeue_matching
from telephony.storage.rules.number_rules import RULES, rule_of, rules_touching
from telephony.storage.rules.standings import standings_of
from telephony.storage.tables import ListState, leads, lists, number_rules
from telephony.storage.tables.rows import readable

SHOWN_DIGITS: Final = 8
"""Longest prefix written to the ledger: a longer one is almost a phone number."""

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
        lead_id = connection.execute(_LEAD_OF, {"campaign": campaign_id, "wanted": number}).scalar_one_or_none()
        return None if lead_id is None else LeadId(lead_id)

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
        tx.enter("rule_added", rule_id, at, _ledger_body(rule) | {"by": rule.author, "reason": rule.reason})
        return _find(tx.connection, RuleId(rule_id))

    @override
    @write
    def approve(self, tx: Transaction, rule_id: RuleId, by: str, at: datetime) -> NumberRule:
        stored = _find(tx.connection, rule_id)
        if stored.awaits_approval:
            _refuse_own(stored.rule.author, by, "wrote this rule")
            tx.enter("rule_approved", rule_id, at, _ledger_body(stored.rule) | {"by": by, "author": stored.rule.author})
            if stored.rule.effect is RuleEffect.ALLOW:
                requeue_matching(tx, rule_id, stored.rule, at)
            return _move(tx, stored, "rule_approved", at, approved_by=by, approved_at=at)
        if stored.awaits_withdrawal:
            _refuse_own(stored.withdrawal_asked_by, by, "asked for the revocation of this rule")
            body = {"by": by, "asked_by": stored.withdrawal_asked_by, "reason": stored.withdrawal_reason}
            tx.enter("rule_withdrawn", rule_id, at, _ledger_body(stored.rule) | body)
            requeue_matching(tx, rule_id, stored.rule, at)
            return _move(tx, stored, "rule_withdrawn", at, withdrawn_by=by, withdrawn_at=at)
        raise ConflictError(f"rule {rule_id} does not wait for approval: it {_state(stored)}")

    @override
    @write
    def ask_withdrawal(self, tx: Transaction, rule_id: RuleId, by: str, reason: str, at: datetime) -> NumberRule:
        stored = _find(tx.connection, rule_id)
        if stored.withdrawn_at is not None or stored.awaits_withdrawal:
            raise ConflictError(f"nothing to ask for: rule {rule_id} {_state(stored)}")
        tx.enter("rule_withdrawal_asked", rule_id, at, _ledger_body(stored.rule) | {"by": by, "reason": reason})
        return _move(tx, stored, "", at, withdrawal_asked_by=by, withdrawal_reason=reason)

    @override
    @write
    def withdraw(self, tx: Transaction, rule_id: RuleId, by: str, reason: str, at: datetime) -> NumberRule:
        stored = _find(tx.connection, rule_id)
        if stored.withdrawn_at is not None:
            raise ConflictError(f"nothing to revoke: rule {rule_id} {_state(stored)}")
        if stored.rule.effect is RuleEffect.DENY and not stored.awaits_approval:
            raise ConflictError(f"rule {rule_id} closes numbers: its revocation needs a second person")
        tx.enter("rule_withdrawn", rule_id, at, _ledger_body(stored.rule) | {"by": by, "reason": reason})
        values = {"withdrawal_reason": reason, "withdrawn_by": by, "withdrawn_at": at}
        return _move(tx, stored, "rule_withdrawn", at, **values)

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
        lead_list = find_list(tx.connection, list_id)
        if lead_list.approved_at is not None and lead_list.withdrawn_at is None:
            raise ConflictError(f"list {list_id} was approved by {lead_list.approved_by} already: nothing to do")
        _refuse_own(lead_list.loaded_by, by, "loaded this list")
        _refuse_own(lead_list.withdrawn_by, by, "revoked this list")
        body: Body = {
            "campaign": lead_list.campaign_id,
            "by": by,
            "loaded_by": lead_list.loaded_by,
            "accepted": lead_list.accepted,
        }
        tx.enter("list_approved", list_id, at, {**body, "file_sha256": lead_list.file_sha256})
        gone = {"withdrawn_by": None, "withdrawn_at": None, "withdrawal_reason": None}
        return change_list(tx, lead_list, "list_approved", at, {"approved_by": by, "approved_at": at, **gone})

    @override
    @write
    def withdraw_list(self, tx: Transaction, list_id: ListId, by: str, reason: str, at: datetime) -> LeadList:
        lead_list = find_list(tx.connection, list_id)
        if lead_list.withdrawn_at is not None:
            raise ConflictError(f"list {list_id} was already revoked by {lead_list.withdrawn_by}: nothing to do")
        tx.enter("list_withdrawn", list_id, at, {"campaign": lead_list.campaign_id, "by": by, "reason": reason})
        values = {"withdrawn_by": by, "withdrawn_at": at, "withdrawal_reason": reason}
        return change_list(tx, lead_list, "list_withdrawn", at, values)


def _find(connection: Connection, rule_id: RuleId) -> NumberRule:
    row = connection.execute(_ONE, {"wanted": rule_id}).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no rule {rule_id}; `telephony whitelist rules` shows those there are")
    return rule_of(row)


def _move(tx: Transaction, stored: NumberRule, kind: str, at: datetime, **values: object) -> NumberRule:
    tx.connection.execute(update(number_rules).where(number_rules.c.rule_id == stored.rule_id).values(**values))
    if kind:
        bump_version(tx, kind, stored.rule_id, at)
    return _find(tx.connection, stored.rule_id)


def _refuse_own(author: str | None, by: str, what: str) -> None:
    if author and is_same_person(author, by):
        raise ConflictError(f"{by} {what}: a second person approves it")


def _state(rule: NumberRule) -> str:
    if rule.withdrawn_at is not None:
        return f"was revoked by {rule.withdrawn_by}"
    if rule.awaits_withdrawal:
        return f"is to be revoked at the request of {rule.withdrawal_asked_by}; a second person approves that"
    return f"was approved by {rule.approved_by}" if rule.approved_by else "took effect at once"


def _ledger_body(rule: NewRule) -> dict[str, str | int | float | bool | None]:
    """Return the ledger entry of a rule, without any complete phone number."""
    is_shown = rule.kind is RuleKind.PREFIX and len(rule.digits) <= SHOWN_DIGITS
    return {
        "effect": str(rule.effect),
        "kind": str(rule.kind),
        "digits": rule.digits if is_shown else None,
        "scope": str(rule.scope),
        "target": rule.target,
    }
