"""What the in-memory store's parts share: its tables, and the error of a missing row.

The parts themselves are in ``store``, ``leads``, ``evidence`` and their fellows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar

from telephony.domain.accounts import Account, Operator, Session
from telephony.domain.calls.attempts import Attempt, CallEvent
from telephony.domain.calls.permits import DialPermit
from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.evidence.ledger import GENESIS, LedgerEntry, LedgerNote, seal
from telephony.domain.evidence.recordings import Listening, Recording, RecordingStep
from telephony.domain.law.basis import LeadTerms
from telephony.domain.law.do_not_call import DoNotCallList, DoNotCallRemoval
from telephony.domain.law.site import Exemption
from telephony.domain.leads.callbacks import Callback
from telephony.domain.leads.leads import Lead, LeadList, LeadState, RejectedRow
from telephony.domain.leads.persons import MOST_NUMBERS, person_of
from telephony.domain.leads.preview import Preview
from telephony.domain.leads.quotas import Quota
from telephony.domain.leads.retries import RetryPlan
from telephony.domain.rules.whitelist import NumberRule
from telephony.errors import NotFoundError, StoreError
from telephony.ids import (
    AccountId,
    AttemptId,
    CallbackId,
    CampaignId,
    LeadId,
    ListId,
    OperatorId,
    PermitId,
    PreviewId,
    QuotaId,
    RecordingId,
    RuleId,
    SeatNumber,
)
from telephony.ports.calls.seats import SeatRow
from telephony.ports.evidence.ledger import Incident, KeptIncident
from telephony.ports.unreadable import UnreadableRow

DUPLICATE = "duplicate"
"""Beginning of the reject reasons that count as duplicates."""

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass
class Tables:
    """What a database would hold."""

    campaigns: dict[CampaignId, Campaign] = field(default_factory=dict)
    callbacks: dict[CallbackId, Callback] = field(default_factory=dict)
    priorities: dict[LeadId, int] = field(default_factory=dict)
    """Of leads with an open callback, to be given back."""
    quotas: dict[QuotaId, Quota] = field(default_factory=dict)
    previews: dict[PreviewId, Preview] = field(default_factory=dict)
    plans: dict[CampaignId, RetryPlan] = field(default_factory=dict)
    lists: dict[ListId, LeadList] = field(default_factory=dict)
    loading: set[CampaignId] = field(default_factory=set)
    rejected: dict[ListId, list[RejectedRow]] = field(default_factory=dict)
    leads: dict[LeadId, Lead] = field(default_factory=dict)
    attempts: dict[AttemptId, Attempt] = field(default_factory=dict)
    buckets: dict[AttemptId, str] = field(default_factory=dict)
    """Of the attempts' leads when they were dialled."""
    permits: dict[PermitId, DialPermit] = field(default_factory=dict)
    permit_states: dict[PermitId, str] = field(default_factory=dict)
    events: list[CallEvent] = field(default_factory=list)
    recordings: dict[RecordingId, Recording] = field(default_factory=dict)
    recording_steps: dict[tuple[RecordingId, RecordingStep], str] = field(default_factory=dict)
    listenings: list[Listening] = field(default_factory=list)
    seats: dict[SeatNumber, SeatRow] = field(default_factory=dict)
    accounts: dict[AccountId, Account] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    operators: dict[OperatorId, Operator] = field(default_factory=dict)
    ledger: list[LedgerEntry] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    kept_incidents: dict[int, KeptIncident] = field(default_factory=dict)
    rules: dict[RuleId, NumberRule] = field(default_factory=dict)
    whitelist_version: int = 0
    terms: dict[LeadId, LeadTerms] = field(default_factory=dict)
    client_keys: dict[LeadId, str] = field(default_factory=dict)
    exemptions: dict[int, Exemption] = field(default_factory=dict)
    do_not_call: dict[int, DoNotCallList] = field(default_factory=dict)
    opposed: dict[int, set[str]] = field(default_factory=dict)
    opposition_withdrawals: dict[int, DoNotCallRemoval] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def next_id(self) -> int:
        """Return a number never returned before; ids of one table grow, with gaps."""
        return next(self.ids)

    def note(self, kind: str, subject: object, at: datetime, /, **body: str | float | bool | None) -> None:
        """Append to the chain."""
        self.enter([LedgerNote(kind, str(subject), body, at)])

    def enter(self, notes: Sequence[LedgerNote]) -> None:
        """Append all of them, or none."""
        chain = list(self.ledger[-1:])
        try:
            for note in notes:
                previous = chain[-1].hash if chain else GENESIS
                sequence = chain[-1].sequence + 1 if chain else 1
                chain.append(seal(replace(note, at=utc(note.at)), sequence, previous))
        except TypeError as error:
            raise StoreError(f"a note cannot be entered: {error}") from error
        self.ledger.extend(chain[len(chain) - len(notes) :])

    def waiting(self, campaign_id: CampaignId) -> list[Lead]:
        """Return the leads that wait in lists that are called."""
        called = {
            key
            for key, lead_list in self.lists.items()
            if lead_list.approved_at and not lead_list.withdrawn_at and not lead_list.paused_at
        }
        mine = (row for row in self.leads.values() if row.campaign_id == campaign_id and row.list_id in called)
        return [row for row in mine if row.state is LeadState.WAITING]

    def person(self, lead_id: LeadId) -> str:
        """Return the word of the person a lead is."""
        word = self._word(lead_id)
        if not self.client_keys.get(lead_id):
            return word
        same = {lead.number for lead in self.leads.values() if self._word(lead.lead_id) == word}
        return person_of("", "", lead_id) if len(same) > MOST_NUMBERS else word

    def _word(self, lead_id: LeadId) -> str:
        company = self.campaigns[self.leads[lead_id].campaign_id].client_company
        return person_of(company, self.client_keys.get(lead_id, ""), lead_id)

    def same_person(self, lead_id: LeadId) -> list[Lead]:
        """Return every lead of the person a lead is."""
        if not self.client_keys.get(lead_id):
            return [self.leads[lead_id]]
        word = self.person(lead_id)
        return [lead for lead in self.leads.values() if self.person(lead.lead_id) == word]

    def set_lead(self, lead_id: LeadId, state: LeadState, **values: Any) -> None:
        """Change a lead in place (its order stays)."""
        self.leads[lead_id] = replace(self.leads[lead_id], state=state, **values)


def utc(at: datetime) -> datetime:
    """Return an aware time in UTC; a naive one is refused."""
    if at.tzinfo is None:
        raise StoreError("a time without a time zone was given; give an aware one")
    return at.astimezone(UTC)


def found(rows: Mapping[Key, Value], key: Key, thing: str) -> Value:
    """Return the row or raise the port's error."""
    if key not in rows:
        raise NotFoundError(f"there is no {thing} {key}")
    return rows[key]


class FakeUnreadable:
    """In memory everything can be read; services note what they cannot use themselves."""

    def __init__(self) -> None:
        self.news: list[UnreadableRow] = []
        self.known: set[tuple[str, str]] = set()

    def note(self, row: UnreadableRow) -> None:
        if (row.table, row.key) not in self.known:
            self.known.add((row.table, row.key))
            self.news.append(row)

    def take(self) -> Sequence[UnreadableRow]:
        unreadable_rows, self.news = self.news, []
        return unreadable_rows
