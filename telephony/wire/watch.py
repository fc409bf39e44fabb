"""Questions of the warden and answers of the controller, as FastAGI headers and variables, proved by a shared key.

The warden runs beside the gate, the controller elsewhere. Between them is the FastAGI port, which a compromised pbx can
use too, and on which anyone could listen when the controller is dead. So each question has a proof that only the warden
can make, and each answer one that only the controller can make, bound to its question. No I/O and no clock here;
``telephony.warden`` asks, the watch service answers.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from telephony.errors import PeerProtocolError

ROUTE: Final = "watch"
FAULTS_AT_ONCE: Final = 60
"""Maximum number of faults in one question; an AGI request has at most 192 lines."""
CUTS_AT_ONCE: Final = 40
"""Maximum number of channels in one answer; an AGI command has at most 2,000 bytes."""
_CHANNEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_RECORDING: Final = re.compile(r"[0-9a-f-]{36}")
_RUN: Final = re.compile(r"[0-9a-f]{8,32}")


class WatchState(StrEnum):
    """State of the gate's recorder as seen by the warden."""

    OK = "ok"
    FULL = "full"
    READ_ONLY = "read_only"
    """No file can be written to the recording disk, for a reason other than lack of space."""
    BLIND = "blind"
    """The gate's console or disk does not answer, so nothing can be watched or hung up."""
    OPEN = "open"
    """The gate's user can reach the pbx's manager port: the lock's network rules are not in force."""


class FaultKind(StrEnum):
    """Why the warden ended a leg."""

    STALLED = "stalled"
    """Its recording did not grow."""
    MISSING = "missing"
    """A recording file is missing."""
    TRUNCATED = "truncated"
    """A recording file was truncated or lost its beginning."""
    CLOSED = "closed"
    """Its recording was stopped during the call."""
    UNRECORDED = "unrecorded"
    """A trunk leg without any recording."""
    DISK = "disk"
    """The disk was full or could not be written."""
    UNSEEN = "unseen"
    """The console's channel list was not plausible: every channel was ended."""
    CONTROLLER_GONE = "controller_gone"
    """The controller did not answer for too long: every channel was ended."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One leg that the warden ended.

    Attributes:
        channel: unique id of the trunk leg at the gate; ``all`` when every channel was ended.
        recording: recording id, or "".
    """

    kind: FaultKind
    channel: str
    recording: str = ""


@dataclass(frozen=True, slots=True)
class WatchQuestion:
    """One heartbeat of the warden.

    Attributes:
        run: random hexadecimal digits, new at every start of the warden.
        number: number of the question in this run.
        at_ms: milliseconds since 1970 by the warden's clock.
        legs: trunk legs it watches now.
        faults: legs it ended and that the controller has not acknowledged yet.
    """

    run: str
    number: int
    at_ms: int
    state: WatchState
    legs: int
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchAnswer:
    """Instruction to the warden: hang up these trunk legs, by unique id."""

    hangups: tuple[str, ...]


def key_of(ami_secret: str) -> str:
    """Derive the warden's key from the gate's manager secret, which only the gate's side and the controller know."""
    return hmac.new(ami_secret.encode(), b"telephony warden 1", hashlib.sha256).hexdigest()


def question_headers(question: WatchQuestion, key: str) -> dict[str, str]:
    """Return the AGI headers of a question, including its proof."""
    values = [question.run, str(question.number), str(question.at_ms), str(question.state), str(question.legs)]
    values += [f"{fault.kind} {fault.channel} {fault.recording}".rstrip() for fault in question.faults[:FAULTS_AT_ONCE]]
    headers = {
        "agi_network": "yes",
        "agi_network_script": ROUTE,
        "agi_channel": "warden",
        "agi_uniqueid": f"warden-{question.run}",
        "agi_extension": "",
    }
    headers |= {f"agi_arg_{place}": value for place, value in enumerate(values, 1)}
    return headers | {"agi_proof": _proof(key, "question", values)}


def read_question(headers: Mapping[str, str], key: str) -> WatchQuestion:
    """Return the question if its proof is valid.

    Raises:
        PeerProtocolError: the proof is not valid, or the question is malformed.
    """
    values: list[str] = []
    while (value := headers.get(f"agi_arg_{len(values) + 1}")) is not None:
        values.append(value)
    if not hmac.compare_digest(headers.get("agi_proof", "").encode(), _proof(key, "question", values).encode()):
        raise PeerProtocolError("a watch question has no valid proof: it does not come from the warden")
    try:
        run, number, at_ms, state, legs, *faults = values
        return WatchQuestion(
            _run(run), int(number), int(at_ms), WatchState(state), int(legs), tuple(_fault(text) for text in faults)
        )
    except ValueError as error:
        raise PeerProtocolError(
            "a watch question is malformed; do warden and controller have the same version?"
        ) from error


def answer_variables(answer: WatchAnswer, question: WatchQuestion, key: str) -> dict[str, str]:
    """Return the variables of an answer; the last one is the proof bound to its question."""
    cut = " ".join(answer.hangups[:CUTS_AT_ONCE])
    return {"CUT": cut, "VERDICT": _proof(key, "answer", [question.run, str(question.number), cut])}


def read_answer(variables: Mapping[str, str], question: WatchQuestion, key: str) -> WatchAnswer:
    """Return the answer if its proof is valid.

    Raises:
        PeerProtocolError: it is not the controller's answer to this question.
    """
    cut = variables.get("CUT", "")
    proof = _proof(key, "answer", [question.run, str(question.number), cut])
    if not hmac.compare_digest(variables.get("VERDICT", "").encode(), proof.encode()):
        raise PeerProtocolError("a watch answer has no valid proof: it does not come from the controller")
    hangups = tuple(cut.split())
    if any(_CHANNEL.fullmatch(channel) is None for channel in hangups):
        raise PeerProtocolError("a watch answer contains something that is not a channel's unique id")
    return WatchAnswer(hangups)


def _run(text: str) -> str:
    if _RUN.fullmatch(text) is None:
        raise ValueError(text)
    return text


def _fault(text: str) -> Fault:
    kind, channel, *recording = text.split(" ")
    if _CHANNEL.fullmatch(channel) is None or any(
        _RECORDING.fullmatch(recording_id) is None for recording_id in recording
    ):
        raise ValueError(text)
    return Fault(FaultKind(kind), channel, *recording)


def _proof(key: str, kind: str, values: Sequence[str]) -> str:
    return hmac.new(key.encode(), "\n".join([kind, *values]).encode(), hashlib.sha256).hexdigest()
