"""Do-not-call lists in memory: the same contract as the database's."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from telephony.domain.law.contacts import is_same_company
from telephony.domain.law.do_not_call import DoNotCallList, DoNotCallRemoval, keys_of, keys_under
from telephony.domain.law.provisions import Law
from telephony.domain.leads.leads import LeadState
from telephony.domain.rules.whitelist import is_same_person
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import Number
from tests.doubles.tables import Tables, found


def opposed_by(tables: Tables, number: Number, company: str) -> tuple[str, ...]:
    """Return the names of the lists that hold a number and bind that company."""
    keys = set(keys_of(number))
    return tuple(
        dnc_list.name
        for dnc_list in tables.do_not_call.values()
        if dnc_list.withdrawn_at is None
        and keys & tables.opposed[dnc_list.list_id]
        and (not dnc_list.client_company or is_same_company(dnc_list.client_company, company))
    )


class FakeOppositions:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    async def begin(self, name: str, client_company: str, file_sha256: str, by: str, at: datetime) -> int:
        list_id = self._t.next_id()
        self._t.do_not_call[list_id] = DoNotCallList(list_id, name, client_company, file_sha256, 0, at, by)
        self._t.opposed[list_id] = set()
        return list_id

    async def oppose(self, list_id: int, keys: Sequence[str]) -> int:
        before = len(self._t.opposed[list_id])
        self._t.opposed[list_id] |= set(keys)
        given = [
            attempt for attempt in self._t.attempts.values() if self._t.permit_states[attempt.permit_id] == "issued"
        ]
        self._t.whitelist_version += any(set(keys) & set(keys_of(attempt.number)) for attempt in given)
        entries = len(self._t.opposed[list_id])
        self._t.do_not_call[list_id] = replace(self._t.do_not_call[list_id], entries=entries)
        return entries - before

    async def finish(self, list_id: int, at: datetime) -> DoNotCallList:
        dnc_list = self._t.do_not_call[list_id]
        self._t.whitelist_version += 1
        self._t.note(
            "opposition_loaded", list_id, at, name=dnc_list.name, entries=dnc_list.entries, by=dnc_list.loaded_by
        )
        return dnc_list

    async def lists(self) -> Sequence[DoNotCallList]:
        return list(self._t.do_not_call.values())

    async def opposed(self, number: Number, client_company: str) -> Sequence[str]:
        return opposed_by(self._t, number, client_company)

    async def ask_withdrawal(self, list_id: int, entry: str, by: str, reason: str, at: datetime) -> DoNotCallRemoval:
        if found(self._t.do_not_call, list_id, "do-not-call list").withdrawn_at is not None:
            raise ConflictError(f"do-not-call list {list_id} is already removed: nothing to do")
        if entry and not set(keys_under(entry)) & self._t.opposed[list_id]:
            raise NotFoundError(f"that number is not on do-not-call list {list_id}, plain or as a digest")
        for row in self._t.opposition_withdrawals.values():
            if row.is_waiting and (row.list_id, row.entry) == (list_id, entry):
                raise ConflictError(f"{row.asked_by} has already asked for that: removal {row.withdrawal_id} waits")
        do_not_call_removal = DoNotCallRemoval(self._t.next_id(), list_id, entry, by, at, reason)
        return self._keep(do_not_call_removal, "opposition_withdrawal_asked", by, at)

    async def approve_withdrawal(self, withdrawal_id: int, by: str, at: datetime) -> DoNotCallRemoval:
        removal = self._waiting(withdrawal_id)
        if is_same_person(removal.asked_by, by):
            raise ConflictError(f"{by} asked for this removal: a second person approves it")
        of = self._t.do_not_call[removal.list_id]
        if removal.entry:
            self._t.opposed[removal.list_id] -= set(keys_under(removal.entry))
            of = replace(of, entries=len(self._t.opposed[removal.list_id]))
        else:
            of = replace(of, withdrawn_at=at)
        self._t.do_not_call[removal.list_id] = of
        self._t.whitelist_version += 1
        for lead in list(self._t.leads.values()):
            company = self._t.campaigns[lead.campaign_id].client_company
            is_bound = not of.client_company or is_same_company(of.client_company, company)
            is_set_aside = lead.state is LeadState.REFUSED and lead.reason == Law.OPPOSITION
            numbers = {n for same in self._t.same_person(lead.lead_id) for n in (same.number, *same.numbers)}
            if is_bound and is_set_aside and (not removal.is_of_a_number or removal.entry in numbers):
                self._t.set_lead(lead.lead_id, LeadState.WAITING, not_before=None, reason="")
        return self._keep(replace(removal, approved_by=by, approved_at=at), "opposition_withdrawn", by, at)

    async def drop_withdrawal(self, withdrawal_id: int, by: str, at: datetime) -> DoNotCallRemoval:
        removal = replace(self._waiting(withdrawal_id), dropped_by=by, dropped_at=at)
        return self._keep(removal, "opposition_withdrawal_dropped", by, at)

    async def withdrawals(self) -> Sequence[DoNotCallRemoval]:
        return list(self._t.opposition_withdrawals.values())

    def _waiting(self, withdrawal_id: int) -> DoNotCallRemoval:
        removal = found(self._t.opposition_withdrawals, withdrawal_id, "removal")
        if not removal.is_waiting:
            raise ConflictError(f"withdrawal {withdrawal_id} waits no more")
        return removal

    def _keep(self, removal: DoNotCallRemoval, kind: str, by: str, at: datetime) -> DoNotCallRemoval:
        self._t.opposition_withdrawals[removal.withdrawal_id] = removal
        self._t.note(kind, removal.withdrawal_id, at, list=removal.list_id, by=by, reason=removal.reason)
        return removal
