"""What an operator's desk shows beside the state: every reassuring message follows from a fact with a known age.

Pure: gathering the facts is left to ``telephony.services.floor.desk_facts``, the words to the pages.
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
"""For how many seconds the gate's report that every recording grows is trusted."""


class Assurance(StrEnum):
    """What the desk shows where the state alone would promise too much."""

    NEXT_CALL = "next_call"
    """The next call comes by itself."""
    NEXT_LEAD = "next_lead"
    """The next lead comes by itself; its call does not."""
    NOTHING_COMES = "nothing_comes"
    """No call can come now; the reason is shown."""
    RECORDED = "recorded"
    """The call is recorded: the gate reported it within ``RECORDER_S`` seconds."""
    UNPROVED = "unproved"
    """There is no recent report that the recording grows."""
    LINK_LOST = "link_lost"
    """The Asterisk that carries the call does not answer."""


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What applies to every seat now.

    Attributes:
        lost_links: connections to Asterisk that are down.
        recorder_age_s: seconds since the gate last reported that the recording of every call grows; infinite when it
            has reported otherwise since, or never reported.
        nothing_comes: why no call can come to a ready seat; None when one can.
        is_lead: what comes is a lead to read, not a call.
    """

    lost_links: tuple[str, ...] = ()
    recorder_age_s: float = inf
    nothing_comes: Reason | None = None
    is_lead: bool = False


@dataclass(frozen=True, slots=True)
class DeskState:
    """The present state of a desk.

    Attributes:
        version: grows with every change of ``mark``; a lower one is older.
        mark: differs whenever the desk must be drawn again.
        lead: code of the message beside the state: an ``Assurance``, or the state's own code.
        reason: why nothing comes, with ``Assurance.NOTHING_COMES``.
    """

    version: int
    mark: str
    state: OperatorState
    since_at: datetime
    lead: str
    reason: Reason | None = None


def assurance(state: OperatorState, facts: SiteFacts) -> Assurance | None:
    """Return what the desk may show beside a state, given the facts; None: the state alone is enough."""
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
    """Return a mark that differs whenever a desk must be drawn again."""
    offer = f"{preview.preview_id}-{preview.is_called:d}" if preview is not None else ""
    return f"{seat.state}-{seat.since_at.timestamp():.3f}-{seat.is_calling:d}{seat.has_phone:d}-{offer}"


def lead_of(seat: SeatView, facts: SiteFacts) -> str:
    """Return the code of the message beside a seat's state."""
    return assurance(seat.state, facts) or own_word(seat)


def own_word(seat: SeatView) -> str:
    """Return the code of the message for the state alone."""
    if seat.state is OperatorState.WRAP_UP and not seat.has_phone:
        return "unhooked"
    return "calling" if seat.is_calling else str(seat.state)
