"""Reasons that people give for their decisions: they go into the ledger, which stores no telephone number."""

import re
import unicodedata
from typing import Final

from telephony.domain.text.visible import says_something, visible
from telephony.errors import InputError

CHARACTERS: Final = 300
_NUMBER: Final = re.compile(r"\d(?:[ .\-/()]?\d){8,}")


def reason_of(text: str) -> str:
    """Return a reason as a reader sees it, with single blanks; every reason that people give passes here.

    Raises:
        InputError: it has no visible letter or digit, is too long, or contains what may be a telephone number.
    """
    text = visible(text)
    if not says_something(text):
        raise InputError("say why: the reason goes into the ledger")
    if len(text) > CHARACTERS:
        raise InputError(f"a reason has at most {CHARACTERS} characters")
    if _NUMBER.search(unicodedata.normalize("NFKC", text)):
        raise InputError("the reason contains a telephone number: the ledger stores none, leave it out")
    return text
