"""The rules a new site begins with: what is open, and what is closed whatever is opened later.

Dated data with its references. A set that was shipped is never edited: a later standard is a constant of its own and
a migration that writes it, so that every database shows which rules held when. A site withdraws or adds its own.

Sources: ARCEP, numbering plan (décision 2018-0881 as amended), emergency numbers included; ITU-T E.164, country codes
and shared codes.
"""

from datetime import UTC, datetime
from typing import Final

from telephony.domain.whitelist import NewRule, RuleEffect, RuleKind

STANDARD: Final = "standard 2026-11"
"""Author of the rules below."""
INSTALLATION: Final = "installation"
"""Who approves them: whoever installs the product takes them over as they are."""
SINCE: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""From when on they describe the plan as it was read in November 2026."""

_PLAN: Final = "ARCEP numbering plan, décision 2018-0881"
_E164: Final = "ITU-T E.164"

_OPEN: Final = (
    ("33", 11, "France, nine digits"),
    ("262", 12, "Réunion and Mayotte"),
    ("508", 9, "Saint-Pierre-et-Miquelon"),
    ("590", 12, "Guadeloupe, Saint-Barthélemy, Saint-Martin"),
    ("594", 12, "Guyane"),
    ("596", 12, "Martinique"),
    ("681", 9, "Wallis-et-Futuna"),
    ("687", 9, "Nouvelle-Calédonie"),
    ("689", 11, "Polynésie française, eight digits"),
)
_CLOSED: Final = (
    ("338", None, f"special rates: all of 08, free ones included; {_PLAN}"),
    ("2628", None, f"special rates overseas; {_PLAN}"),
    ("5908", None, f"special rates overseas; {_PLAN}"),
    ("5948", None, f"special rates overseas; {_PLAN}"),
    ("5968", None, f"special rates overseas; {_PLAN}"),
    ("333", 6, f"short numbers 3BPQ; {_PLAN}"),
    ("3310", 6, f"short numbers 10YT; {_PLAN}"),
    ("33116", 8, f"European numbers 116XYZ; {_PLAN}"),
    ("33118", 8, f"directory enquiries 118XYZ; {_PLAN}"),
    ("800", None, f"international freephone; {_E164}"),
    ("808", None, f"international shared cost; {_E164}"),
    ("870", None, f"satellite (Inmarsat); {_E164}"),
    ("878", None, f"universal personal numbers; {_E164}"),
    ("881", None, f"satellite (global mobile systems); {_E164}"),
    ("882", None, f"international networks, satellite among them; {_E164}"),
    ("883", None, f"international networks, satellite among them; {_E164}"),
    ("888", None, f"shared code, once disaster relief; {_E164}"),
    ("979", None, f"international premium rate; {_E164}"),
)
_EMERGENCY: Final = ("15", "17", "18", "112", "114", "115", "119", "191", "196", "197", "116000", "116117")


def _rule(effect: RuleEffect, kind: RuleKind, digits: str, length: int | None, reason: str) -> NewRule:
    return NewRule(effect, kind, digits, reason, STANDARD, SINCE, length=length)


STANDARD_2026_11: Final = (
    *(_rule(RuleEffect.ALLOW, RuleKind.PREFIX, digits, length, f"{what}; {_PLAN}") for digits, length, what in _OPEN),
    *(_rule(RuleEffect.DENY, RuleKind.PREFIX, digits, length, why) for digits, length, why in _CLOSED),
    *(
        _rule(RuleEffect.DENY, RuleKind.EXACT, "33" + short, None, f"emergency number {short}; {_PLAN}")
        for short in _EMERGENCY
    ),
    _rule(RuleEffect.DENY, RuleKind.EXACT, "112", None, "emergency number 112 as mobile networks have it"),
)
