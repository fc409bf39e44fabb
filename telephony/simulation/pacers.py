"""Every pacer that can be simulated, by name: the product's and the baselines."""

from collections.abc import Mapping
from typing import Final

from telephony.domain.pacing.power import Power
from telephony.domain.pacing.predictive import Predictive
from telephony.errors import InputError
from telephony.simulation.baselines import BASELINES, Maker

PREDICTIVE: Final = "predictive"
PACERS: Final[Mapping[str, Maker]] = {
    PREDICTIVE: lambda scenario: Predictive(scenario.limit),
    "power 1.5": lambda scenario: Power(scenario.limit, 15),
    "power 2": lambda scenario: Power(scenario.limit, 20),
    "power 3": lambda scenario: Power(scenario.limit, 30),
    **BASELINES,
}


def maker(name: str) -> Maker:
    """Return the function that makes the pacer ``name``.

    Raises:
        InputError: there is none of that name.
    """
    if name not in PACERS:
        raise InputError(f"no pacer is called {name!r}; there are: {'; '.join(PACERS)}")
    return PACERS[name]
