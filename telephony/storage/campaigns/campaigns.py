"""Campaigns and their progress in the database. ``domain.campaigns`` decides which state may follow."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, case, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import (
    MAY_FOLLOW,
    AnsweredCounts,
    Campaign,
    CampaignProgress,
    CampaignState,
    NewCampaign,
    difference,
)
from telephony.domain.campaigns.dialing_options import NO_OPTIONS
from telephony.domain.leads.retries import ONCE, RetryPlan, as_data, plan_of
from telephony.domain.trunks.routes import Route
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import CampaignId
from telephony.storage.campaigns.campaign_rows import CAMPAIGN, campaign_of, dialing_columns
from telephony.storage.engine.database import Database
from telephony.storage.engine.transaction import Transaction
from telephony.storage.tables import TAKEN_OVER, ListState, attempts, campaigns, lists, retry_plans, tallies
from telephony.storage.tables.rows import made, readable
from telephony.storage.tables.types import dump_json

_OWN: Final = ("name", "client_company", "kind", "sector", "wrap_up_s", "created_at")
_ALL: Final = select(*CAMPAIGN).order_by(campaigns.c.campaign_id)
_ONE: Final = select(*CAMPAIGN).where(campaigns.c.campaign_id == bindparam("wanted"))
_NAMED: Final = select(*CAMPAIGN).where(campaigns.c.name == bindparam("wanted"))
_ANSWERED_SINCE: Final = select(
    func.count(),
    func.count(attempts.c.connected_at),
    *(
        func.count(case((attempts.c.outcome == outcome, 1)))
        for outcome in (Outcome.ABANDONED, Outcome.MACHINE, Outcome.WITHDRAWN)
    ),
).where(attempts.c.campaign_id == bindparam("wanted"), attempts.c.started_at >= bindparam("since"))
_LOADED: Final = select(func.coalesce(func.sum(lists.c.accepted), 0)).where(
    lists.c.campaign_id == bindparam("wanted"), lists.c.state == ListState.LOADED
)
_COUNTS: Final = select(tallies.c.kind, tallies.c.word, tallies.c.count).where(
    tallies.c.campaign_id == bindparam("wanted"), tallies.c.count != 0
)

_PLAN_OF: Final = select(retry_plans.c.plan).where(retry_plans.c.campaign_id == bindparam("wanted"))
_new: Final = upsert(retry_plans)
_PLAN: Final = _new.on_conflict_do_update(index_elements=[retry_plans.c.campaign_id], set_={"plan": _new.excluded.plan})


class Campaigns:
    """Implements ``CampaignStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, campaign: NewCampaign, by: str) -> Campaign:
        """Create the campaign in state ready and enter it in the ledger; ConflictError when the name is taken."""

        def work(tx: Transaction) -> Campaign:
            taken = tx.connection.execute(_NAMED, {"wanted": campaign.name}).first()
            if taken is not None:
                raise ConflictError(_taken(campaign.name, taken.state))
            own = {name: getattr(campaign, name) for name in _OWN} | {"state": CampaignState.READY}
            values = own | dialing_columns(campaign.routes, campaign.dialing)
            row = tx.connection.execute(insert(campaigns).returning(*CAMPAIGN), values).one()
            if campaign.plan != ONCE:
                tx.connection.execute(_PLAN, {"campaign_id": row.campaign_id, "plan": as_data(campaign.plan)})
            tx.enter(
                "campaign_added",
                row.campaign_id,
                campaign.created_at,
                {
                    "by": by,
                    "kind": str(campaign.kind),
                    "caller_id": campaign.routes[0].caller_id,
                    "trunk": campaign.routes[0].trunk,
                    "more_routes": dump_json([list(astuple(route)) for route in campaign.routes[1:]]),
                    "options": dump_json(asdict(campaign.dialing)),
                },
            )
            return campaign_of(row)

        return await self._database.write(work)

    async def get(self, campaign_id: CampaignId) -> Campaign:
        """Return the campaign; NotFoundError when there is none."""
        return await self._database.read(lambda connection: find_campaign(connection, campaign_id))

    async def by_name(self, name: str) -> Campaign:
        """Return the campaign; NotFoundError, naming those that exist, when there is none."""

        def work(connection: Connection) -> Campaign:
            row = connection.execute(_NAMED, {"wanted": name}).one_or_none()
            if row is not None:
                return campaign_of(row)
            names = ", ".join(repr(row.name) for row in connection.execute(_ALL)) or "none yet"
            raise NotFoundError(f"there is no campaign named {name!r}; there are: {names}")

        return await self._database.read(work)

    async def all(self) -> Sequence[Campaign]:
        """Return all campaigns, oldest first."""
        return await self._database.read(lambda connection: readable(connection, connection.execute(_ALL), campaign_of))

    async def plan(self, campaign_id: CampaignId) -> RetryPlan:
        """Return the campaign's retry plan; ``ONCE`` when none was set."""

        def work(connection: Connection) -> RetryPlan:
            plan_json = connection.execute(_PLAN_OF, {"wanted": campaign_id}).scalar_one_or_none()
            return ONCE if plan_json is None else made("retry_plans", campaign_id, plan_of, (plan_json,))

        return await self._database.read(work)

    async def set_plan(self, campaign_id: CampaignId, plan: RetryPlan, by: str, at: datetime) -> None:
        """Change the plan from the next ended attempt on, entered in the ledger; NotFoundError without campaign."""

        def work(tx: Transaction) -> None:
            find_campaign(tx.connection, campaign_id)
            tx.connection.execute(_PLAN, {"campaign_id": campaign_id, "plan": as_data(plan)})
            tx.enter("retry_plan_changed", campaign_id, at, {"by": by, "plan": dump_json(as_data(plan))})

        await self._database.write(work)

    async def set_state(self, campaign_id: CampaignId, state: CampaignState, by: str, at: datetime) -> Campaign:
        """Change the state, entered in the ledger; ConflictError when ``MAY_FOLLOW`` does not allow it."""

        def work(tx: Transaction) -> Campaign:
            now = find_campaign(tx.connection, campaign_id)
            if state not in MAY_FOLLOW[now.state]:
                allowed = ", ".join(sorted(MAY_FOLLOW[now.state])) or "nothing: it has ended"
                raise ConflictError(f"campaign {campaign_id} is {now.state}; what may follow is {allowed}")
            _set(tx.connection, campaign_id, {"state": state})
            tx.enter("campaign_moved", campaign_id, at, {"by": by, "from": str(now.state), "to": str(state)})
            return replace(now, state=state)

        return await self._database.write(work)

    async def change(
        self,
        campaign_id: CampaignId,
        by: str,
        at: datetime,
        options: Mapping[str, object] = NO_OPTIONS,
        routes: Sequence[Route] = (),
    ) -> Campaign:
        """Change options, by key, and routes. Values not given stay; differences are entered in the ledger.

        InputError when an option is unknown, may not be changed, or contradicts the campaign's other options.
        """

        def work(tx: Transaction) -> Campaign:
            before = find_campaign(tx.connection, campaign_id)
            after = before.having(options, routes)
            if differs := difference(before, after):
                _set(tx.connection, campaign_id, dialing_columns(after.routes, after.dialing))
                tx.enter("campaign_changed", campaign_id, at, {"by": by, **differs})
            return after

        return await self._database.write(work)

    async def answered_since(self, campaign_id: CampaignId, since: datetime) -> AnsweredCounts:
        """Count the attempts begun since a time: all, connected, abandoned, ended by AMD, cancelled."""

        def work(connection: Connection) -> AnsweredCounts:
            row = connection.execute(_ANSWERED_SINCE, {"wanted": campaign_id, "since": since}).one()
            return AnsweredCounts(*(int(value or 0) for value in row))

        return await self._database.read(work)

    async def progress(self, campaign_id: CampaignId) -> CampaignProgress:
        """Return counts of leads, outcomes and results; running counts, so the cost does not depend on list size."""

        def work(connection: Connection) -> CampaignProgress:
            params = {"wanted": campaign_id}
            counts: dict[str, dict[str, int]] = {"lead": {}, "outcome": {}, "result": {}}
            for kind, word, count in connection.execute(_COUNTS, params):
                counts[kind][word] = count
            loaded = connection.execute(_LOADED, params).scalar_one()
            if not loaded:
                find_campaign(connection, campaign_id)
            loaded -= counts["lead"].get(TAKEN_OVER, 0)
            in_progress = counts["lead"].get("claimed", 0)
            done = counts["lead"].get("done", 0) + counts["lead"].get("refused", 0)
            return CampaignProgress(
                leads=loaded,
                waiting=loaded - in_progress - done,
                in_progress=in_progress,
                done=done,
                outcomes=counts["outcome"],
                results=counts["result"],
            )

        return await self._database.read(work)


def _taken(name: str, state: CampaignState) -> str:
    """Return the message for a taken name. Stopped campaigns keep theirs: recordings and the ledger refer to it."""
    if state is not CampaignState.STOPPED:
        return f"there is a campaign named {name!r} already; choose another name"
    return (
        f"campaign {name!r} is stopped, and its recordings and proof keep that name; choose another name,"
        f" such as '{name} 2'"
    )


def find_campaign(connection: Connection, campaign_id: CampaignId) -> Campaign:
    """Return the campaign; NotFoundError when there is none."""
    row = connection.execute(_ONE, {"wanted": campaign_id}).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no campaign {campaign_id}; `telephony campaign list` shows those there are")
    return campaign_of(row)


def _set(connection: Connection, campaign_id: CampaignId, values: Mapping[str, object]) -> None:
    connection.execute(update(campaigns).where(campaigns.c.campaign_id == campaign_id).values(values))
