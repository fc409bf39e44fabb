"""What services need to keep of the whitelist: rules, approvals of lists, and the facts a call is decided on.

Part of ``telephony.ports.store``, under the same promises: one transaction a method, everything in the ledger, only
the ``StoreError`` family raised. Numbers are asked of the database's indexes; nothing here grows with their count.
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
    """What the database holds about one lead at one moment: all that the rules decide a call on.

    Attributes:
        version: of the whitelist, read no later than the rest: ``PermitStore.use`` refuses what has changed since.
        number: as it stands on the list.
        rules: every rule that speaks of the number, whatever its dates, scope and state.
        terms: legal basis, consent and time zone, as the list says.
        contacts: earlier attempts at the number, for any company, that reached the carrier or still may.
        opposed: names of the opposition lists that hold the number and bind the campaign's company.
        exemptions: every one that may lift a rule of the law, whatever its dates and state.
        person_contacts: those at the lead's person, under whichever of their numbers
            (``telephony.domain.leads.persons``).
        person_opposed: names of those lists that hold another number of the person.
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
    """Rules and approvals. Nobody approves their own: a ConflictError, whatever asks."""

    async def version(self) -> int:
        """Return the count of changes so far: it grows with every change that may allow or forbid a call."""

    async def standing(self, leads: Sequence[LeadId]) -> Mapping[LeadId, Standing]:
        """Return what is known of each lead, as stored now; a lead that does not exist is left out."""

    async def lead_of(self, campaign_id: CampaignId, number: Number) -> LeadId | None:
        """Return the campaign's lead with that number, on a list whatever its state."""

    async def touching(self, number: Number) -> Sequence[NumberRule]:
        """Return every rule that speaks of a number, whatever its dates, scope and state."""

    async def rules(self) -> Sequence[NumberRule]:
        """Return the rules that are not withdrawn, oldest first."""

    async def get(self, rule_id: RuleId) -> NumberRule:
        """Return it, withdrawn or not; NotFoundError when there is none."""

    async def add(self, rule: NewRule, at: datetime) -> NumberRule:
        """Write it down: it waits for approval, unless it is an immediate one."""

    async def approve(self, rule_id: RuleId, by: str, at: datetime) -> NumberRule:
        """Agree to a rule, or to the withdrawal somebody asked for; ConflictError when neither waits."""

    async def ask_withdrawal(self, rule_id: RuleId, by: str, reason: str, at: datetime) -> NumberRule:
        """Keep that somebody wants a rule gone; it holds until ``approve``. ConflictError when it is gone already."""

    async def withdraw(self, rule_id: RuleId, by: str, reason: str, at: datetime) -> NumberRule:
        """Take a rule back at once; ConflictError when it is gone already, or is a deny rule in force."""

    async def waiting_lists(self) -> Sequence[LeadList]:
        """Return the lists that wait for approval, oldest first."""

    async def get_list(self, list_id: ListId) -> LeadList:
        """Return it; NotFoundError when there is none."""

    async def approve_list(self, list_id: ListId, by: str, at: datetime) -> LeadList:
        """Let a list be dialled; a withdrawn one again, if ``by`` neither loaded nor withdrew it."""

    async def withdraw_list(self, list_id: ListId, by: str, reason: str, at: datetime) -> LeadList:
        """Let none of its leads be dialled from now on; ConflictError when it is withdrawn already."""
