"""Whether the digests of an opposition list can bind: salted ones look the same and never do.

A digest tells nothing of how it was made, but telephone numbers are few: where nobody names a number that stands on the
list, numbers are tried. Every number kept for fiction is, and as many drawn evenly from the numbers given to people as
find a digest of a list of a thousand. What is found is proof; nothing found is none, and is said.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import Final

from telephony.domain.law.do_not_call import digests_of
from telephony.domain.numbers.numbers import FICTION
from telephony.ids import Number

TRIED: Final = 1_000_000
"""Numbers of the plan that are tried at most, about five seconds."""
_WORTHWHILE: Final = 100
"""Digests from which on numbers are drawn: among fewer none would be found."""
ENOUGH: Final = 3
"""Digests found after which no more numbers are tried."""
_MOBILES: Final = tuple(f"33{first}" for first in ("60", "61", "62", "66", "67", "68", "69", "75", "76", "77", "78"))
_STRIDE: Final = 7_368_787
"""Prime: steps of it visit every ending once before one comes again."""


def binding(digests: Collection[str], numbers: Iterable[Number] = ()) -> set[str]:
    """Return digests, or plain keys, under which one of the numbers stands; of numbers tried where none is given."""
    wanted = set(digests)
    algorithms = {len(key) for key in wanted}
    given = tuple(numbers)
    found: set[str] = set()
    for number in given or _tried(len(wanted)):
        keys = {number, *digests_of(number, algorithms)}
        found |= wanted.intersection(keys)
        if not given and len(found) >= min(ENOUGH, len(wanted)):
            break
    return found


def _tried(digests: int) -> Iterator[Number]:
    fiction = (Number(f"33{prefix}{last:04d}") for prefix in FICTION for last in range(10_000))
    return chain(fiction, _drawn() if digests >= _WORTHWHILE else ())


def _drawn() -> Iterator[Number]:
    for turn in range(TRIED):
        ending = turn * _STRIDE % 10_000_000
        yield Number(f"{_MOBILES[turn % len(_MOBILES)]}{ending:07d}")
