"""Opposition lists: plain numbers or digests of them, one a line, the first cell counting; and their withdrawal.

Every number binds from the batch on that it was written in: a load that dies has closed numbers, never opened one,
and the same file again does the rest. What a key is, is left to ``telephony.domain.law.opposition``.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from telephony.domain.accounts import Account
from telephony.domain.law.opposition import OppositionList, OppositionWithdrawal, key_of
from telephony.domain.numbers import NumberError
from telephony.domain.reasons import reason_of
from telephony.errors import InputError
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.services.whitelist import refuse_without_right

BATCH: Final = 1_000
EXAMPLES: Final = 5
Progress = Callable[[int, int], None]
"""Called with lines dealt with so far and lines in all."""


@dataclass(frozen=True, slots=True)
class OppositionReport:
    """What became of a file.

    Attributes:
        read: lines that are not blank, the header left out.
        unreadable: lines that are neither a number nor a digest.
        examples: the first few of their line numbers.
    """

    list: OppositionList
    read: int
    unreadable: int
    examples: tuple[int, ...]


class Oppositions:
    """Opposition lists."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Keep the parts."""
        self._store = store
        self._clock = clock

    async def load(
        self, path: Path, *, name: str, client_company: str, by: str, progress: Progress | None = None
    ) -> OppositionReport:
        """Load a file as a new list.

        Args:
            path: text or CSV, UTF-8 or Windows-1252.
            name: how people call the list.
            client_company: whose calls it binds; "" for everybody's.
            by: who loads it.
            progress: called after each batch.

        Raises:
            InputError: the file cannot be read, or holds no number and no digest.
        """
        data = await asyncio.to_thread(_read, path)
        keys, read, bad = await asyncio.to_thread(_keys, data)
        if not keys:
            raise InputError(f"{path}: no telephone number and no digest in it; nothing was loaded")
        lists = self._store.oppositions
        digest = hashlib.sha256(data).hexdigest()
        list_id = await lists.begin(name.strip() or path.name, client_company.strip(), digest, by, self._clock.now())
        for start in range(0, len(keys), BATCH):
            await lists.oppose(list_id, keys[start : start + BATCH])
            if progress:
                progress(min(start + BATCH, len(keys)), len(keys))
        done = await lists.finish(list_id, self._clock.now())
        return OppositionReport(done, read, len(bad), tuple(bad[:EXAMPLES]))

    async def all(self) -> Sequence[OppositionList]:
        """Return the lists, oldest first."""
        return await self._store.oppositions.lists()

    async def ask_withdrawal(self, list_id: int, *, by: str, reason: str, entry: str = "") -> OppositionWithdrawal:
        """Ask that a list, or one entry of it, binds no more; it binds until ``approve_withdrawal``.

        Args:
            list_id: the list.
            by: the named person who answers for it.
            reason: why; it goes into the ledger.
            entry: a number as people write it, or a digest as it stands on the list; "" for the whole list.

        Raises:
            InputError: the entry is neither, or there is no reason.
            NotFoundError: there is no such list, or the entry does not stand on it.
            ConflictError: it is withdrawn already, or somebody has asked for the same.
        """
        key = key_of(entry) if entry.strip() else ""
        now = self._clock.now()
        return await self._store.oppositions.ask_withdrawal(list_id, key, by, reason_of(reason), now)

    async def approve_withdrawal(self, withdrawal_id: int, who: Account) -> OppositionWithdrawal:
        """Agree as the second person: the list, or the entry, binds no more from now on.

        Raises:
            InputError: the role may not approve.
            ConflictError: they asked for it themselves, or nothing waits.
        """
        refuse_without_right(who)
        return await self._store.oppositions.approve_withdrawal(withdrawal_id, who.username, self._clock.now())

    async def drop_withdrawal(self, withdrawal_id: int, by: str) -> OppositionWithdrawal:
        """Give a wish up that nobody has approved: the list binds on."""
        return await self._store.oppositions.drop_withdrawal(withdrawal_id, by, self._clock.now())

    async def withdrawals(self) -> Sequence[OppositionWithdrawal]:
        """Return every wish there ever was, oldest first."""
        return await self._store.oppositions.withdrawals()


def _read(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file() and not path.is_dir():  # a pipe may never end
            raise InputError(f"{path} is no ordinary file; save the numbers to a file and give its path")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check the path and its mode") from error


def _keys(data: bytes) -> tuple[list[str], int, list[int]]:
    """Return the keys, how many lines hold something, and which of them cannot be read."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    keys: dict[str, None] = {}
    bad: list[int] = []
    read = 0
    for line, row in enumerate(text.splitlines(), start=1):
        cell = row.replace("\t", ";").replace(",", ";").split(";")[0].strip().strip('"')
        if not row.strip():
            continue
        try:
            keys[key_of(cell)] = None
        except NumberError:
            if read == 0 and not bad and not any(one.isdigit() for one in cell):
                continue  # the header
            bad.append(line)
        read += 1
    return list(keys), read, bad
