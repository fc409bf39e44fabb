"""Leads and lists: people to call, and the batch they were loaded in.

Reading files is left to services; judging a telephone number to ``numbers``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from telephony.domain.law.basis import NO_TERMS, LeadTerms
from telephony.ids import CampaignId, LeadId, ListId, Number, OperatorId

WHENEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""A moment at which every waiting lead is due."""
LOWEST, USUAL, HIGHEST = 0, 5, 9
"""Priorities of leads; the higher is called first."""
PROMISED: Final = 10
"""Priority of a lead that was promised a callback."""


class LeadState(StrEnum):
    """Where a lead stands."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class NewLead:
    """One accepted row of a list.

    Attributes:
        number: E.164 without plus.
        name: the person's name as it stands in the list, or "".
        fields: every other column, by its header.
        row: line number in the file, the header being line 1.
        others: further numbers of the same person, in the order they are tried.
        priority: 0 to 9, the higher first.
        terms: legal basis, consent and time zone, as the list says.
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
        """Every number where there are several, else none."""
        return (self.number, *self.others) if self.others else ()


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as stored.

    Attributes:
        priority: 0 to 9, the higher first.
        not_before: aware UTC; earliest moment of the next try; None when nothing postponed it.
        tries: attempts that count, since it was loaded or begun anew; interrupted ones do not.
        reason: why it stands as it does: the outcome, result or rule that postponed or closed it, or "".
        clock: word of the clock it lives on (``telephony.domain.law.calling_zone``).
        bucket: what is known of it, see ``lead_buckets``.
        numbers: every number of the person, in the order they are tried, ``number`` being the one of now; empty when
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
"""Whether leads on a clock, named by its word, may be called now as far as days and hours go."""


def every_clock(clock: str) -> bool:
    """Say that no clock is shut."""
    del clock
    return True


@dataclass(frozen=True, slots=True)
class Window:
    """A list's next leads, in the order they are called."""

    list_id: ListId
    share: int
    leads: tuple[Lead, ...]

    def ranked(self, order: Sequence[Lead]) -> "Window":
        """Return it in another order, in which the higher priority still goes first."""
        return replace(self, leads=tuple(sorted(order, key=lambda lead: -lead.priority)))


@dataclass(frozen=True, slots=True)
class Promise:
    """A lead whose callback is due, and the operator it is kept for; None: anyone."""

    lead: Lead
    operator_id: OperatorId | None


@dataclass(frozen=True, slots=True)
class DueLeads:
    """What a campaign may call now.

    Attributes:
        promises: callbacks, the longest due first.
        windows: by list, those with a share first.
        next_at: when the next lead on an open clock is due, looked up only when there is none now; None when none is.
        shut: clocks on which leads wait that were not looked at.
    """

    promises: tuple[Promise, ...]
    windows: tuple[Window, ...]
    next_at: datetime | None = None
    shut: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was not taken.

    Attributes:
        row: line number in the file, the header being line 1.
        reason: word of ``RejectReason`` in ``telephony.domain.numbers.numbers`` or the importer.
        text: a sentence for people, without the number.
        values: the row as it was read, for the file of rejects.
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
        approved_by: the second person, None until there is one; before, none of its leads is dialled.
        approved_at: when, None until then.
        withdrawn_by: who withdrew it, None while it stands.
        withdrawn_at: when; from then on none of its leads is dialled.
        withdrawal_reason: why, in their words.
        share: its weight among the campaign's lists; those of 0 come after, oldest first.
        paused_by: who paused it, None while it is not.
        paused_at: when; its leads are left untouched until it is resumed.
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
        """Whether a second person must still agree to it."""
        return self.approved_at is None and self.withdrawn_at is None

    def is_in_force(self, now: datetime) -> bool:
        """Return True if its leads may be dialled: approved, and not withdrawn."""
        if self.approved_at is None or now < self.approved_at:
            return False
        return self.withdrawn_at is None or now < self.withdrawn_at
