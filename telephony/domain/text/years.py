"""The years that people may enter: other times may be outside the range of a time zone or a database."""

from datetime import date
from typing import Final

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199


def is_within_reach(day: date) -> bool:
    """Return True if a day can be converted to every time zone and stored in every database."""
    return FIRST_YEAR <= day.year <= LAST_YEAR
