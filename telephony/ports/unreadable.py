"""Stored rows that cannot be read: left out of results, and noted here so that an incident is opened.

Part of ``telephony.ports.store``; neither method waits for the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """One unreadable row.

    Attributes:
        table: the row's table.
        key: the row's key, "" when that cannot be read either.
        why: what is wrong, without the value, which may be personal data.
    """

    table: str
    key: str
    why: str


class UnreadableRows(Protocol):
    """Unreadable rows since this process began, each row once, up to a maximum."""

    def note(self, row: UnreadableRow) -> None:
        """Note a row that was left out; does nothing when it is already noted."""

    def take(self) -> Sequence[UnreadableRow]:
        """Return the rows noted since the last call."""
