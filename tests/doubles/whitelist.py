"""The whitelist in memory: the same contract as the database's, the standard rules included."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from telephony.domain.law.basis import NO_TERMS
from telephony.domain.leads.leads import Lead, LeadList, LeadState
from telephony.domain.rules.standard import INSTALLATION, STANDARD_RULES
from telephony.domain.rules.whitelist import NewRule, NumberRule, RuleEffect, RuleScope, is_same_person
from telephony.errors import ConflictError
from telephony.ids import CampaignId, LeadId, ListId, Number, RuleId
from telephony.ports.rules.whitelist import Standing
from tests.doubles.do_not_call import opposed_by
from tests.doubles.law import contacts_of, contacts_with
from tests.doubles.tables import Tables, found


def standing_of(tables: Tables, lead_id: LeadId) -> Standing:
    """Return what is known of a lead now."""
    lead = tables.leads[lead_id]
    rules = [row for row in tables.rules.values() if row.matches(lead.number)]
    campaign = tables.campaigns[lead.campaign_id]
    return Standing(
        version=tables.whitelist_version,
        number=lead.number,
        list=tables.lists[lead.list_id],
        campaign=campaign,
        rules=rules,
        terms=tables.terms.get(lead_id, NO_TERMS),
        contacts=contacts_of(tables, lead.number),
        opposed=opposed_by(tables, lead.number, campaign.client_company),
        exemptions=tuple(tables.exemptions.values()),
        person_contacts=contacts_with(tables, lead_id),
        person_opposed=_opposed_elsewhere(tables, lead, campaign.client_company),
    )


def _opposed_elsewhere(tables: Tables, lead: Lead, company: str) -> tuple[str, ...]:
    numbers = {number for same in tables.same_person(lead.lead_id) for number in (same.number, *same.numbers)}
    others = sorted(numbers - {lead.number})
    return tuple(dict.fromkeys(name for other in others for name in opposed_by(tables, other, company)))


class FakeWhitelist:
    def __init__(self, tables: Tables) -> None:
        self._t = tables
        for number, rule in enumerate(STANDARD_RULES, start=1):
            at = rule.valid_from
            standard = NumberRule(RuleId(number), rule, at, approved_by=INSTALLATION, approved_at=at)
            tables.rules[standard.rule_id] = standard

    async def version(self) -> int:
        return self._t.whitelist_version

    async def standing(self, leads: Sequence[LeadId]) -> Mapping[LeadId, Standing]:
        return {lead_id: standing_of(self._t, lead_id) for lead_id in leads if lead_id in self._t.leads}

    async def lead_of(self, campaign_id: CampaignId, number: Number) -> LeadId | None:
        rows = self._t.leads.values()
        same = (row.lead_id for row in rows if (row.campaign_id, row.number) == (campaign_id, number))
        return next(same, None)

    async def touching(self, number: Number) -> Sequence[NumberRule]:
        return [row for row in self._t.rules.values() if row.matches(number)]

    async def rules(self) -> Sequence[NumberRule]:
        return [row for row in self._t.rules.values() if row.withdrawn_at is None]

    async def get(self, rule_id: RuleId) -> NumberRule:
        return found(self._t.rules, rule_id, "rule")

    async def add(self, rule: NewRule, at: datetime) -> NumberRule:
        row = NumberRule(RuleId(len(self._t.rules) + 1), rule, at)
        self._t.whitelist_version += rule.is_immediate
        return self._keep(row, "rule_added", at, by=rule.author, reason=rule.reason)

    async def approve(self, rule_id: RuleId, by: str, at: datetime) -> NumberRule:
        row = found(self._t.rules, rule_id, "rule")
        if row.awaits_approval:
            _refuse_own(row.rule.author, by)
            self._t.whitelist_version += 1
            if row.rule.effect is RuleEffect.ALLOW:
                self._give_back(row, at)
            return self._keep(replace(row, approved_by=by, approved_at=at), "rule_approved", at, by=by)
        if row.awaits_withdrawal:
            _refuse_own(row.withdrawal_asked_by, by)
            self._t.whitelist_version += 1
            gone = replace(row, withdrawn_by=by, withdrawn_at=at)
            self._give_back(row, at)
            return self._keep(gone, "rule_withdrawn", at, by=by, reason=row.withdrawal_reason)
        raise ConflictError(f"rule {rule_id} does not wait for approval")

    def _give_back(self, row: NumberRule, at: datetime) -> None:
        later = row.rule.valid_from if row.rule.effect is RuleEffect.ALLOW and row.rule.valid_from > at else None
        for lead in list(self._t.leads.values()):
            is_closed = lead.state is LeadState.REFUSED and lead.reason in {"number_denied", "country_not_open"}
            is_its = row.rule.scope is not RuleScope.CAMPAIGN or row.rule.target == str(lead.campaign_id)
            if is_closed and is_its and row.matches(lead.number):
                self._t.set_lead(lead.lead_id, LeadState.WAITING, not_before=later, reason="")

    async def ask_withdrawal(self, rule_id: RuleId, by: str, reason: str, at: datetime) -> NumberRule:
        row = found(self._t.rules, rule_id, "rule")
        if row.withdrawn_at is not None or row.awaits_withdrawal:
            raise ConflictError(f"nothing to ask for: rule {rule_id}")
        row = replace(row, withdrawal_asked_by=by, withdrawal_reason=reason)
        return self._keep(row, "rule_withdrawal_asked", at, by=by, reason=reason)

    async def withdraw(self, rule_id: RuleId, by: str, reason: str, at: datetime) -> NumberRule:
        row = found(self._t.rules, rule_id, "rule")
        if row.withdrawn_at is not None:
            raise ConflictError(f"nothing to revoke: rule {rule_id}")
        if row.rule.effect is RuleEffect.DENY and not row.awaits_approval:
            raise ConflictError(f"rule {rule_id} closes numbers: its revocation needs a second person")
        self._t.whitelist_version += 1
        row = replace(row, withdrawn_by=by, withdrawn_at=at, withdrawal_reason=reason)
        return self._keep(row, "rule_withdrawn", at, by=by, reason=reason)

    async def waiting_lists(self) -> Sequence[LeadList]:
        return [row for row in self._t.lists.values() if row.awaits_approval]

    async def get_list(self, list_id: ListId) -> LeadList:
        return found(self._t.lists, list_id, "list")

    async def approve_list(self, list_id: ListId, by: str, at: datetime) -> LeadList:
        row = found(self._t.lists, list_id, "list")
        if row.approved_at is not None and row.withdrawn_at is None:
            raise ConflictError(f"list {list_id} was approved by {row.approved_by} already")
        _refuse_own(row.loaded_by, by)
        _refuse_own(row.withdrawn_by, by)
        row = replace(row, approved_by=by, approved_at=at, withdrawn_by=None, withdrawn_at=None, withdrawal_reason=None)
        return self._keep_list(row, "list_approved", at, by=by)

    async def withdraw_list(self, list_id: ListId, by: str, reason: str, at: datetime) -> LeadList:
        row = found(self._t.lists, list_id, "list")
        if row.withdrawn_at is not None:
            raise ConflictError(f"list {list_id} was already revoked by {row.withdrawn_by}")
        row = replace(row, withdrawn_by=by, withdrawn_at=at, withdrawal_reason=reason)
        return self._keep_list(row, "list_withdrawn", at, by=by, reason=reason)

    def _keep(self, row: NumberRule, kind: str, at: datetime, **body: str) -> NumberRule:
        self._t.rules[row.rule_id] = row
        self._t.note(kind, row.rule_id, at, **body)
        return row

    def _keep_list(self, row: LeadList, kind: str, at: datetime, **body: str) -> LeadList:
        self._t.lists[row.list_id] = row
        self._t.whitelist_version += 1
        self._t.note(kind, row.list_id, at, **body)
        return row


def _refuse_own(first: str, by: str) -> None:
    if first and is_same_person(first, by):
        raise ConflictError(f"{by} cannot be the second person: a second person approves it")
