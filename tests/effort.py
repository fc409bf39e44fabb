"""How hard a test searches: the cases of everyday runs, and the full numbers of ``make long``.

``make long`` sets ``TELEPHONY_LONG=1``: the same tests, more cases, and every one of them drawn from a fixed seed, so
that two runs see the same.
"""

import os
from typing import Final

LONG: Final = os.environ.get("TELEPHONY_LONG") == "1"


def cases(usual: int, *, long: int) -> int:
    """Return how many cases a test tries: ``usual`` of them, or ``long`` of them under ``make long``."""
    return long if LONG else usual
