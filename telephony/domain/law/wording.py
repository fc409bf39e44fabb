"""Sentences in both languages, and moments as people read them. Choosing the language is left to pages and commands."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final

_JOURS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence, in French and in English; never with a telephone number."""

    fr: str
    en: str

    def of(self, language: str) -> str:
        """Return the sentence in ``fr`` or ``en``."""
        return self.fr if language == "fr" else self.en


def day(when: date) -> Text:
    """Return a date with its weekday."""
    shown = f"{when:%Y-%m-%d}"
    return Text(f"{_JOURS[when.weekday()]} {shown}", f"{_DAYS[when.weekday()]} {shown}")


def moment(at: datetime, zone: tzinfo) -> Text:
    """Return a moment as the clock of ``zone`` shows it."""
    local = at.astimezone(zone)
    said, clock = day(local.date()), f"{local:%H:%M}"
    return Text(f"{said.fr} à {clock} ({zone})", f"{said.en} at {clock} ({zone})")
