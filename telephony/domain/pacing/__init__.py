"""Pacing: ``Pacer`` decides how many dials to launch now, in production and in the simulation.

The interface of all pacers (``AnyPacer``) is in ``interface``, the decision in ``predictive``. Which lead is dialled is
decided elsewhere.
"""

from telephony.domain.pacing.interface import NO_ID, AnyPacer, Dial, Kind, Progressive, View
from telephony.domain.pacing.predictive import Predictive as Pacer

__all__ = ["NO_ID", "AnyPacer", "Dial", "Kind", "Pacer", "Progressive", "View"]
