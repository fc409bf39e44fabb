"""The in-memory store's permits, recordings, seats, accounts and ledger.

The tables are in ``tables``; leads in ``leads``, campaigns and attempts in ``store``.
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from telephony.domain.accounts import Account, Operator, Role, Session
from telephony.domain.calls.attempts import Attempt, CallState
from telephony.domain.calls.permits import SET_BACK, DialPermit
from telephony.domain.evidence.ledger import LedgerEntry, LedgerNote
from telephony.domain.evidence.recordings import Listening, ListeningKind, Recording, RecordingQuery, RecordingStep
from telephony.domain.rules.whitelist import is_same_person
from telephony.domain.text.visible import name_key
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import AccountId, OperatorId, PermitId, RecordingId, SeatNumber, is_permit_id
from telephony.ports.calls.permits import RULES_CHANGED, AtGate
from telephony.ports.calls.seats import SeatRow
from telephony.ports.evidence.ledger import Incident, KeptIncident
from telephony.ports.evidence.recordings import NOTHING_LEFT, StepLeft
from telephony.ports.pages import PAGE
from tests.doubles.tables import Tables, found
from tests.doubles.whitelist import standing_of

ENTERED = {
    ListeningKind.STATED: "listening_reason_stated",
    ListeningKind.LISTENED: "recording_listened",
    ListeningKind.REFUSED: "listening_refused",
    ListeningKind.EXPORTED: "recording_exported",
}


def subject_of(permit_id: PermitId) -> str:
    """Return what the ledger may name: anything else could be somebody's number."""
    return permit_id if is_permit_id(permit_id) else "not a permit"


class FakePermits:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    async def at_gate(self, permit_id: PermitId) -> AtGate | None:
        permit = self._t.permits.get(permit_id)
        return None if permit is None else AtGate(permit, standing_of(self._t, permit.lead_id))

    async def find(self, permit_id: PermitId) -> DialPermit | None:
        return self._t.permits.get(permit_id)

    async def use(self, permit_id: PermitId, gate: str, at: datetime, as_of: int | None = None) -> str:
        if as_of not in (None, self._t.whitelist_version):
            return RULES_CHANGED
        rule = self._rule_against(permit_id, gate, at)
        if rule:
            self._t.note("permit_refused", subject_of(permit_id), at, rule=rule, gate=gate)
        else:
            self._t.permit_states[permit_id] = "used"
            self._t.note("permit_used", permit_id, at, gate=gate)
        return rule

    def _rule_against(self, permit_id: PermitId, gate: str, at: datetime) -> str:
        permit = self._t.permits.get(permit_id)
        if permit is None:
            return "permit_unknown"
        state = self._t.permit_states[permit_id]
        if state != "issued":
            return f"permit_{state}"
        if permit.issued_at > at + SET_BACK:
            return "permit_early"
        if at >= permit.expires_at:
            return "permit_expired"
        return "" if permit.gate == gate else "permit_gate"

    async def refuse(self, permit_id: PermitId, rule: str, at: datetime) -> None:
        if self._t.permit_states.get(permit_id) == "issued":
            self._t.permit_states[permit_id] = "void"
        self._t.note("permit_refused", subject_of(permit_id), at, rule=rule)

    async def used(self, permit_ids: Collection[PermitId]) -> frozenset[PermitId]:
        return frozenset(permit_id for permit_id in permit_ids if self._t.permit_states.get(permit_id) == "used")

    async def void_unused(self, at: datetime) -> int:
        unused = [permit_id for permit_id, state in self._t.permit_states.items() if state == "issued"]
        for permit_id in unused:
            self._t.permit_states[permit_id] = "void"
        if unused:
            self._t.note("permits_voided", "", at, count=len(unused))
        return len(unused)


def matches(recording: Recording, query: RecordingQuery) -> bool:
    """Return True if a recording matches the query."""
    tag = recording.tag
    return (
        query.operator_id in (None, tag.operator_id)
        and query.campaign_id in (None, tag.campaign_id)
        and query.attempt_id in (None, tag.attempt_id)
        and (query.last_digits is None or tag.number.endswith(query.last_digits))
        and (query.begins_at is None or tag.started_at >= query.begins_at)
        and (query.ends_at is None or tag.started_at < query.ends_at)
        and (tag.answered_at is not None or not query.answered_only)
        and (query.after is None or (tag.started_at, tag.recording_id) < query.after)
    )


class FakeRecordings:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    async def add(self, recording: Recording, steps: Mapping[RecordingStep, str] = NOTHING_LEFT) -> None:
        tag, file = recording.tag, recording.file
        attempt = found(self._t.attempts, tag.attempt_id, "attempt")
        taken = (row.tag for row in self._t.recordings.values())
        if any(tag.recording_id == other.recording_id or tag.attempt_id == other.attempt_id for other in taken):
            raise ConflictError(f"recording {tag.recording_id} is already stored")
        if attempt.recording_id != tag.recording_id:
            raise NotFoundError(f"no attempt {tag.attempt_id} was bound to recording {tag.recording_id}")
        self._t.recordings[tag.recording_id] = recording
        self._t.recording_steps |= {(tag.recording_id, step): detail for step, detail in steps.items()}
        sha256 = file.sha256 if file else None
        self._t.note("recording_kept", tag.recording_id, tag.ended_at, attempt=tag.attempt_id, sha256=sha256)

    async def get(self, recording_id: RecordingId) -> Recording:
        return found(self._t.recordings, recording_id, "recording")

    async def search(self, query: RecordingQuery) -> Sequence[Recording]:
        rows = [row for row in self._t.recordings.values() if matches(row, query)]
        newest_first = sorted(rows, key=lambda row: (row.tag.started_at, row.tag.recording_id), reverse=True)
        return newest_first[: query.limit]

    async def missing(self, limit: int = PAGE, after: Attempt | None = None) -> Sequence[Attempt]:
        attempt_ids = {row.tag.attempt_id for row in self._t.recordings.values()}
        rows = [row for row in self._t.attempts.values() if row.state is CallState.ENDED and row.trunk_channel]
        order = lambda row: (row.started_at, row.attempt_id)  # noqa: E731
        rows = [
            row for row in rows if row.attempt_id not in attempt_ids and (after is None or order(row) > order(after))
        ]
        return sorted(rows, key=order)[:limit]

    async def steps_of(self, recording_id: RecordingId) -> Sequence[StepLeft]:
        return [step for step in self._steps() if step.recording_id == recording_id]

    async def steps_left(self, limit: int, after: RecordingId | None = None) -> Sequence[StepLeft]:
        return [step for step in self._steps() if step.recording_id > (after or "")][:limit]

    def _steps(self) -> list[StepLeft]:
        return [StepLeft(*key, detail) for key, detail in sorted(self._t.recording_steps.items())]

    async def step_done(
        self, recording_id: RecordingId, step: RecordingStep, incident: Incident | None, at: datetime
    ) -> None:
        if self._t.recording_steps.pop((recording_id, step), None) is not None and incident is not None:
            await FakeLedger(self._t).open_incident(replace(incident, opened_at=at))

    async def log_listening(self, listening: Listening) -> None:
        self._t.listenings.append(listening)
        kind = ENTERED[listening.kind]
        reason = str(listening.reason) if listening.reason else None
        if listening.kind is ListeningKind.EXPORTED:
            by, reference = listening.note, listening.reference
            self._t.note(kind, listening.recording_id, listening.at, reason=reason, reference=reference, by=by)
            return
        self._t.note(
            kind,
            listening.recording_id,
            listening.at,
            account=listening.account_id,
            reason=reason,
            refused=listening.refused,
        )

    async def times_listened(self, recording_ids: Sequence[RecordingId]) -> Mapping[RecordingId, int]:
        rows = (row for row in self._t.listenings if row.kind is ListeningKind.LISTENED)
        return Counter(row.recording_id for row in rows if row.recording_id in recording_ids)

    async def listenings(self, recording_id: RecordingId) -> Sequence[Listening]:
        return [row for row in self._t.listenings if row.recording_id == recording_id]


class FakeSeats:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    async def all(self) -> Sequence[SeatRow]:
        return [self._t.seats[seat] for seat in sorted(self._t.seats)]

    async def save(self, rows: Sequence[SeatRow]) -> None:
        self._t.seats.update({row.seat: row for row in rows})


class FakeAccounts:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    async def add(self, username: str, display_name: str, role: Role, password_hash: str, at: datetime) -> Account:
        if await self.by_username(username):
            raise ConflictError("that username is taken; choose another")
        if name_key(display_name) in {name_key(row.display_name) for row in self._t.accounts.values()}:
            raise ConflictError("the display name reads like another's; give one that nobody else has")
        account_id = AccountId(self._t.next_id())
        account = Account(account_id, username, display_name, role, password_hash, is_active=True, language="fr")
        self._t.accounts[account_id] = account
        self._t.note("account_added", account_id, at, role=str(role))
        return account

    async def by_username(self, username: str) -> Account | None:
        return next((row for row in self._t.accounts.values() if row.username == username), None)

    async def get(self, account_id: AccountId) -> Account:
        return found(self._t.accounts, account_id, "account")

    async def all(self) -> Sequence[Account]:
        return sorted(self._t.accounts.values(), key=lambda row: row.username)

    async def set_password(self, account_id: AccountId, password_hash: str, at: datetime) -> None:
        account = found(self._t.accounts, account_id, "account")
        self._t.accounts[account_id] = replace(account, password_hash=password_hash)
        sessions = {token: row for token, row in self._t.sessions.items() if row.account_id != account_id}
        revoked = len(self._t.sessions) - len(sessions)
        self._t.sessions.clear()
        self._t.sessions.update(sessions)
        self._t.note("password_set", account_id, at, sessions_revoked=revoked)

    async def open_session(self, session: Session) -> None:
        found(self._t.accounts, session.account_id, "account")
        self._t.sessions[session.token_sha256] = session
        self._t.note("session_opened", session.account_id, session.created_at)

    async def session(self, token_sha256: str, at: datetime) -> Session | None:
        session = self._t.sessions.get(token_sha256)
        if session is None or at >= session.expires_at or not self._t.accounts[session.account_id].is_active:
            return None
        return session

    async def close_session(self, token_sha256: str, at: datetime) -> None:
        session = self._t.sessions.pop(token_sha256, None)
        if session is not None:
            self._t.note("session_closed", session.account_id, at)

    async def log_refusal(self, username: str, rule: str, address: str, at: datetime) -> None:
        self._t.note("access_refused", username[:64], at, rule=rule, address=address)

    async def add_operator(self, account_id: AccountId, name: str, seat: SeatNumber) -> Operator:
        found(self._t.accounts, account_id, "account")
        if any(row.seat == seat for row in self._t.operators.values()):
            raise ConflictError(f"seat {seat} has an operator already; choose another seat")
        if any(row.account_id == account_id for row in self._t.operators.values()):
            raise ConflictError(f"account {account_id} is operator of another seat already")
        operator = Operator(OperatorId(self._t.next_id()), account_id, name, seat)
        self._t.operators[operator.operator_id] = operator
        return operator

    async def operators(self) -> Sequence[Operator]:
        return sorted(self._t.operators.values(), key=lambda row: row.seat)


class FakeLedger:
    def __init__(self, tables: Tables) -> None:
        self._t = tables
        self._kept = tables.kept_incidents

    async def enter(self, notes: Sequence[LedgerNote]) -> None:
        self._t.enter(notes)

    async def entries(self, after: int = 0) -> AsyncIterator[LedgerEntry]:
        for entry in self._t.ledger[after:]:
            yield entry

    async def open_incident(self, incident: Incident) -> bool:
        for row in self._kept.values():
            if row.is_open and (row.incident.kind, row.incident.subject) == (incident.kind, incident.subject):
                return False
        number = len(self._kept) + 1
        self._kept[number] = KeptIncident(number, incident)
        self._t.incidents.append(incident)
        self._t.note("incident_opened", incident.subject, incident.opened_at, incident=incident.kind)
        return True

    async def open_incidents(self, limit: int = PAGE) -> Sequence[Incident]:
        is_open = (incident.incident for incident in self._kept.values() if incident.is_open)
        return sorted(is_open, key=lambda row: row.opened_at)[:limit]

    async def incidents(self, limit: int) -> Sequence[KeptIncident]:
        is_open = [incident for incident in self._kept.values() if incident.is_open]
        closed = [incident for incident in self._kept.values() if incident.closed_at is not None]
        closed.sort(key=lambda incident: (incident.closed_at, incident.incident_id), reverse=True)
        return [*is_open[:limit], *closed[:limit]]

    async def incident(self, incident_id: int) -> KeptIncident:
        return found(self._kept, incident_id, "incident")

    async def explain_incident(
        self, incident_id: int, by: str, typed_by: str, reason: str, at: datetime
    ) -> KeptIncident:
        incident = await self._open(incident_id)
        said = {"close_reason": reason, "explained_by": by, "typed_by": typed_by, "explained_at": at}
        self._kept[incident_id] = replace(incident, **said)
        body = {"kind": incident.incident.kind, "incident": incident_id, "by": by, "reason": reason}
        self._t.note("incident_explained", incident.incident.subject, at, **body, typed_by=typed_by or None)
        return self._kept[incident_id]

    async def close_incident(self, incident_id: int, by: str, at: datetime) -> KeptIncident:
        incident = await self._open(incident_id)
        if incident.explained_at is None:
            raise ConflictError(f"incident {incident_id} has no cause yet: give it first with telephony incident close")
        if any(is_same_person(first, by) for first in (incident.explained_by, incident.typed_by)):
            raise ConflictError(f"{by} gave the cause of incident {incident_id}: a second person closes it")
        self._kept[incident_id] = replace(incident, closed_at=at, closed_by=by)
        body = {
            "kind": incident.incident.kind,
            "incident": incident_id,
            "by": by,
            "explained_by": incident.explained_by,
        }
        self._t.note("incident_closed", incident.incident.subject, at, **body, reason=incident.close_reason)
        return self._kept[incident_id]

    async def _open(self, incident_id: int) -> KeptIncident:
        incident = await self.incident(incident_id)
        if not incident.is_open:
            raise ConflictError(f"incident {incident_id} was closed by {incident.closed_by} already: nothing to do")
        return incident
