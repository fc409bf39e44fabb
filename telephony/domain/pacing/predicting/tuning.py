"""The few numbers of the predictive pacer, found by simulation on scenarios of their own; none is set per campaign."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tuning:
    """How it decides.

    Attributes:
        gain: how fast the level follows the budget: change of its logarithm per dial and unit of chance.
        withdraw: a dial that rang 15 s is withdrawn above so many levels.
        others_s: how long after a new person others who answer still count against the dial, seconds.
        free: change of the level's logarithm per operator free, up to four.
        released: the same per operator expected free within five seconds.
        soon: the same for the part of the people expected who answer within four seconds.
        hold: the level while no call is left in the budget.
        worse: people may answer as if each dial were so many, when it is asked what the budget must hold.
        beyond: the chance, at most, that a dial and those in the air cost more calls than the budget holds.
        floor: the rate spent with just one call left in the budget, in caps.
        slope: how much more for each further call left.
        most: the highest rate, in caps.
        last: what is to be left of the budget at the end of the day, in calls.
        dials_seen: dials ended before it predicts.
        people_seen: people answered before it predicts.
    """

    gain: float = 0.1
    withdraw: float = 1.0
    others_s: float = 2.0
    free: float = 0.05
    released: float = -0.4
    soon: float = -0.5
    hold: float = 0.001
    worse: float = 2.0
    beyond: float = 1e-4
    floor: float = 0.25
    slope: float = 0.15
    most: float = 1.6
    last: float = 1.3
    final: float = 6.0
    dials_seen: int = 40
    people_seen: int = 10
