"""Survey quotas: cells of people, each with a number of completed answers that is enough.

A cell is named by some of the list's columns and their values, such as sex and age. Counting results and closing
leads is left to storage.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from telephony.errors import InputError
from telephony.ids import CampaignId, QuotaId

MOST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Quota:
    """A cell as stored.

    Attributes:
        cell: value by column header; a lead belongs to it when all are equal, whatever their case.
        target: completed answers that are enough.
        completed: so far.
    """

    quota_id: QuotaId
    campaign_id: CampaignId
    cell: Mapping[str, str]
    target: int
    completed: int

    @property
    def is_full(self) -> bool:
        """Whether there are answers enough."""
        return self.completed >= self.target

    @property
    def reason(self) -> str:
        """The word its closed leads keep."""
        return f"quota:{self.quota_id}"

    def matches(self, fields: Mapping[str, str]) -> bool:
        """Return True if a lead with these fields belongs to it."""
        mine = {key.casefold(): value.strip().casefold() for key, value in fields.items()}
        return all(mine.get(key.casefold()) == value.casefold() for key, value in self.cell.items())


def full_cell(quotas: Iterable[Quota], fields: Mapping[str, str]) -> Quota | None:
    """Return a full cell that a lead with these fields belongs to, or None."""
    return next((quota for quota in quotas if quota.is_full and quota.matches(fields)), None)


def read_cell(words: Iterable[str]) -> dict[str, str]:
    """Read a cell as people write it: ``column=value`` for each column.

    Raises:
        InputError: a word is not of that form, or there is none.
    """
    cell: dict[str, str] = {}
    for word in words:
        column, equals, value = word.partition("=")
        if not equals or not column.strip() or not value.strip():
            raise InputError(f"{word!r} is no part of a cell; write column=value, such as sex=F")
        cell[column.strip()] = value.strip()
    if not cell:
        raise InputError("a quota needs its cell: give column=value for each column it looks at")
    return cell
