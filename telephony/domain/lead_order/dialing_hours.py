"""When a campaign calls, and how much: learned from its calls, to plan the remaining hours.

Which hours the law allows is left to ``law``; its refusals show as calls that were not made.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from telephony.domain.lead_order.contact_rate import cell_of
from telephony.domain.lead_order.plan import Hour

KEPT: Final = timedelta(days=14)
"""How far back calls show when the team works."""
SOME: Final = 5
"""Least dials in an hour in which the team is taken to call."""
USUAL: Final = (10, 11, 12, 14, 15, 16, 17, 18, 19)
"""Assumed calling hours of a working day, until a campaign's first day is over: 10 to 13 and 14 to 20."""
FIRST_ROOM: Final = 50.0
"""Assumed dials per hour until the first hour is over."""
LEAST: Final = 8
MOST: Final = 50
"""Hours in a plan: at least a day, at most about a week."""
_SATURDAY: Final = 5
_HOUR: Final = timedelta(hours=1)


class DialingHours:
    """The calling hours of one campaign, in the site's local time."""

    def __init__(self) -> None:
        self._dials: Counter[tuple[date, int]] = Counter()

    def note(self, local: datetime) -> None:
        """Count a call."""
        self._dials[local.date(), local.hour] += 1
        if len(self._dials) > KEPT.days * 24:
            oldest = local.date() - KEPT
            self._dials = Counter({key: count for key, count in self._dials.items() if key[0] >= oldest})

    def room(self, now: datetime) -> float:
        """Return the dials per hour: the mean of the last full hours."""
        here = (now.date(), now.hour)
        last = sorted(key for key, count in self._dials.items() if count >= SOME and key < here)[-20:]
        if not last:
            return max(FIRST_ROOM, float(self._dials[here]))
        return sum(self._dials[key] for key in last) / len(last)

    def hours(self, now: datetime, dials: float) -> list[Hour]:
        """Return the hours needed for this many dials, always starting with the present hour."""
        count = min(max(LEAST, round(dials / self.room(now))), MOST)
        starts = [now.replace(minute=0, second=0, microsecond=0)]
        for start in self._ahead(starts[0]):
            if len(starts) >= count:
                break
            starts.append(start)
        return [Hour(start.timestamp(), cell_of(start)) for start in starts]

    def _ahead(self, now: datetime) -> Iterator[datetime]:
        open_at = {is_weekend: self._open(now, is_weekend=is_weekend) for is_weekend in (False, True)}
        for day in range(KEPT.days + 1):
            midnight = now.replace(hour=0) + timedelta(days=day)
            for hour in open_at[midnight.weekday() >= _SATURDAY]:
                start = midnight.replace(hour=hour)
                if start > now:
                    yield start

    def _open(self, now: datetime, *, is_weekend: bool) -> list[int]:
        """Return the hours of a working day, or of a weekend day, in which the team calls."""
        since = now.date() - KEPT
        mine = {
            key: count
            for key, count in self._dials.items()
            if count >= SOME and key[0] >= since and (key[0].weekday() >= _SATURDAY) is is_weekend
        }
        hours = {hour for _, hour in mine}
        is_whole_day_known = any(day < now.date() for day, _ in mine)
        if not is_weekend and not is_whole_day_known:
            hours |= set(USUAL)
        return sorted(hours)
