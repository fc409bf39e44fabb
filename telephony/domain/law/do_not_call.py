"""Do-not-call lists: what they contain, and under which keys a number may be on them.

Lists come with plain numbers or with their digests (MD5, SHA-1, SHA-256 in hexadecimal, without salt), of the number
as E.164 with or without plus, or as written in France. A digest cannot be reversed, so every form of the number to be
called is looked up.

Removing a list or an entry needs two persons: one requests it and says why; it stays in force until another person
has approved.
"""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from telephony.domain.numbers.numbers import canonical, display, forms, masked
from telephony.ids import Number

_DIGEST: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}")
_MAKERS: Final = {32: hashlib.md5, 40: hashlib.sha1, 64: hashlib.sha256}
"""Digits of a digest -> its algorithm."""


@dataclass(frozen=True, slots=True)
class DoNotCallList:
    """A do-not-call list as stored.

    Attributes:
        client_company: the company whose calls it applies to, "" for every company.
        entries: numbers or digests that were not on it before.
    """

    list_id: int
    name: str
    client_company: str
    file_sha256: str
    entries: int
    loaded_at: datetime
    loaded_by: str
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DoNotCallRemoval:
    """A request to remove a do-not-call list, or one entry of it.

    Attributes:
        withdrawal_id: its number, given by the database.
        list_id: the list.
        entry: the number or digest to remove, "" for the whole list.
        asked_by: the named person responsible for it; ``reason``: why, in their words.
        approved_by: the second person, None until there is one; until then the list stays in force.
        dropped_by: who dropped the request, None while it is open.
    """

    withdrawal_id: int
    list_id: int
    entry: str
    asked_by: str
    asked_at: datetime
    reason: str
    approved_by: str | None = None
    approved_at: datetime | None = None
    dropped_by: str | None = None
    dropped_at: datetime | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether a second person must still approve it."""
        return self.approved_at is None and self.dropped_at is None

    @property
    def is_of_a_number(self) -> bool:
        """Whether it is about one plain number."""
        return bool(self.entry) and _DIGEST.fullmatch(self.entry) is None

    @property
    def shown(self) -> str:
        """What it is about, as people may see it: never a whole number; "" for the whole list."""
        return masked(Number(self.entry)) if self.is_of_a_number else self.entry[:8]


def is_digest(key: str) -> bool:
    """Return True if a key is a digest, not a number."""
    return _DIGEST.fullmatch(key) is not None


def key_of(text: str, *, is_named: bool = True) -> str:
    """Return the key of one cell of a list.

    Args:
        text: the cell.
        is_named: whether its column is named as a telephone column; if not, nine digits or fewer are not a number.

    Raises:
        NumberError: it is neither a digest nor a telephone number.
    """
    lowered = text.strip().lower()
    return lowered if _DIGEST.fullmatch(lowered) else canonical(text, is_named=is_named)


def keys_under(entry: str) -> tuple[str, ...]:
    """Return every key under which an entry, a number or one of its digests, may be stored."""
    return (entry,) if _DIGEST.fullmatch(entry) else keys_of(Number(entry))


def keys_of(number: Number) -> tuple[str, ...]:
    """Return every key under which a number, E.164 without plus, may be stored."""
    return (*forms(number), *digests_of(number))


def digests_of(number: Number, lengths: Collection[int] = (32, 40, 64)) -> tuple[str, ...]:
    """Return the digests of every form of a number, by the algorithms whose digests have these lengths."""
    national = display(number).replace(" ", "")
    writings = dict.fromkeys((*(sign + form for form in forms(number) for sign in ("", "+")), national))
    makers = [make for length, make in _MAKERS.items() if length in lengths]
    return tuple(make(text.encode(), usedforsecurity=False).hexdigest() for text in writings for make in makers)
