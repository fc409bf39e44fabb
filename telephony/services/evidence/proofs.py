"""Signed proofs as people read them: listing the days, checking a proof's signature, making one on demand.

The ledger has the proved days and their keys; the documents are files in ``proof.folder``. ``daily_proof`` makes
proofs; ``signing`` signs and verifies.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from telephony.domain.evidence.ledger import LedgerEntry
from telephony.domain.evidence.proof_document import ProofError, SignedProof
from telephony.errors import ConflictError, NotFoundError
from telephony.ports.evidence.proof import ProofStore
from telephony.services.evidence.chain import write_whole
from telephony.services.evidence.daily_proof import DailyProof
from telephony.services.evidence.signing import SigningKey, verified

KIND: Final = "day_proved"
SHOWN: Final = 400
"""Most proofs read: more than a year with one a day."""
OpenProving = Callable[[], AbstractAsyncContextManager[tuple[DailyProof, ProofStore]]]


@dataclass(frozen=True, slots=True)
class ProvedDay:
    """One proof, as entered in the ledger.

    Attributes:
        day: ISO date.
        public_key: the public part of the key it was signed with.
        by: who asked for it.
    """

    day: str
    sha256: str
    public_key: str
    verdict: str
    gaps: int
    made_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One proof, read back: the document, or its fault."""

    row: ProvedDay
    signed: SignedProof | None
    problem: str | None = None


class Proofs:
    """Reads proofs back and makes new ones.

    Args:
        open_proving: opens the database for the time of one request.
        key: the site's private key; made at its first use.
        folder: the folder of signed proofs.
    """

    def __init__(self, open_proving: OpenProving, key: Path, folder: Path) -> None:
        self._open = open_proving
        self._key = key
        self._folder = folder
        self._proving = asyncio.Lock()

    async def days(self, limit: int = SHOWN) -> Sequence[ProvedDay]:
        """Return the newest proof of each day, newest day first."""
        async with self._open() as (_, proofs):
            entries = await proofs.entries(KIND, None, limit)
        newest: dict[str, ProvedDay] = {}
        for row in map(_row, entries):
            newest.setdefault(row.day, row)
        return sorted(newest.values(), key=lambda row: row.day, reverse=True)

    async def show(self, day: str, sha256: str) -> Shown:
        """Return one proof, with its signature checked against the key in the ledger.

        Raises:
            NotFoundError: the ledger has no such proof.
        """
        async with self._open() as (_, proofs):
            rows = [_row(entry) for entry in await proofs.entries(KIND, day, SHOWN)]
        row = next((proof for proof in rows if proof.sha256 == sha256), None)
        if row is None:
            raise NotFoundError(f"there is no proof {sha256[:8]} of {day}")
        path = self._folder / file_name(day, sha256)
        try:
            data = await asyncio.to_thread(path.read_bytes)
            signed = verified(data, row.public_key)
        except OSError as error:
            return Shown(row, None, f"its file {path.name} cannot be read ({error.strerror})")
        except ProofError as error:
            return Shown(row, None, str(error))
        return Shown(row, signed, "" if signed.sha256 == sha256 else "its file has another proof")

    async def prove(self, day: str, by: str) -> SignedProof:
        """Prove a day now, store the document, enter it in the ledger.

        Args:
            day: today, yesterday or an ISO date.
            by: account that asks for it.

        Raises:
            InputError: it is not a day, or it has not begun.
            ConflictError: another proof is being made.
            SettingsError: the key or the folder cannot be used.
        """
        if self._proving.locked():
            raise ConflictError("a proof is being made: wait until it is finished")
        async with self._proving, self._open() as (proving, _):
            proved_day = proving.day(day)
            signer = await asyncio.to_thread(SigningKey.at, self._key)
            signed = await proving.prove(proved_day, signer, by, lambda _what, _done, _total: None)
            await asyncio.to_thread(keep, self._folder, signed, "proof.folder")
            return signed


def file_name(day: str, sha256: str) -> str:
    """Return the name of a proof's file."""
    return f"proof-{day}-{sha256[:8]}.json"


def keep(folder: Path, signed: SignedProof, setting: str) -> Path:
    """Write a proof into a folder; SettingsError names ``setting`` when it cannot be written."""
    path = folder / file_name(signed.proof["day"], signed.sha256)
    write_whole(path, signed.text.encode(), setting)
    return path


def _row(entry: LedgerEntry) -> ProvedDay:
    note = entry.note
    texts = {key: str(note.body.get(key, "")) for key in ("sha256", "public_key", "verdict", "by")}
    return ProvedDay(day=note.subject, gaps=int(note.body.get("gaps") or 0), made_at=note.at, **texts)
