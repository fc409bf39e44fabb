"""The waveform of one audio track: peak levels as one SVG path, mirrored around the middle. Pure."""

from collections.abc import Sequence
from typing import Final

HEIGHT: Final = 48
"""Units of the drawing; the page stretches it."""
_MINIMUM: Final = 0.6
"""Units: silence is a thin line, not a gap."""


def lane_path(peaks: Sequence[float]) -> str:
    """Return the path of ``peaks`` (0-1), one unit wide each, in a box ``len(peaks)`` by ``HEIGHT``."""
    middle = HEIGHT / 2
    heights = [max(_MINIMUM, min(1.0, level) ** 0.6 * (middle - 2)) for level in peaks]
    above = " ".join(f"{index} {middle - height:.1f}" for index, height in enumerate(heights))
    below = " ".join(f"{index} {middle + height:.1f}" for index, height in reversed(list(enumerate(heights))))
    return f"M{above} L{below} Z" if heights else ""
