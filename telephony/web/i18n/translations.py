"""Sentences of services in the reader's language: errors, incidents, gaps of a proof, and why a lock holds.

Services and commands say what is wrong in English. A page never shows that to somebody who reads French, nor an option
of the command line to anybody: it looks the sentence up in ``words/sentences.toml``, the values in it put in anew, and
says something general rather than something foreign. Incidents and gaps are said by their kind and subject.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

import structlog

from telephony.domain.text.reason import ReasonError
from telephony.errors import TelephonyError
from telephony.web.i18n.messages import FOLDER, Words
from telephony.words import say

log = structlog.get_logger(__name__)

FILE: Final = FOLDER / "sentences.toml"
_VALUE: Final = re.compile(r"{(\w+)}")
_FAMILIES: Final = {
    "role": "role",
    "roles": "role",
    "state": "campaign.state",
    "states": "campaign.state",
    "result": "result",
}
"""Values of sentences that are words of ours, and where a page has them."""
_SEAT: Final = re.compile(r"seat ([0-9]+)")


class Found(Protocol):
    """Something that must not be: an incident, as the floor or its own page has it."""

    @property
    def kind(self) -> str:
        """What happened, in one word."""

    @property
    def subject(self) -> str:
        """To what."""

    @property
    def text(self) -> str:
        """The sentence of whoever found it, in English."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    pattern: re.Pattern[str]
    texts: Mapping[str, str]


def why(t: Words, error: TelephonyError) -> str:
    """Return an error's sentence as a page says it; something general where there is none in that language."""
    if isinstance(error, ReasonError):
        return say(error.why, t.language)
    return plain(t, str(error))


def plain(t: Words, sentence: str) -> str:
    """Return a service's sentence as a page says it."""
    found = looked_up(t, sentence)
    if found is not None:
        return found
    if t.language != "fr" or t.says(sentence):
        return sentence
    log.warning("sentence_without_french", sentence=sentence)
    return t("problem.unknown_why")


def looked_up(t: Words, sentence: str) -> str | None:
    """Return a sentence the file knows, in the language of ``t``; None when it knows none such."""
    for known in _sentences():
        match = known.pattern.fullmatch(sentence)
        if match is not None:
            values = {name: _value(t, name, value) for name, value in match.groupdict().items()}
            return known.texts.get(t.language, known.texts["en"]).format_map(values)
    return None


def incident(t: Words, found: Found) -> str:
    """Return what happened: the sentence itself for who reads English, else by its words or its kind."""
    return (
        found.text if t.language != "fr" else looked_up(t, found.text) or _filled("incident", found.kind, found.subject)
    )


def gap(t: Words, kind: str, subject: str, text: str) -> str:
    """Return one gap of a proof."""
    return text if t.language != "fr" else _filled("gap", kind, subject)


def gap_label(t: Words, kind: str) -> str:
    """Return the name of a kind of gap."""
    return kind if t.language != "fr" else _texts()["gap"].get(f"label_{kind}", kind)


def has_french(family: str, kind: str) -> bool:
    """Tell whether a kind of incident or gap has a sentence of its own; a test asks."""
    return kind in _texts()[family]


def _filled(family: str, kind: str, subject: str) -> str:
    texts = _texts()[family]
    values = {"kind": kind, "subject": _SEAT.sub(r"poste \1", subject)}
    return str(texts.get(kind, texts["unknown"]).format_map(values))


def _value(t: Words, name: str, value: str) -> str:
    """Return a value that is itself a word of ours as the page says it; any other as it is."""
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
    """Return every sentence, those with fewer values first: the closest one answers."""
    found = [
        _Sentence(_pattern(one["said"]), {"fr": one["fr"], "en": one.get("en", one["said"])})
        for one in _texts()["sentence"]
    ]
    return tuple(sorted(found, key=lambda one: one.pattern.groups))


def _pattern(said: str) -> re.Pattern[str]:
    parts = _VALUE.split(said)
    return re.compile(
        "".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts)), re.DOTALL
    )
