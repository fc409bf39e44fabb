"""Exemptions and earlier attempts in memory: the same contract as the database's."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from telephony.domain.calls.attempts import Attempt, CallState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.law.contacts import Contact
from telephony.domain.law.provisions import Law
from telephony.domain.law.site import Exemption
from telephony.domain.numbers.numbers import forms
from telephony.domain.rules.whitelist import is_same_person
from telephony.errors import ConflictError
from telephony.ids import CampaignId, LeadId, Number
from tests.doubles.tables import Tables
from tests.doubles.tables import found as find


def contacts_of(tables: Tables, number: Number) -> tuple[Contact, ...]:
    """Return the attempts at a number that reached the person or still may, newest first; a carrier's fault is none."""
    same = forms(number)
    return _contacts(tables, [row for row in tables.attempts.values() if row.number in same])


def contacts_with(tables: Tables, lead_id: LeadId) -> tuple[Contact, ...]:
    """Return those at a lead's person."""
    same = {lead.lead_id for lead in tables.same_person(lead_id)}
    return _contacts(tables, [row for row in tables.attempts.values() if row.lead_id in same])


def _contacts(tables: Tables, attempts: Sequence[Attempt]) -> tuple[Contact, ...]:
    rows = [row for row in attempts if row.outcome is not Outcome.CARRIER_FAILED]
    states = {row.attempt_id: tables.permit_states[row.permit_id] for row in rows}
    reached = [
        row
        for row in rows
        if states[row.attempt_id] == "used" or (states[row.attempt_id] == "issued" and row.state is not CallState.ENDED)
    ]
    return tuple(
        Contact(
            row.attempt_id,
            tables.campaigns[row.campaign_id].client_company,
            row.started_at,
            row.ended_at,
            row.outcome,
            row.result,
        )
        for row in sorted(reached, key=lambda row: row.started_at, reverse=True)
    )


class FakeLaw:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    async def ask_exemption(
        self,
        law: Law,
        campaign_id: CampaignId | None,
        valid_from: datetime,
        valid_until: datetime,
        by: str,
        reason: str,
        at: datetime,
    ) -> Exemption:
        exemption = Exemption(self._t.next_id(), law, campaign_id, valid_from, valid_until, by, at, reason)
        return self._keep(exemption, "exemption_asked", by, at)

    async def approve_exemption(self, exemption_id: int, by: str, at: datetime) -> Exemption:
        exemption = find(self._t.exemptions, exemption_id, "exemption")
        if exemption.approved_at is not None or exemption.ended_at is not None:
            raise ConflictError(f"exemption {exemption_id} does not wait for approval")
        if is_same_person(exemption.asked_by, by):
            raise ConflictError(f"{by} asked for this exemption: a second person approves it")
        self._t.whitelist_version += 1
        return self._keep(replace(exemption, approved_by=by, approved_at=at), "exemption_approved", by, at)

    async def end_exemption(self, exemption_id: int, by: str, at: datetime) -> Exemption:
        exemption = find(self._t.exemptions, exemption_id, "exemption")
        if exemption.ended_at is not None:
            raise ConflictError(f"exemption {exemption_id} was ended by {exemption.ended_by} already")
        self._t.whitelist_version += 1
        return self._keep(replace(exemption, ended_by=by, ended_at=at), "exemption_ended", by, at)

    async def exemptions(self) -> Sequence[Exemption]:
        return list(self._t.exemptions.values())

    def _keep(self, exemption: Exemption, kind: str, by: str, at: datetime) -> Exemption:
        self._t.exemptions[exemption.exemption_id] = exemption
        self._t.note(kind, exemption.exemption_id, at, rule=str(exemption.law), by=by, reason=exemption.reason)
        return exemption
