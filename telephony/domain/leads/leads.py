"""Leads and lists: people to call, and the batch they were loaded in.

Reading files is left to services, checking a telephone number to ``numbers``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from telephony.domain.law.basis import NO_TERMS, LeadTerms
from telephony.ids import CampaignId, LeadId, ListId, Number, OperatorId

WHENEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""A time at which every waiting lead is due."""
LOWEST, USUAL, HIGHEST = 0, 5, 9
"""Priorities of leads; the higher is called first."""
PROMISED: Final = 10
"""Priority of a lead that was promised a callback."""


class LeadState(StrEnum):
    """State of a lead."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class NewLead:
    """One accepted row of a list.

    Attributes:
        number: E.164 without plus.
        name: the person's name as in the list, or "".
        fields: every other column, by its header.
        row: line number in the file, the header being line 1.
        others: further numbers of the same person, in the order they are tried.
        priority: 0 to 9, the higher first.
        terms: legal basis, consent and time zone, according to the list.
        client_key: the client company's own key of the person, as ``persons.client_key_of`` reads it, or "".
    """

    number: Number
    name: str
    fields: dict[str, str]
    row: int
    others: tuple[Number, ...] = ()
    priority: int = USUAL
    terms: LeadTerms = NO_TERMS
    client_key: str = ""

    @property
    def numbers(self) -> tuple[Number, ...]:
        """All numbers if there are several, else none."""
        return (self.number, *self.others) if self.others else ()


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as stored.

    Attributes:
        priority: 0 to 9, the higher first.
        not_before: aware UTC; earliest time of the next try; None when it is not postponed.
        tries: attempts that count, since it was loaded or restarted; interrupted ones do not count.
        reason: why it is in this state: the outcome, result or rule that postponed or closed it, or "".
        clock: code of its calling zone (``telephony.domain.law.calling_zone``).
        bucket: what is known of it, see ``lead_order.buckets``.
        numbers: all numbers of the person, in the order they are tried, including the present ``number``; empty when
            there is no other.
    """

    lead_id: LeadId
    list_id: ListId
    campaign_id: CampaignId
    number: Number
    name: str
    state: LeadState
    fields: dict[str, str] = field(default_factory=dict)
    priority: int = USUAL
    not_before: datetime | None = None
    tries: int = 0
    reason: str = ""
    clock: str = ""
    bucket: str = ""
    numbers: tuple[Number, ...] = ()


IsOpen = Callable[[str], bool]
"""Whether leads of a calling zone, given by its code, are within calling hours now."""


def every_clock(clock: str) -> bool:
    """Return True for every calling zone: no hours apply."""
    del clock
    return True


@dataclass(frozen=True, slots=True)
class Window:
    """The next leads of a list, in calling order."""

    list_id: ListId
    share: int
    leads: tuple[Lead, ...]

    def ranked(self, order: Sequence[Lead]) -> "Window":
        """Return the window in another order, with higher priorities still first."""
        return replace(self, leads=tuple(sorted(order, key=lambda lead: -lead.priority)))


@dataclass(frozen=True, slots=True)
class Promise:
    """A lead whose callback is due, and the operator it is reserved for; None: anyone."""

    lead: Lead
    operator_id: OperatorId | None


@dataclass(frozen=True, slots=True)
class DueLeads:
    """What a campaign may call now.

    Attributes:
        promises: callbacks, the longest due first.
        windows: by list, those with a share first.
        next_at: when the next lead within calling hours is due, read only when none is due now; None: there is none.
        shut: calling zones outside calling hours whose waiting leads were not read.
    """

    promises: tuple[Promise, ...]
    windows: tuple[Window, ...]
    next_at: datetime | None = None
    shut: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was rejected.

    Attributes:
        row: line number in the file, the header being line 1.
        reason: code of ``RejectReason`` in ``telephony.domain.numbers.errors``, or of the importer.
        text: a message for people, without the number.
        values: the row as read, for the file of rejects.
    """

    row: int
    reason: str
    text: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeadList:
    """A list as stored. ``rows_read = accepted + rejected + duplicates``, always.

    Attributes:
        loaded_by: who loaded it: a sign-in name or ``cli:<user>``.
        approved_by: the second person, None until there is one; until then none of its leads is dialled.
        approved_at: when it was approved, or None.
        withdrawn_by: who revoked it, None while nobody has.
        withdrawn_at: when it was revoked; from then on none of its leads is dialled.
        withdrawal_reason: why, in their words.
        share: its weight among the campaign's lists; lists with 0 come last, oldest first.
        paused_by: who paused it, None while it is not paused.
        paused_at: when it was paused; its leads are not called until it is resumed.
    """

    list_id: ListId
    campaign_id: CampaignId
    name: str
    file_sha256: str
    rows_read: int
    accepted: int
    rejected: int
    duplicates: int
    loaded_at: datetime
    loaded_by: str
    approved_by: str | None = None
    approved_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    withdrawal_reason: str | None = None
    share: int = 0
    paused_by: str | None = None
    paused_at: datetime | None = None

    @property
    def awaits_approval(self) -> bool:
        """Whether a second person must still approve it."""
        return self.approved_at is None and self.withdrawn_at is None

    def is_in_force(self, now: datetime) -> bool:
        """Return True if its leads may be dialled: approved and not revoked."""
        if self.approved_at is None or now < self.approved_at:
            return False
        return self.withdrawn_at is None or now < self.withdrawn_at
