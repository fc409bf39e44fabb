"""Dates, times, lengths and figures as each language writes them. Pure: ``now`` is an argument."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from telephony.domain.numbers.numbers import masked
from telephony.ids import Number
from telephony.web.i18n.messages import Language, Words
from telephony.words import Table, table


@dataclass(frozen=True, slots=True)
class Formats:
    """The formats for one person: language and the site's time zone."""

    words: Words
    zone: ZoneInfo
    now: datetime

    @property
    def language(self) -> Language:
        """The language."""
        return self.words.language

    @property
    def _table(self) -> Table:
        return table(self.language)

    def local(self, at: datetime) -> datetime:
        """Return ``at`` in the site's zone."""
        return at.astimezone(self.zone)

    def clock(self, at: datetime) -> str:
        """Return the time of day: ``14 h 05`` or ``14:05``."""
        return self._table.clock(self.local(at))

    def exact(self, at: datetime) -> str:
        """Return the time as evidence: ``14:05:09``."""
        return f"{self.local(at):%H:%M:%S}"

    def day(self, at: datetime) -> str:
        """Return the day: today, yesterday or the date."""
        day, today = self.local(at).date(), self.local(self.now).date()
        if day == today:
            return self.words("day.today")
        if day == today - timedelta(days=1):
            return self.words("day.yesterday")
        return self.date(day)

    def moment(self, at: datetime) -> str:
        """Return day and time as evidence: ``hier 14:05:09``."""
        return f"{self.day(at)} {self.exact(at)}"

    def date(self, day: date) -> str:
        """Return a date: ``21/11/2026`` or ``21 Nov 2026``."""
        return self._table.date(day)

    def length(self, seconds: float) -> str:
        """Return a length: ``03:40``, or ``1:03:40`` from an hour on."""
        minutes, second = divmod(int(seconds), 60)
        hours, minute = divmod(minutes, 60)
        return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute:02}:{second:02}"

    def number(self, value: int) -> str:
        """Return a count: ``2 140`` or ``2,140``."""
        return self._table.figure(value)

    def tenths(self, tenths: int) -> str:
        """Return tenths as a figure: ``1,5`` or ``1.5``."""
        return self._table.figure(tenths / 10, "tenths")

    def percent(self, share: float) -> str:
        """Return a share of 1 as per cent with one decimal: ``2,1 %`` or ``2.1%``."""
        return self._table.figure(share, "percent_tenths")

    def masked(self, number: Number) -> str:
        """Return the part of a telephone number that may be shown: ``…41 27``."""
        return masked(number).replace(" ", "\u00a0")
