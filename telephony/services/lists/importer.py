"""Imports a list into a campaign: every row is accepted, rejected with its reason, or counted as a duplicate.

``reader`` reads the file, ``rows`` turns rows into leads, and the store writes everything or nothing. Rows are read and
checked in a thread, 200 at a time, so that calls in progress never wait for a list.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from telephony.domain.campaigns.campaigns import Campaign, CampaignState
from telephony.domain.leads.leads import LeadList, RejectedRow
from telephony.domain.text.reason import Reason
from telephony.domain.text.visible import shown_name
from telephony.errors import InputError
from telephony.ports.clock import Clock
from telephony.ports.leads.leads import ListLoad, NewList
from telephony.ports.store import Store
from telephony.services.lists.faults import KNOWN, SETTLED
from telephony.services.lists.lines import Source
from telephony.services.lists.reader import ListFile, inspect
from telephony.services.lists.rows import DUPLICATE, Batch, RowReader, rejected_row
from telephony.services.lists.table import LineCount
from telephony.words import english

BATCH: Final = 1_000
"""Rows written at a time."""
EXAMPLES: Final = 3
"""Rejected rows shown per reason."""
DUPLICATE_SETTLED: Final = "duplicate_settled"
"""Reason of a duplicate whose lead was already finished on a revoked list; it has a note of its own."""

Progress = Callable[[int, int], None]
"""Called with rows read so far and rows expected (an estimate until the end)."""
Before = Callable[[ListFile], None]
"""Called with the scanned file, before anything of it is written."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of an import.

    Attributes:
        list: the list as stored, with its counts.
        reasons: rejected rows by code (``RejectReason``, ``RowFault`` or ``duplicate``), most frequent first.
        examples: up to three rejected rows per code, in file order.
        encoding: the encoding of the file, a Python codec name.
        separator: the character between cells.
        number_column: header of the column of telephone numbers.
        columns: which columns are dialled, as a message.
        lines: how the lines of the file were counted.
        notes: further messages, for example that the same file was loaded before.
    """

    list: LeadList
    reasons: Mapping[str, int]
    examples: tuple[RejectedRow, ...]
    encoding: str
    separator: str
    number_column: str
    columns: Reason
    lines: LineCount
    notes: tuple[Reason, ...] = ()


@dataclass(slots=True)
class _Tally:
    """The rejected rows so far."""

    read: int = 0
    left_out: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: list[RejectedRow] = field(default_factory=list)

    def count(self, rejected: Sequence[RejectedRow]) -> None:
        for row in rejected:
            self.reasons[row.reason] += 1
            if self.reasons[row.reason] <= EXAMPLES:
                self.examples.append(row)


class ListImporter:
    """Imports lists into campaigns; ``zone`` is the site's time zone, for consent times without one."""

    def __init__(self, store: Store, clock: Clock, zone: str = "UTC") -> None:
        self._store = store
        self._clock = clock
        self._zone = zone

    async def load_file(
        self,
        source: Source,
        *,
        campaign: Campaign,
        name: str,
        by: str,
        progress: Progress | None = None,
        before: Before | None = None,
    ) -> ImportReport:
        """Import a CSV file as a new list of ``campaign``; either the whole file is imported or nothing is written.

        Args:
            source: path of the file, or its bytes.
            campaign: the campaign; numbers that it has already are duplicates.
            name: the name of the list.
            by: who loads it.
            progress: called in the event loop after each batch.
            before: called once the columns are known, before anything is written.

        Raises:
            InputError: the file cannot be read as a list, the name is empty, or the campaign is stopped.
            StoreError: the database refused; nothing was written.
        """
        name = shown_name(name, "the list's name")
        if campaign.state is CampaignState.STOPPED:
            raise InputError(f"campaign {campaign.name!r} is stopped permanently; load the list into another one")
        file = await asyncio.to_thread(inspect, source)
        if before:
            before(file)
        notes = await self._notes(file, campaign)
        new = NewList(campaign.campaign_id, name, file.table.scan.sha256, by, self._clock.now())
        tally, lines = _Tally(), LineCount()
        async with self._store.leads.load(new) as load:
            await _load_rows(RowReader(file, lines, ZoneInfo(self._zone)), load, tally, progress)
            file.table.refuse_unless_whole(lines)
            loaded = await load.finish()
        return ImportReport(
            loaded,
            dict(tally.reasons.most_common()),
            tuple(sorted(tally.examples, key=lambda row: row.row)),
            file.table.scan.encoding.name,
            file.table.separator,
            file.columns.headers[file.columns.number],
            file.taken,
            lines,
            (*notes, *file.table.scan.notes, *_left_out(tally.left_out), *_settled(tally.reasons[DUPLICATE_SETTLED])),
        )

    async def _notes(self, file: ListFile, campaign: Campaign) -> tuple[Reason, ...]:
        same = [
            row
            for row in await self._store.leads.lists(campaign.campaign_id)
            if row.file_sha256 == file.table.scan.sha256 and row.withdrawn_at is None
        ]
        return tuple(Reason("list.note.same_file", loaded_at=row.loaded_at, name=row.name) for row in same[:1])


async def _load_rows(reader: RowReader, load: ListLoad, tally: _Tally, progress: Progress | None) -> None:
    is_more = True
    while is_more:
        batch = Batch()
        while is_more and len(batch.rows) < BATCH:
            is_more = await asyncio.to_thread(reader.read, batch)
        tally.count(await _write(batch, load))
        tally.read += len(batch.rows)
        tally.left_out += batch.left_out
        if progress:
            expected = max(tally.read, reader.file.table.rows_expected)
            progress(tally.read, expected if is_more else tally.read)


async def _write(batch: Batch, load: ListLoad) -> list[RejectedRow]:
    """Write a batch; return its rejected rows, with those that the campaign has already."""
    known = {lead.row for lead in await load.add(batch.leads)} if batch.leads else set()
    settled = known.intersection(load.settled) if known else known
    duplicates = [
        rejected_row(row, DUPLICATE_SETTLED, english(SETTLED))
        if row.line in settled
        else rejected_row(row, DUPLICATE, english(KNOWN))
        for row in batch.rows
        if row.line in known
    ]
    rejected = sorted((*batch.rejected, *duplicates), key=lambda row: row.row)
    if rejected:
        await load.reject(rejected)
    return rejected


def _left_out(cells: int) -> tuple[Reason, ...]:
    if not cells:
        return ()
    return (Reason("list.note.cells_left_out", cells=cells),)


def _settled(people: int) -> tuple[Reason, ...]:
    if not people:
        return ()
    return (Reason("list.note.settled", people=people),)
