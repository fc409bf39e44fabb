"""A site's rules that are stricter than the law, and its dated exemptions from the law.

A stricter rule is a row like the law's own, so it is checked, explained and dated in the same way. It can only refuse
more: it lifts no row of the law. An exemption does, for one rule and a limited time; a named person requests it and a
second one approves it, and both are in the ledger.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from telephony.domain.law.basis import CampaignKind
from telephony.domain.law.person import person_rows
from telephony.domain.law.provisions import (
    Bound,
    Confidence,
    CoolOff,
    Days,
    Frequency,
    Holidays,
    Hours,
    Law,
    Protects,
    Provision,
)
from telephony.domain.numbers.ranges import Jurisdiction
from telephony.domain.text.reason import Reason
from telephony.ids import CampaignId

_ALWAYS: Final = date(1970, 1, 1)
_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class SiteRules:
    """A site's stricter rules; the default adds nothing to the law.

    Attributes:
        home: whose law applies to calls to countries that have no table.
        consumer_times: kinds of campaign that keep the days, hours and frequency of consumer prospecting.
        days: weekdays on which this site calls, None for all.
        hours: windows in minutes since midnight, lead's local time; () for all day.
        closed: dates without calls.
        alsace_moselle: add the two holidays of Alsace and Moselle, for every mainland lead.
        overseas: add the holidays of the territories, for leads there.
        attempts: most attempts in 30 days for one company at one number, every kind; None: as the law says.
        refusal_days: days without a call after a refusal where the law sets an end; 0: as the law says.
        protect_hours: hours of protection after an abandoned call; 0: as the law says.
    """

    home: Jurisdiction = Jurisdiction.FR
    consumer_times: frozenset[CampaignKind] = frozenset()
    days: frozenset[int] | None = None
    hours: tuple[tuple[int, int], ...] = ()
    closed: frozenset[date] = frozenset()
    alsace_moselle: bool = False
    overseas: bool = False
    attempts: int | None = None
    refusal_days: int = 0
    protect_hours: float = 0

    def provisions(self) -> tuple[Provision, ...]:
        """Return its rows, including those that count per person."""
        rows = tuple(self._rows())
        return (*rows, *person_rows(rows))

    def _rows(self) -> Iterator[Provision]:
        if self.days is not None:
            yield _row(Law.CALLING_DAYS, Days(self.days))
        if self.closed or self.alsace_moselle or self.overseas:
            bound = Holidays(False, self.alsace_moselle, self.overseas, self.closed)
            yield _row(Law.PUBLIC_HOLIDAY, bound)
        if self.hours:
            yield _row(Law.CALLING_HOURS, Hours(self.hours))
        if self.attempts is not None:
            yield _row(Law.FREQUENCY, Frequency(self.attempts, _DAYS))
        if self.refusal_days:
            yield _row(Law.COOL_OFF, CoolOff(self.refusal_days))
        if self.protect_hours:
            yield _row(Law.ABANDONED, Protects(self.protect_hours))


LAW_ALONE: Final = SiteRules()
"""A site that adds nothing to the law."""


def _row(law: Law, bound: Bound) -> Provision:
    text = Reason("law.row.site")
    return Provision(law, None, frozenset(CampaignKind), bound, text, "settings [rules]", Confidence.OWN, _ALWAYS)


@dataclass(frozen=True, slots=True)
class Exemption:
    """An exemption from one rule of the law for a limited time.

    Attributes:
        exemption_id: its number, given by the database.
        law: the rule.
        campaign_id: the campaign it is for, None for the whole site.
        valid_from: aware UTC; ``valid_until`` is the first time at which it is no longer in force.
        asked_by: the named person responsible for it.
        reason: why, in their words.
        approved_by: the second person, None until there is one; until then it lifts nothing.
        ended_by: who ended it early, None while nobody has.
    """

    exemption_id: int
    law: Law
    campaign_id: CampaignId | None
    valid_from: datetime
    valid_until: datetime
    asked_by: str
    asked_at: datetime
    reason: str
    approved_by: str | None = None
    approved_at: datetime | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None

    def lifts(self, provision: Provision, campaign_id: CampaignId, at: datetime) -> bool:
        """Return True if it lifts a row of the law for a campaign's call at a time; it never lifts a site's own row."""
        if self.approved_at is None or provision.jurisdiction is None or provision.law is not self.law:
            return False
        is_over = self.ended_at is not None and self.ended_at <= at
        is_ours = self.campaign_id in (None, campaign_id)
        return is_ours and not is_over and max(self.valid_from, self.approved_at) <= at < self.valid_until
