"""One table of words per language: the sentence of each reason code, and the texts of the pages.

A table is ``<language>.toml`` beside this module; one more file is one more language. ``[language]`` has the patterns
of dates, times and figures (Babel, CLDR), ``[page]`` the texts of the pages (``web/i18n``); every other table has
reason codes. A code with forms ``one`` and ``other`` is counted by its parameter ``n``, as the language counts. A
parameter may name its format: ``{share:percent}``, ``{at:moment}``, ``{day:weekday}``, ``{left:tenths}``,
``{columns:and}``.
"""

import string
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

FOLDER: Final = Path(__file__).parent
LANGUAGES: Final = tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


class Coded(Protocol):
    """A reason: a code and its parameters."""

    @property
    def code(self) -> str:
        """The stable code."""

    @property
    def params(self) -> Mapping[str, Any]:
        """What its sentence is filled with."""


@dataclass(frozen=True, slots=True)
class Table:
    """The words of one language: ``form`` from ``[language]``, ``texts`` by reason code, ``pages`` by key."""

    locale: Locale
    form: Mapping[str, str]
    texts: Mapping[str, str]
    pages: Mapping[str, str]

    def date(self, day: date, form: str = "date") -> str:
        """Return a date as the pattern ``form`` of the language writes it."""
        return format_date(day, self.form[form], locale=self.locale)

    def clock(self, at: datetime) -> str:
        """Return a time of the day, on the clock ``at`` is given on."""
        return format_time(at, self.form["clock"], tzinfo=at.tzinfo, locale=self.locale)

    def moment(self, at: datetime) -> str:
        """Return day, time and the clock they are read on."""
        return self.form["moment"].format(day=self.date(at, "day"), clock=self.clock(at), zone=at.tzinfo)

    def figure(self, value: float, form: str = "figure") -> str:
        """Return a figure; the forms ``percent`` and ``whole_percent`` take a share of 1."""
        return format_decimal(value, self.form[form], locale=self.locale)

    def counted(self, code: str, number: float, texts: Mapping[str, str]) -> str:
        """Return the text of the form in which the language counts ``number``, ``other`` where it has no such form."""
        form = self.locale.plural_form(number)
        return texts[f"{code}.{form}"] if f"{code}.{form}" in texts else texts[f"{code}.other"]


class _Filling(string.Formatter):
    """Puts parameters into a text, each as the language writes its kind."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return one parameter as text; ``format_spec`` names how, "" for the usual way of its kind."""
        table = self._table
        match value:
            case str():
                return value
            case datetime() if format_spec in {"", "moment"}:
                return table.moment(value)
            case datetime() if format_spec == "clock":
                return table.clock(value)
            case date():
                return table.date(value, format_spec or "day")
            case int() | float():
                return table.figure(value, format_spec or "figure")
            case tuple():
                return table.form[format_spec or "comma"].join(_said(item, table) for item in value)
        return _said(value, table)


def say(reason: Coded, language: str) -> str:
    """Return the sentence of a reason; KeyError when the language has none of that code."""
    return _said(reason, table(language))


def english(reason: Coded) -> str:
    """Return the English sentence, as evidence, logs and commands have it."""
    return say(reason, "en")


def reason_json(reason: Coded) -> dict[str, Any]:
    """Return a reason as JSON has it: its stable code, its parameters, and what it says in each language."""
    return {**_plain(reason), **{language: say(reason, language) for language in LANGUAGES}}


def _plain(value: Any) -> Any:
    match value:
        case str() | int() | float():
            return value
        case date():  # a time as well
            return value.isoformat()
        case tuple():
            return [_plain(item) for item in value]
    return {"code": value.code, "params": {name: _plain(param) for name, param in value.params.items()}}


def _said(reason: Coded, table: Table) -> str:
    params = reason.params
    text = table.texts.get(reason.code)
    if text is None:
        text = table.counted(reason.code, params["n"], table.texts)
    return _Filling(table).vformat(text, (), params)


@cache
def table(language: str) -> Table:
    """Return the words of a language."""
    with (FOLDER / f"{language}.toml").open("rb") as file:
        words = tomllib.load(file)
    form, pages = words.pop("language"), words.pop("page")
    return Table(Locale.parse(form["locale"]), form, dict(flat(words)), dict(flat(pages)))


def flat(words: Mapping[str, Any], before: str = "") -> Sequence[tuple[str, str]]:
    """Return the texts of a nested table by dotted code."""
    texts: list[tuple[str, str]] = []
    for name, value in words.items():
        if isinstance(value, dict):
            texts.extend(flat(value, f"{before}{name}."))
        else:
            texts.append((before + name, str(value)))
    return texts
