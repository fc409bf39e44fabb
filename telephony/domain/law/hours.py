"""Days and hours in the called person's local time, daylight saving changes included.

Where a local time happens twice or never, the stricter reading applies: windows begin late and end early.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from telephony.domain.law.provisions import Hours


def at_wall(local: datetime, zone: tzinfo, *, is_start: bool) -> datetime:
    """Return the time at which clocks show ``local`` (naive): the later one for a start, the earlier one for an end."""
    both = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return max(both) if is_start else min(both)


def day_begins(on: date, zone: tzinfo) -> datetime:
    """Return when a calendar day begins."""
    return at_wall(datetime.combine(on, time()), zone, is_start=True)


def stretches(hours: Hours, on: date, zone: tzinfo) -> list[tuple[datetime, datetime]]:
    """Return the windows of a day as pairs of times, in order."""
    midnight = datetime.combine(on, time())
    return [
        (
            at_wall(midnight + timedelta(minutes=first), zone, is_start=True),
            at_wall(midnight + timedelta(minutes=last), zone, is_start=False),
        )
        for first, last in hours.windows
    ]


def is_within(hours: Hours, at: datetime, rings: timedelta, zone: tzinfo) -> bool:
    """Return True if a call that begins at ``at`` has rung out before its window ends."""
    on = at.astimezone(zone).date()
    return any(first <= at and at + rings <= last for first, last in stretches(hours, on, zone))


def next_within(hours: Hours, at: datetime, rings: timedelta, zone: tzinfo) -> datetime | None:
    """Return the first time from ``at`` on at which a call may begin; None when no window is long enough."""
    on = at.astimezone(zone).date()
    for ahead in range(3):
        for first, last in stretches(hours, on + timedelta(days=ahead), zone):
            begins = max(first, at)
            if begins + rings <= last:
                return begins
    return None
