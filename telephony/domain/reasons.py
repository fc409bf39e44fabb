"""Reasons people give for what they decide: they go into the ledger, which keeps no telephone number."""

import re
from typing import Final

from telephony.errors import InputError

CHARACTERS: Final = 300
_NUMBER: Final = re.compile(r"[0-9](?:[ .\-/()\u00a0\u202f]?[0-9]){8,}")


def reason_of(text: str) -> str:
    """Return a reason with single blanks.

    Raises:
        InputError: it is empty, too long, or holds what could be a telephone number.
    """
    text = " ".join(text.split())
    if not text:
        raise InputError("say why: the reason goes into the ledger")
    if len(text) > CHARACTERS:
        raise InputError(f"a reason has at most {CHARACTERS} characters")
    if _NUMBER.search(text):
        raise InputError("the reason holds a telephone number: the ledger keeps none, leave it out")
    return text
