"""The years a person may name: beyond them a time would lie outside of the calendar of some zone or database."""

from datetime import date
from typing import Final

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199


def is_within_reach(day: date) -> bool:
    """Return True if a day, or a time on it, can be told in every zone and kept in every database."""
    return FIRST_YEAR <= day.year <= LAST_YEAR
