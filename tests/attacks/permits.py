"""The product's own permits at a site: a fresh database, the real gate service, the real FastAGI server with its key.

Nothing dials by itself here: permits are given, and the tests use, forge, replay, race and steal them. On the naive
site a permit is what the naive gate takes for one: any id with a header beside it.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from telephony.app.wiring.system import SystemClock, SystemDice
from telephony.app.workbench import workbench
from telephony.asterisk.agi import FastAgiServer
from telephony.domain.calls.attempts import AttemptStart
from telephony.domain.calls.permits import PERMIT_DIGITS, PermitRequest, give_permit
from telephony.domain.campaigns.campaigns import CampaignWish
from telephony.domain.law.basis import CampaignKind
from telephony.domain.law.facts import DialingPolicy
from telephony.domain.leads.retries import ONCE
from telephony.ids import AttemptId, LeadId, PermitId, RecordingId
from telephony.ports.store import Store
from telephony.services.calls.tracker import Tracker
from telephony.services.evidence.refusals import Refusals
from telephony.services.rules.permits import GATE, Gate
from telephony.services.rules.rule_facts import RuleFacts
from telephony.settings import Settings
from telephony.storage import upgrade
from telephony.wire.verdict_key import verdict_key
from telephony.workshop.bench.unblocked import EveryoneWaits, NoKeys, unblocked
from tests.approving import approve

NUMBERS: Final = tuple(f"33199001{count:03}" for count in range(400, 440))
"""Numbers that permits are given for, one each."""


class PermitOffice:
    """Gives permits that the real gate service consumes."""

    def __init__(self, settings: Settings, store: Store, desk: FastAgiServer, tracker: Tracker) -> None:
        self.settings = settings
        self.store = store
        self.desk = desk
        self._tracker = tracker
        self._leads: list[LeadId] = []

    def know(self, leads: Sequence[LeadId]) -> None:
        """Take these leads for permits to come."""
        self._leads += leads

    async def give(self, life: timedelta = timedelta(minutes=2), gate: str = GATE) -> tuple[PermitId, str]:
        """Give a permit; returns its id and number."""
        lead = await self.store.leads.get(self._leads.pop(0))
        dice, now = SystemDice(), SystemClock().now()
        trunk = self.settings.trunks[0]
        request = PermitRequest(
            attempt_id=AttemptId(dice.uuid()),
            recording_id=RecordingId(dice.uuid()),
            campaign_id=lead.campaign_id,
            list_id=lead.list_id,
            lead_id=lead.lead_id,
            number=lead.number,
            caller_id=trunk.caller_ids[0],
            trunk=trunk.name,
            gate=gate,
        )
        # A negative life gives a permit that expired that long ago.
        issued_at = now if life > timedelta(0) else now + 2 * life
        permit = give_permit(request, dice.digits(PERMIT_DIGITS), issued_at, abs(life))
        held = await self.store.attempts.begin([AttemptStart(permit, now)], [])
        assert len(held) == 1
        self._tracker.begin(await self.store.attempts.get(permit.attempt_id))
        return permit.permit_id, permit.number


@contextlib.asynccontextmanager
async def permit_office(settings: Settings, folder: Path, host: str, port: int) -> AsyncIterator[PermitOffice]:
    """Open an office whose FastAGI server listens at ``host``:``port`` (0: any)."""
    settings = settings.model_copy(
        update={"database": settings.database.model_copy(update={"url": f"sqlite:///{folder / 'permits.db'}"})}
    )
    await upgrade(settings.database.url)
    async with workbench(settings) as bench:
        wish = CampaignWish("Attacked", "Example SA", CampaignKind.SURVEY, plan=ONCE)
        campaign = await bench.campaigns.create(wish, by="test")
        rows = "\n".join(["telephone", *(f"+{number}" for number in NUMBERS)])
        report = await bench.lists.load_file(rows.encode(), campaign=campaign, name="Attacked", by="test")
        await approve(bench, report)
        await bench.campaigns.start(campaign.campaign_id, "test")
        store, clock = bench.store, SystemClock()
        tracker = Tracker(store.attempts, clock)
        trunks = {trunk.name: frozenset(trunk.caller_ids) for trunk in settings.trunks}
        facts = RuleFacts(trunks, DialingPolicy(ring_s=15), unblocked(), clock)
        gate = Gate(store, tracker, clock, facts, NoKeys(), EveryoneWaits(), Refusals(store.ledger, clock))
        peers = {str(settings.pbx.sip_host), str(settings.gate.sip_host), "127.0.0.1"}
        key = verdict_key(settings.gate.ami_secret.get_secret_value())
        desk = FastAgiServer(host, port, peers, keys={"verdict": key})
        office = PermitOffice(settings, store, desk, tracker)
        office.know([lead.lead_id for lead in await store.leads.waiting(campaign.campaign_id, len(NUMBERS))])
        writing = asyncio.create_task(tracker.run())
        await desk.start({"verdict": gate.verdict})
        try:
            yield office
        finally:
            await desk.stop()
            writing.cancel()
            await asyncio.wait((writing,))


def forged() -> str:
    """Return a permit id that nobody gave."""
    return "p" + "".join(secrets.choice("0123456789") for _ in range(36))
