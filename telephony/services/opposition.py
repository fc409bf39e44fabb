"""Loading opposition lists: plain numbers or digests of them, one a line, the first cell of a line counting.

Every number binds from the batch on that it was written in: a load that dies has closed numbers, never opened one,
and the same file again does the rest. What a key is, is left to ``telephony.domain.law.opposition``.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from telephony.domain.law.opposition import OppositionList, key_of
from telephony.domain.numbers import NumberError
from telephony.errors import InputError
from telephony.ports.clock import Clock
from telephony.ports.store import Store

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
        law = self._store.law
        digest = hashlib.sha256(data).hexdigest()
        list_id = await law.begin_opposition(
            name.strip() or path.name, client_company.strip(), digest, by, self._clock.now()
        )
        for start in range(0, len(keys), BATCH):
            await law.oppose(list_id, keys[start : start + BATCH])
            if progress:
                progress(min(start + BATCH, len(keys)), len(keys))
        done = await law.finish_opposition(list_id, self._clock.now())
        return OppositionReport(done, read, len(bad), tuple(bad[:EXAMPLES]))

    async def all(self) -> Sequence[OppositionList]:
        """Return the lists, oldest first."""
        return await self._store.law.opposition_lists()


def _read(path: Path) -> bytes:
    try:
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
