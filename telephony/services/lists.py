"""Loading a list into a campaign: every row read is accepted, rejected with its reason, or a duplicate.

Reading the file is left to ``list_reading``, finding its columns to ``list_columns``, judging a number to
``telephony.domain.numbers``, and keeping all or nothing to the store. Rows are read and judged in a thread, some
hundred at a time, so that calls in progress never wait for a list.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from telephony.domain.campaigns import Campaign, CampaignState
from telephony.domain.law.basis import LeadTerms
from telephony.domain.law.wording import Text
from telephony.domain.leads import USUAL, LeadList, NewLead, RejectedRow
from telephony.domain.numbers import SENTENCES, NumberError, RejectReason, canonical
from telephony.domain.visible_text import shown_name
from telephony.errors import InputError
from telephony.ids import Number
from telephony.ports.clock import Clock
from telephony.ports.store import ListLoad, NewList, Store
from telephony.services.list_columns import Columns
from telephony.services.list_faults import FAULTS, KNOWN, SETTLED, TWICE, RowFault
from telephony.services.list_lines import Source
from telephony.services.list_reading import LineCount, ListFile, inspect
from telephony.services.list_records import Row, says_nothing
from telephony.services.list_terms import TermsError

STEP: Final = 200
"""Rows judged in one go, about 2 ms: the thread holds the interpreter no longer, so the event loop stays quick."""
BATCH: Final = 1_000
"""Rows written in one go."""
EXAMPLES: Final = 3
"""Rejected rows shown per reason."""
DUPLICATE: Final = "duplicate"
"""Reason of a row whose number the file or the campaign has already; counted apart from the rejected ones."""
DUPLICATE_SETTLED: Final = "duplicate_settled"
"""Reason of a duplicate whose person a withdrawn list was done with: counted among the duplicates, and said apart."""
_CELLS_KEPT, _CELL_LENGTH_KEPT = 64, 200

Progress = Callable[[int, int], None]
"""Called with rows read so far and rows expected (an estimate until the end)."""
Before = Callable[[ListFile], None]
"""Called with the file, looked through and understood, before anything of it is written."""


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
        columns: which columns are dialled, as a sentence.
        lines: where the lines of the file have gone.
        notes: sentences worth reading, e.g. that the very same file was loaded before.
    """

    list: LeadList
    reasons: Mapping[str, int]
    examples: tuple[RejectedRow, ...]
    encoding: str
    separator: str
    number_column: str
    columns: Text
    lines: LineCount
    notes: tuple[Text, ...] = ()


@dataclass(slots=True)
class _Tally:
    """What was not taken, so far."""

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
    """Loads lists into campaigns; ``zone`` is the clock of consents whose time names none: the site's."""

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
        """Load a CSV file as a new list of ``campaign``; either all of it is dealt with or nothing is written.

        Args:
            source: path of the file, or its bytes.
            campaign: where the leads go; numbers it has already are duplicates.
            name: how people call the list.
            by: who loads it.
            progress: called in the event loop after each batch.
            before: called once the columns are known, before anything is written.

        Raises:
            InputError: the file cannot be read as a list, the name is empty, or the campaign is stopped.
            StoreError: the database refused; nothing was written.
        """
        name = shown_name(name, "the list's name")
        if campaign.state is CampaignState.STOPPED:
            raise InputError(f"campaign {campaign.name!r} is stopped for good; load the list into another one")
        file = await asyncio.to_thread(inspect, source)
        if before:
            before(file)
        notes = await self._notes(file, campaign)
        new = NewList(campaign.campaign_id, name, file.table.scan.sha256, by, self._clock.now())
        tally, lines = _Tally(), LineCount()
        async with self._store.leads.load(new) as load:
            await _load_rows(_Judge(file, lines, ZoneInfo(self._zone)), load, tally, progress)
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

    async def _notes(self, file: ListFile, campaign: Campaign) -> tuple[Text, ...]:
        same = [
            row
            for row in await self._store.leads.lists(campaign.campaign_id)
            if row.file_sha256 == file.table.scan.sha256 and row.withdrawn_at is None
        ]
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
    """Some rows, judged; ``left_out`` counts telephone cells of rows taken that could not be read."""

    rows: list[Row] = field(default_factory=list)
    leads: list[NewLead] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    left_out: int = 0


class _Judge:
    """Reads and judges the rows of a file; the file's numbers so far are kept."""

    def __init__(self, file: ListFile, lines: LineCount, zone: ZoneInfo) -> None:
        self.file = file
        self._rows = file.table.rows(lines)
        self._zone = zone
        self._seen: set[int] = set()

    def some(self, batch: _Batch) -> bool:
        """Judge the next rows into ``batch``; return False when these were the last."""
        rows = list(islice(self._rows, STEP))
        batch.rows += rows
        for row in rows:
            judged = self._judged(row, batch)
            (batch.leads if isinstance(judged, NewLead) else batch.rejected).append(judged)  # type: ignore[arg-type]
        return len(rows) == STEP

    def _judged(self, row: Row, batch: _Batch) -> NewLead | RejectedRow:
        if row.fault:
            return _rejected(row, row.fault, FAULTS[row.fault].en)
        columns = self.file.columns
        numbers, problem, left_out = _numbers(row, columns)
        if not numbers:
            if row.is_short:
                return _rejected(row, RowFault.MISSING_CELLS, FAULTS[RowFault.MISSING_CELLS].en)
            return _rejected(row, problem, SENTENCES[problem].en)
        try:
            terms = columns.law(row.cells, self._zone)
        except TermsError as error:
            return _rejected(row, error.reason, str(error))
        if int(numbers[0]) in self._seen:
            return _rejected(row, DUPLICATE, TWICE.en)
        self._seen.add(int(numbers[0]))
        batch.left_out += left_out
        return _lead(row, numbers, columns, terms)


async def _load_rows(judge: _Judge, load: ListLoad, tally: _Tally, progress: Progress | None) -> None:
    is_more = True
    while is_more:
        batch = _Batch()
        while is_more and len(batch.rows) < BATCH:
            is_more = await asyncio.to_thread(judge.some, batch)
        tally.count(await _write(batch, load))
        tally.read += len(batch.rows)
        tally.left_out += batch.left_out
        if progress:
            expected = max(tally.read, judge.file.table.rows_expected)
            progress(tally.read, expected if is_more else tally.read)


async def _write(batch: _Batch, load: ListLoad) -> list[RejectedRow]:
    """Write a batch; return what was not taken, what the campaign has already included."""
    known = {lead.row for lead in await load.add(batch.leads)} if batch.leads else set()
    settled = known.intersection(load.settled) if known else known
    duplicates = [
        _rejected(row, DUPLICATE_SETTLED, SETTLED.en) if row.line in settled else _rejected(row, DUPLICATE, KNOWN.en)
        for row in batch.rows
        if row.line in known
    ]
    rejected = sorted((*batch.rejected, *duplicates), key=lambda row: row.row)
    if rejected:
        await load.reject(rejected)
    return rejected


def _numbers(row: Row, columns: Columns) -> tuple[list[Number], RejectReason, int]:
    """Return the row's numbers that can be called, why the first cell that cannot is none, and how many cells are so.

    One cell that says nothing, or cannot be read, costs the row nothing as long as another one is good.
    """
    found: list[Number] = []
    problems: list[RejectReason] = []
    for index in columns.telephones:
        cell = row.cells[index]
        if says_nothing(cell):
            continue
        try:
            number = canonical(cell, is_named=columns.says_telephone)
        except NumberError as error:
            problems.append(error.reason)
        else:
            if number not in found:
                found.append(number)
    return found, problems[0] if problems else RejectReason.EMPTY, len(problems)


def _left_out(cells: int) -> tuple[Text, ...]:
    if not cells:
        return ()
    return (
        Text(
            f"{cells} cellules de téléphone n'ont pas pu être lues\u202f: un autre numéro de la ligne est pris",
            f"{cells} telephone cells could not be read: another number of the row is taken",
        ),
    )


def _settled(people: int) -> tuple[Text, ...]:
    if not people:
        return ()
    return (
        Text(
            f"personnes d'une liste retirée qui ne seront pas rappelées\u202f: {people}\u202f; leur dossier est "
            "terminé, ou elles sont en ligne. Pour en appeler une encore, réactivez son contact "
            "(`telephony lead reactivate`), ou tous ceux d'une même issue (`telephony list recycle`), puis chargez le "
            "fichier de nouveau",
            f"people of a withdrawn list who are not called again: {people}; they are finished with, or on the line."
            " To call them all the same, telephony lead reactivate (one) or telephony list recycle (all of one"
            " ending), then load the file again",
        ),
    )


def _lead(row: Row, numbers: Sequence[Number], columns: Columns, terms: LeadTerms) -> NewLead:
    return NewLead(
        numbers[0],
        columns.name(row.cells),
        columns.fields(row.cells),
        row.line,
        others=tuple(numbers[1:]),
        priority=_priority(row, columns),
        terms=terms,
        client_key=columns.person(row.cells),
    )


def _priority(row: Row, columns: Columns) -> int:
    """Return the row's priority; anything but a digit is the usual one."""
    cell = "" if columns.priority is None else row.cells[columns.priority].strip()
    return int(cell) if cell in set("0123456789") else USUAL


def _rejected(row: Row, reason: str, text: str) -> RejectedRow:
    values = tuple(cell.replace("\0", "\N{SYMBOL FOR NULL}")[:_CELL_LENGTH_KEPT] for cell in row.cells[:_CELLS_KEPT])
    return RejectedRow(row.line, str(reason), text, values)
