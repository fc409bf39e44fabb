"""Data for choosing who is called first: buckets of waiting leads, their sizes, and the results of attempts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Integer, and_, bindparam, exists, func, or_, select, text
from typing_extensions import override

from telephony.domain.calls.attempts import CallState
from telephony.domain.lead_order.buckets import AttemptSample, LeadGroup
from telephony.domain.leads.leads import HIGHEST, IsOpen, Lead
from telephony.domain.leads.waiting_causes import WaitingGroup
from telephony.ids import AttemptId, CampaignId, ListId
from telephony.ports.leads.lead_order import ChoiceStore
from telephony.storage.engine.capability import Capability, read
from telephony.storage.leads.due_leads import LISTS_CALLED, clocks_of
from telephony.storage.leads.held_leads import held_back
from telephony.storage.leads.lead_rows import LEAD, lead_of
from telephony.storage.tables import attempts, leads
from telephony.storage.tables.rows import made, readable

# Literally as in the index; otherwise SQLite does not use the partial index.
_WAITS: Final = text("leads.state = 'waiting'")
_ON_CLOCK: Final = (leads.c.list_id == bindparam("wanted"), _WAITS, leads.c.clock == bindparam("clock"))
_OF_LEVEL: Final = (*_ON_CLOCK, leads.c.priority == bindparam("level"))
_NEXT_LEVEL: Final = (
    select(leads.c.priority)
    .where(*_ON_CLOCK, leads.c.priority < bindparam("level"))
    .order_by(leads.c.priority.desc())
    .limit(1)
)
_FIRST: Final = select(func.min(leads.c.bucket).label("bucket")).where(*_OF_LEVEL).cte("present", recursive=True)
# One index step for each bucket, however many leads it contains.
_PRESENT: Final = _FIRST.union_all(
    select(
        select(func.min(leads.c.bucket)).where(*_OF_LEVEL, leads.c.bucket > _FIRST.c.bucket).scalar_subquery()
    ).where(_FIRST.c.bucket.is_not(None))
)
_IN_IT: Final = (*_OF_LEVEL, leads.c.bucket == _PRESENT.c.bucket)
_DUE: Final = select(_PRESENT.c.bucket).where(
    _PRESENT.c.bucket.is_not(None),
    or_(
        exists(select(leads.c.lead_id).where(*_IN_IT, leads.c.not_before.is_(None))),
        exists(select(leads.c.lead_id).where(*_IN_IT, leads.c.not_before <= bindparam("at"))),
    ),
)
_OF_SHELF: Final = (
    select(*LEAD)
    .where(*_OF_LEVEL, leads.c.bucket == bindparam("bucket"))
    .order_by(leads.c.not_before, leads.c.row)
    .limit(bindparam("most", type_=Integer))
)
_AGAIN: Final = _OF_SHELF.where(leads.c.not_before <= bindparam("at"))
_FRESH: Final = _OF_SHELF.where(leads.c.not_before.is_(None))
# Also grouped by zone and priority, the order of the index: only the index is scanned, no lead is read.
_CENSUS: Final = (
    select(leads.c.bucket, func.count())
    .where(leads.c.list_id == bindparam("wanted"), _WAITS)
    .group_by(leads.c.clock, leads.c.priority, leads.c.bucket)
)
_ENDED: Final = (
    select(
        attempts.c.attempt_id,
        attempts.c.list_id,
        leads.c.clock,
        attempts.c.bucket,
        attempts.c.outcome,
        attempts.c.result,
        attempts.c.started_at,
        attempts.c.ended_at,
    )
    .join(leads, leads.c.lead_id == attempts.c.lead_id)
    .where(
        attempts.c.campaign_id == bindparam("campaign"),
        attempts.c.ended_at < bindparam("until"),
        attempts.c.state == CallState.ENDED,
    )
    .order_by(attempts.c.ended_at, attempts.c.attempt_id)
    .limit(bindparam("most", type_=Integer))
)
_AFTER: Final = _ENDED.where(
    attempts.c.ended_at >= bindparam("end"),
    or_(
        attempts.c.ended_at > bindparam("end"),
        and_(attempts.c.ended_at == bindparam("end"), attempts.c.attempt_id > bindparam("last")),
    ),
)


class LeadChoice(Capability, ChoiceStore):
    """Implements ``ChoiceStore``."""

    @override
    @read
    def offered(
        self, connection: Connection, campaign_id: CampaignId, at: datetime, is_open: IsOpen
    ) -> Sequence[LeadGroup]:
        return [
            group
            for list_id in _called(connection, campaign_id)
            for clock in clocks_of(connection, list_id)
            if is_open(clock)
            for group in _due(connection, list_id, clock, at)
        ]

    @override
    @read
    def picked(self, connection: Connection, shelves: Sequence[LeadGroup], limit: int, at: datetime) -> Sequence[Lead]:
        return [lead for group in shelves for lead in _leads_of(connection, group, limit, at)]

    @override
    @read
    def count_by_group(self, connection: Connection, campaign_id: CampaignId) -> Mapping[tuple[ListId, str], int]:
        counts: Counter[tuple[ListId, str]] = Counter()
        for list_id in _called(connection, campaign_id):
            for bucket, count in connection.execute(_CENSUS, {"wanted": list_id}):
                counts[list_id, bucket] += count
        return counts

    @override
    @read
    def held_back(
        self, connection: Connection, campaign_id: CampaignId, at: datetime, most: int
    ) -> Sequence[WaitingGroup]:
        return held_back(connection, campaign_id, at, most)

    @override
    @read
    def told(
        self,
        connection: Connection,
        campaign_id: CampaignId,
        after: tuple[datetime, AttemptId] | None,
        until: datetime,
        limit: int,
    ) -> Sequence[AttemptSample]:
        params: dict[str, object] = {"campaign": campaign_id, "until": until, "most": limit}
        if after is not None:
            params |= {"end": after[0], "last": after[1]}
        query = _ENDED if after is None else _AFTER
        return readable(connection, connection.execute(query, params), _sample_of)


def _called(connection: Connection, campaign_id: CampaignId) -> list[ListId]:
    return [row.list_id for row in connection.execute(LISTS_CALLED, {"campaign": campaign_id})]


def _due(connection: Connection, list_id: ListId, clock: str, at: datetime) -> list[LeadGroup]:
    """Return the groups of the highest priority that has a due lead."""
    level: int | None = HIGHEST + 1
    while True:
        params = {"wanted": list_id, "clock": clock, "level": level}
        level = connection.execute(_NEXT_LEVEL, params).scalar_one_or_none()
        if level is None:
            return []
        buckets = connection.execute(_DUE, params | {"level": level, "at": at}).scalars().all()
        if buckets:
            return [LeadGroup(list_id, clock, level, bucket) for bucket in buckets]


def _leads_of(connection: Connection, group: LeadGroup, limit: int, at: datetime) -> list[Lead]:
    list_id, clock, level, bucket = group
    chosen: list[Lead] = []
    for statement in (_AGAIN, _FRESH):
        params = {"wanted": list_id, "clock": clock, "level": level, "bucket": bucket, "at": at}
        rows = connection.execute(statement, params | {"most": limit - len(chosen)}) if len(chosen) < limit else ()
        chosen += readable(connection, rows, lead_of)
    return chosen


def _sample_of(row: Any) -> AttemptSample:
    return made("attempts", row.attempt_id, AttemptSample, row)
