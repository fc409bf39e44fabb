"""Finds out whether the digests of a do-not-call list can match: salted ones look the same and never do.

A digest does not show how it was made, but there are few telephone numbers. When nobody names a number of the list,
numbers are tried: every number reserved for fiction, then mobile numbers spread evenly over the plan, enough to find
one in a list of a thousand. A match is proof. No match proves nothing, and the caller says so.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import Final

from telephony.domain.law.do_not_call import digests_of
from telephony.domain.numbers.numbers import FICTION
from telephony.ids import Number

TRIED: Final = 1_000_000
"""Most numbers of the plan that are tried; it takes about five seconds."""
_WORTHWHILE: Final = 100
"""Fewest digests for which mobile numbers are tried: among fewer none would match."""
ENOUGH: Final = 3
"""Matches after which no more numbers are tried."""
_MOBILES: Final = tuple(f"33{first}" for first in ("60", "61", "62", "66", "67", "68", "69", "75", "76", "77", "78"))
_STRIDE: Final = 7_368_787
"""A prime: steps of it visit every ending once before one repeats."""


def binding(digests: Collection[str], numbers: Iterable[Number] = ()) -> set[str]:
    """Return the digests, or plain keys, that match one of the numbers; without numbers, some are tried."""
    listed = set(digests)
    algorithms = {len(key) for key in listed}
    given = tuple(numbers)
    proven: set[str] = set()
    for number in given or _tried(len(listed)):
        keys = {number, *digests_of(number, algorithms)}
        proven |= listed.intersection(keys)
        if not given and len(proven) >= min(ENOUGH, len(listed)):
            break
    return proven


def _tried(digests: int) -> Iterator[Number]:
    fiction = (Number(f"33{prefix}{last:04d}") for prefix in FICTION for last in range(10_000))
    return chain(fiction, _drawn() if digests >= _WORTHWHILE else ())


def _drawn() -> Iterator[Number]:
    for turn in range(TRIED):
        ending = turn * _STRIDE % 10_000_000
        yield Number(f"{_MOBILES[turn % len(_MOBILES)]}{ending:07d}")
