"""Outcomes: what became of an attempt, read from what the network said.

The pbx sees Asterisk's mapping of the carrier's SIP answer to a Q.850 cause; the gate sees the SIP answer itself
(``tech_cause``), which wins where it is known. Sources: Q.850; shared facts in docs/dialplan.md.
"""

import re
from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """How an attempt ended; every ended attempt has exactly one."""

    ANSWERED = "answered"
    """Answered and connected to an operator."""
    ABANDONED = "abandoned"
    """Answered, and no operator within the bound: heard the information message, or hung up before it."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    WITHDRAWN = "withdrawn"
    """Rang as long as the rules ask, and was hung up before anybody answered: no operator would have been free. What it
    would have become is not known; it is an attempt at the person all the same (docs/adr/0402-withdrawn-dials.md)."""
    MACHINE = "machine"
    """Answered by a machine, which was hung up on; no operator heard it."""
    FAILED = "failed"
    """The network refused: unallocated number, rejected, an error after it rang or spoke."""
    CARRIER_FAILED = "carrier_failed"
    """The carrier could not carry it and nothing rang: 5xx, no answer to the INVITE, our account refused. The lead is
    tried again, on the next trunk first; it is no attempt at the person (docs/adr/0401-carrier-faults.md)."""
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
"""Outcomes after which the lead waits again: the person had no part in them."""

_BUSY_CAUSES: Final = frozenset({17})
_NO_ANSWER_CAUSES: Final = frozenset({18, 19})
_BUSY_WORDS: Final = ("SIP 486", "SIP 600", "486", "600")
_NO_ANSWER_WORDS: Final = ("SIP 408", "SIP 480", "SIP 487", "408", "480", "487")
_CANCELLED: Final = re.compile(r"(?:SIP )?487\b|$")
"""What the carrier says to our CANCEL, or nothing: it gave no answer of its own."""
_CARRIER_FAULT: Final = re.compile(r"(?:SIP )?(?:5[0-9]{2}|408|401|402|407)\b")
"""Answers that say nothing about the number: server errors, time-outs (408 is also ours when no answer comes at all),
and our account refused or out of credit. 403 and 6xx may be meant for the number."""


def was_cancelled(cause: int, tech_cause: str) -> bool:
    """Tell whether an unanswered call ended by our hang-up: the carrier gave no answer, the gate had not rung out."""
    return cause not in _NO_ANSWER_CAUSES and _CANCELLED.match(tech_cause) is not None


def unanswered_outcome(cause: int, tech_cause: str, *, reached_trunk: bool, may_have_rung: bool = True) -> Outcome:
    """Classify an attempt that nobody answered.

    Args:
        cause: Q.850 cause of the customer's leg on the pbx.
        tech_cause: the carrier's SIP answer as the gate saw it, e.g. ``SIP 486 Busy Here``, or "".
        reached_trunk: whether the gate made a trunk leg for it.
        may_have_rung: the carrier rang or sent audio: whatever followed, it was an attempt at the person.
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
