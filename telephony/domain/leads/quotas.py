"""Survey quotas: cells of people, each with a target of completed answers.

A cell is defined by columns of the list and their values, such as sex and age. Counting results and closing leads is
left to storage.
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
        cell: value by column header; a lead belongs to it when all are equal, ignoring case.
        target: completed answers needed.
        completed: so far.
    """

    quota_id: QuotaId
    campaign_id: CampaignId
    cell: Mapping[str, str]
    target: int
    completed: int

    @property
    def is_full(self) -> bool:
        """Whether the target is reached."""
        return self.completed >= self.target

    @property
    def reason(self) -> str:
        """The reason code of its closed leads."""
        return f"quota:{self.quota_id}"

    def matches(self, fields: Mapping[str, str]) -> bool:
        """Return True if a lead with these fields belongs to it."""
        mine = {key.casefold(): value.strip().casefold() for key, value in fields.items()}
        return all(mine.get(key.casefold()) == value.casefold() for key, value in self.cell.items())


def full_cell(quotas: Iterable[Quota], fields: Mapping[str, str]) -> Quota | None:
    """Return a full quota whose cell a lead with these fields belongs to, or None."""
    return next((quota for quota in quotas if quota.is_full and quota.matches(fields)), None)


def read_cell(parts: Iterable[str]) -> dict[str, str]:
    """Return a cell from ``column=value`` for each column.

    Raises:
        InputError: a part does not have that form, or there is none.
    """
    cell: dict[str, str] = {}
    for part in parts:
        column, equals, value = part.partition("=")
        if not equals or not column.strip() or not value.strip():
            raise InputError(f"{part!r} is not part of a quota's cell; write column=value, such as sex=F")
        cell[column.strip()] = value.strip()
    if not cell:
        raise InputError("a quota needs a cell: give column=value for each of its columns")
    return cell
