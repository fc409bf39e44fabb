"""The tables as the code uses them, with constraints and the indexes that queries need.

Only migrations create the schema of a real database; a test keeps the two equal. ``dialects`` has the differences
between the two databases.
"""

from telephony.storage.tables.base import Count, metadata
from telephony.storage.tables.calls import UNRECORDED, PermitState, attempts, call_events, permits
from telephony.storage.tables.dtmf import key_allowances
from telephony.storage.tables.evidence import incidents, ledger, locks
from telephony.storage.tables.law import law_exemptions, opposition_lists, opposition_numbers, opposition_withdrawals
from telephony.storage.tables.lists import (
    TAKEN_OVER,
    ListState,
    campaigns,
    leads,
    lists,
    rejected_rows,
    retry_plans,
    tallies,
)
from telephony.storage.tables.people import accounts, operators, seats, sessions
from telephony.storage.tables.previews import previews
from telephony.storage.tables.promises import callbacks, quotas
from telephony.storage.tables.recordings import listenings, recording_steps, recordings
from telephony.storage.tables.whitelist import number_rules, whitelist_changes

__all__ = [
    "TAKEN_OVER",
    "UNRECORDED",
    "Count",
    "ListState",
    "PermitState",
    "accounts",
    "attempts",
    "call_events",
    "callbacks",
    "campaigns",
    "incidents",
    "key_allowances",
    "law_exemptions",
    "leads",
    "ledger",
    "listenings",
    "lists",
    "locks",
    "metadata",
    "number_rules",
    "operators",
    "opposition_lists",
    "opposition_numbers",
    "opposition_withdrawals",
    "permits",
    "previews",
    "quotas",
    "recording_steps",
    "recordings",
    "rejected_rows",
    "retry_plans",
    "seats",
    "sessions",
    "tallies",
    "whitelist_changes",
]
