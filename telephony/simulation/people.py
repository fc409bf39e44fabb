"""People who differ: hidden classes, kinds of number, sources; when each answers.

Assumptions, stated so that anyone can repeat the figures; nothing was fitted to a real campaign. A lead's chance at an
hour is its class's, moved by an offset of its own; the dialer sees neither, only kind, source and what its dials come
to. ``lead_days`` chooses the lead of each dial.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

FIRST_HOUR: Final = 9
HOURLY: Final[dict[str, tuple[float, ...]]] = {
    "never": (0.015,) * 11,
    "worker": (0.06, 0.05, 0.05, 0.13, 0.11, 0.05, 0.05, 0.07, 0.15, 0.33, 0.40),
    "home": (0.28, 0.34, 0.33, 0.20, 0.21, 0.30, 0.29, 0.17, 0.13, 0.15, 0.12),
    "retired": (0.38, 0.45, 0.44, 0.25, 0.28, 0.42, 0.44, 0.42, 0.40, 0.36, 0.24),
    "shifts": (0.10, 0.12, 0.18, 0.22, 0.24, 0.24, 0.20, 0.16, 0.14, 0.12, 0.12),
    "office": (0.30, 0.38, 0.33, 0.09, 0.10, 0.28, 0.34, 0.30, 0.18, 0.03, 0.01),
}
"""Chance of an answer before the ring time-out, by hour from 9 to 20, of each class."""
CLASSES: Final = tuple(HOURLY)
TASTE: Final = 0.5
"""Standard deviation, in log-odds, of a lead's own offset around its class."""
CONSUMER: Final[dict[tuple[str, str], tuple[float, ...]]] = {
    # (kind of number, source): shares of never, worker, home, retired, shifts, office
    ("mobile", "customers"): (0.15, 0.52, 0.10, 0.07, 0.16, 0.00),
    ("mobile", "bought"): (0.55, 0.30, 0.03, 0.02, 0.10, 0.00),
    ("mobile", "old"): (0.78, 0.14, 0.02, 0.02, 0.04, 0.00),
    ("landline", "customers"): (0.15, 0.15, 0.23, 0.43, 0.04, 0.00),
    ("landline", "bought"): (0.42, 0.12, 0.15, 0.27, 0.04, 0.00),
    ("landline", "old"): (0.68, 0.08, 0.07, 0.15, 0.02, 0.00),
    ("overseas", "customers"): (0.20, 0.12, 0.40, 0.15, 0.13, 0.00),
}
BUSINESS: Final[dict[tuple[str, str], tuple[float, ...]]] = {
    ("mobile", "directory"): (0.30, 0.30, 0.00, 0.00, 0.28, 0.12),
    ("mobile", "old"): (0.70, 0.12, 0.00, 0.00, 0.12, 0.06),
    ("landline", "directory"): (0.22, 0.00, 0.06, 0.03, 0.05, 0.64),
    ("landline", "old"): (0.64, 0.00, 0.04, 0.02, 0.04, 0.26),
    ("non_geographic", "directory"): (0.38, 0.00, 0.00, 0.12, 0.07, 0.43),
}


DEAD: Final = {"customers": 0.03, "directory": 0.05, "bought": 0.08, "old": 0.15}
"""Share of numbers out of service, by source: nobody ever answers, and the network says so."""
DEAD_FAILS: Final = 0.95
FAILS: Final = 0.03
"""Chance that a dial to a number out of service fails, and to any other."""
VOICEMAIL: Final = 0.30
"""Share of leads where a machine picks up whenever no person does; of the never, half."""


@dataclass(frozen=True, slots=True)
class Population:
    """The people of a list.

    Attributes:
        groups: share of the leads by (kind of number, source).
        classes: shares of ``CLASSES`` in each group.
        level: factor on the odds of every answer.
    """

    groups: dict[tuple[str, str], float]
    classes: dict[tuple[str, str], tuple[float, ...]] = field(default_factory=lambda: CONSUMER)
    level: float = 1.0


class People:
    """The leads of one list, drawn by seed."""

    def __init__(self, population: Population, leads: int, seed: int) -> None:
        dice = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(2**31,))))
        groups = list(population.groups)
        shares = np.array([population.groups[group] for group in groups])
        self.group = dice.choice(len(groups), leads, p=shares / shares.sum())
        hidden = np.zeros(leads, dtype=np.int64)
        for n, group in enumerate(groups):
            mix = np.array(population.classes[group])
            mine = self.group == n
            hidden[mine] = dice.choice(len(CLASSES), int(mine.sum()), p=mix / mix.sum())
        odds = np.array([[chance / (1 - chance) for chance in HOURLY[phone_class]] for phone_class in CLASSES])
        taste = np.exp(dice.normal(0.0, TASTE, leads)) * population.level
        chances = odds[hidden] * taste[:, None]
        self.kinds = [groups[index] for index in self.group.tolist()]
        is_dead = dice.random(leads) < np.array([DEAD[source] for _, source in self.kinds])
        has_machine = dice.random(leads) < np.where(hidden == 0, 0.5, VOICEMAIL)
        self.table: npt.NDArray[np.float64] = np.where(is_dead[:, None], 0.0, chances / (1 + chances))
        self.fails: list[float] = np.where(is_dead, DEAD_FAILS, FAILS).tolist()
        self.machines: list[float] = np.where(has_machine & ~is_dead, 1 - FAILS, 0.0).tolist()
        self._rows = self.table.tolist()

    def __len__(self) -> int:
        """The number of leads."""
        return len(self.kinds)

    def chance(self, lead: int, hour: float) -> float:
        """Return the true chance that a lead answers at an hour of the clock, 9 to 20."""
        row: list[float] = self._rows[lead]
        return row[min(max(int(hour) - FIRST_HOUR, 0), len(row) - 1)]
