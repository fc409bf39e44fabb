"""Which leads are the same person: those with the same client company key; without a key, the lead alone.

A shared number does not make two leads one person: a switchboard is not a person, and chains of shared numbers would
join a whole town. This module reads a key; which leads have it is left to storage.
"""

import unicodedata
from typing import Final

from telephony.domain.law.contacts import company_key
from telephony.ids import LeadId

LONGEST: Final = 120
"""Characters of a key that count."""
_NO_KEY: Final = frozenset(
    {"", "na", "nc", "nd", "neant", "néant", "aucun", "aucune", "inconnu", "none", "null", "unknown", "x", "xx", "xxx"}
)
"""Contents of a cell without a key, punctuation left out; zeros alone are not a key either."""


def client_key_of(text: str) -> str:
    """Return the client company's key in a cell, normalised; "" when the cell has none.

    Letter case, extra blanks and invisible characters do not matter.
    """
    seen = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    key = " ".join(seen.split()).casefold()[:LONGEST]
    bare = "".join(letter for letter in key if letter.isalnum())
    return "" if bare.strip("0") in _NO_KEY else key


MOST_NUMBERS: Final = 20
"""Most numbers of one person: a key shared by more numbers is not a key, such as a file reference on every row."""


def person_of(client_company: str, client_key: str, lead_id: LeadId) -> str:
    """Return the code of a person: two leads with the same code are the same person."""
    return f"client:{company_key(client_company)}:{client_key}" if client_key else f"lead:{lead_id}"
