"""Do-not-call lists: loading plain numbers or their digests from a file, and removing them again.

A number is closed as soon as its batch is written. A load that stops halfway has closed some numbers and opened none;
loading the same file again does the rest. ``telephony.domain.law.do_not_call`` defines the keys;
``do_not_call_digests`` finds out whether digests can match any number.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from telephony.domain.accounts import Account
from telephony.domain.law.contacts import company_key
from telephony.domain.law.do_not_call import DoNotCallList, DoNotCallRemoval, is_digest, key_of
from telephony.domain.ledger_reason import reason_of
from telephony.domain.numbers.errors import NumberError
from telephony.domain.numbers.numbers import canonical
from telephony.domain.text.reason import Reason
from telephony.domain.text.visible import shown_name
from telephony.errors import InputError
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.services.lists.faults import RowFault, label_text
from telephony.services.lists.lines import Source
from telephony.services.lists.reader import NumbersFile, inspect_numbers
from telephony.services.lists.records import Row, says_nothing
from telephony.services.lists.table import LineCount
from telephony.services.rules.do_not_call_digests import binding
from telephony.services.rules.second_person import refuse_without_right

BATCH: Final = 1_000
EXAMPLES: Final = 5
Progress = Callable[[int, int], None]
"""Called with the count of numbers written so far and the total."""
Before = Callable[[NumbersFile], None]
"""Called with the scanned file, before anything of it is written."""


@dataclass(frozen=True, slots=True)
class DoNotCallReport:
    """The result of loading a file.

    Attributes:
        read: rows that are not blank, without the header.
        unreadable: rows with a cell that is neither a number nor a digest.
        examples: the first few of their line numbers.
        digests: keys that are digests.
        proven: how many of them match a known number; 0 when nothing shows that they can match.
        columns: which columns were read, as a message.
        lines: how the lines of the file were counted.
        is_for_nobody: no campaign calls for the list's company yet.
    """

    list: DoNotCallList
    read: int
    unreadable: int
    examples: tuple[int, ...]
    digests: int
    proven: int
    columns: Reason
    lines: LineCount
    notes: tuple[Reason, ...] = ()
    is_for_nobody: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether every row was read, and no part of the list is known to have no effect."""
        return not self.unreadable and not (self.digests and not self.proven) and not self.is_for_nobody


@dataclass(slots=True)
class _Content:
    """The keys and the faults of a file."""

    keys: dict[str, None] = field(default_factory=dict)
    bad: list[int] = field(default_factory=list)
    lines: LineCount = field(default_factory=LineCount)

    @property
    def digests(self) -> list[str]:
        """The keys that are digests."""
        return [key for key in self.keys if is_digest(key)]


class DoNotCallLists:
    """Loads do-not-call lists and removes them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def load(
        self,
        path: Source,
        *,
        name: str,
        client_company: str,
        by: str,
        known: Sequence[str] = (),
        progress: Progress | None = None,
        before: Before | None = None,
    ) -> DoNotCallReport:
        """Load a file as a new list.

        Args:
            path: text or CSV; with one column of numbers it needs no header.
            name: the name of the list.
            client_company: the company whose calls it applies to; "" for every company.
            by: who loads it.
            known: numbers that its author says are on it: they show that its digests match.
            progress: called after each batch.
            before: called once the columns are known, before anything is written.

        Raises:
            InputError: the file cannot be read, has no number and no digest, or its digests cannot match.
        """
        title = shown_name(name, "the list's name") if name else ""
        company = shown_name(client_company, "the company") if client_company else ""
        file = await asyncio.to_thread(inspect_numbers, path, _is_entry)
        if before:
            before(file)
        content = await asyncio.to_thread(_read, file)
        label = label_text(file.table.label)
        if not content.keys:
            raise InputError(f"{label}: no telephone number and no digest in it; nothing was loaded")
        proven = await asyncio.to_thread(_proven, content, known, label)
        done = await self._write(list(content.keys), file, title, company, by, progress)
        unknown_company = await self._unknown_company(company)
        return DoNotCallReport(
            done,
            content.lines.rows,
            len(content.bad),
            tuple(content.bad[:EXAMPLES]),
            len(content.digests),
            proven,
            file.taken,
            content.lines,
            (*file.table.scan.notes, *unknown_company),
            bool(unknown_company),
        )

    async def _unknown_company(self, company: str) -> tuple[Reason, ...]:
        """Return a note when no campaign calls for a company: a misspelt name would leave the list without effect."""
        campaigns = await self._store.campaigns.all()
        companies = {company_key(campaign.client_company): campaign.client_company for campaign in campaigns}
        if not company or company_key(company) in companies:
            return ()
        known = ", ".join(repr(name) for name in sorted(companies.values())[:EXAMPLES])
        return (Reason("list.note.protects_nobody", company=company, known=known or Reason("list.nobody")),)

    async def _write(
        self, keys: list[str], file: NumbersFile, name: str, company: str, by: str, progress: Progress | None
    ) -> DoNotCallList:
        lists = self._store.do_not_call
        sha256 = file.table.scan.sha256
        list_id = await lists.begin(name or label_text(file.table.label), company, sha256, by, self._clock.now())
        for start in range(0, len(keys), BATCH):
            await lists.oppose(list_id, keys[start : start + BATCH])
            if progress:
                progress(min(start + BATCH, len(keys)), len(keys))
        return await lists.finish(list_id, self._clock.now())

    async def all(self) -> Sequence[DoNotCallList]:
        """Return the lists, oldest first."""
        return await self._store.do_not_call.lists()

    async def ask_withdrawal(self, list_id: int, *, by: str, reason: str, entry: str = "") -> DoNotCallRemoval:
        """Request the removal of a list, or of one entry; it stays in force until ``approve_withdrawal``.

        Args:
            list_id: the list.
            by: the person responsible for the request.
            reason: why; it goes into the ledger.
            entry: a number as people write it, or a digest as on the list; "" for the whole list.

        Raises:
            InputError: the entry is neither, or there is no reason.
            NotFoundError: there is no such list, or the entry is not on it.
            ConflictError: it is removed already, or the same removal is requested already.
        """
        key = key_of(entry) if entry.strip() else ""
        now = self._clock.now()
        return await self._store.do_not_call.ask_withdrawal(list_id, key, by, reason_of(reason), now)

    async def approve_withdrawal(self, withdrawal_id: int, who: Account) -> DoNotCallRemoval:
        """Approve a removal as the second person: the list, or the entry, is no longer in force.

        Raises:
            InputError: the role may not approve.
            ConflictError: they requested it themselves, or nothing waits.
        """
        refuse_without_right(who)
        return await self._store.do_not_call.approve_withdrawal(withdrawal_id, who.username, self._clock.now())

    async def drop_withdrawal(self, withdrawal_id: int, by: str) -> DoNotCallRemoval:
        """Drop a request that nobody has approved: the list stays in force."""
        return await self._store.do_not_call.drop_withdrawal(withdrawal_id, by, self._clock.now())

    async def withdrawals(self) -> Sequence[DoNotCallRemoval]:
        """Return every request there ever was, oldest first."""
        return await self._store.do_not_call.withdrawals()


def _is_entry(cell: str) -> bool:
    """Return True if a cell is a number or a digest, whatever its column's header says."""
    try:
        key_of(cell, is_named=False)
    except NumberError:
        return False
    return True


def _read(file: NumbersFile) -> _Content:
    """Return the keys and the faults of the rows.

    Raises:
        ListFileError: the file was written to while it was read.
    """
    content = _Content()
    for row in file.table.rows(content.lines):
        keys, is_bad = _keys(row, file)
        content.keys.update(dict.fromkeys(keys))
        if is_bad or not keys:
            content.bad.append(row.line)
    file.table.refuse_unless_whole(content.lines)
    return content


def _keys(row: Row, file: NumbersFile) -> tuple[list[str], bool]:
    """Return the keys of a row, and whether one of its cells is neither a number nor a digest."""
    is_bad = bool(row.fault)
    if is_bad and row.fault is not RowFault.ENCODING:  # a wrong byte in a name leaves the number readable
        return [], True
    keys: list[str] = []
    for cell in (row.cells[index] for index in file.columns if index < len(row.cells)):
        if says_nothing(cell):
            continue
        try:
            keys.append(key_of(cell, is_named=file.is_named))
        except NumberError:
            is_bad = True
    return keys, is_bad


def _proven(content: _Content, known: Sequence[str], label: str) -> int:
    """Return how many digests match known numbers.

    Raises:
        InputError: the file has only digests and none matches, or a number said to be on it is not.
    """
    numbers = [canonical(text) for text in known]
    digests = content.digests
    missing = [place for place, number in enumerate(numbers, start=1) if not binding([*content.keys], [number])]
    if missing:
        raise InputError(
            f"{label}: known number {missing[0]} is not on it, plain or as MD5, SHA-1 or SHA-256 of 33…, +33…"
            " or 01…; nothing was loaded: the digests are salted or of another format, ask for plain ones"
        )
    if not digests or numbers:
        return len(binding(digests, numbers))
    proven = len(binding(digests))
    if not proven and len(digests) == len(content.keys):
        raise InputError(
            f"{label}: {len(digests)} digests and nothing shows that they match numbers; nothing was loaded: salted"
            " ones never match. Ask its author for MD5, SHA-1 or SHA-256 without salt and for one number that is on"
            ' it, and give that with --known "01 99 00 41 27"'
        )
    return proven
