"""The interface to the database: ``Store`` has all capabilities, each in its own module.

One adapter implements all of them on SQLite and on PostgreSQL. Each method is one transaction: when it returns, the
change is durable; when it raises, nothing was written. Ports raise only the ``StoreError`` family.
"""

from dataclasses import dataclass

from telephony.ports.calls.attempts import AttemptStore
from telephony.ports.calls.permits import PermitStore
from telephony.ports.calls.seats import SeatStore
from telephony.ports.campaigns.campaigns import CampaignStore
from telephony.ports.evidence.ledger import LedgerStore
from telephony.ports.evidence.recordings import RecordingStore
from telephony.ports.leads.callbacks import CallbackStore
from telephony.ports.leads.lead_order import ChoiceStore
from telephony.ports.leads.leads import LeadStore
from telephony.ports.leads.management import LeadWorkStore
from telephony.ports.leads.previews import PreviewStore
from telephony.ports.leads.quotas import QuotaStore
from telephony.ports.people.accounts import AccountStore
from telephony.ports.rules.do_not_call import DoNotCallStore
from telephony.ports.rules.law import LawStore
from telephony.ports.rules.whitelist import WhitelistStore
from telephony.ports.security.dtmf import DtmfStore
from telephony.ports.security.locks import LockStore
from telephony.ports.unreadable import UnreadableRows


@dataclass(frozen=True, slots=True)
class Store:
    """All capabilities on one database."""

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
    keys: DtmfStore
    law: LawStore
    do_not_call: DoNotCallStore
    work: LeadWorkStore
    callbacks: CallbackStore
    quotas: QuotaStore
    previews: PreviewStore
    choice: ChoiceStore
    unreadable: UnreadableRows
