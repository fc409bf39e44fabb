"""The rules a new site begins with: what is open, and what is closed whatever is opened later.

Dated data with its references, computed from ``numbering_plan``. A set that was shipped is never edited: a later
standard is a constant of its own and a migration that writes it, so that every database shows which rules held when.
A site withdraws or adds its own.
"""

from datetime import UTC, datetime
from typing import Final

from telephony.domain.numbers.numbering_plan import PLAN
from telephony.domain.numbers.ranges import Range, Use
from telephony.domain.rules.whitelist import NewRule, RuleEffect, RuleKind

INSTALLATION: Final = "installation"
"""Who approves them: whoever installs the product takes them over as they are."""
SINCE: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""From when on they describe the plan as it was read in November 2026."""


def _rule(row: Range) -> NewRule:
    kind = RuleKind.EXACT if row.use is Use.EMERGENCY else RuleKind.PREFIX
    effect = RuleEffect.ALLOW if row.is_open else RuleEffect.DENY
    reason = f"{row.name}; {row.source}" if row.source else row.name
    return NewRule(effect, kind, row.prefix, reason, f"standard {row.shipped}", SINCE, length=row.length)


def _standard(shipped: str) -> tuple[NewRule, ...]:
    """Return one shipped set: what is open, then what is closed, emergency numbers last."""
    rows = [row for row in PLAN if row.shipped == shipped and row.is_open is not None]
    rows.sort(key=lambda row: (not row.is_open, row.use is Use.EMERGENCY))
    return tuple(_rule(row) for row in rows)


STANDARD_2026_11: Final = _standard("2026-11")
STANDARD_2026_12: Final = _standard("2026-12")
"""Emergency numbers that were refused in lists and stood in no rule of their own."""
STANDARD_RULES: Final = (*STANDARD_2026_11, *STANDARD_2026_12)
"""All that a new site begins with, in the order they were shipped."""
