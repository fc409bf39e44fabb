"""The chain looked at from outside: is every entry as it was entered, and is the newest one still there?

Whoever owns the database can recompute the whole chain, or cut its end off; both are found by a *head* kept outside
the table: its sequence and hash, signed, in a file of the controller's (``HeadFile``), and in every signed proof. What
nobody can see: entries cut off, or rewritten, that came after the newest head kept. So heads are kept often (each
proof, each check that found nothing), and proofs leave the machine.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from telephony.domain.evidence.ledger import GENESIS, LedgerEntry, first_break
from telephony.domain.evidence.proof_document import LedgerHead, canonical, read_object
from telephony.errors import SettingsError
from telephony.ports.evidence.ledger import LedgerStore
from telephony.ports.evidence.proof import Signer
from telephony.services.evidence.signing import has_signed

START: Final = LedgerHead(0, GENESIS)
TOLD: Final = 1000
"""Entries between two reports of how far it is."""
FORMAT: Final = "telephony-ledger-head-1"
PREFIX: Final = b"telephony-ledger-head-1\n"


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """What the chain turned out to be.

    Attributes:
        head: the last entry that was found good.
        fault: the first thing wrong, in a sentence; None when nothing is.
        unseen: what could not be looked at, in a sentence; None when everything was.
    """

    head: LedgerHead
    fault: str | None = None
    unseen: str | None = None


async def verify_chain(
    ledger: LedgerStore, anchors: Iterable[LedgerHead], report: Callable[[int], None], start: LedgerHead = START
) -> ChainVerdict:
    """Read the chain from ``start`` on and judge it against heads kept elsewhere.

    Args:
        ledger: the chain.
        anchors: heads kept outside the table.
        report: told the sequence reached, now and then.
        start: a head kept outside the table up to which the chain was found good; that it still stands is looked at.
    """
    hashes = {anchor.sequence: anchor.hash for anchor in (start, *anchors) if anchor.sequence}
    head, reached = start, 0
    try:
        async for entry in ledger.entries(max(0, start.sequence - 1)):
            fault = _departure(entry, hashes)
            if entry.sequence != start.sequence:
                fault = fault or first_break([entry], head.hash, head.sequence)
            if fault:
                return ChainVerdict(head, fault)
            head, reached = LedgerHead(entry.sequence, entry.hash), entry.sequence
            if reached % TOLD == 0:
                report(reached)
    except (ValueError, TypeError, OverflowError):  # a body that is no JSON, a time that is none
        return ChainVerdict(head, f"an entry after {head.sequence} cannot be read: it was changed")
    newest = max(hashes, default=0)
    if newest > reached:
        return ChainVerdict(head, f"the end was cut off: entry {newest} was there, and the newest now is {reached}")
    report(reached)
    return ChainVerdict(head)


def _departure(entry: LedgerEntry, hashes: Mapping[int, str]) -> str | None:
    if hashes.get(entry.sequence, entry.hash) == entry.hash:
        return None
    return f"entry {entry.sequence} is not the one there was: the chain was written anew up to it or before it"


class HeadFile:
    """The newest head that was found good, signed, outside the database."""

    def __init__(self, path: Path) -> None:
        """Keep the place."""
        self.path = path

    def read(self, public_key: str) -> LedgerHead | None:
        """Return the head; None when none was kept yet.

        Raises:
            SettingsError: the file was changed, is signed with another key, or cannot be read.
        """
        try:
            content = read_object(self.path.read_bytes())
            head = LedgerHead(int(content["sequence"]), str(content["hash"]))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SettingsError(
                f"proof.head: {self.path} cannot be read ({error.strerror}); run as its owner"
            ) from error
        except (ValueError, KeyError, TypeError):
            raise SettingsError(f"proof.head: {self.path} was changed: it is no ledger head; {_MEND}") from None
        if content.get("format") != FORMAT:
            raise SettingsError(f"proof.head: {self.path} was changed: it is no ledger head; {_MEND}")
        if content.get("public_key") != public_key or not has_signed(
            public_key, _bytes(head), str(content.get("signature"))
        ):
            raise SettingsError(f"proof.head: {self.path} was changed, or signed with another key; {_MEND}")
        return head

    def keep(self, head: LedgerHead, signer: Signer) -> None:
        """Replace the file, whole or not at all; the head given has been found good against the one before.

        Raises:
            SettingsError: it cannot be written.
        """
        value: dict[str, Any] = {"format": FORMAT, "sequence": head.sequence, "hash": head.hash}
        value |= {"public_key": signer.public_key, "signature": signer.sign(_bytes(head))}
        write_whole(self.path, canonical(value), "proof.head")


_MEND: Final = "verify the ledger against a signed proof kept elsewhere (--proof), then move the file away"


def _bytes(head: LedgerHead) -> bytes:
    return PREFIX + canonical({"sequence": head.sequence, "hash": head.hash})


def write_whole(path: Path, data: bytes, setting: str) -> None:
    """Write a file beside, sync it, and give it its name; readable by the owner's group.

    Args:
        path: its name; a file of that name is replaced.
        data: all of it.
        setting: names the place in the error.

    Raises:
        SettingsError: it cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(part).chmod(0o640)
            Path(part).replace(path)
        finally:
            Path(part).unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError(f"{setting}: {path} cannot be written ({error.strerror}); check its folder") from error
