"""DTMF allowances in the database. The transaction checks the second person again; each step is in the ledger."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from typing_extensions import override

from telephony.domain.rules.whitelist import is_same_person
from telephony.domain.security.dtmf import DtmfAllowance, NewDtmfAllowance
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import CampaignId
from telephony.ports.security.dtmf import DtmfStore
from telephony.storage.engine.capability import Capability, read, write
from telephony.storage.engine.transaction import Body, Transaction
from telephony.storage.tables import key_allowances
from telephony.storage.tables.rows import made, readable

EXPIRED: Final = "its time was over when new ones were asked for"
"""Reason stored for an allowance that was revoked because it had expired."""
_STANDING: Final = (
    select(key_allowances).where(key_allowances.c.withdrawn_at.is_(None)).order_by(key_allowances.c.allowance_id)
)
_OF: Final = _STANDING.where(key_allowances.c.campaign_id == bindparam("campaign"))
_ONE: Final = select(key_allowances).where(key_allowances.c.allowance_id == bindparam("wanted"))


class Keys(Capability, DtmfStore):
    """Implements ``DtmfStore``."""

    @override
    @write
    def ask(self, tx: Transaction, request: NewDtmfAllowance, at: datetime) -> DtmfAllowance:
        _close_expired(tx, request, at)
        if tx.connection.execute(_OF, {"campaign": request.campaign_id}).first() is not None:
            raise ConflictError(
                f"campaign {request.campaign_id} has a DTMF allowance: revoke it with telephony campaign dtmf deny"
            )
        added = insert(key_allowances).returning(key_allowances.c.allowance_id)
        allowance_id = tx.connection.execute(added, asdict(request) | {"added_at": at}).scalar_one()
        until = request.valid_until.isoformat() if request.valid_until else None
        body: Body = {"by": request.author, "reason": request.reason, "most": request.most, "until": until}
        tx.enter("keys_asked_for", f"campaign {request.campaign_id}", at, body)
        return _find(tx.connection, allowance_id)

    @override
    @write
    def approve(self, tx: Transaction, campaign_id: CampaignId, by: str, at: datetime) -> DtmfAllowance:
        allowance = _standing(tx.connection, campaign_id)
        if allowance.approved_by:
            raise ConflictError(
                f"the DTMF allowance of campaign {campaign_id} was approved by {allowance.approved_by} already"
            )
        if is_same_person(allowance.request.author, by):
            raise ConflictError(f"{by} asked for this allowance: a second person approves it")
        body: Body = {
            "by": by,
            "author": allowance.request.author,
            "reason": allowance.request.reason,
            "most": allowance.request.most,
        }
        tx.enter("keys_allowed", f"campaign {campaign_id}", at, body)
        return _move(tx, allowance, approved_by=by, approved_at=at)

    @override
    @write
    def deny(self, tx: Transaction, campaign_id: CampaignId, by: str, reason: str, at: datetime) -> DtmfAllowance:
        allowance = _standing(tx.connection, campaign_id)
        tx.enter("keys_denied", f"campaign {campaign_id}", at, {"by": by, "reason": reason})
        return _move(tx, allowance, withdrawn_by=by, withdrawn_at=at, withdrawal_reason=reason)

    @override
    @read
    def standing(self, connection: Connection) -> Sequence[DtmfAllowance]:
        return readable(connection, connection.execute(_STANDING), _allowance)


def _close_expired(tx: Transaction, request: NewDtmfAllowance, at: datetime) -> None:
    """Revoke an expired allowance, so that it does not block a new one."""
    row = tx.connection.execute(_OF, {"campaign": request.campaign_id}).one_or_none()
    allowance = None if row is None else _allowance(row)
    if allowance is None or allowance.request.valid_until is None or allowance.request.valid_until > at:
        return
    tx.enter("keys_denied", f"campaign {request.campaign_id}", at, {"by": request.author, "reason": EXPIRED})
    _move(tx, allowance, withdrawn_by=request.author, withdrawn_at=at, withdrawal_reason=EXPIRED)


def _standing(connection: Connection, campaign_id: CampaignId) -> DtmfAllowance:
    row = connection.execute(_OF, {"campaign": campaign_id}).one_or_none()
    if row is None:
        raise NotFoundError(f"campaign {campaign_id} has no DTMF allowance; telephony campaign dtmf allow asks for one")
    return _allowance(row)


def _find(connection: Connection, allowance_id: int) -> DtmfAllowance:
    return _allowance(connection.execute(_ONE, {"wanted": allowance_id}).one())


def _move(tx: Transaction, allowance: DtmfAllowance, **values: object) -> DtmfAllowance:
    change = update(key_allowances).where(key_allowances.c.allowance_id == allowance.allowance_id)
    tx.connection.execute(change.values(**values))
    return _find(tx.connection, allowance.allowance_id)


def _allowance(row: Row[Any]) -> DtmfAllowance:
    table, key = "key_allowances", row.allowance_id
    request = made(table, key, NewDtmfAllowance, (getattr(row, field.name) for field in fields(NewDtmfAllowance)))
    approval = (row.added_at, row.approved_by, row.approved_at)
    end = (row.withdrawn_by, row.withdrawn_at, row.withdrawal_reason)
    return made(table, key, DtmfAllowance, (key, request, *approval, *end))
