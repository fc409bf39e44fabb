"""What one command of the command line needs: the database and the services that work on it, no switch."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from telephony.app.system import SystemClock, SystemDice
from telephony.archive import LocalArchive
from telephony.ports.clock import Clock, Dice
from telephony.ports.store import Store
from telephony.services.accounts import AccountsService
from telephony.services.campaigns import Campaigns
from telephony.services.exemptions import Exemptions
from telephony.services.incidents import Incidents
from telephony.services.keys import KeyAllowances
from telephony.services.law import practice_of
from telephony.services.lead_order import LeadOrders
from telephony.services.lead_work import LeadWork
from telephony.services.listening import ListeningService
from telephony.services.lists import ListImporter
from telephony.services.locks import Locks
from telephony.services.nobody_due import NobodyDue
from telephony.services.open_clocks import OpenClocks
from telephony.services.opposition import Oppositions
from telephony.services.promises import Promises
from telephony.services.results_due import MissingResults
from telephony.services.whitelist import Whitelist
from telephony.settings import Settings
from telephony.storage import open_store


@dataclass(frozen=True, slots=True)
class Workbench:
    """The services a command may use."""

    settings: Settings
    store: Store
    clock: Clock
    dice: Dice
    campaigns: Campaigns
    lists: ListImporter
    accounts: AccountsService
    archive: LocalArchive
    listening: ListeningService
    whitelist: Whitelist
    locks: Locks
    exemptions: Exemptions
    oppositions: Oppositions
    keys: KeyAllowances
    incidents: Incidents
    leads: LeadWork
    orders: LeadOrders
    nobody: NobodyDue
    results: MissingResults


@contextlib.asynccontextmanager
async def workbench(settings: Settings) -> AsyncIterator[Workbench]:
    """Open the database for one command.

    Raises:
        StoreError: it is down, or its schema is not this version's.
    """
    opened = await open_store(settings.database.url)
    try:
        clock, dice, store = SystemClock(), SystemDice(), opened.store
        practice = practice_of(settings.dialing, settings.rules)
        archive = LocalArchive(settings.gate.spool / "monitor", settings.recording.archive)
        yield Workbench(
            settings=settings,
            store=store,
            clock=clock,
            dice=dice,
            campaigns=Campaigns(store, clock, settings.trunks, settings.campaign),
            lists=ListImporter(store, clock, settings.site.timezone),
            accounts=AccountsService(store, clock, dice, settings.web.session_hours),
            archive=archive,
            listening=ListeningService(store, archive, clock),
            whitelist=Whitelist(store, clock, {one.name: one.caller_ids for one in settings.trunks}, practice),
            leads=LeadWork(store, clock, Promises(store, clock, practice, settings.site.timezone)),
            orders=LeadOrders(store, clock, settings.site.timezone),
            nobody=NobodyDue(store.choice, OpenClocks(store, clock, practice), clock),
            locks=Locks(store.locks, clock, [one.number for one in settings.seats]),
            exemptions=Exemptions(store, clock),
            oppositions=Oppositions(store, clock),
            keys=KeyAllowances(store.keys, clock),
            incidents=Incidents(store.ledger, clock),
            results=MissingResults(store.attempts, clock),
        )
    finally:
        await opened.close()
