"""The rules of a new site: what is open, and what stays closed whatever is opened later.

Dated data with its references, computed from ``numbering_plan``. A shipped set is never edited: a later standard is
a separate constant and a migration that writes it, so that every database shows which rules were in force when. A site
revokes these rules or adds its own.
"""

from datetime import UTC, datetime
from typing import Final

from telephony.domain.numbers.numbering_plan import PLAN
from telephony.domain.numbers.ranges import Range, Use
from telephony.domain.rules.whitelist import NewRule, RuleEffect, RuleKind

INSTALLATION: Final = "installation"
"""Who approves them: the person who installs the product accepts them as they are."""
SINCE: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Start of validity; the plan was read in November 2026."""


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
"""Emergency numbers that were already refused in lists, but had no rule of their own."""
STANDARD_RULES: Final = (*STANDARD_2026_11, *STANDARD_2026_12)
"""All rules of a new site, in the order they were shipped."""
