"""Faults that were found once and mended: each mend can be taken out, and its tests must then fail.

One file each (``NN-rule.toml``): the fault, the words of the code that mend it with what stands there without them, and
the tests that hold the rule. ``python -m tests.mends`` takes some out, in a copy of the checkout, and runs their tests.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True)
class Change:
    """Words of one file, and what stands in their place when the mend is out."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mend:
    """One mend: what was wrong, how to take it out, and the tests that then fail."""

    number: int
    name: str
    fault: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]


def mends() -> list[Mend]:
    """Read all of them, in the order of their numbers."""
    entries = []
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        number, _, name = path.stem.partition("-")
        changes = tuple(Change(**change) for change in data["out"])
        entries.append(Mend(int(number), name, data["fault"], changes, tuple(data["tests"])))
    return entries
