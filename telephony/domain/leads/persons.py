"""Who is the same person: the client company's own key within that company; without one, the lead alone.

Numbers make no person: a switchboard is not one, and chains through shared numbers would make a town of one. A key is
read here; which leads carry it is left to storage.
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
"""What stands in a cell that holds no key, its punctuation left out; zeros alone are none either."""


def client_key_of(text: str) -> str:
    """Return the client's key in a cell, written one way; "" when the cell holds none.

    Letter case, blanks around and between, and characters nobody sees make no other person.
    """
    seen = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    key = " ".join(seen.split()).casefold()[:LONGEST]
    bare = "".join(letter for letter in key if letter.isalnum())
    return "" if bare.strip("0") in _NO_KEY else key


MOST_NUMBERS: Final = 20
"""Numbers one person has at most: a key that more of them share is none, such as a file's reference on every row."""


def person_of(client_company: str, client_key: str, lead_id: LeadId) -> str:
    """Return the one word for a person: two leads with the same one are the same person."""
    return f"client:{company_key(client_company)}:{client_key}" if client_key else f"lead:{lead_id}"
