"""What an operator's desk says beside the state: every reassuring sentence follows from a fact that has an age.

Pure: where the facts come from is left to ``telephony.services.floor.desk_facts``, the words to the pages.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import inf
from typing import Final

from telephony.domain.calls.operators import OperatorState
from telephony.domain.floor.snapshot import SeatView
from telephony.domain.leads.preview import PreviewView
from telephony.domain.text.reason import Reason

RECORDER_S: Final = 3.0
"""Seconds for which the gate's word, that every recording of a call grows, is believed."""


class Assurance(StrEnum):
    """What the desk says where a state alone would promise too much."""

    NEXT_CALL = "next_call"
    """The next call comes by itself."""
    NEXT_LEAD = "next_lead"
    """The next lead comes by itself; its call does not."""
    NOTHING_COMES = "nothing_comes"
    """No call can come now, and why."""
    RECORDED = "recorded"
    """The call is recorded: the gate said so within ``RECORDER_S`` seconds."""
    UNPROVED = "unproved"
    """Nobody has said lately that the recording grows."""
    LINK_LOST = "link_lost"
    """The exchange that carries the call does not answer."""


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What holds for every seat now.

    Attributes:
        lost_links: connections to the exchanges that are down.
        recorder_age_s: seconds since the gate last said that every recording of a call up grows; infinite when it
            said otherwise since, or never spoke.
        nothing_comes: why no call can come to a ready seat; None when one can.
        is_lead: what comes is a lead to be read, not a call.
    """

    lost_links: tuple[str, ...] = ()
    recorder_age_s: float = inf
    nothing_comes: Reason | None = None
    is_lead: bool = False


@dataclass(frozen=True, slots=True)
class DeskState:
    """A desk as it is now.

    Attributes:
        version: grows with every change of ``mark``; what carries a lower one is older.
        mark: differs whenever the desk has to be drawn again.
        lead: word of the sentence beside the state: an ``Assurance``, or the state's own.
        reason: why nothing comes, with ``Assurance.NOTHING_COMES``.
    """

    version: int
    mark: str
    state: OperatorState
    since_at: datetime
    lead: str
    reason: Reason | None = None


def assurance(state: OperatorState, facts: SiteFacts) -> Assurance | None:
    """Return what the desk may say in a state, as far as the facts go; None: the state says all there is."""
    if state is OperatorState.READY:
        if facts.nothing_comes is not None:
            return Assurance.NOTHING_COMES
        return Assurance.NEXT_LEAD if facts.is_lead else Assurance.NEXT_CALL
    if state is not OperatorState.TALKING:
        return None
    if facts.lost_links:
        return Assurance.LINK_LOST
    return Assurance.RECORDED if facts.recorder_age_s <= RECORDER_S else Assurance.UNPROVED


def mark_of(seat: SeatView, preview: PreviewView | None) -> str:
    """Return what differs whenever a desk has to be drawn again."""
    offer = f"{preview.preview_id}-{preview.is_called:d}" if preview is not None else ""
    return f"{seat.state}-{seat.since_at.timestamp():.3f}-{seat.is_calling:d}{seat.has_phone:d}-{offer}"


def lead_of(seat: SeatView, facts: SiteFacts) -> str:
    """Return the word of the sentence beside a seat's state."""
    return assurance(seat.state, facts) or own_word(seat)


def own_word(seat: SeatView) -> str:
    """Return the word of what the state alone says."""
    if seat.state is OperatorState.WRAP_UP and not seat.has_phone:
        return "unhooked"
    return "calling" if seat.is_calling else str(seat.state)
