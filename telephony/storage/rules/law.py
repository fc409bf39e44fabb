"""Exemptions, and earlier attempts at a number, in the database. ``do_not_call`` has the do-not-call lists.

``telephony.domain.law`` decides with them. The transaction checks again that nobody approves their own exemption.
Changes bump the whitelist's version, so that permits decided before are decided again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Integer, Row, and_, bindparam, insert, or_, select, update
from typing_extensions import override

from telephony.domain.calls.attempts import CallState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.law.contacts import REFUSALS, Contact
from telephony.domain.law.provisions import Law
from telephony.domain.law.site import Exemption
from telephony.domain.numbers.numbers import forms
from telephony.domain.rules.whitelist import is_same_person
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import CampaignId, LeadId, Number
from telephony.ports.rules.law import LawStore
from telephony.storage.engine.capability import Capability, read, write
from telephony.storage.engine.rules_version import bump_version
from telephony.storage.engine.transaction import Body, Transaction
from telephony.storage.leads.persons import Person
from telephony.storage.tables import PermitState, attempts, campaigns, law_exemptions, permits
from telephony.storage.tables.rows import made, readable

MOST_CONTACTS: Final = 200
"""Newest attempts read per number or person: far more than any rule counts. Refusals are read beyond it."""
MOST_WANTED: Final = 5_000
"""Maximum number of numbers or leads in one statement; databases limit the number of values."""
HAS_EXEMPTION: Final = select(law_exemptions.c.exemption_id).limit(1).scalar_subquery()
"""Null where there are no exemptions, so that a site without them needs no look-up."""

_EXEMPTION: Final = tuple(law_exemptions.c[field.name] for field in fields(Exemption))
_EXEMPTIONS: Final = select(*_EXEMPTION).order_by(law_exemptions.c.exemption_id)
# An attempt whose permit was refused at the gate or expired unused never reached the carrier, and one that the carrier
# failed did not ring (docs/adr/0401): the law does not count them. It counts an attempt that is still in progress.
_EVERY_CONTACT: Final = (
    select(
        attempts.c.number,
        attempts.c.lead_id,
        attempts.c.attempt_id,
        campaigns.c.client_company,
        attempts.c.started_at,
        attempts.c.ended_at,
        attempts.c.outcome,
        attempts.c.result,
    )
    .select_from(
        attempts.join(permits, permits.c.permit_id == attempts.c.permit_id).join(
            campaigns, campaigns.c.campaign_id == attempts.c.campaign_id
        )
    )
    .where(
        or_(
            permits.c.state == PermitState.USED,
            and_(permits.c.state == PermitState.ISSUED, attempts.c.state != CallState.ENDED),
        ),
        or_(attempts.c.outcome.is_(None), attempts.c.outcome != Outcome.CARRIER_FAILED),
    )
    .order_by(attempts.c.started_at.desc())
)
_LIMIT: Final = bindparam("most", type_=Integer)
_AT: Final = _EVERY_CONTACT.where(attempts.c.number.in_(bindparam("numbers", expanding=True)))
_WITH: Final = _EVERY_CONTACT.where(attempts.c.lead_id.in_(bindparam("leads", expanding=True)))
_REFUSED: Final = attempts.c.result.in_(sorted(REFUSALS))
_CONTACTS: Final = _AT.limit(_LIMIT)
_PERSON_CONTACTS: Final = _WITH.limit(_LIMIT)
_REFUSED_AT: Final = _AT.where(_REFUSED)
_REFUSED_BY: Final = _WITH.where(_REFUSED)


class Laws(Capability, LawStore):
    """Implements ``LawStore``."""

    @override
    @write
    def ask_exemption(
        self,
        tx: Transaction,
        law: Law,
        campaign_id: CampaignId | None,
        valid_from: datetime,
        valid_until: datetime,
        by: str,
        reason: str,
        at: datetime,
    ) -> Exemption:
        values: dict[str, object] = {"law": law, "campaign_id": campaign_id, "asked_by": by, "asked_at": at}
        values |= {"valid_from": valid_from, "valid_until": valid_until, "reason": reason}
        added = insert(law_exemptions).values(**values).returning(*_EXEMPTION)
        exemption = _exemption(tx.connection.execute(added).one())
        _enter(tx, "exemption_asked", exemption, by, at)
        return exemption

    @override
    @write
    def approve_exemption(self, tx: Transaction, exemption_id: int, by: str, at: datetime) -> Exemption:
        exemption = _find(tx.connection, exemption_id)
        if exemption.approved_at is not None or exemption.ended_at is not None:
            raise ConflictError(f"exemption {exemption_id} does not wait for approval")
        if is_same_person(exemption.asked_by, by):
            raise ConflictError(f"{by} asked for this exemption: a second person approves it")
        return _move(tx, exemption, "exemption_approved", by, at, approved_by=by, approved_at=at)

    @override
    @write
    def end_exemption(self, tx: Transaction, exemption_id: int, by: str, at: datetime) -> Exemption:
        exemption = _find(tx.connection, exemption_id)
        if exemption.ended_at is not None:
            raise ConflictError(f"exemption {exemption_id} was ended by {exemption.ended_by} already")
        return _move(tx, exemption, "exemption_ended", by, at, ended_by=by, ended_at=at)

    @override
    @read
    def exemptions(self, connection: Connection) -> Sequence[Exemption]:
        return every_exemption(connection)


def contacts_among(connection: Connection, numbers: Sequence[Number]) -> dict[Number, tuple[Contact, ...]]:
    """Return the earlier attempts at each number that reached or may still reach the carrier, newest first."""
    under = {number: forms(number) for number in dict.fromkeys(numbers)}
    contacts: dict[Number, list[Contact]] = {form: [] for some in under.values() for form in some}
    for row in _newest(connection, "numbers", list(contacts)):
        contacts[row.number].append(_contact(row))
    return {number: _together([contacts[form] for form in some]) for number, some in under.items()}


def contacts_with(connection: Connection, persons: Mapping[LeadId, Person]) -> dict[LeadId, tuple[Contact, ...]]:
    """Return the earlier attempts at each lead's person, on any of their numbers, newest first."""
    contacts: dict[LeadId, list[Contact]] = {lead_id: [] for person in persons.values() for lead_id in person.leads}
    for row in _newest(connection, "leads", list(contacts)):
        contacts[row.lead_id].append(_contact(row))
    return {lead_id: _together([contacts[same] for same in person.leads]) for lead_id, person in persons.items()}


def _newest(connection: Connection, what: str, keys: Sequence[Any]) -> Iterator[Row[Any]]:
    """Yield the newest attempts for each key, and every refusal, however old."""
    if len(keys) > MOST_WANTED:
        for first in range(0, len(keys), MOST_WANTED):
            yield from _newest(connection, what, keys[first : first + MOST_WANTED])
        return
    if not keys:
        return
    newest, refused = (_CONTACTS, _REFUSED_AT) if what == "numbers" else (_PERSON_CONTACTS, _REFUSED_BY)
    most = MOST_CONTACTS * len(keys)
    rows = list[Row[Any]](connection.execute(newest, {what: keys, "most": most}))
    if len(rows) == most and len(keys) > 1:  # one key may have used the others' share
        for key in keys:
            yield from _newest(connection, what, [key])
        return
    yield from rows
    if len(rows) == most:
        known = {row.attempt_id for row in rows}
        old = list[Row[Any]](connection.execute(refused, {what: keys}))
        yield from (row for row in old if row.attempt_id not in known)


def _contact(row: Row[Any]) -> Contact:
    return made("attempts", row.attempt_id, Contact, row[2:])


def _together(groups: Sequence[Sequence[Contact]]) -> tuple[Contact, ...]:
    every = [contact for some in groups for contact in some]
    return tuple(sorted(every, key=lambda contact: contact.started_at, reverse=True))


def every_exemption(connection: Connection) -> tuple[Exemption, ...]:
    """Return all exemptions, oldest first; there are only a few."""
    return tuple(readable(connection, connection.execute(_EXEMPTIONS), _exemption))


def _exemption(row: Sequence[Any]) -> Exemption:
    return made("law_exemptions", row[0], Exemption, row)


def _find(connection: Connection, exemption_id: int) -> Exemption:
    row = connection.execute(select(*_EXEMPTION).where(law_exemptions.c.exemption_id == exemption_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no exemption {exemption_id}; `telephony rules exemptions` shows those there are")
    return _exemption(row)


def _move(tx: Transaction, exemption: Exemption, kind: str, by: str, at: datetime, **values: Any) -> Exemption:
    mine = law_exemptions.c.exemption_id == exemption.exemption_id
    tx.connection.execute(update(law_exemptions).where(mine).values(**values))
    bump_version(tx, kind, exemption.exemption_id, at)
    _enter(tx, kind, exemption, by, at)
    return _find(tx.connection, exemption.exemption_id)


def _enter(tx: Transaction, kind: str, exemption: Exemption, by: str, at: datetime) -> None:
    body: Body = {"rule": str(exemption.law), "campaign": exemption.campaign_id, "by": by, "reason": exemption.reason}
    body = {
        **body,
        "from": exemption.valid_from.isoformat(),
        "until": exemption.valid_until.isoformat(),
        "asked_by": exemption.asked_by,
    }
    tx.enter(kind, exemption.exemption_id, at, body)
