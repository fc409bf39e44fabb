"""Previews in the database: which lead is presented to which operator. Services decide and dial."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, or_, select, update
from typing_extensions import override

from telephony.domain.calls.attempts import AttemptStart
from telephony.domain.leads.leads import Lead, LeadState
from telephony.domain.leads.preview import Preview, PreviewEnding, SkipReason
from telephony.ids import OperatorId, PreviewId
from telephony.ports.leads.previews import PreviewStore
from telephony.storage.engine.capability import Capability, read, write
from telephony.storage.engine.transaction import Body, Transaction
from telephony.storage.leads.lead_rows import POSTPONE
from telephony.storage.tables import leads, previews
from telephony.storage.tables.rows import made, readable

_COLUMNS: Final = tuple(previews.c[field.name] for field in fields(Preview))
_IS_OPEN: Final = previews.c.ended_at.is_(None)
_OPEN: Final = select(*_COLUMNS).where(_IS_OPEN).order_by(previews.c.preview_id)
_SKIPPED: Final = (
    select(*_COLUMNS)
    .where(previews.c.ended_at >= bindparam("since"), previews.c.ending == PreviewEnding.SKIPPED)
    .order_by(previews.c.ended_at, previews.c.preview_id)
)
_WAITS: Final = select(leads.c.lead_id).where(
    leads.c.lead_id == bindparam("lead"),
    leads.c.number == bindparam("number"),
    leads.c.state == LeadState.WAITING,
    or_(leads.c.not_before.is_(None), leads.c.not_before <= bindparam("at")),
)
_TAKEN: Final = (
    select(previews.c.preview_id)
    .where(
        or_(
            _IS_OPEN & (previews.c.lead_id == bindparam("lead")),
            _IS_OPEN & (previews.c.operator_id == bindparam("operator")),
            (previews.c.lead_id == bindparam("lead"))
            & (previews.c.operator_id == bindparam("operator"))
            & (previews.c.reason == SkipReason.KNOWN_PERSON),
        )
    )
    .limit(1)
)
_OFFER: Final = insert(previews).returning(*_COLUMNS)
_END: Final = (
    update(previews)
    .where(previews.c.preview_id == bindparam("wanted"), _IS_OPEN)
    .values(ended_at=bindparam("at"), ending=bindparam("how"), reason=bindparam("why"))
    .returning(*_COLUMNS)
)
_IS_OPEN_FOR: Final = select(previews.c.preview_id).where(
    _IS_OPEN,
    previews.c.preview_id == bindparam("wanted"),
    previews.c.lead_id == bindparam("lead"),
    previews.c.operator_id == bindparam("operator"),
)


class Previews(Capability, PreviewStore):
    """Implements ``PreviewStore``."""

    @override
    @write
    def offer(self, tx: Transaction, lead: Lead, operator_id: OperatorId, at: datetime) -> Preview | None:
        params = {"lead": lead.lead_id, "operator": operator_id}
        if tx.connection.execute(_WAITS, {"lead": lead.lead_id, "number": lead.number, "at": at}).first() is None:
            return None
        if tx.connection.execute(_TAKEN, params).first() is not None:
            return None
        values = {"campaign_id": lead.campaign_id, "lead_id": lead.lead_id, "operator_id": operator_id}
        offered = _preview(tx.connection.execute(_OFFER, values | {"offered_at": at}).one())
        body: Body = {"campaign": lead.campaign_id, "lead": lead.lead_id, "operator": operator_id}
        tx.enter("lead_offered", offered.preview_id, at, body)
        return offered

    @override
    @write
    def end(
        self,
        tx: Transaction,
        preview_id: PreviewId,
        ending: PreviewEnding,
        at: datetime,
        reason: str = "",
        not_before: datetime | None = None,
    ) -> bool:
        ended = _end(tx, preview_id, ending, at, reason)
        if ended is not None and not_before is not None:
            row = {"b_lead_id": ended.lead_id, "b_not_before": not_before, "b_reason": str(ending)}
            tx.connection.execute(POSTPONE, row)
        return ended is not None

    @override
    @read
    def open(self, connection: Connection) -> Sequence[Preview]:
        return _all_open(connection)

    @override
    @read
    def skipped(self, connection: Connection, since: datetime) -> Sequence[Preview]:
        return readable(connection, connection.execute(_SKIPPED, {"since": since}), _preview)


def _all_open(connection: Connection) -> Sequence[Preview]:
    return readable(connection, connection.execute(_OPEN), _preview)


def _preview(row: Sequence[Any]) -> Preview:
    return made("previews", row[0], Preview, row)


def is_open_for(tx: Transaction, start: AttemptStart) -> bool:
    """Return True if the offer behind a guaranteed attempt is still open for its operator."""
    params = {"wanted": start.preview_id, "lead": start.permit.lead_id, "operator": start.guaranteed_to}
    return tx.connection.execute(_IS_OPEN_FOR, params).first() is not None


def end_as_called(tx: Transaction, start: AttemptStart) -> None:
    """End the offer behind an attempt, with the ending called."""
    if start.preview_id is not None:
        _end(tx, start.preview_id, PreviewEnding.CALLED, start.started_at, "")


def _end(tx: Transaction, preview_id: PreviewId, ending: PreviewEnding, at: datetime, reason: str) -> Preview | None:
    row = tx.connection.execute(_END, {"wanted": preview_id, "at": at, "how": ending, "why": reason}).one_or_none()
    if row is None:
        return None
    ended = _preview(row)
    body: Body = {"ending": str(ending), "reason": reason, "lead": ended.lead_id, "operator": ended.operator_id}
    tx.enter("lead_offer_ended", preview_id, at, body)
    return ended
