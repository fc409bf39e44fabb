"""When a team calls and how much, read from its calls."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from telephony.domain.lead_order.dialing_hours import LEAST, MOST, USUAL, DialingHours

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = datetime(2026, 3, 24, 10, 20, tzinfo=PARIS)


def begun(rota: DialingHours, now: datetime, dials: float = 1e6) -> list[tuple[int, int]]:
    moments = [datetime.fromtimestamp(hour.begins, PARIS) for hour in rota.hours(now, dials)]
    return [(moment.day, moment.hour) for moment in moments]


def day(rota: DialingHours, at: datetime, *hours: int, dials: int = 40) -> None:
    for hour in hours:
        for n in range(dials):
            rota.note(at.replace(hour=hour, minute=n % 60))


def test_before_the_first_day_is_over_the_usual_hours_are_planned():
    hours = begun(DialingHours(), TUESDAY)
    assert hours[:9] == [(24, hour) for hour in USUAL]
    assert hours[9:12] == [(25, 10), (25, 11), (25, 12)]
    assert len(hours) == MOST
    assert not any(datetime(2026, 3, day, tzinfo=PARIS).weekday() >= 5 for day, _ in hours)


def test_then_the_hours_it_called_in():
    rota = DialingHours()
    day(rota, TUESDAY - timedelta(days=1), 9, 14)
    day(rota, TUESDAY - timedelta(days=3), 11)  # a Saturday
    assert begun(rota, TUESDAY)[:5] == [(24, 10), (24, 14), (25, 9), (25, 14), (26, 9)]
    assert (28, 11) in begun(rota, TUESDAY)
    assert rota.room(TUESDAY) == 40


def test_a_short_list_is_planned_for_a_day_and_the_present_hour_counts_in_full_only_when_it_is_over():
    rota = DialingHours()
    day(rota, TUESDAY, 9)
    day(rota, TUESDAY, 10, dials=7)
    assert len(begun(rota, TUESDAY, dials=3)) == LEAST
    assert rota.room(TUESDAY) == 40
    assert rota.room(TUESDAY + timedelta(hours=1)) == 23.5
