"""Loading a list into a campaign: every row read is accepted, rejected with its reason, or a duplicate.

Reading the file is left to ``list_reading``, finding its columns to ``list_columns``, judging a number to
``telephony.domain.numbers``, and keeping all or nothing to the store. Rows are read and judged in a thread, some
hundred at a time, so that calls in progress never wait for a list.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from telephony.domain.campaigns import Campaign, CampaignState
from telephony.domain.law.basis import LeadTerms
from telephony.domain.law.wording import Text
from telephony.domain.leads import USUAL, LeadList, NewLead, RejectedRow
from telephony.domain.numbers import NumberError, canonical
from telephony.errors import InputError
from telephony.ids import Number
from telephony.ports.clock import Clock
from telephony.ports.store import ListLoad, NewList, Store
from telephony.services.list_columns import Columns
from telephony.services.list_faults import FAULTS, KNOWN, TWICE
from telephony.services.list_reading import ListFile, Row, Source, inspect
from telephony.services.list_terms import TermsError

STEP: Final = 200
"""Rows judged in one go, about 2 ms: the thread holds the interpreter no longer, so the event loop stays quick."""
BATCH: Final = 1_000
"""Rows written in one go."""
EXAMPLES: Final = 3
"""Rejected rows shown per reason."""
DUPLICATE: Final = "duplicate"
"""Reason of a row whose number the file or the campaign has already; counted apart from the rejected ones."""
_CELLS_KEPT, _CELL_LENGTH_KEPT = 64, 200

Progress = Callable[[int, int], None]
"""Called with rows read so far and rows expected (an estimate until the end)."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file.

    Attributes:
        list: the list as stored, with its counts.
        reasons: rows not taken, by reason word (``RejectReason``, ``RowFault`` or ``duplicate``), most frequent first.
        examples: up to three rows not taken per reason, in file order.
        encoding: how the file was read, a Python codec name.
        separator: the character between cells.
        number_column: header of the column that was taken for the telephone number.
        notes: sentences worth reading, e.g. that the very same file was loaded before.
    """

    list: LeadList
    reasons: Mapping[str, int]
    examples: tuple[RejectedRow, ...]
    encoding: str
    separator: str
    number_column: str
    notes: tuple[Text, ...] = ()


@dataclass(slots=True)
class _Tally:
    """What was not taken, so far."""

    read: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: list[RejectedRow] = field(default_factory=list)

    def count(self, rejected: Sequence[RejectedRow]) -> None:
        for row in rejected:
            self.reasons[row.reason] += 1
            if self.reasons[row.reason] <= EXAMPLES:
                self.examples.append(row)


class ListImporter:
    """Loads lists into campaigns."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def load_file(
        self, source: Source, *, campaign: Campaign, name: str, by: str, progress: Progress | None = None
    ) -> ImportReport:
        """Load a CSV file as a new list of ``campaign``; either all of it is dealt with or nothing is written.

        Args:
            source: path of the file, or its bytes.
            campaign: where the leads go; numbers it has already are duplicates.
            name: how people call the list.
            by: who loads it.
            progress: called in the event loop after each batch.

        Raises:
            InputError: the file cannot be read as a list, the name is empty, or the campaign is stopped.
            StoreError: the database refused; nothing was written.
        """
        if not name.strip():
            raise InputError("the list has no name; give it one")
        if campaign.state is CampaignState.STOPPED:
            raise InputError(f"campaign {campaign.name!r} is stopped for good; load the list into another one")
        file = await asyncio.to_thread(inspect, source)
        notes = await self._notes(file, campaign)
        new = NewList(campaign.campaign_id, name.strip(), file.sha256, by, self._clock.now())
        tally = _Tally()
        async with self._store.leads.load(new) as load:
            await _load_rows(file, load, tally, progress)
            loaded = await load.finish()
        examples = tuple(sorted(tally.examples, key=lambda row: row.row))
        column = file.columns.headers[file.columns.number]
        reasons = dict(tally.reasons.most_common())
        return ImportReport(loaded, reasons, examples, file.encoding, file.separator, column, notes)

    async def _notes(self, file: ListFile, campaign: Campaign) -> tuple[Text, ...]:
        same = [row for row in await self._store.leads.lists(campaign.campaign_id) if row.file_sha256 == file.sha256]
        return tuple(
            Text(
                f"le même fichier a été chargé le {row.loaded_at:%Y-%m-%d à %H:%M} UTC sous le nom {row.name!r}\u202f: "
                "tous ses numéros sont des doublons",
                f"the very same file was loaded on {row.loaded_at:%Y-%m-%d at %H:%M} UTC as {row.name!r}: "
                "all its numbers are duplicates",
            )
            for row in same[:1]
        )


@dataclass(slots=True)
class _Batch:
    """Some rows, judged."""

    rows: list[Row] = field(default_factory=list)
    leads: list[NewLead] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)


async def _load_rows(file: ListFile, load: ListLoad, tally: _Tally, progress: Progress | None) -> None:
    rows = file.rows()
    seen: set[int] = set()
    is_more = True
    while is_more:
        batch = _Batch()
        while is_more and len(batch.rows) < BATCH:
            is_more = await asyncio.to_thread(_judge_some, rows, file.columns, seen, batch)
        tally.count(await _write(batch, load))
        tally.read += len(batch.rows)
        if progress:
            expected = max(tally.read, file.lines - file.header_line)
            progress(tally.read, expected if is_more else tally.read)


async def _write(batch: _Batch, load: ListLoad) -> list[RejectedRow]:
    """Write a batch; return what was not taken, what the campaign has already included."""
    known = {lead.row for lead in await load.add(batch.leads)} if batch.leads else set()
    duplicates = [_rejected(row, DUPLICATE, KNOWN.en) for row in batch.rows if row.line in known]
    rejected = sorted((*batch.rejected, *duplicates), key=lambda row: row.row)
    if rejected:
        await load.reject(rejected)
    return rejected


def _judge_some(rows: Iterator[Row], columns: Columns, seen: set[int], batch: _Batch) -> bool:
    """Read and judge the next rows into ``batch``; ``seen``, the file's numbers so far, grows.

    Returns:
        False when these were the last.
    """
    some = list(islice(rows, STEP))
    batch.rows += some
    for row in some:
        if row.fault:
            batch.rejected.append(_rejected(row, row.fault, FAULTS[row.fault].en))
            continue
        try:
            number = canonical(row.cells[columns.number])
            terms = columns.law(row.cells)
        except (NumberError, TermsError) as error:
            batch.rejected.append(_rejected(row, error.reason, str(error)))
            continue
        if int(number) in seen:
            batch.rejected.append(_rejected(row, DUPLICATE, TWICE.en))
        else:
            seen.add(int(number))
            batch.leads.append(_lead(row, number, columns, terms))
    return len(some) == STEP


def _lead(row: Row, number: Number, columns: Columns, terms: LeadTerms) -> NewLead:
    return NewLead(
        number,
        columns.name(row.cells),
        columns.fields(row.cells),
        row.line,
        others=_others(row, number, columns),
        priority=_priority(row, columns),
        terms=terms,
        client_key=columns.person(row.cells),
    )


def _others(row: Row, number: Number, columns: Columns) -> tuple[Number, ...]:
    """Return the row's further numbers that could be called; one that could not costs the row nothing."""
    found: list[Number] = []
    for index in columns.numbers:
        with contextlib.suppress(NumberError):
            other = canonical(row.cells[index])
            if other != number and other not in found:
                found.append(other)
    return tuple(found)


def _priority(row: Row, columns: Columns) -> int:
    """Return the row's priority; anything but a digit is the usual one."""
    cell = "" if columns.priority is None else row.cells[columns.priority].strip()
    return int(cell) if cell in set("0123456789") else USUAL


def _rejected(row: Row, reason: str, text: str) -> RejectedRow:
    values = tuple(cell.replace("\0", "\N{SYMBOL FOR NULL}")[:_CELL_LENGTH_KEPT] for cell in row.cells[:_CELLS_KEPT])
    return RejectedRow(row.line, str(reason), text, values)
