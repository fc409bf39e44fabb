"""The whitelist as people work with it: adding rules, approving as the second person, revoking, explaining.

Closing numbers takes effect at once. Opening numbers, and revoking a rule that closed some, needs a second person with
the right to approve. That person has proved their identity before (``AccountsService.prove``, or the pages' sign-in).
``enforcement`` ends calls that are no longer allowed; ``telephony.domain.rules`` combines the rules.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from telephony.domain.accounts import Account
from telephony.domain.campaigns.campaigns import Campaign, CampaignState
from telephony.domain.law.decision import next_allowed, verdicts
from telephony.domain.law.facts import LAW_POLICY, DialingPolicy
from telephony.domain.law.places import NOWHERE, Place
from telephony.domain.law.provisions import PROMISES, Counts
from telephony.domain.law.verdict import Verdict as LawVerdict
from telephony.domain.leads.leads import LeadList
from telephony.domain.ledger_reason import reason_of
from telephony.domain.numbers.numbers import canonical
from telephony.domain.numbers.typed import number_or_digits
from telephony.domain.rules.decision import DialFacts, Refused, refusals
from telephony.domain.rules.whitelist import (
    NOT_OPEN,
    Denied,
    NewRule,
    NumberRule,
    RuleEffect,
    RuleKind,
    RuleScope,
    RuleSet,
    Verdict,
)
from telephony.domain.text.reason import Reason
from telephony.errors import InputError
from telephony.ids import CampaignId, LeadId, ListId, Number, RuleId
from telephony.ports.clock import Clock
from telephony.ports.rules.whitelist import Standing
from telephony.ports.store import Store
from telephony.services.rules.facts import law_facts
from telephony.services.rules.second_person import refuse_without_right


@dataclass(frozen=True, slots=True)
class Pending:
    """Lists and rules that wait for a second person."""

    lists: Sequence[LeadList]
    rules: Sequence[NumberRule]


@dataclass(frozen=True, slots=True)
class Answer:
    """May this number be called for this campaign?

    Attributes:
        number: the number in question, in canonical form if it has one.
        refused: every check that refuses, in the order of the checks; empty when the call is allowed.
        rules: every whitelist rule that matches, deny before allow, the most specific first.
        list: the campaign's list that has the number, or None.
        lead_id: the lead with this number, or None.
        place: which law and which time zones apply to the number.
        law: the verdict of every rule of the law and of the site.
        next_at: first time at which the law allows the call, None when no time is allowed.
    """

    number: Number
    campaign: Campaign
    at: datetime
    refused: Sequence[Refused]
    rules: Sequence[NumberRule]
    list: LeadList | None
    lead_id: LeadId | None
    place: Place = NOWHERE
    law: Sequence[LawVerdict] = ()
    next_at: datetime | None = None

    @property
    def is_allowed(self) -> bool:
        """Whether no check refuses."""
        return not self.refused


class Whitelist:
    """Rules and approvals.

    Args:
        store: rules and lists.
        clock: the current time.
        trunks: allowed caller IDs by trunk name, from the settings.
        policy: how this site dials, with the site's own rules.
    """

    def __init__(
        self, store: Store, clock: Clock, trunks: Mapping[str, Collection[str]], policy: DialingPolicy = LAW_POLICY
    ) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._trunks = {name: frozenset(caller_ids) for name, caller_ids in trunks.items()}

    async def add_rule(
        self,
        effect: RuleEffect,
        kind: RuleKind,
        digits: str,
        *,
        reason: str,
        by: str,
        scope: RuleScope = RuleScope.SITE,
        target: str = "",
        valid_from: datetime | None = None,
        valid_until: datetime | None = None,
        length: int | None = None,
    ) -> NumberRule:
        """Add a rule; it is in force once a second person has approved it.

        Raises:
            InputError: a value is not possible; the message names it.
            NotFoundError: there is no such campaign.
        """
        await self._refuse_unknown(scope, target)
        now = self._clock.now()
        rule = NewRule(
            effect,
            kind,
            digits.removeprefix("+"),
            reason_of(reason),
            by,
            valid_from or now,
            valid_until,
            scope,
            target,
            length,
        )
        return await self._store.whitelist.add(rule, now)

    async def withdraw_number(
        self, text: str, *, reason: str, by: str, campaign_id: CampaignId | None = None
    ) -> NumberRule:
        """Close one number from now on, for the site or one campaign; no second person is needed.

        Raises:
            InputError: the text is not a number that can be called, or there is no reason.
        """
        now = self._clock.now()
        target = "" if campaign_id is None else str(campaign_id)
        scope = RuleScope.SITE if campaign_id is None else RuleScope.CAMPAIGN
        rule = NewRule(
            RuleEffect.DENY,
            RuleKind.EXACT,
            canonical(text),
            reason_of(reason),
            by,
            now,
            scope=scope,
            target=target,
            is_immediate=True,
        )
        return await self._store.whitelist.add(rule, now)

    async def withdraw_rule(self, rule_id: RuleId, *, reason: str, by: str) -> NumberRule:
        """Revoke a rule: an allow rule at once, a deny rule when a second person has approved.

        Returns:
            The rule; ``awaits_withdrawal`` is True when a second person must approve.
        """
        number_rule = await self._store.whitelist.get(rule_id)
        if number_rule.rule.effect is RuleEffect.DENY and not number_rule.awaits_approval:
            return await self._store.whitelist.ask_withdrawal(rule_id, by, reason_of(reason), self._clock.now())
        return await self._store.whitelist.withdraw(rule_id, by, reason_of(reason), self._clock.now())

    async def withdraw_list(self, list_id: ListId, *, reason: str, by: str) -> LeadList:
        """Revoke a list: none of its leads may be called from now on."""
        return await self._store.whitelist.withdraw_list(list_id, by, reason_of(reason), self._clock.now())

    async def withdraw_campaign(self, campaign_id: CampaignId, *, reason: str, by: str) -> Sequence[LeadList]:
        """Revoke every list of a campaign and stop it permanently; its calls under way are ended."""
        reason = reason_of(reason)
        revoked = [
            await self._store.whitelist.withdraw_list(lead_list.list_id, by, reason, self._clock.now())
            for lead_list in await self._store.leads.lists(campaign_id)
            if lead_list.withdrawn_at is None
        ]
        campaign = await self._store.campaigns.get(campaign_id)
        if campaign.state is not CampaignState.STOPPED:
            await self._store.campaigns.set_state(campaign_id, CampaignState.STOPPED, by, self._clock.now())
        return revoked

    async def approve_list(self, list_id: ListId, who: Account) -> LeadList:
        """Approve a list as the second person.

        Raises:
            InputError: the role may not approve.
            ConflictError: they loaded it themselves, or it is approved already.
        """
        refuse_without_right(who)
        return await self._store.whitelist.approve_list(list_id, who.username, self._clock.now())

    async def approve_rule(self, rule_id: RuleId, who: Account) -> NumberRule:
        """Approve a new rule, or the revocation of one, as the second person; errors as ``approve_list``."""
        refuse_without_right(who)
        return await self._store.whitelist.approve(rule_id, who.username, self._clock.now())

    async def rules(self) -> Sequence[NumberRule]:
        """Return the rules that are not revoked, oldest first."""
        return await self._store.whitelist.rules()

    async def pending(self) -> Pending:
        """Return the lists and rules that wait for a second person."""
        rules = await self._store.whitelist.rules()
        waiting = [rule for rule in rules if rule.awaits_approval or rule.awaits_withdrawal]
        return Pending(await self._store.whitelist.waiting_lists(), waiting)

    async def check(self, text: str, campaign: Campaign, at: datetime | None = None) -> Answer:
        """Decide for a number as the dialer would, with every check instead of the first that refuses.

        The state of the running service (recorder, watch, locks) is not checked.

        Args:
            text: the number as people write it.
            campaign: the campaign of the call, in its present state.
            at: the time of the call; now when None.

        Raises:
            InputError: there is no digit in the text.
        """
        now = at or self._clock.now()
        number, error = number_or_digits(text)
        form = [] if error is None else [Refused("number_form", Reason("refused.not_a_number", why=error.why))]
        lead_id = await self._store.whitelist.lead_of(campaign.campaign_id, number)
        standing = None
        if lead_id is not None:
            standing = (await self._store.whitelist.standing([lead_id])).get(lead_id)
        opposed = await self._store.do_not_call.opposed(number, campaign.client_company) if standing is None else ()
        rules = RuleSet(standing.rules if standing else await self._store.whitelist.touching(number))
        verdict = rules.verdict(number, trunk=campaign.trunk, campaign_id=campaign.campaign_id, now=now)
        law = law_facts(standing, campaign, number, campaign.caller_id, self._policy)
        facts = DialFacts(
            campaign=campaign,
            number=number,
            on_list=standing.number if standing else None,
            is_list_in_force=standing is not None and standing.list.is_in_force(now),
            is_list_paused=standing is not None and standing.list.paused_at is not None,
            whitelist=verdict,
            caller_id=campaign.caller_id,
            trunk=campaign.trunk,
            trunks=self._trunks,
            law=replace(law, opposed=tuple(opposed)) if opposed else law,
            at=now,
            can_record=True,
            locked=None,
            is_watched=True,
            is_operator_gone=False,
        )
        refused = [*form, *(refusal for refusal in refusals(facts) if not form or refusal.rule != "number_form")]
        catching = rules.catching(number, trunk=campaign.trunk, campaign_id=campaign.campaign_id, now=now)
        lead_list = standing.list if standing else None
        shown, next_at = _relevant(verdicts(facts.law, now)), next_allowed(facts.law, now)
        return Answer(number, campaign, now, refused, catching, lead_list, lead_id, facts.law.place, shown, next_at)

    async def _refuse_unknown(self, scope: RuleScope, target: str) -> None:
        if scope is RuleScope.TRUNK and target not in self._trunks:
            raise InputError(f"trunk {target} is not in the settings; there are: {', '.join(self._trunks)}")
        if scope is RuleScope.CAMPAIGN:
            if not target.isdecimal():
                raise InputError("a rule for a campaign names it by its id")
            await self._store.campaigns.get(CampaignId(int(target)))


def _relevant(law_verdicts: Sequence[LawVerdict]) -> tuple[LawVerdict, ...]:
    """Leave out verdicts about promises, and those per person that only repeat the number's permission."""
    of_calls = (verdict for verdict in law_verdicts if verdict.row.law not in PROMISES)
    return tuple(verdict for verdict in of_calls if verdict.row.counts is Counts.NUMBER or verdict.no is not None)


def verdict_on(
    standing: Standing | None, number: Number, trunk: str, campaign_id: CampaignId, now: datetime
) -> Verdict:
    """Return the whitelist's verdict on a call to a lead; a lead that does not exist is denied."""
    if standing is None:
        return Denied(None, NOT_OPEN)
    return RuleSet(standing.rules).verdict(number, trunk=trunk, campaign_id=campaign_id, now=now)
