"""The search box: ``4127 14h hier`` or ``4127 14:00 yesterday`` becomes last digits, a day and an hour.

Pure; understands French and English. A word that is neither a date nor a number is looked up among the names of
operators and campaigns. What was not understood is shown, never dropped.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from telephony.domain.numbers.numbers import display
from telephony.domain.numbers.typed import NOBODY, as_typed, whole_number
from telephony.domain.text.years import is_within_reach
from telephony.ids import CampaignId, Number, OperatorId

_DAYS: Final[Mapping[str, int]] = {
    "aujourd'hui": 0,
    "today": 0,
    "hier": -1,
    "yesterday": -1,
    "avant-hier": -2,
}
_WEEK: Final = (
    ("lundi", "monday"),
    ("mardi", "tuesday"),
    ("mercredi", "wednesday"),
    ("jeudi", "thursday"),
    ("vendredi", "friday"),
    ("samedi", "saturday"),
    ("dimanche", "sunday"),
)
_HOUR: Final = re.compile(r"(?<![0-9])([01]?[0-9]|2[0-3]) ?(?:h|:) ?([0-5][0-9])?(?![0-9])")
_HALF_DAY: Final = re.compile(r"\b(1[0-2]|0?[1-9]) ?(am|pm)\b")
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DATE: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})(?:/([0-9]{4}))?")
_DIGITS: Final = re.compile(r"(?<!\S)[0-9]{2,}(?: [0-9]{2,})*(?!\S)")
_PART: Final = re.compile(r"\(?\+?[0-9(][0-9.\-/()]*|\([0-9]+\)")
"""A word that may be part of a number."""
_BEGINNING: Final = re.compile(r"\(?\+")
_LONGEST: Final = 10
"""The most digits an ending may have."""
_Id = TypeVar("_Id")
_AROUND: Final = timedelta(minutes=5)
"""People remember a minute roughly: ``14h02`` searches from 13:57 to 14:07."""


@dataclass(slots=True)
class SearchTerms:
    """What a person searches for; ``not_understood`` are the words left over."""

    last_digits: str | None = None
    day: date | None = None
    hour: time | None = None
    is_minute: bool = False
    operator_id: OperatorId | None = None
    campaign_id: CampaignId | None = None
    not_understood: list[str] = field(default_factory=list)


def understand(
    text: str, today: date, operators: Mapping[OperatorId, str], campaigns: Mapping[CampaignId, str]
) -> SearchTerms:
    """Read the search box.

    Args:
        text: as typed.
        today: the date at the site.
        operators: names by id.
        campaigns: names by id.
    """
    terms, rest = SearchTerms(), _plain(as_typed(text.replace("’", "'")))
    rest = _take_whole_number(terms, rest)
    rest = _take_day(terms, rest, today)
    rest = _take_hour(terms, rest)
    if terms.last_digits is None and (match := _DIGITS.search(rest)):
        digits = match[0].replace(" ", "")
        if len(digits) > _LONGEST:
            terms.not_understood.append(match[0])
        terms.last_digits = digits if len(digits) <= _LONGEST else NOBODY * 2
        rest = _without(rest, match)
    for word in rest.split():
        _take_name(terms, word, operators, campaigns)
    return terms


def known_day(day: date) -> date:
    """Return ``day`` if calls may have been made on it.

    Raises:
        ValueError: it is too far away; in another time zone it would be outside the calendar.
    """
    if not is_within_reach(day):
        raise ValueError("a day too far away")
    return day


def span(terms: SearchTerms, today: date, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Return the begin and end of the search; an hour without a day is today's."""
    if terms.day is None and terms.hour is None:
        return None, None
    day = terms.day or today
    if terms.hour is None:
        return _at(day, time(), zone), _at(day + timedelta(days=1), time(), zone)
    begins = datetime.combine(day, terms.hour)
    if terms.is_minute:
        return _aware(begins - _AROUND, zone), _aware(begins + _AROUND, zone)
    return _aware(begins, zone), _aware(begins + timedelta(hours=1), zone)


def _take_whole_number(terms: SearchTerms, rest: str) -> str:
    """Take a whole number first, since its pairs look like dates; the beginning of a number alone finds nobody."""
    words = rest.split()
    for begin in range(len(words)):
        parts = list(takewhile(_is_part, words[begin:]))
        for end in range(begin + len(parts), begin, -1):  # longest first: pairs of digits are one number
            if (number := whole_number(" ".join(words[begin:end]))) is not None:
                terms.last_digits = _at_most_ten(number)
                return " ".join((*words[:begin], *words[end:]))
        if parts and _BEGINNING.match(parts[0]):
            terms.not_understood.append(" ".join(parts))
            terms.last_digits = NOBODY * 2
            return " ".join((*words[:begin], *words[begin + len(parts) :]))
    return rest


def _is_part(word: str) -> bool:
    """Return True if a word may be part of a number; a date is not."""
    return _PART.fullmatch(word) is not None and not _is_day(word)


def _is_day(word: str) -> bool:
    for pattern, order in ((_ISO, (1, 2, 3)), (_DATE, (3, 2, 1))):
        if match := pattern.fullmatch(word):
            year, month, day = (int(match[part] or 2000) for part in order)  # without a year, 29 February is a date
            try:
                date(year, month, day)
            except ValueError:
                return False
            return True
    return False


def _at_most_ten(ending: str) -> str:
    national = display(Number(ending)).replace(" ", "") if len(ending) > 10 else ending
    return national if len(national) <= 10 else ending[-10:]


def _take_day(terms: SearchTerms, rest: str, today: date) -> str:
    for pattern, order in ((_ISO, (1, 2, 3)), (_DATE, (3, 2, 1))):
        if match := pattern.search(rest):
            year, month, day = (int(match[part]) if match[part] else today.year for part in order)
            try:
                is_ahead = date(year, month, day) > today and not match[order[0]]
                terms.day = known_day(date(year - 1 if is_ahead else year, month, day))
            except ValueError:
                return rest
            return _without(rest, match)
    words = rest.split()
    for word in words:
        days = _DAYS.get(word)
        if days is None:
            named = next((number for number, names in enumerate(_WEEK) if word in names), None)
            days = None if named is None else -(((today.weekday() - named) % 7) or 7)
        if days is not None:
            terms.day = today + timedelta(days=days)
            words.remove(word)
            return " ".join(words)
    return rest


def _take_hour(terms: SearchTerms, rest: str) -> str:
    if match := _HALF_DAY.search(rest):
        terms.hour = time(int(match[1]) % 12 + (12 if match[2] == "pm" else 0))
        return _without(rest, match)
    if match := _HOUR.search(rest):
        terms.hour = time(int(match[1]), int(match[2] or 0))
        terms.is_minute = match[2] is not None and match[2] != "00"
        return _without(rest, match)
    return rest


def _take_name(
    terms: SearchTerms, word: str, operators: Mapping[OperatorId, str], campaigns: Mapping[CampaignId, str]
) -> None:
    if (operator := _named(word, operators)) is not None:
        terms.operator_id = operator
    elif (campaign := _named(word, campaigns)) is not None:
        terms.campaign_id = campaign
    else:
        terms.not_understood.append(word)


def _named(word: str, names: Mapping[_Id, str]) -> _Id | None:
    return next((key for key, name in names.items() if any(p.startswith(word) for p in _plain(name).split())), None)


def _plain(text: str) -> str:
    """Return ``text`` in lower case, without accents, with single spaces."""
    apart = unicodedata.normalize("NFKD", text.lower())
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def _at(day: date, hour: time, zone: ZoneInfo) -> datetime:
    return _aware(datetime.combine(day, hour), zone)


def _aware(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone)
