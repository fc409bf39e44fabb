"""What services need from the database: ``Store`` holds every capability, each in a module of its own.

One adapter implements every part on SQLite and on PostgreSQL. Each method is one transaction: when it returns, the
change is durable; when it raises, nothing was written. Ports raise only the ``StoreError`` family.
"""

from dataclasses import dataclass

from telephony.ports.attempts import AttemptStore
from telephony.ports.callbacks import CallbackStore
from telephony.ports.campaigns import CampaignStore
from telephony.ports.keys import KeyStore
from telephony.ports.law import LawStore
from telephony.ports.lead_order import ChoiceStore
from telephony.ports.lead_work import LeadWorkStore
from telephony.ports.leads import LeadStore
from telephony.ports.ledger import LedgerStore
from telephony.ports.locks import LockStore
from telephony.ports.opposition import OppositionStore
from telephony.ports.people import AccountStore
from telephony.ports.permits import PermitStore
from telephony.ports.previews import PreviewStore
from telephony.ports.quotas import QuotaStore
from telephony.ports.recordings import RecordingStore
from telephony.ports.seats import SeatStore
from telephony.ports.unreadable import UnreadableRows
from telephony.ports.whitelist import WhitelistStore


@dataclass(frozen=True, slots=True)
class Store:
    """Every capability, on one database."""

    campaigns: CampaignStore
    leads: LeadStore
    attempts: AttemptStore
    permits: PermitStore
    recordings: RecordingStore
    seats: SeatStore
    accounts: AccountStore
    ledger: LedgerStore
    locks: LockStore
    whitelist: WhitelistStore
    keys: KeyStore
    law: LawStore
    oppositions: OppositionStore
    work: LeadWorkStore
    callbacks: CallbackStore
    quotas: QuotaStore
    previews: PreviewStore
    choice: ChoiceStore
    unreadable: UnreadableRows
