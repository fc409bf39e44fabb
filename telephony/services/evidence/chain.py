"""Verifies the ledger chain from outside: is every entry unchanged, and is the newest one still there?

The owner of the database can recompute the whole chain or cut off its end. A *head* stored outside the table reveals
both: sequence and hash, signed, in a file of the controller (``HeadFile``) and in every signed proof. Changes after the
newest stored head cannot be seen. So a head is stored with every proof and after every check without a fault, and
proofs leave the host.
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
REPORT_EVERY: Final = 1000
"""Entries between two reports of progress."""
FORMAT: Final = "telephony-ledger-head-1"
PREFIX: Final = b"telephony-ledger-head-1\n"


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """The result of verifying the chain.

    Attributes:
        head: the last valid entry.
        fault: message about the first fault; None when there is none.
        unseen: message about what could not be verified; None when everything was.
    """

    head: LedgerHead
    fault: str | None = None
    unseen: str | None = None


async def verify_chain(
    ledger: LedgerStore, anchors: Iterable[LedgerHead], report: Callable[[int], None], start: LedgerHead = START
) -> ChainVerdict:
    """Read the chain from ``start`` on and verify it against heads stored elsewhere.

    Args:
        ledger: the chain.
        anchors: heads stored outside the table.
        report: called with the sequence reached, now and then.
        start: a head stored outside the table up to which the chain was valid; its entry is checked again.
    """
    hashes = {anchor.sequence: anchor.hash for anchor in (start, *anchors) if anchor.sequence}
    head, reached = start, 0
    try:
        async for entry in ledger.entries(max(0, start.sequence - 1)):
            fault = _replaced_entry(entry, hashes)
            if entry.sequence != start.sequence:
                fault = fault or first_break([entry], head.hash, head.sequence)
            if fault:
                return ChainVerdict(head, fault)
            head, reached = LedgerHead(entry.sequence, entry.hash), entry.sequence
            if reached % REPORT_EVERY == 0:
                report(reached)
    except (ValueError, TypeError, OverflowError):  # a body that is not JSON, an invalid time
        return ChainVerdict(head, f"an entry after {head.sequence} cannot be read: it was changed")
    newest = max(hashes, default=0)
    if newest > reached:
        return ChainVerdict(head, f"the end was cut off: entry {newest} was there, and the newest now is {reached}")
    report(reached)
    return ChainVerdict(head)


def _replaced_entry(entry: LedgerEntry, hashes: Mapping[int, str]) -> str | None:
    if hashes.get(entry.sequence, entry.hash) == entry.hash:
        return None
    return f"entry {entry.sequence} differs from the one kept outside: the chain was rewritten there or before it"


class HeadFile:
    """The newest valid head, signed, in a file outside the database."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, public_key: str) -> LedgerHead | None:
        """Return the head; None when none was stored yet.

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
            raise SettingsError(f"proof.head: {self.path} was changed: it is not a ledger head; {_FIX}") from None
        if content.get("format") != FORMAT:
            raise SettingsError(f"proof.head: {self.path} was changed: it is not a ledger head; {_FIX}")
        if content.get("public_key") != public_key or not has_signed(
            public_key, _bytes(head), str(content.get("signature"))
        ):
            raise SettingsError(f"proof.head: {self.path} was changed, or signed with another key; {_FIX}")
        return head

    def keep(self, head: LedgerHead, signer: Signer) -> None:
        """Replace the file, whole or not at all; the caller has verified the head against the previous one.

        Raises:
            SettingsError: it cannot be written.
        """
        value: dict[str, Any] = {"format": FORMAT, "sequence": head.sequence, "hash": head.hash}
        value |= {"public_key": signer.public_key, "signature": signer.sign(_bytes(head))}
        write_whole(self.path, canonical(value), "proof.head")


_FIX: Final = "verify the ledger against a signed proof kept elsewhere (--proof), then move the file away"


def _bytes(head: LedgerHead) -> bytes:
    return PREFIX + canonical({"sequence": head.sequence, "hash": head.hash})


def write_whole(path: Path, data: bytes, setting: str) -> None:
    """Write a temporary file, sync it, and rename it; the owner's group may read it.

    Args:
        path: its path; an existing file is replaced.
        data: its whole content.
        setting: the setting that the error names.

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
