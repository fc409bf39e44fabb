"""Opposition lists: what stands in them, and under which keys a number may stand there.

Lists come with plain numbers or with digests of them (MD5, SHA-1, SHA-256 in hexadecimal, without salt), of the
number as E.164 with or without plus, or as written in France. A digest cannot be turned back, so every writing of the
number that is called is looked up.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from telephony.domain.numbers import canonical, display
from telephony.ids import Number

_DIGEST: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class OppositionList:
    """A list as stored.

    Attributes:
        client_company: whose calls it binds, "" for everybody's.
        entries: numbers or digests that were not on it before.
    """

    list_id: int
    name: str
    client_company: str
    file_sha256: str
    entries: int
    loaded_at: datetime
    loaded_by: str


def key_of(text: str) -> str:
    """Return the key of what stands in one row of a list.

    Raises:
        NumberError: it is neither a digest nor a telephone number.
    """
    lowered = text.strip().lower()
    return lowered if _DIGEST.fullmatch(lowered) else canonical(text)


def keys_of(number: Number) -> tuple[str, ...]:
    """Return every key that a number, E.164 without plus, may stand under."""
    national = display(number).replace(" ", "")
    writings = dict.fromkeys((number, f"+{number}", national))
    digests = (hashlib.md5, hashlib.sha1, hashlib.sha256)
    return (
        number,
        *(make(text.encode(), usedforsecurity=False).hexdigest() for text in writings for make in digests),
    )
