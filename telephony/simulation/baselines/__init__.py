"""The pacers of today's dialers, written from their makers' texts and manuals, for comparison."""

from collections.abc import Callable, Mapping
from typing import Final

from telephony.domain.pacing.interface import AnyPacer, Progressive
from telephony.simulation.baselines.clairvoyant import Clairvoyant
from telephony.simulation.baselines.issabel import Issabel
from telephony.simulation.baselines.ratio import FixedRatio
from telephony.simulation.baselines.vicidial import Mode, Vicidial
from telephony.simulation.baselines.webitel import Webitel
from telephony.simulation.scenarios import Scenario

Maker = Callable[[Scenario], AnyPacer]
"""Makes a fresh pacer for one day."""


def _vicidial(mode: Mode, *, is_available_only: bool = False, level: float = 1.0) -> Maker:
    return lambda scenario: Vicidial(
        mode, is_available_only=is_available_only, level=level, opens_hour=scenario.opens_hour
    )


PROGRESSIVE: Final = "progressive"
CLAIRVOYANT: Final = "clairvoyant"
VICIDIAL: Final = "vicidial tapered, available only"
"""The peer that the marks refer to."""
BASELINES: Final[Mapping[str, Maker]] = {
    PROGRESSIVE: lambda _: Progressive(),
    "fixed ratio 1.5": lambda _: FixedRatio(1.5),
    "fixed ratio 2": lambda _: FixedRatio(2.0),
    "vicidial ratio 2": _vicidial(Mode.RATIO, level=2.0),
    "vicidial ratio 2, available only": _vicidial(Mode.RATIO, level=2.0, is_available_only=True),
    "vicidial hard limit": _vicidial(Mode.HARD_LIMIT),
    "vicidial hard limit, available only": _vicidial(Mode.HARD_LIMIT, is_available_only=True),
    "vicidial average": _vicidial(Mode.AVERAGE),
    "vicidial average, available only": _vicidial(Mode.AVERAGE, is_available_only=True),
    "vicidial tapered": _vicidial(Mode.TAPERED),
    VICIDIAL: _vicidial(Mode.TAPERED, is_available_only=True),
    "issabel": lambda _: Issabel(),
    "issabel, by answers": lambda _: Issabel(divides_by_answers=True),
    "webitel": lambda scenario: Webitel(scenario.limit),
    CLAIRVOYANT: lambda _: Clairvoyant(),
}
