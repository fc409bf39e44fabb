"""Operator states: one table of what may follow what; the seat service performs the effects.

States (SCREENS section 3): offline > ready > reserved > talking > wrap_up > ready; paused beside. Wrap-up ends only
when the operator chooses a result: a timer never picks one. Choosing who gets a call is left to ``seats``.
"""

from enum import StrEnum
from typing import Final

from telephony.errors import InputError


class OperatorState(StrEnum):
    """Where an operator stands; the server decides, screens only show it."""

    OFFLINE = "offline"
    READY = "ready"
    RESERVED = "reserved"
    """An answered call is being joined to this seat."""
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"


class OperatorEvent(StrEnum):
    """What happens to an operator."""

    LOGGED_IN = "logged_in"
    PHONE_LOST = "phone_lost"
    CALL_OFFERED = "call_offered"
    CALL_CONNECTED = "call_connected"
    CALL_LOST = "call_lost"
    """The called person hung up before the operator heard them."""
    CALL_ENDED = "call_ended"
    RESULT_CHOSEN = "result_chosen"
    PAUSE_ASKED = "pause_asked"
    READY_ASKED = "ready_asked"


_S, _E = OperatorState, OperatorEvent
TABLE: Final[dict[tuple[OperatorState, OperatorEvent], OperatorState]] = {
    (_S.OFFLINE, _E.LOGGED_IN): _S.READY,
    (_S.READY, _E.CALL_OFFERED): _S.RESERVED,
    (_S.READY, _E.PAUSE_ASKED): _S.PAUSED,
    (_S.RESERVED, _E.CALL_CONNECTED): _S.TALKING,
    (_S.RESERVED, _E.CALL_LOST): _S.READY,
    (_S.TALKING, _E.CALL_ENDED): _S.WRAP_UP,
    (_S.WRAP_UP, _E.RESULT_CHOSEN): _S.READY,
    (_S.PAUSED, _E.READY_ASKED): _S.READY,
} | {(state, _E.PHONE_LOST): _S.OFFLINE for state in OperatorState}
"""Anything not in here is illegal and changes nothing."""


class IllegalOperatorEventError(InputError):
    """The operator's state does not allow that now; nothing was changed."""


def follow(state: OperatorState, event: OperatorEvent) -> OperatorState:
    """Return the state after ``event``.

    Raises:
        IllegalOperatorEventError: ``TABLE`` has no such line.
    """
    try:
        return TABLE[state, event]
    except KeyError:
        raise IllegalOperatorEventError(f"{event} is not possible while {state}") from None
