"""Days and hours on the clock of the called person, nights of daylight saving included.

Where a wall-clock time happens twice or never, the stricter reading is taken: stretches begin late and end early.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from telephony.domain.law.provisions import Hours


def at_wall(local: datetime, zone: tzinfo, *, is_start: bool) -> datetime:
    """Return the moment a clock shows ``local`` (naive): the later one for a start, the earlier one for an end."""
    both = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return max(both) if is_start else min(both)


def day_begins(on: date, zone: tzinfo) -> datetime:
    """Return the moment a calendar day begins."""
    return at_wall(datetime.combine(on, time()), zone, is_start=True)


def stretches(hours: Hours, on: date, zone: tzinfo) -> list[tuple[datetime, datetime]]:
    """Return the stretches of a day as moments, in order."""
    midnight = datetime.combine(on, time())
    return [
        (
            at_wall(midnight + timedelta(minutes=first), zone, is_start=True),
            at_wall(midnight + timedelta(minutes=last), zone, is_start=False),
        )
        for first, last in hours.windows
    ]


def is_within(hours: Hours, at: datetime, rings: timedelta, zone: tzinfo) -> bool:
    """Tell whether a call that begins at ``at`` has rung out before its stretch ends."""
    on = at.astimezone(zone).date()
    return any(first <= at and at + rings <= last for first, last in stretches(hours, on, zone))


def next_within(hours: Hours, at: datetime, rings: timedelta, zone: tzinfo) -> datetime | None:
    """Return the first moment from ``at`` on at which a call may begin; None when no stretch is long enough."""
    on = at.astimezone(zone).date()
    for ahead in range(3):
        for first, last in stretches(hours, on + timedelta(days=ahead), zone):
            begins = max(first, at)
            if begins + rings <= last:
                return begins
    return None
