"""The services that need only the store: built once, the same for pages, commands and the controller; none started."""

from dataclasses import dataclass

from telephony.domain.law.facts import DialingPolicy
from telephony.ports.clock import Clock, Dice
from telephony.ports.evidence.archive import Archive
from telephony.ports.store import Store
from telephony.services.calls.results_due import MissingResults
from telephony.services.campaigns.campaigns import Campaigns
from telephony.services.campaigns.lead_management import LeadWork
from telephony.services.dialing.lead_order import LeadOrders
from telephony.services.dialing.nobody_due import NobodyDue
from telephony.services.evidence.incidents import Incidents
from telephony.services.evidence.refusals import Refusals
from telephony.services.lists.importer import ListImporter
from telephony.services.people.accounts import AccountsService
from telephony.services.recordings.playback import ListeningService
from telephony.services.rules.callback_promises import Promises
from telephony.services.rules.calling_hours import CallingHours
from telephony.services.rules.do_not_call import DoNotCallLists
from telephony.services.rules.exemptions import Exemptions
from telephony.services.rules.facts import policy_of
from telephony.services.rules.whitelist import Whitelist
from telephony.services.security.dtmf import DtmfAllowances
from telephony.services.security.locks import Locks
from telephony.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """The services behind pages and commands, and those of the controller that need only the store."""

    settings: Settings
    store: Store
    clock: Clock
    dice: Dice
    archive: Archive
    policy: DialingPolicy
    campaigns: Campaigns
    lists: ListImporter
    accounts: AccountsService
    listening: ListeningService
    whitelist: Whitelist
    locks: Locks
    exemptions: Exemptions
    do_not_call: DoNotCallLists
    keys: DtmfAllowances
    incidents: Incidents
    leads: LeadWork
    orders: LeadOrders
    clocks: CallingHours
    nobody: NobodyDue
    promises: Promises
    results: MissingResults
    refusals: Refusals


def services_of(settings: Settings, store: Store, clock: Clock, dice: Dice, archive: Archive) -> Services:
    """Build the services; the caller settles ``refusals`` at the end."""
    timezone = settings.site.timezone
    policy = policy_of(settings.dialing, settings.rules)
    refusals = Refusals(store.ledger, clock)
    clocks = CallingHours(store, clock, policy)
    promises = Promises(store, clock, policy, timezone)
    caller_ids = {trunk.name: frozenset(trunk.caller_ids) for trunk in settings.trunks}
    return Services(
        settings=settings,
        store=store,
        clock=clock,
        dice=dice,
        archive=archive,
        policy=policy,
        campaigns=Campaigns(store, clock, settings.trunks, settings.campaign),
        lists=ListImporter(store, clock, timezone),
        accounts=AccountsService(store, clock, dice, settings.web.session_hours, refusals=refusals),
        listening=ListeningService(store, archive, clock, refusals),
        whitelist=Whitelist(store, clock, caller_ids, policy),
        locks=Locks(store.locks, clock, [seat.number for seat in settings.seats]),
        exemptions=Exemptions(store, clock),
        do_not_call=DoNotCallLists(store, clock),
        keys=DtmfAllowances(store.keys, clock),
        incidents=Incidents(store.ledger, clock),
        leads=LeadWork(store, clock, promises),
        orders=LeadOrders(store, clock, timezone),
        clocks=clocks,
        nobody=NobodyDue(store.choice, clocks, clock),
        promises=promises,
        results=MissingResults(store.attempts, clock),
        refusals=refusals,
    )
