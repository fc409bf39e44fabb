"""Operator states: one table of what may follow what; the seat service performs the effects.

States (SCREENS section 3): offline > ready > reserved > talking > wrap_up > ready. Paused and absent are side states;
preview is between ready and reserved where operators press call. Wrap-up ends only when a person gives the result:
neither a timer nor hanging up ends it, and no call comes meanwhile. A preview becomes a call only when the operator
presses call. Choosing who gets a call is left to ``seats``.
"""

from enum import StrEnum

from telephony.errors import InputError


class OperatorState(StrEnum):
    """State of an operator; the server decides, screens only show it."""

    OFFLINE = "offline"
    READY = "ready"
    ABSENT = "absent"
    """The phone is in its conference and nobody is signed in at the desk: no call comes."""
    PREVIEW = "preview"
    """A lead is presented to the operator, who has not pressed call."""
    RESERVED = "reserved"
    """An answered call is being joined to this seat, or the call the operator ordered is ringing."""
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    """A conversation has ended and its result is due, whether the phone is still there or not."""
    PAUSED = "paused"


class OperatorEvent(StrEnum):
    """What happens to an operator."""

    LOGGED_IN = "logged_in"
    PHONE_LOST = "phone_lost"
    LEAD_OFFERED = "lead_offered"
    LEAD_GIVEN_BACK = "lead_given_back"
    """Skipped by the operator, or taken back because a rule closed it or the campaign changed."""
    LOOKED_TOO_LONG = "looked_too_long"
    CALL_PRESSED = "call_pressed"
    CALL_OFFERED = "call_offered"
    CALL_CONNECTED = "call_connected"
    CALL_LOST = "call_lost"
    """The called person hung up before the operator heard them, or did not answer the ordered call."""
    CALL_ENDED = "call_ended"
    RESULT_CHOSEN = "result_chosen"
    PAUSE_ASKED = "pause_asked"
    READY_ASKED = "ready_asked"
    DESK_OPENED = "desk_opened"
    """Somebody has signed in at the desk."""
    DESK_LEFT = "desk_left"
    """Signed out, or silent for too long."""
    RESULT_DUE = "result_due"
    """One of their conversations has no result yet: found after a restart, or the phone was gone when it ended."""


_S, _E = OperatorState, OperatorEvent
TABLE: dict[tuple[OperatorState, OperatorEvent], OperatorState] = {
    (_S.OFFLINE, _E.LOGGED_IN): _S.READY,
    (_S.READY, _E.LEAD_OFFERED): _S.PREVIEW,
    (_S.PREVIEW, _E.CALL_PRESSED): _S.RESERVED,
    (_S.PREVIEW, _E.LEAD_GIVEN_BACK): _S.READY,
    (_S.PREVIEW, _E.LOOKED_TOO_LONG): _S.PAUSED,
    (_S.PREVIEW, _E.PAUSE_ASKED): _S.PAUSED,
    (_S.READY, _E.CALL_OFFERED): _S.RESERVED,
    (_S.READY, _E.PAUSE_ASKED): _S.PAUSED,
    (_S.RESERVED, _E.CALL_CONNECTED): _S.TALKING,
    (_S.RESERVED, _E.CALL_LOST): _S.READY,
    (_S.TALKING, _E.CALL_ENDED): _S.WRAP_UP,
    (_S.WRAP_UP, _E.RESULT_CHOSEN): _S.READY,
    (_S.PAUSED, _E.READY_ASKED): _S.READY,
    (_S.READY, _E.DESK_LEFT): _S.ABSENT,
    (_S.PREVIEW, _E.DESK_LEFT): _S.ABSENT,
    (_S.ABSENT, _E.DESK_OPENED): _S.READY,
}
TABLE |= {(state, _E.PHONE_LOST): _S.OFFLINE for state in OperatorState}
TABLE |= {(state, _E.PHONE_LOST): _S.WRAP_UP for state in (_S.TALKING, _S.WRAP_UP)}
TABLE |= {(state, _E.RESULT_DUE): _S.WRAP_UP for state in (_S.OFFLINE, _S.READY, _S.ABSENT, _S.PAUSED)}
"""Any other pair is illegal and changes nothing."""


class IllegalOperatorEventError(InputError):
    """The operator's state does not allow this event; nothing was changed."""


def follow(state: OperatorState, event: OperatorEvent) -> OperatorState:
    """Return the state after ``event``.

    Raises:
        IllegalOperatorEventError: ``TABLE`` has no such pair.
    """
    try:
        return TABLE[state, event]
    except KeyError:
        raise IllegalOperatorEventError(f"{event} is not possible while {state}") from None
