"""The parameters of the predictive pacer, found by simulation on separate scenarios; none is set per campaign."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tuning:
    """Parameters of the decision.

    Attributes:
        gain: how fast the level follows the budget: change of its logarithm per dial and unit of chance.
        withdraw: a dial that rang 15 s is cancelled when its risk is above this many levels.
        others_s: how long after a new person others who answer still count against the dial, seconds.
        free: change of the level's logarithm per free operator, up to four.
        released: the same per operator expected free within five seconds.
        soon: the same for the share of the expected people who answer within four seconds.
        hold: the level while no call is left in the budget.
        worse: answers per dial, as a multiple of the expected, against which the budget is checked.
        beyond: highest chance that a dial and those in flight cost more calls than the budget has.
        floor: the rate with just one call left in the budget, in caps.
        slope: how much more for each further call left.
        most: the highest rate, in caps.
        last: what is to be left of the budget at the end of the day, in calls.
        dials_seen: ended dials needed before it predicts.
        people_seen: answers by people needed before it predicts.
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
