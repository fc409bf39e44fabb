"""A share that may drift or jump: several memories, long and short, each weighted by how well it predicted.

Used for the shares of dials that people answer, that machines answer, and that the network refuses.
"""

import math
from typing import Final

MEMORIES: Final = (100.0, 400.0, 1500.0)
"""Length of each memory in observations, shortest first."""
BELIEFS: Final = (-2.0, -0.3, 0.0)
"""Prior weight of each memory, as a logarithm."""
TRUST_MEMORY: Final = 0.99
"""How much of an earlier forecast's merit counts one observation later."""
FIRST_GUESS_WEIGHS: Final = 8.0
LONGER_WEIGHS: Final = 20.0
"""Weight of the next longer memory's share in a shorter one, in observations."""
LEAST: Final = 0.002


class Share:
    """The present share of yes among yes-or-no observations."""

    def __init__(self, guess: float) -> None:
        """Start with a guess, 0 to 1; a few observations outweigh it."""
        self._guess = guess
        self._yes = [0.0] * len(MEMORIES)
        self._all = [0.0] * len(MEMORIES)
        self._merit = [0.0] * len(MEMORIES)
        self._shares = [guess] * len(MEMORIES)
        self.value = guess
        self.seen = 0

    def learn(self, yes: float) -> None:
        """Learn one observation: 1, 0, or its probability when it is unknown."""
        self.seen += 1
        for place, memory in enumerate(MEMORIES):
            share = self._shares[place]
            self._merit[place] *= TRUST_MEMORY
            self._merit[place] += yes * math.log(share) + (1 - yes) * math.log(1 - share)
            keep = 1 - 1 / memory
            self._yes[place] = self._yes[place] * keep + yes
            self._all[place] = self._all[place] * keep + 1
        longer, weight = self._guess, FIRST_GUESS_WEIGHS
        for place in reversed(range(len(MEMORIES))):
            share = (self._yes[place] + weight * longer) / (self._all[place] + weight)
            longer, weight = min(1 - LEAST, max(LEAST, share)), LONGER_WEIGHS
            self._shares[place] = longer
        merits = [merit + belief for merit, belief in zip(self._merit, BELIEFS, strict=True)]
        best = max(merits)
        trusts = [math.exp(merit - best) for merit in merits]
        self.value = sum(t * s for t, s in zip(trusts, self._shares, strict=True)) / sum(trusts)
