"""An in-memory store: the whole ``Store`` port, good enough to run every service on.

Same semantics as the database adapter, without its durability: each method is one step of the event loop, so it is
one transaction; it checks everything before it changes anything. ``FakeStore().store`` is the port;
``FakeStore().tables`` is open for tests to read. Lists and leads are in ``leads``; permits, recordings, seats,
accounts and the ledger in ``evidence``.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from telephony.domain.calls.attempts import (
    Attempt,
    AttemptStart,
    CallEvent,
    CallState,
    Refusal,
    Result,
    refuse_given,
    refuse_weaker,
)
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.calls.permits import DialPermit
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
from telephony.domain.leads.callbacks import CallbackState, CallbackWish
from telephony.domain.leads.leads import Lead, LeadState
from telephony.domain.leads.preview import PreviewEnding
from telephony.domain.leads.retries import ONCE, RetryPlan, as_data
from telephony.domain.trunks.routes import Route
from telephony.errors import ConflictError, NotFoundError, StoreError
from telephony.ids import AttemptId, CampaignId, ChannelId, OperatorId
from telephony.ports.calls.attempts import REVIEW
from telephony.ports.pages import PAGE
from telephony.ports.store import Store
from tests.doubles.choice import FakeChoice
from tests.doubles.do_not_call import FakeOppositions
from tests.doubles.evidence import FakeAccounts, FakeLedger, FakePermits, FakeRecordings, FakeSeats
from tests.doubles.keys import FakeKeys
from tests.doubles.law import FakeLaw
from tests.doubles.leads import FakeLeads
from tests.doubles.locks import FakeLocks
from tests.doubles.previews import FakePreviews, end, is_offered
from tests.doubles.steps import counted_of, settle
from tests.doubles.tables import FakeUnreadable, Tables, found, utc
from tests.doubles.whitelist import FakeWhitelist
from tests.doubles.work import (
    FakeCallbacks,
    FakeQuotas,
    FakeWork,
    count_result,
    open_of,
    over,
    promise,
    refuse_out_of_bounds,
)


class FakeCampaigns:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    async def add(self, campaign: NewCampaign, by: str) -> Campaign:
        if (row := next((row for row in self._t.campaigns.values() if row.name == campaign.name), None)) is not None:
            if row.state is CampaignState.STOPPED:
                raise ConflictError(
                    f"campaign {campaign.name!r} is stopped, and its recordings go by that name; choose another name,"
                    f" such as '{campaign.name} 2'"
                )
            raise ConflictError(f"there is a campaign named {campaign.name!r} already; choose another name")
        campaign_id = CampaignId(self._t.next_id())
        own = {field.name: getattr(campaign, field.name) for field in fields(campaign) if field.name != "plan"}
        row = Campaign(campaign_id=campaign_id, state=CampaignState.READY, **own)
        self._t.campaigns[campaign_id] = row
        self._t.plans[campaign_id] = campaign.plan
        self._t.note("campaign_added", campaign_id, campaign.created_at, by=by, kind=str(campaign.kind))
        return row

    async def get(self, campaign_id: CampaignId) -> Campaign:
        return found(self._t.campaigns, campaign_id, "campaign")

    async def by_name(self, name: str) -> Campaign:
        for row in self._t.campaigns.values():
            if row.name == name:
                return row
        names = ", ".join(repr(row.name) for row in self._t.campaigns.values()) or "none yet"
        raise NotFoundError(f"there is no campaign named {name!r}; there are: {names}")

    async def all(self) -> Sequence[Campaign]:
        return list(self._t.campaigns.values())

    async def plan(self, campaign_id: CampaignId) -> RetryPlan:
        return self._t.plans.get(campaign_id, ONCE)

    async def set_plan(self, campaign_id: CampaignId, plan: RetryPlan, by: str, at: datetime) -> None:
        found(self._t.campaigns, campaign_id, "campaign")
        self._t.plans[campaign_id] = plan
        self._t.note("retry_plan_changed", campaign_id, at, by=by, plan=json.dumps(as_data(plan)))

    async def set_state(self, campaign_id: CampaignId, state: CampaignState, by: str, at: datetime) -> Campaign:
        row = found(self._t.campaigns, campaign_id, "campaign")
        if state not in MAY_FOLLOW[row.state]:
            allowed = ", ".join(sorted(MAY_FOLLOW[row.state])) or "nothing: it has ended"
            raise ConflictError(f"campaign {campaign_id} is {row.state}; what may follow is {allowed}")
        self._t.note("campaign_moved", campaign_id, at, **{"by": by, "from": str(row.state), "to": str(state)})
        row = replace(row, state=state)
        self._t.campaigns[campaign_id] = row
        return row

    async def change(
        self,
        campaign_id: CampaignId,
        by: str,
        at: datetime,
        options: Mapping[str, object] = NO_OPTIONS,
        routes: Sequence[Route] = (),
    ) -> Campaign:
        before = found(self._t.campaigns, campaign_id, "campaign")
        after = before.having(options, routes)
        if differs := difference(before, after):
            self._t.note("campaign_changed", campaign_id, at, by=by, **differs)
        self._t.campaigns[campaign_id] = after
        return after

    async def answered_since(self, campaign_id: CampaignId, since: datetime) -> AnsweredCounts:
        attempts = [
            attempt
            for attempt in self._t.attempts.values()
            if attempt.campaign_id == campaign_id and attempt.started_at >= since
        ]
        connected = sum(1 for attempt in attempts if attempt.connected_at is not None)
        ended = Counter(attempt.outcome for attempt in attempts)
        estimated_unseen_abandons = ended[Outcome.MACHINE], ended[Outcome.WITHDRAWN]
        return AnsweredCounts(len(attempts), connected, ended[Outcome.ABANDONED], *estimated_unseen_abandons)

    async def progress(self, campaign_id: CampaignId) -> CampaignProgress:
        found(self._t.campaigns, campaign_id, "campaign")
        states = Counter(lead.state for lead in self._t.leads.values() if lead.campaign_id == campaign_id)
        attempts = [row for row in self._t.attempts.values() if row.campaign_id == campaign_id]
        return CampaignProgress(
            leads=sum(states.values()),
            waiting=states[LeadState.WAITING],
            in_progress=states[LeadState.CLAIMED],
            done=states[LeadState.DONE] + states[LeadState.REFUSED],
            outcomes=dict(Counter(str(row.outcome) for row in attempts if row.outcome)),
            results=dict(Counter(str(row.result) for row in attempts if row.result)),
        )


class FakeAttempts:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    async def begin(self, starts: Sequence[AttemptStart], refusals: Sequence[Refusal]) -> Sequence[AttemptStart]:
        for start in starts:
            self._check(start.permit)
        held = [start for start in starts if self._claim(start)]
        for refusal in refusals:
            is_waiting = found(self._t.leads, refusal.lead_id, "lead").state is LeadState.WAITING
            if is_waiting and refusal.not_before is not None:
                self._t.set_lead(
                    refusal.lead_id, LeadState.WAITING, not_before=utc(refusal.not_before), reason=refusal.rule
                )
            elif is_waiting and refusal.is_lasting:
                self._t.set_lead(refusal.lead_id, LeadState.REFUSED, reason=refusal.rule)
                promised = open_of(self._t, refusal.lead_id)
                if promised is not None:
                    over(self._t, promised, CallbackState.CANCELLED, refusal.at)
            self._t.note("lead_refused", refusal.lead_id, refusal.at, rule=refusal.rule, text=refusal.text)
        return held

    def _check(self, permit: DialPermit) -> None:
        if permit.permit_id in self._t.permits or permit.attempt_id in self._t.attempts:
            raise ConflictError(f"attempt {permit.attempt_id} or its permit exists already")
        lead = self._t.leads.get(permit.lead_id)
        bound = (permit.campaign_id, permit.list_id, permit.number)
        if lead and lead.state is LeadState.WAITING and bound != (lead.campaign_id, lead.list_id, lead.number):
            raise ConflictError(f"permit {permit.permit_id} is not for lead {permit.lead_id} as it is stored")

    def _claim(self, start: AttemptStart) -> bool:
        permit = start.permit
        lead = self._t.leads.get(permit.lead_id)
        if (
            lead is None
            or not is_offered(self._t, start)
            or lead.state is not LeadState.WAITING
            or (lead.not_before or start.started_at) > start.started_at
            or self._is_on_the_line(lead)
        ):
            return False
        self._t.set_lead(permit.lead_id, LeadState.CLAIMED)
        self._t.buckets[permit.attempt_id] = lead.bucket
        if start.preview_id is not None:
            end(self._t, start.preview_id, PreviewEnding.CALLED, start.started_at, "")
        self._t.attempts[permit.attempt_id] = start.attempt()
        self._t.permits[permit.permit_id] = permit
        self._t.permit_states[permit.permit_id] = "issued"
        basis = start.legal_basis.get("basis", "")
        pressed = {} if start.guaranteed_to is None else {"operator": start.guaranteed_to, "preview": start.preview_id}
        self._t.note(
            "permit_given", permit.permit_id, permit.issued_at, attempt=permit.attempt_id, basis=basis, **pressed
        )
        return True

    def _is_on_the_line(self, lead: Lead) -> bool:
        """Return True if a call is up to the number, or to the person, as the database's index has it."""
        up = [attempt for attempt in self._t.attempts.values() if attempt.state is not CallState.ENDED]
        person = self._t.person(lead.lead_id)
        return any(attempt.number == lead.number or self._t.person(attempt.lead_id) == person for attempt in up)

    async def save(self, events: Sequence[CallEvent], attempts: Sequence[Attempt]) -> None:
        if any(event.attempt_id not in self._t.attempts for event in events):
            raise StoreError("an event belongs to no attempt")
        if any((row.state is CallState.ENDED) != (row.outcome is not None) for row in attempts):
            raise StoreError("an attempt has an outcome exactly when it has ended")
        self._t.events.extend(events)
        for row in attempts:
            before = self._t.attempts.get(row.attempt_id)
            if before is None or before.state is CallState.ENDED:
                continue
            self._t.attempts[row.attempt_id] = replace(row, result=before.result, guaranteed_to=before.guaranteed_to)
            if row.state is CallState.ENDED:
                if self._t.leads[row.lead_id].state is LeadState.CLAIMED:
                    settle(self._t, self._t.attempts[row.attempt_id], is_new=True)
                at = row.ended_at or row.started_at
                self._t.note("attempt_ended", row.attempt_id, at, outcome=str(row.outcome), cause=row.hangup_cause)

    async def get(self, attempt_id: AttemptId) -> Attempt:
        return found(self._t.attempts, attempt_id, "attempt")

    async def by_channel(self, trunk_channel: ChannelId) -> Attempt | None:
        rows = self._t.attempts.values()
        return next((row for row in rows if trunk_channel and row.trunk_channel == trunk_channel), None)

    async def unfinished(self) -> Sequence[Attempt]:
        rows = [row for row in self._t.attempts.values() if row.state is not CallState.ENDED]
        return sorted(rows, key=lambda row: (row.started_at, row.attempt_id))

    async def events(self, attempt_id: AttemptId) -> Sequence[CallEvent]:
        return [event for event in self._t.events if event.attempt_id == attempt_id]

    async def recent(
        self, campaign_id: CampaignId | None, limit: int, after: tuple[datetime, AttemptId] | None = None
    ) -> Sequence[Attempt]:
        rows = [row for row in self._t.attempts.values() if campaign_id in (None, row.campaign_id)]
        rows = [row for row in rows if after is None or (row.started_at, row.attempt_id) < after]
        return sorted(rows, key=lambda row: (row.started_at, row.attempt_id), reverse=True)[:limit]

    async def machines(
        self, campaign_id: CampaignId, begins_at: datetime, limit: int = PAGE, after: Attempt | None = None
    ) -> Sequence[tuple[Attempt, str]]:
        rows = self._machines(campaign_id, begins_at)
        at = [row.attempt_id for row, _ in rows].index(after.attempt_id) + 1 if after else 0
        return rows[at : at + limit]

    def _machines(self, campaign_id: CampaignId, begins_at: datetime) -> list[tuple[Attempt, str]]:
        rows = [row for row in self._t.attempts.values() if row.campaign_id == campaign_id]
        rows = [row for row in rows if row.outcome is Outcome.MACHINE and row.ended_at and row.ended_at >= begins_at]
        heard = {event.attempt_id: str(event.details["heard"]) for event in self._t.events if event.kind == REVIEW}
        return [(row, heard.get(row.attempt_id, "")) for row in rows]

    async def machine_counts(self, campaign_id: CampaignId, begins_at: datetime) -> tuple[int, Mapping[str, int]]:
        rows = self._machines(campaign_id, begins_at)
        return len(rows), Counter(word for _, word in rows if word)

    async def on_trunk(self, trunk: str, limit: int) -> Sequence[Attempt]:
        rows = [row for row in self._t.attempts.values() if row.trunk == trunk]
        return sorted(rows, key=lambda row: row.started_at)[-limit:]

    async def set_result(
        self,
        attempt_id: AttemptId,
        result: Result,
        operator: OperatorId,
        at: datetime,
        callback: CallbackWish | None = None,
    ) -> None:
        row = found(self._t.attempts, attempt_id, "attempt")
        refuse_weaker(row, result)
        self._keep_result(row, result, {"operator": operator}, at, callback)

    async def without_result(self, limit: int) -> Sequence[Attempt]:
        rows = [row for row in self._t.attempts.values() if row.connected_at is not None and row.result is None]
        return sorted(rows, key=lambda row: (row.started_at, row.attempt_id), reverse=True)[:limit]

    async def give_result(
        self,
        attempt_id: AttemptId,
        result: Result,
        by: str,
        at: datetime,
        callback: CallbackWish | None = None,
    ) -> None:
        row = found(self._t.attempts, attempt_id, "attempt")
        refuse_given(row)
        self._keep_result(row, result, {"operator": row.operator_id, "by": by}, at, callback)

    def _keep_result(
        self, row: Attempt, result: Result, who: Mapping[str, Any], at: datetime, callback: CallbackWish | None
    ) -> None:
        attempt_id = row.attempt_id
        if callback is not None and result is Result.CALL_BACK:
            refuse_out_of_bounds(self._t, row, callback)
        self._t.attempts[attempt_id] = replace(row, result=result)
        replaced = str(row.result) if row.result else None
        self._t.note("result_chosen", attempt_id, at, result=str(result), replaced=replaced, **who)
        count_result(self._t, row, result, at)
        if callback is not None and result is Result.CALL_BACK:
            promise(self._t, row, callback, at)
        counted = [attempt for attempt in counted_of(self._t, row.lead_id) if attempt.outcome]
        state = self._t.leads[row.lead_id].state
        if counted and counted[-1].attempt_id == attempt_id and state in (LeadState.DONE, LeadState.WAITING):
            settle(self._t, self._t.attempts[attempt_id], is_new=False)

    async def since(self, campaign_id: CampaignId, begins_at: datetime) -> Mapping[str, int]:
        begins_at = utc(begins_at)
        rows = (row for row in self._t.attempts.values() if row.campaign_id == campaign_id and row.outcome)
        return Counter(str(row.outcome) for row in rows if row.ended_at is not None and row.ended_at >= begins_at)


class FakeStore:
    """A fresh, empty store: ``store`` is the port, ``tables`` what it holds."""

    def __init__(self) -> None:
        self.tables = Tables()
        self.store = Store(
            campaigns=FakeCampaigns(self.tables),
            leads=FakeLeads(self.tables),
            attempts=FakeAttempts(self.tables),
            permits=FakePermits(self.tables),
            recordings=FakeRecordings(self.tables),
            seats=FakeSeats(self.tables),
            accounts=FakeAccounts(self.tables),
            ledger=FakeLedger(self.tables),
            locks=FakeLocks(self.tables),
            whitelist=FakeWhitelist(self.tables),
            keys=FakeKeys(self.tables),
            law=FakeLaw(self.tables),
            do_not_call=FakeOppositions(self.tables),
            work=FakeWork(self.tables),
            callbacks=FakeCallbacks(self.tables),
            quotas=FakeQuotas(self.tables),
            previews=FakePreviews(self.tables),
            choice=FakeChoice(self.tables),
            unreadable=FakeUnreadable(),
        )
