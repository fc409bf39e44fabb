"""The rules in force at the time of a call: may this number be dialled, now, for this campaign?

Decided twice with the same function: when the permit is requested, and again when the gate consumes it (I5). Each rule
must hold:

1. ``locked``: neither the site nor the campaign is locked.
2. ``campaign_not_running``: the lead's campaign is running.
3. ``number_form``: the number is in canonical form, E.164 without plus.
4. ``number_not_on_list``: it is, digit for digit, the number of the lead on the campaign's own list.
5. ``list_not_approved``: a second person has approved that list, and it is not revoked; ``list_paused``: it is not
   paused.
6. ``number_denied``: no rule of the whitelist closes the number; ``country_not_open``: one opens it.
7. ``trunk_unknown``: the trunk is one of the site's.
8. ``rerouted``: the campaign uses that trunk with that caller ID; ``caller_id``: the trunk's contract allows it
   (ARCEP, RULES section 3).
9. the law and the site's stricter rules: those named in ``telephony.domain.law.provisions``.
10. ``on_the_line``: no other call is up, or in progress, to the number or to the person.
11. ``recorder``: a recording can be made (I2).
12. ``not_watched``: the warden checks that it grows (I2).
13. ``operator_gone``: the operator who pressed call is still waiting.

``responsibility`` classifies whose fault each refusal is. Only the lead's own fault refuses the lead permanently; else
it is tried again: at once, when the campaign is fixed, or from the time given by the refusal.

Reading the facts is left to services.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from telephony.domain.campaigns.campaigns import Campaign, CampaignState
from telephony.domain.law.contacts import is_up
from telephony.domain.law.decision import decide_law
from telephony.domain.law.facts import LawFacts
from telephony.domain.rules.responsibility import HOLDS, RESPONSIBLE, Responsibility
from telephony.domain.rules.whitelist import Denied, Verdict
from telephony.domain.text.reason import Reason
from telephony.ids import Number

ON_THE_LINE_AGAIN: Final = timedelta(seconds=30)
"""How long a lead waits while another call to its number or person is in progress: about as long as a phone rings."""
OTHER_TRUNK_AGAIN: Final = timedelta(minutes=10)
"""How long a lead waits whose number only another trunk of the site may carry: the campaign may get that trunk."""
NO_HOUR_AGAIN: Final = timedelta(hours=1)
"""How long a lead waits when the site's own days and hours leave no possible time: the settings may change."""
_E164: Final = re.compile(r"[1-9][0-9]{5,14}")


@dataclass(frozen=True, slots=True)
class DialFacts:
    """Everything the decision depends on.

    Attributes:
        campaign: as stored now, or None when it does not exist.
        number: the number to dial.
        on_list: the number of that lead on the campaign's own list, or None when the lead is not the campaign's.
        is_list_in_force: that list is approved by a second person and not revoked.
        whitelist: the whitelist's verdict on the number now.
        caller_id: the caller ID to present.
        trunk: name of the trunk that would carry the call.
        trunks: allowed caller IDs by trunk name.
        law: the facts for the law.
        at: aware UTC, the time of the decision.
        can_record: the recorder has a disk with room.
        locked: the lock in force, or None.
        is_watched: the warden reports, and sees recordings grow.
        is_list_paused: the list is paused.
        is_operator_gone: an operator pressed call for it and is no longer waiting.
    """

    campaign: Campaign | None
    number: Number
    on_list: Number | None
    is_list_in_force: bool
    whitelist: Verdict
    caller_id: str
    trunk: str
    trunks: Mapping[str, frozenset[str]]
    law: LawFacts
    at: datetime
    can_record: bool
    locked: Reason | None
    is_watched: bool
    is_list_paused: bool
    is_operator_gone: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule that refused.

    Attributes:
        rule: its stable name.
        reason: what people read.
        until: first time at which every rule about time allows the call; None when time does not fix it.
    """

    rule: str
    reason: Reason
    until: datetime | None = None

    @property
    def is_of(self) -> Responsibility:
        """Who is responsible for it."""
        return RESPONSIBLE[self.rule]

    @property
    def holds_campaign(self) -> bool:
        """Whether the fault is the campaign's or the site's, so that every lead would be refused alike."""
        return self.is_of in HOLDS

    @property
    def is_lasting(self) -> bool:
        """Whether the lead itself is refused: only a person can fix it."""
        return self.until is None and self.is_of is Responsibility.LEAD


def decide(facts: DialFacts) -> Refused | None:
    """Return the first rule that refuses, or None when every rule allows the call."""
    return next(refusals(facts), None)


def refusals(facts: DialFacts) -> Iterator[Refused]:
    """Yield every rule that refuses, in deciding order."""
    if facts.locked is not None:
        yield Refused("locked", facts.locked)
    campaign = facts.campaign
    if campaign is None or campaign.state is not CampaignState.RUNNING:
        yield Refused(
            "campaign_not_running",
            Reason("refused.campaign_not_running"),
        )
    yield from _number_refusals(facts)
    if facts.trunk not in facts.trunks:
        yield Refused(
            "trunk_unknown",
            Reason("refused.trunk_unknown", trunk=facts.trunk),
        )
    elif campaign is not None and not campaign.may_show(facts.trunk, facts.caller_id):
        yield Refused(
            "rerouted",
            Reason("refused.rerouted", trunk=facts.trunk),
        )
    elif campaign is None or facts.caller_id not in facts.trunks[facts.trunk]:
        yield Refused(
            "caller_id",
            Reason("refused.caller_id", trunk=facts.trunk),
        )
    no = decide_law(facts.law, facts.at)
    if no is not None:
        until = no.until or (facts.at + NO_HOUR_AGAIN if no.is_the_sites else None)
        yield Refused(str(no.law), no.reason, until)
    if is_up((*facts.law.contacts, *facts.law.person_contacts)):
        yield Refused(
            "on_the_line",
            Reason("refused.on_the_line"),
            facts.at + ON_THE_LINE_AGAIN,
        )
    yield from _moment_refusals(facts)


def _moment_refusals(facts: DialFacts) -> Iterator[Refused]:
    if not facts.can_record:
        yield Refused(
            "recorder",
            Reason("refused.recorder"),
        )
    if not facts.is_watched:
        yield Refused(
            "not_watched",
            Reason("refused.not_watched"),
        )
    if facts.is_operator_gone:
        yield Refused(
            "operator_gone",
            Reason("refused.operator_gone"),
        )


def _number_refusals(facts: DialFacts) -> Iterator[Refused]:
    if _E164.fullmatch(facts.number) is None:
        yield Refused("number_form", Reason("refused.number_form"))
    if facts.on_list is None or facts.number != facts.on_list:
        yield Refused("number_not_on_list", Reason("refused.number_not_on_list"))
    elif not facts.is_list_in_force:
        yield Refused("list_not_approved", Reason("refused.list_not_approved"))
    elif facts.is_list_paused:
        yield Refused("list_paused", Reason("refused.list_paused"))
    if isinstance(facts.whitelist, Denied):
        rule = "number_denied" if facts.whitelist.rule else "country_not_open"
        until = facts.at + OTHER_TRUNK_AGAIN if facts.whitelist.is_of_the_trunk else None
        yield Refused(rule, facts.whitelist.reason, until)
