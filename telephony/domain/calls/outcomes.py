"""Outcomes: how an attempt ended, according to the network.

The pbx sees the Q.850 cause to which Asterisk maps the carrier's SIP answer; the gate sees the SIP answer itself
(``tech_cause``), which has precedence where it is known. Sources: Q.850; docs/dialplan.md.
"""

import re
from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """How an attempt ended; every ended attempt has exactly one."""

    ANSWERED = "answered"
    """Answered and connected to an operator."""
    ABANDONED = "abandoned"
    """Answered, and no operator in time: the person heard the information message, or hung up before it."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    WITHDRAWN = "withdrawn"
    """Cancelled by us after it rang as long as the rules require, since no operator would have been free. How it would
    have ended is unknown; it counts as an attempt at the person (docs/adr/0402-withdrawn-dials.md)."""
    MACHINE = "machine"
    """AMD took the answer for a machine and the call was hung up; no operator heard it."""
    FAILED = "failed"
    """The network refused: unallocated number, rejected, or an error after ringing or early media."""
    CARRIER_FAILED = "carrier_failed"
    """The carrier could not carry it and nothing rang: 5xx, no answer to the INVITE, our account refused. The lead is
    tried again, on the next trunk first; it is not an attempt at the person (docs/adr/0401-carrier-faults.md)."""
    REFUSED = "refused"
    """The gate refused the permit; nothing reached the trunk."""
    INTERRUPTED = "interrupted"
    """The controller or the switch was lost before the answer; the lead is tried again."""


GATE_REFUSAL_CAUSE: Final = 29
"""Q.850 29, facility rejected (SIP 501): what the pbx sees when the gate's dialplan refuses a permit.

Measured: only causes with a SIP code of their own cross the link, so 52 would arrive as 21, like a carrier's 603. The
gate passes a carrier's own 29 on as 21.
"""

RECORDING_FAULT_CAUSE: Final = 27
"""Q.850 27 (SIP 502): the gate could not prove the recording; a carrier's own 27 arrives at the pbx as 38."""
TRIED_AGAIN: Final = frozenset({Outcome.INTERRUPTED, Outcome.CARRIER_FAILED})
"""Outcomes after which the lead waits again, because they did not involve the person."""

_BUSY_CAUSES: Final = frozenset({17})
_NO_ANSWER_CAUSES: Final = frozenset({18, 19})
_BUSY_WORDS: Final = ("SIP 486", "SIP 600", "486", "600")
_NO_ANSWER_WORDS: Final = ("SIP 408", "SIP 480", "SIP 487", "408", "480", "487")
_CANCELLED: Final = re.compile(r"(?:SIP )?487\b|$")
"""The carrier's answer to our CANCEL, or nothing: it gave no answer of its own."""
_CARRIER_FAULT: Final = re.compile(r"(?:SIP )?(?:5[0-9]{2}|408|401|402|407)\b")
"""Answers that do not concern the number: server errors, timeouts (also our own 408 when no answer comes at all), and
our account refused or out of credit. 403 and 6xx may concern the number."""


def was_cancelled(cause: int, tech_cause: str) -> bool:
    """Return True if our hangup ended an unanswered call: no answer from the carrier, and the gate had not rung out."""
    return cause not in _NO_ANSWER_CAUSES and _CANCELLED.match(tech_cause) is not None


def unanswered_outcome(cause: int, tech_cause: str, *, reached_trunk: bool, may_have_rung: bool = True) -> Outcome:
    """Return the outcome of an attempt that nobody answered.

    Args:
        cause: Q.850 cause of the customer's leg on the pbx.
        tech_cause: the carrier's SIP answer as the gate saw it, e.g. ``SIP 486 Busy Here``, or "".
        reached_trunk: whether the gate made a trunk leg for it.
        may_have_rung: the carrier rang or sent audio, so it counts as an attempt at the person.
    """
    if not reached_trunk:
        return Outcome.REFUSED if cause == GATE_REFUSAL_CAUSE else Outcome.FAILED
    is_ours = cause == RECORDING_FAULT_CAUSE
    if not may_have_rung and not is_ours and _CARRIER_FAULT.match(tech_cause) is not None:
        return Outcome.CARRIER_FAILED
    if tech_cause.startswith(_BUSY_WORDS) or (not tech_cause and cause in _BUSY_CAUSES):
        return Outcome.BUSY
    if tech_cause.startswith(_NO_ANSWER_WORDS) or cause in _NO_ANSWER_CAUSES:
        return Outcome.NO_ANSWER
    if cause in _BUSY_CAUSES:
        return Outcome.BUSY
    return Outcome.FAILED
