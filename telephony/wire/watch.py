"""What the warden asks and the controller answers, as FastAGI headers and variables, each proved by a shared key.

The warden sits beside the gate, the controller elsewhere; between them is the FastAGI port, where a stolen pbx may
ask too, and which anyone might listen on when the controller is dead. So a question carries a proof that only the
warden can make, an answer one that only the controller can make, bound to its question. No I/O and no clock here;
asking is left to ``telephony.warden``, answering to the watch service.
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
"""Faults in one question; an AGI request has at most 192 lines."""
CUTS_AT_ONCE: Final = 40
"""Channels in one answer; an AGI command has at most 2,000 bytes."""
_CHANNEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_RECORDING: Final = re.compile(r"[0-9a-f-]{36}")
_RUN: Final = re.compile(r"[0-9a-f]{8,32}")


class WatchState(StrEnum):
    """How the gate's recorder looks to the warden."""

    OK = "ok"
    FULL = "full"
    READ_ONLY = "read_only"
    """The disk of the recordings takes no file, for whatever reason but want of room."""
    BLIND = "blind"
    """The gate's console or disk does not answer, so nothing can be seen or cut."""
    OPEN = "open"
    """The gate's user reaches the pbx's manager port: the lock's network rules are not in force."""


class FaultKind(StrEnum):
    """Why the warden ended a leg."""

    STALLED = "stalled"
    """Its recording stood still."""
    MISSING = "missing"
    """A recording file is not where it was."""
    TRUNCATED = "truncated"
    """A recording file became shorter, or lost its beginning."""
    CLOSED = "closed"
    """Its recording was stopped while it was up."""
    UNRECORDED = "unrecorded"
    """A trunk leg without any recording."""
    DISK = "disk"
    """The disk was full or refused to be written."""
    UNSEEN = "unseen"
    """The console's list of channels could not be believed: every channel was ended."""
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
    """One beat of the warden.

    Attributes:
        run: random hexadecimal digits, new at every start of the warden.
        number: counts the questions of this run.
        at_ms: milliseconds since 1970 by the warden's clock.
        legs: trunk legs it watches now.
        faults: legs it ended and has not been heard about yet.
    """

    run: str
    number: int
    at_ms: int
    state: WatchState
    legs: int
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchAnswer:
    """What the warden is to do: end these trunk legs, by unique id."""

    hangups: tuple[str, ...]


def key_of(ami_secret: str) -> str:
    """Derive the warden's key from the gate's manager secret, which the gate's side and the controller alone know."""
    return hmac.new(ami_secret.encode(), b"telephony warden 1", hashlib.sha256).hexdigest()


def question_headers(question: WatchQuestion, key: str) -> dict[str, str]:
    """Return the AGI headers of a question, its proof among them."""
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
    """Return the question, once its proof holds.

    Raises:
        PeerProtocolError: the proof does not hold, or the question is not well formed.
    """
    values: list[str] = []
    while (value := headers.get(f"agi_arg_{len(values) + 1}")) is not None:
        values.append(value)
    if not hmac.compare_digest(headers.get("agi_proof", "").encode(), _proof(key, "question", values).encode()):
        raise PeerProtocolError("a question of the watch is not proved: it does not come from the warden")
    try:
        run, number, at_ms, state, legs, *faults = values
        return WatchQuestion(
            _run(run), int(number), int(at_ms), WatchState(state), int(legs), tuple(_fault(text) for text in faults)
        )
    except ValueError as error:
        raise PeerProtocolError("a question of the watch is not well formed; are both of the same version?") from error


def answer_variables(answer: WatchAnswer, question: WatchQuestion, key: str) -> dict[str, str]:
    """Return the variables of an answer; the last one binds it to its question."""
    cut = " ".join(answer.hangups[:CUTS_AT_ONCE])
    return {"CUT": cut, "VERDICT": _proof(key, "answer", [question.run, str(question.number), cut])}


def read_answer(variables: Mapping[str, str], question: WatchQuestion, key: str) -> WatchAnswer:
    """Return the answer, once its proof holds.

    Raises:
        PeerProtocolError: it is no answer to this question by the controller.
    """
    cut = variables.get("CUT", "")
    proof = _proof(key, "answer", [question.run, str(question.number), cut])
    if not hmac.compare_digest(variables.get("VERDICT", "").encode(), proof.encode()):
        raise PeerProtocolError("an answer to the watch is not proved: it does not come from the controller")
    hangups = tuple(cut.split())
    if any(_CHANNEL.fullmatch(channel) is None for channel in hangups):
        raise PeerProtocolError("an answer to the watch names what is no channel's unique id")
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
