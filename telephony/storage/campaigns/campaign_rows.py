"""Convert rows of the table ``campaigns`` to campaigns and back. The column order is the constructor's order."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.campaigns.dialing_options import OPTIONS, DialingOptions
from telephony.domain.trunks.routes import Route
from telephony.storage.tables import campaigns
from telephony.storage.tables.rows import made

_c: Final = campaigns.c
CAMPAIGN: Final = (
    *(_c.campaign_id, _c.name, _c.client_company, _c.kind, _c.state, _c.wrap_up_s, _c.created_at, _c.sector),
    *(_c.trunk, _c.caller_id, _c.trunk_share, _c.more_routes),
    *(_c[option.name] for option in OPTIONS),
)
"""The columns ``campaign_of`` takes; each dialing option has the column of its name."""


def campaign_of(row: Sequence[Any]) -> Campaign:
    """Return the campaign in a row of ``CAMPAIGN``; UnreadableRowError when the row is not valid."""
    return made("campaigns", row[0], _campaign, row)


def _campaign(  # the first columns, one by one; the others are the options
    campaign_id: Any, name: Any, company: Any, kind: Any, state: Any, wrap_up_s: Any, created_at: Any, sector: Any,
    trunk: str, caller_id: str, share: int, more_routes: Sequence[Route], *options: Any,
) -> Campaign:  # fmt: skip
    routes, dialing = (Route(trunk, caller_id, share), *more_routes), DialingOptions(*options)
    return Campaign(campaign_id, name, company, kind, state, routes, dialing, wrap_up_s, created_at, sector)


def dialing_columns(routes: Sequence[Route], dialing: DialingOptions) -> dict[str, object]:
    """Return the columns of routes and options: the first route in three columns, the others in one."""
    first, *more = routes
    ways = {"trunk": first.trunk, "caller_id": first.caller_id, "trunk_share": first.share, "more_routes": more}
    return ways | asdict(dialing)
