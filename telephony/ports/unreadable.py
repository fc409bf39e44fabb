"""Rows that are stored and cannot be read: left out of what is returned, and told here so that an incident is opened.

Part of ``telephony.ports.store``; neither method waits for the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """One such row.

    Attributes:
        table: where it stands.
        key: its own key, "" when that cannot be read either.
        why: what is wrong, without the value: that may be somebody's.
    """

    table: str
    key: str
    why: str


class UnreadableRows(Protocol):
    """What was left out since this process began, each row once, a bounded number of them."""

    def note(self, row: UnreadableRow) -> None:
        """Keep that a row was left out; does nothing when it is known already."""

    def take(self) -> Sequence[UnreadableRow]:
        """Return the rows noted since the last call."""
