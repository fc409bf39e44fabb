"""Requeue leads that a whitelist rule or a do-not-call list had refused, when the refusal may have ended.

Nothing is decided here: a lead that another rule still closes is refused again at its next turn.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, func, or_, select, type_coerce, update

from telephony.domain.law.do_not_call import DoNotCallRemoval
from telephony.domain.law.provisions import Law
from telephony.domain.leads.leads import LeadState
from telephony.domain.rules.whitelist import NewRule, RuleEffect, RuleKind, RuleScope
from telephony.storage.engine.transaction import Transaction
from telephony.storage.tables import leads, lists

CLOSED_BY_RULES: Final = ("number_denied", "country_not_open")
"""Codes of ``telephony.domain.rules.decision`` that come from the whitelist only."""


def requeue_matching(tx: Transaction, rule_id: int, rule: NewRule, at: datetime) -> None:
    """Let the refused leads that a rule matches wait again: it opens their numbers, or no longer closes them.

    They are found by list and state, so only refused leads are touched. If the rule opens later, they wait until then.
    """
    later = rule.valid_from if rule.effect is RuleEffect.ALLOW and rule.valid_from > at else None
    _wait_again(tx, rule_id, _matching(rule), later, at)


def requeue_opposed(tx: Transaction, withdrawal: DoNotCallRemoval, campaigns: Collection[int], at: datetime) -> None:
    """Let the leads of some campaigns wait again after a do-not-call list, or one entry of it, was removed.

    A lead that is on another list, or on this one under a digest that cannot be reversed, is refused again at its next
    turn.
    """
    touched: list[ColumnElement[Any]] = [
        leads.c.list_id.in_(select(lists.c.list_id).where(lists.c.campaign_id.in_(campaigns))),
        leads.c.state == LeadState.REFUSED,
        leads.c.reason == str(Law.OPPOSITION),
    ]
    if withdrawal.is_of_a_number:
        touched.append(_has_number(withdrawal.entry))
    _wait_again(tx, withdrawal.withdrawal_id, touched, None, at)


def _has_number(number: str) -> ColumnElement[bool]:
    """Condition: a lead's person has this number, on the lead itself or on a lead with the same key."""
    of_lead = or_(leads.c.number == number, type_coerce(leads.c.numbers, Text).contains(f'"{number}"'))
    keys = select(leads.c.client_key).where(of_lead, leads.c.client_key != "")
    return or_(of_lead, leads.c.client_key.in_(keys))


def _wait_again(
    tx: Transaction, subject: int, touched: Sequence[ColumnElement[Any]], later: datetime | None, at: datetime
) -> None:
    counted = select(leads.c.campaign_id, func.count()).where(*touched).group_by(leads.c.campaign_id)
    counts = tx.connection.execute(counted).all()
    if counts:
        change = update(leads).where(*touched)
        tx.connection.execute(change.values(state=LeadState.WAITING, not_before=later, reason=""))
    for campaign_id, count in counts:
        tx.count(campaign_id, "lead", LeadState.REFUSED, -count)
        tx.count(campaign_id, "lead", LeadState.WAITING, count)
        tx.enter("leads_given_back", subject, at, {"campaign": campaign_id, "count": count})


def _matching(rule: NewRule) -> list[ColumnElement[Any]]:
    of_lists = select(lists.c.list_id)
    if rule.scope is RuleScope.CAMPAIGN:
        of_lists = of_lists.where(lists.c.campaign_id == int(rule.target))
    touched: list[ColumnElement[Any]] = [
        leads.c.list_id.in_(of_lists),
        leads.c.state == LeadState.REFUSED,
        leads.c.reason.in_(CLOSED_BY_RULES),
    ]
    is_exact = rule.kind is RuleKind.EXACT
    touched.append(leads.c.number == rule.digits if is_exact else leads.c.number.startswith(rule.digits))
    if rule.length is not None:
        touched.append(func.length(leads.c.number) == rule.length)
    return touched
