"""Messages while a list of leads or a do-not-call list is loaded: the columns first, then the count of lines."""

from typing import Protocol

import typer

from telephony.domain.text.reason import Reason
from telephony.services.lists.faults import label_text
from telephony.services.lists.reader import ListFile, NumbersFile
from telephony.services.lists.table import LineCount
from telephony.words import english


class Loaded(Protocol):
    """The report of a loaded file."""

    @property
    def lines(self) -> LineCount:
        """The count of its lines, by what they are."""

    @property
    def columns(self) -> Reason:
        """The columns that were read."""

    @property
    def notes(self) -> tuple[Reason, ...]:
        """Further notes."""


def announce(file: ListFile | NumbersFile) -> None:
    """Print the columns that will be read, before the file is loaded."""
    typer.echo(f"{label_text(file.table.label)}: {english(file.taken)}")


def show_lines(report: Loaded) -> None:
    """Print the count of the file's lines, and the notes."""
    lines = report.lines
    typer.echo(
        f"file: {lines.total} lines = {lines.rows} rows + {lines.inside} inside cells + {lines.blank} blank"
        f" + {lines.header} of the header; {english(report.columns)}"
    )
    for note in report.notes:
        typer.echo(f"note: {english(note)}")
