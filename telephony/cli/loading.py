"""What loading a file says on the command line, of leads and of opposition: what is taken first, then where it went."""

from typing import Protocol

import typer

from telephony.domain.text.reason import Reason
from telephony.services.lists.faults import label_text
from telephony.services.lists.reader import ListFile, NumbersFile
from telephony.services.lists.table import LineCount
from telephony.words import english


class Loaded(Protocol):
    """The report of a file that was loaded."""

    @property
    def lines(self) -> LineCount:
        """Where its lines have gone."""

    @property
    def columns(self) -> Reason:
        """Which columns were taken."""

    @property
    def notes(self) -> tuple[Reason, ...]:
        """What else is to be known."""


def announce(file: ListFile | NumbersFile) -> None:
    """Say what is taken before anything is."""
    typer.echo(f"{label_text(file.table.label)}: {english(file.taken)}")


def show_lines(report: Loaded) -> None:
    """Say where every line of the file has gone, and what is to be known of it."""
    lines = report.lines
    typer.echo(
        f"file: {lines.total} lines = {lines.rows} rows + {lines.inside} inside cells + {lines.blank} blank"
        f" + {lines.header} of the header; {english(report.columns)}"
    )
    for note in report.notes:
        typer.echo(f"note: {english(note)}")
