"""Store interface for the whitelist: rules, approvals of lists, and the facts that decide a call.

Part of ``telephony.ports.store``, with the same guarantees: one transaction per method, everything in the ledger, only
the ``StoreError`` family raised. Numbers are looked up in indexes, so the cost does not grow with their count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.law.basis import NO_TERMS, LeadTerms
from telephony.domain.law.contacts import Contact
from telephony.domain.law.site import Exemption
from telephony.domain.leads.leads import LeadList
from telephony.domain.rules.whitelist import NewRule, NumberRule
from telephony.ids import CampaignId, LeadId, ListId, Number, RuleId


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything in the database about one lead that the rules need to decide a call.

    Attributes:
        version: of the whitelist, read no later than the rest: ``PermitStore.use`` refuses if it has changed since.
        number: the number on the list.
        rules: every rule that matches the number, whatever its dates, scope and state.
        terms: legal basis, consent and time zone, from the list.
        contacts: earlier attempts at the number, for any company, that reached or may still reach the carrier.
        opposed: names of the do-not-call lists that contain the number and apply to the campaign's company.
        exemptions: all exemptions from rules of the law, whatever their dates and state.
        person_contacts: earlier attempts at the lead's person, on any of their numbers
            (``telephony.domain.leads.persons``).
        person_opposed: names of the do-not-call lists that contain another number of the person.
    """

    version: int
    number: Number
    list: LeadList
    campaign: Campaign
    rules: Sequence[NumberRule]
    terms: LeadTerms = NO_TERMS
    contacts: Sequence[Contact] = ()
    opposed: Sequence[str] = ()
    exemptions: Sequence[Exemption] = ()
    person_contacts: Sequence[Contact] = ()
    person_opposed: Sequence[str] = ()


class WhitelistStore(Protocol):
    """Rules and approvals. Nobody approves their own: that always raises ConflictError."""

    async def version(self) -> int:
        """Return the number of changes so far; it grows with every change that may allow or forbid a call."""

    async def standing(self, leads: Sequence[LeadId]) -> Mapping[LeadId, Standing]:
        """Return the current standing of each lead; leads that do not exist are left out."""

    async def lead_of(self, campaign_id: CampaignId, number: Number) -> LeadId | None:
        """Return the campaign's lead with that number, on a list in any state."""

    async def touching(self, number: Number) -> Sequence[NumberRule]:
        """Return every rule that matches a number, whatever its dates, scope and state."""

    async def rules(self) -> Sequence[NumberRule]:
        """Return the rules that are not revoked, oldest first."""

    async def get(self, rule_id: RuleId) -> NumberRule:
        """Return the rule, revoked or not; NotFoundError when there is none."""

    async def add(self, rule: NewRule, at: datetime) -> NumberRule:
        """Add a rule; it waits for approval unless it takes effect immediately."""

    async def approve(self, rule_id: RuleId, by: str, at: datetime) -> NumberRule:
        """Approve a rule or its requested revocation; ConflictError when neither waits."""

    async def ask_withdrawal(self, rule_id: RuleId, by: str, reason: str, at: datetime) -> NumberRule:
        """Request the revocation of a rule; it applies until ``approve``. ConflictError when already revoked."""

    async def withdraw(self, rule_id: RuleId, by: str, reason: str, at: datetime) -> NumberRule:
        """Revoke a rule at once; ConflictError when it is already revoked, or is a deny rule in force."""

    async def waiting_lists(self) -> Sequence[LeadList]:
        """Return the lists that wait for approval, oldest first."""

    async def get_list(self, list_id: ListId) -> LeadList:
        """Return the list; NotFoundError when there is none."""

    async def approve_list(self, list_id: ListId, by: str, at: datetime) -> LeadList:
        """Approve a list, also one that was revoked, if ``by`` neither loaded nor revoked it."""

    async def withdraw_list(self, list_id: ListId, by: str, reason: str, at: datetime) -> LeadList:
        """Revoke a list: none of its leads is dialled from now on; ConflictError when it is already revoked."""
