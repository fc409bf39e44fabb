"""Pacing: ``Pacer``, the one object that says how many dials to launch now, in production and simulation alike.

The interface it keeps stands in ``pacing_interface``, how it decides in ``predictive``; other pacers keep the same
interface (``AnyPacer``). Which lead is dialled is decided elsewhere.
"""

from telephony.domain.pacing.interface import NO_ID, AnyPacer, Dial, Kind, Progressive, View
from telephony.domain.pacing.predictive import Predictive as Pacer

__all__ = ["NO_ID", "AnyPacer", "Dial", "Kind", "Pacer", "Progressive", "View"]
