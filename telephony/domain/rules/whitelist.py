"""The whitelist as data: rules that open or close numbers, and their common verdict.

A number is open when an allow rule in force covers it and no deny rule in force does: deny always wins, whatever the
order or the scope. Rules are dated and approved by a second person; only a deny rule may take effect at once. Whether
a number is also on an approved list of a running campaign is decided in ``decision``; storing rules, finding those
that match a number and checking who approves are left to storage and services.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from telephony.domain.text.reason import Reason
from telephony.domain.text.visible import says_something
from telephony.errors import InputError
from telephony.ids import CampaignId, Number, RuleId

LONGEST: Final = 15
"""Digits of the longest possible number (ITU-T E.164)."""


class RuleEffect(StrEnum):
    """What a rule does to the numbers it matches."""

    ALLOW = "allow"
    DENY = "deny"


class RuleKind(StrEnum):
    """How a rule matches."""

    PREFIX = "prefix"
    EXACT = "exact"


class RuleScope(StrEnum):
    """Which calls a rule applies to."""

    SITE = "site"
    TRUNK = "trunk"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule to add.

    Attributes:
        digits: E.164 without plus, or its first digits; "" as a prefix matches every number.
        scope: the site, one trunk or one campaign.
        target: name of the trunk, id of the campaign in decimal digits, "" for the site.
        reason: why, with its reference.
        author: who wrote it: a sign-in name, ``cli:<user>``, or ``standard …`` for a shipped rule.
        valid_from: aware UTC, the first time at which it is in force.
        valid_until: aware UTC, the first time at which it is no longer in force; None: no end.
        length: only numbers with this many digits in all, None for any; France is 33 and nine digits.
        is_immediate: in force without a second person; only a deny rule can be.
    """

    effect: RuleEffect
    kind: RuleKind
    digits: str
    reason: str
    author: str
    valid_from: datetime
    valid_until: datetime | None = None
    scope: RuleScope = RuleScope.SITE
    target: str = ""
    length: int | None = None
    is_immediate: bool = False

    def __post_init__(self) -> None:
        """Refuse an impossible rule.

        Raises:
            InputError: the message names what is wrong; it contains no number.
        """
        if not (self.digits.isascii() and (self.digits.isdigit() or not self.digits)) or len(self.digits) > LONGEST:
            raise InputError("a rule's digits are in E.164 form without plus: 0 to 15 digits 0-9")
        if self.digits.startswith("0"):
            raise InputError("a rule's digits begin with the country code, never with 0: write 33 first")
        if self.kind is RuleKind.EXACT and not self.digits:
            raise InputError("an exact rule needs the whole number")
        if self.length is not None and not max(1, len(self.digits)) <= self.length <= LONGEST:
            raise InputError("a rule's length is at least the number of its own digits and at most 15")
        if not says_something(self.reason):
            raise InputError("a rule needs a reason: say why, with a reference")
        if (self.scope is RuleScope.SITE) != (not self.target):
            raise InputError("a rule is for the site, or for one named trunk or campaign")
        if self.valid_from.tzinfo is None or (self.valid_until is not None and self.valid_until.tzinfo is None):
            raise InputError("a rule's dates need a time zone")
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise InputError("a rule must end after it begins")
        if self.is_immediate and self.effect is RuleEffect.ALLOW:
            raise InputError("a rule that opens numbers needs a second person: only a deny rule takes effect at once")


@dataclass(frozen=True, slots=True)
class NumberRule:
    """A rule as stored.

    Attributes:
        rule: its content.
        added_at: when it was added.
        approved_by: the second person, None until there is one.
        withdrawal_asked_by: who asked to revoke a deny rule, or None; it stays in force until somebody else approves.
        withdrawal_reason: why, in their words.
        withdrawn_at: when it was revoked, None while it is not.
    """

    rule_id: RuleId
    rule: NewRule
    added_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    withdrawal_asked_by: str | None = None
    withdrawal_reason: str | None = None
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None

    @property
    def awaits_approval(self) -> bool:
        """Whether a second person must still approve it."""
        return self.withdrawn_at is None and self.approved_at is None and not self.rule.is_immediate

    @property
    def awaits_withdrawal(self) -> bool:
        """Whether a second person must still approve revoking it."""
        return self.withdrawn_at is None and bool(self.withdrawal_asked_by)

    def is_in_force(self, now: datetime) -> bool:
        """Return True if it is in force: approved, not revoked, within its dates (the end not included)."""
        if self.withdrawn_at is not None and now >= self.withdrawn_at:
            return False
        if not self.rule.is_immediate and (self.approved_at is None or now < self.approved_at):
            return False
        return self.rule.valid_from <= now and (self.rule.valid_until is None or now < self.rule.valid_until)

    def matches(self, number: Number) -> bool:
        """Return True if it applies to that number."""
        if self.rule.kind is RuleKind.EXACT:
            return number == self.rule.digits
        return number.startswith(self.rule.digits) and self.rule.length in (None, len(number))

    def covers(self, trunk: str, campaign_id: CampaignId) -> bool:
        """Return True if it applies to calls of that campaign over that trunk."""
        match self.rule.scope:
            case RuleScope.SITE:
                return True
            case RuleScope.TRUNK:
                return self.rule.target == trunk
            case RuleScope.CAMPAIGN:
                return self.rule.target == str(campaign_id)


@dataclass(frozen=True, slots=True)
class Allowed:
    """The number is open, by ``rule``, the most specific allow rule."""

    rule: NumberRule


@dataclass(frozen=True, slots=True)
class Denied:
    """The number is closed.

    Attributes:
        rule: the most specific deny rule, None when it is closed because no rule opens it.
        reason: why.
        is_of_the_trunk: another trunk of the site may carry it; only this trunk may not.
    """

    rule: NumberRule | None
    reason: Reason
    is_of_the_trunk: bool = False


Verdict = Allowed | Denied
ANY_OTHER_TRUNK: Final = ""
"""Stands for a trunk that no rule names."""
NOT_OPEN: Final = Reason("refused.country_not_open")


class RuleSet:
    """Rules by their digits: a verdict looks up at most sixteen prefixes, however many rules there are."""

    def __init__(self, rules: Iterable[NumberRule]) -> None:
        self._prefixes: dict[str, list[NumberRule]] = {}
        self._exact: dict[str, list[NumberRule]] = {}
        self._trunks: set[str] = set()
        for rule in rules:
            if rule.rule.scope is RuleScope.TRUNK:
                self._trunks.add(rule.rule.target)
            by_digits = self._exact if rule.rule.kind is RuleKind.EXACT else self._prefixes
            by_digits.setdefault(rule.rule.digits, []).append(rule)
        self._lengths = sorted({len(digits) for digits in self._prefixes})

    def catching(self, number: Number, *, trunk: str, campaign_id: CampaignId, now: datetime) -> Sequence[NumberRule]:
        """Return the rules in force for that call: deny before allow, then the most specific first."""
        rules = list(self._exact.get(number, ()))
        for length in self._lengths:
            if length <= len(number):
                rules += self._prefixes.get(number[:length], ())
        matching = (rule for rule in rules if rule.matches(number) and rule.covers(trunk, campaign_id))
        return sorted((rule for rule in matching if rule.is_in_force(now)), key=_order)

    def verdict(self, number: Number, *, trunk: str, campaign_id: CampaignId, now: datetime) -> Verdict:
        """Return whether a number may be dialled over a trunk for a campaign.

        Args:
            number: E.164 without plus.
            trunk: name of the trunk that would carry the call.
            campaign_id: the campaign of the call.
            now: aware UTC, the time of the call.
        """
        verdict = self._verdict(number, trunk, campaign_id, now)
        if isinstance(verdict, Allowed):
            return verdict
        others = sorted((self._trunks | {ANY_OTHER_TRUNK}) - {trunk})
        by_other = (self._verdict(number, other, campaign_id, now) for other in others)
        return replace(verdict, is_of_the_trunk=any(isinstance(other, Allowed) for other in by_other))

    def _verdict(self, number: Number, trunk: str, campaign_id: CampaignId, now: datetime) -> Verdict:
        catching = self.catching(number, trunk=trunk, campaign_id=campaign_id, now=now)
        if not catching:
            return Denied(None, NOT_OPEN)
        first = catching[0]
        if first.rule.effect is RuleEffect.ALLOW:
            return Allowed(first)
        return Denied(first, Reason("refused.number_denied", rule=str(first.rule_id)))


def _order(stored: NumberRule) -> tuple[bool, bool, int, RuleId]:
    rule = stored.rule
    return rule.effect is RuleEffect.ALLOW, rule.kind is RuleKind.PREFIX, -len(rule.digits), stored.rule_id


def beginnings(number: Number) -> tuple[str, ...]:
    """Return every prefix of a number, the empty one and itself included: the digits of all rules that may match it."""
    return tuple(number[:length] for length in range(min(len(number), LONGEST) + 1))


def is_same_person(name: str | None, other: str) -> bool:
    """Return True if two names are one person, as are an account and the Unix user of the same name; None is nobody."""
    return name is not None and name.casefold().removeprefix("cli:") == other.casefold().removeprefix("cli:")
