"""The dialing options of a campaign for a page: one row for each field, with its title from the words files."""

from enum import StrEnum

from telephony.domain.campaigns.dialing_options import OPTIONS, DialingOptions
from telephony.web.i18n.formats import Formats
from telephony.web.views.floor import show_mode

_WITH_MODE = {"power_tenths"}
"""Shown beside the mode it belongs to."""


def option_rows(dialing: DialingOptions, f: Formats) -> list[tuple[str, str]]:
    """Return the title and value of each option, in the order of the fields."""
    shown = {option.name: getattr(dialing, option.name) for option in OPTIONS if option.name not in _WITH_MODE}
    shown["mode"] = show_mode(dialing.mode, dialing.power_tenths, f)
    return [(f.words(f"option.{name}"), _value(value, f)) for name, value in shown.items()]


def _value(value: object, f: Formats) -> str:
    match value:
        case bool():
            return f.words("option_value.yes") if value else f.words("option_value.no")
        case StrEnum():
            return f.words(f"option_value.{value}")
        case int():
            return f.number(value)
        case float():
            return f.percent(value)
        case _:
            return str(value) or "–"
