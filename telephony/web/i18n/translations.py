"""Messages of services in the reader's language: errors, incidents, gaps of a proof, and why a lock is in force.

Services and commands write their messages in English. A page shows none of them to a reader of French, and an option
of the command line to nobody: it looks the message up in ``words/sentences.toml``, fills in its values, and shows a
general sentence where it finds none. Incidents and gaps are translated by their kind and subject.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

import structlog

from telephony.domain.text.reason import ReasonError
from telephony.errors import TelephonyError
from telephony.web.i18n.messages import Words
from telephony.words import say

log = structlog.get_logger(__name__)

FILE: Final = Path(__file__).parents[1] / "words" / "sentences.toml"
_VALUE: Final = re.compile(r"{(\w+)}")
_FAMILIES: Final = {
    "role": "role",
    "roles": "role",
    "state": "campaign.state",
    "states": "campaign.state",
    "result": "result",
}
"""Values of messages that pages have a text for, and where it is."""
_SEAT: Final = re.compile(r"seat ([0-9]+)")


class IncidentText(Protocol):
    """An incident, as the floor or the page of incidents has it."""

    @property
    def kind(self) -> str:
        """The code of what happened."""

    @property
    def subject(self) -> str:
        """What it happened to."""

    @property
    def text(self) -> str:
        """The message of the service that opened it, in English."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    pattern: re.Pattern[str]
    texts: Mapping[str, str]


def why(t: Words, error: TelephonyError) -> str:
    """Return the message of an error for a page; a general sentence where that language has none."""
    if isinstance(error, ReasonError):
        return say(error.why, t.language)
    return plain(t, str(error))


def plain(t: Words, message: str) -> str:
    """Return the message of a service for a page."""
    text = looked_up(t, message)
    if text is not None:
        return text
    if t.language != "fr" or t.says(message):
        return message
    log.warning("sentence_without_french", sentence=message)
    return t("problem.unknown_why")


def looked_up(t: Words, message: str) -> str | None:
    """Return a message in the language of ``t``; None when the file does not have it."""
    for sentence in _sentences():
        match = sentence.pattern.fullmatch(message)
        if match is not None:
            values = {name: _value(t, name, value) for name, value in match.groupdict().items()}
            return sentence.texts.get(t.language, sentence.texts["en"]).format_map(values)
    return None


def incident(t: Words, opened: IncidentText) -> str:
    """Return what happened: the message itself in English, else its translation or the text of its kind."""
    if t.language != "fr":
        return opened.text
    return looked_up(t, opened.text) or _filled("incident", opened.kind, opened.subject)


def gap(t: Words, kind: str, subject: str, text: str) -> str:
    """Return one gap of a proof."""
    return text if t.language != "fr" else _filled("gap", kind, subject)


def gap_label(t: Words, kind: str) -> str:
    """Return the name of a kind of gap."""
    return kind if t.language != "fr" else _texts()["gap"].get(f"label_{kind}", kind)


def has_french(family: str, kind: str) -> bool:
    """Return True if a kind of incident or gap has its own French text; for tests."""
    return kind in _texts()[family]


def _filled(family: str, kind: str, subject: str) -> str:
    texts = _texts()[family]
    values = {"kind": kind, "subject": _SEAT.sub(r"poste \1", subject)}
    return str(texts.get(kind, texts["unknown"]).format_map(values))


def _value(t: Words, name: str, value: str) -> str:
    """Return the page's text of a role, a state or a result; any other value unchanged."""
    family = _FAMILIES.get(name)
    if family is None:
        return value
    return ", ".join(t(f"{family}.{word}") if t.has(f"{family}.{word}") else word for word in value.split(", "))


@cache
def _texts() -> Mapping[str, Any]:
    with FILE.open("rb") as file:
        return tomllib.load(file)


@cache
def _sentences() -> tuple[_Sentence, ...]:
    """Return every sentence, those with fewer values first: the most exact one is taken."""
    sentences = [_Sentence(_pattern(entry["said"]), {"en": entry["said"]} | entry) for entry in _texts()["sentence"]]
    return tuple(sorted(sentences, key=lambda sentence: sentence.pattern.groups))


def _pattern(message: str) -> re.Pattern[str]:
    parts = _VALUE.split(message)
    return re.compile(
        "".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts)), re.DOTALL
    )
