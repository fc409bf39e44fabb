"""The rules in force at the moment of a call: may this number be dialled, now, for this campaign?

Decided twice with the same function: when the permit is asked for, and again when the gate consumes it (I5):

1. ``locked``: nobody has locked the site or the campaign.
2. ``campaign_not_running``: the lead's campaign runs now.
3. ``number_form``: the number is in canonical form, E.164 without plus.
4. ``number_not_on_list``: it is, digit for digit, the number of the lead on the campaign's own list.
5. ``list_not_approved``: a second person has approved that list, and nobody has withdrawn it; ``list_paused``: nobody
   has paused it.
6. ``number_denied``: no rule of the whitelist closes the number; ``country_not_open``: one opens it.
7. ``trunk_unknown``: the trunk is one of the site's.
8. ``rerouted``: the campaign goes out by that trunk under that caller ID; ``caller_id``: the trunk's contract allows
   it (ARCEP, RULES section 3).
9. the law and the site's tightening: the rules named in ``telephony.domain.law.provisions``.
10. ``on_the_line``: no other call is up, or on its way, to the number or to the person.
11. ``recorder``: a recording can be made (I2).
12. ``not_watched``: somebody sees whether it grows (I2).
13. ``operator_gone``: the operator who pressed call still waits for it.

Whose fault each refusal is, the lead's or somebody else's, stands in ``refusal_reasons``: only the lead's own sets it
aside; else it is tried again, at once, when the campaign is mended, or from the moment the refusal tells.

Looking facts up is left to services.
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
"""How long a lead waits whose number, or whose person, somebody else is calling: about as long as a telephone rings."""
OTHER_TRUNK_AGAIN: Final = timedelta(minutes=10)
"""How long a lead waits whose number another trunk of the site may carry: the campaign may be given that one."""
NO_HOUR_AGAIN: Final = timedelta(hours=1)
"""How long a lead waits for which the site's own days and hours leave no moment at all: the settings may change."""
_E164: Final = re.compile(r"[1-9][0-9]{5,14}")


@dataclass(frozen=True, slots=True)
class DialFacts:
    """Everything the decision looks at.

    Attributes:
        campaign: as stored now, or None when it does not exist.
        asked: the number that would be dialled.
        on_list: the number of that lead on the campaign's own list, or None when the lead is not the campaign's.
        is_list_in_force: that list is approved by a second person and not withdrawn.
        whitelist: what the whitelist's rules say of the number now.
        caller_id: what would be presented.
        trunk: name of the trunk that would carry the call.
        trunks: allowed caller IDs by trunk name.
        law: what the law looks at.
        at: aware UTC, the moment of the decision.
        can_record: the recorder has a disk with room.
        locked: the lock that holds, or None.
        is_watched: the warden is heard and sees recordings grow.
        is_list_paused: somebody wants the list's leads left untouched.
        is_operator_gone: an operator pressed for this call and does not wait for it any more.
    """

    campaign: Campaign | None
    asked: Number
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
    """The first rule that said no.

    Attributes:
        rule: its stable name.
        reason: what people read.
        until: first moment at which every rule of time allows the call; None when time does not mend it.
    """

    rule: str
    reason: Reason
    until: datetime | None = None

    @property
    def is_of(self) -> Responsibility:
        """Whose fault it is."""
        return RESPONSIBLE[self.rule]

    @property
    def holds_campaign(self) -> bool:
        """Whether the fault is the campaign's or the site's, so that every lead would be refused alike."""
        return self.is_of in HOLDS

    @property
    def is_lasting(self) -> bool:
        """Whether the lead is set aside: nothing but a person mends it."""
        return self.until is None and self.is_of is Responsibility.LEAD


def decide(facts: DialFacts) -> Refused | None:
    """Return the first rule that refuses, or None when every rule allows the call."""
    return next(refusals(facts), None)


def refusals(facts: DialFacts) -> Iterator[Refused]:
    """Return every rule that refuses, in the order they are decided in."""
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
    if _E164.fullmatch(facts.asked) is None:
        yield Refused("number_form", Reason("refused.number_form"))
    if facts.on_list is None or facts.asked != facts.on_list:
        yield Refused("number_not_on_list", Reason("refused.number_not_on_list"))
    elif not facts.is_list_in_force:
        yield Refused("list_not_approved", Reason("refused.list_not_approved"))
    elif facts.is_list_paused:
        yield Refused("list_paused", Reason("refused.list_paused"))
    if isinstance(facts.whitelist, Denied):
        rule = "number_denied" if facts.whitelist.rule else "country_not_open"
        until = facts.at + OTHER_TRUNK_AGAIN if facts.whitelist.is_of_the_trunk else None
        yield Refused(rule, facts.whitelist.reason, until)
