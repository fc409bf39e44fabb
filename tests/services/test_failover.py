"""Carriers that fail: the next trunk at once, the list untouched, an incident, and the campaign paused at last."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

from telephony.domain.calls.attempts import Refusal
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import Campaign, CampaignState
from telephony.domain.leads.deferred import DeferredLeads
from telephony.domain.leads.leads import Lead, LeadState
from telephony.domain.trunks.breaker import BreakerState
from telephony.domain.trunks.routes import Route
from telephony.ids import CampaignId
from telephony.services.calls.failed_leads import FailedOver
from telephony.services.dialing.lead_decider import Batch, LeadDecider
from telephony.services.trunks.failover import RULE, Failover
from tests.scenes.controller_on_doubles import CALLER_ID, ControllerOnDoubles, Fixed, controller_on_doubles
from tests.virtual_time import passes, until, virtual

SECOND_ID = "33199008888"
SOUTH = Route("south", SECOND_ID)
TRUNKS: list[dict[str, Any]] = [
    {"name": "carrier", "host": "127.0.0.5", "caller_ids": [CALLER_ID], "channels": 300, "calls_per_second": 10},
    {"name": "south", "host": "127.0.0.6", "caller_ids": [SECOND_ID], "channels": 300, "calls_per_second": 10},
]


class Outages:
    """Plays every carrier: answers each call by its trunk, as soon as it is there."""

    def __init__(self, site: ControllerOnDoubles, **answers: tuple[int, str] | None) -> None:
        self.site, self.answers = site, answers
        self._played = 0

    async def play(self) -> None:
        while True:
            await self.site.exchange.settle()
            for permit in self.site.dialled[self._played :]:
                self._played += 1
                answer = self.answers[permit.trunk]
                if answer is None:
                    self.site.exchange.ring(permit.attempt_id)
                else:
                    self.site.exchange.end(permit.attempt_id, *answer)
            await passes(0.05)


DOWN, BUSY, NOBODY = (34, "SIP 503"), (17, "SIP 486"), (1, "SIP 404")


def trunks_of(site: ControllerOnDoubles) -> list[str]:
    return [permit.trunk for permit in site.dialled]


def incidents(site: ControllerOnDoubles) -> dict[str, str]:
    return {row.kind: row.text for row in site.tables.incidents}


async def routed(site: ControllerOnDoubles, *more: Route, leads: int = 40) -> CampaignId:
    made = await site.campaign(leads)
    await site.fake.store.campaigns.change(
        made.campaign_id, "test", site.clock.now(), routes=[Route("carrier", CALLER_ID), *more]
    )
    await site.start()
    return made.campaign_id


@virtual
async def test_a_5xx_sends_the_same_lead_out_on_the_next_trunk_at_once_under_a_new_permit():
    async with controller_on_doubles(seats=1, is_started=False, trunks=TRUNKS) as site:
        await routed(site, SOUTH)
        site.task(Outages(site, carrier=DOWN, south=None).play())
        await site.log_in(1)
        first, second = await site.dials(2)
        assert (first.lead_id, first.trunk, first.caller_id) == (second.lead_id, "carrier", CALLER_ID)
        assert (second.trunk, second.caller_id) == ("south", SECOND_ID)
        assert first.permit_id != second.permit_id
        assert second.issued_at - first.issued_at < timedelta(seconds=1)
        assert (await site.ended(first.attempt_id)).outcome is Outcome.CARRIER_FAILED
        assert site.not_durable == []


@virtual
async def test_busy_is_the_persons_and_goes_to_no_other_trunk():
    async with controller_on_doubles(is_started=False, pacer=Fixed(1), trunks=TRUNKS) as site:
        await routed(site, SOUTH, leads=10)
        site.task(Outages(site, carrier=BUSY, south=BUSY).play())
        await site.dials(10)
        await passes(5)
        assert trunks_of(site) == ["carrier"] * 10


@virtual
async def test_a_carrier_that_fails_is_left_alone_with_an_incident_and_the_other_takes_over():
    async with controller_on_doubles(is_started=False, pacer=Fixed(1), trunks=TRUNKS) as site:
        await routed(site, SOUTH)
        site.task(Outages(site, carrier=DOWN, south=BUSY).play())
        await until("all called", lambda: site.leads(LeadState.DONE) == 40, 120)
        failed = trunks_of(site).count("carrier")
        assert 5 <= failed <= 15, "the calls already under way when it opened, and test calls"
        assert trunks_of(site).count("south") == 40
        assert site.parts.calls.trunks.state("carrier").state is not BreakerState.CLOSED
        assert "Trunk carrier fails" in incidents(site)["trunk_failing"]
        assert "SIP 503" in incidents(site)["trunk_failing"]
        assert "campaign_without_trunk" not in incidents(site)


@virtual
async def test_a_carrier_that_works_again_is_taken_back_by_one_test_call():
    pacer = Fixed(1)
    async with controller_on_doubles(is_started=False, pacer=pacer, trunks=TRUNKS) as site:
        await routed(site, SOUTH, leads=200)
        carriers = Outages(site, carrier=DOWN, south=None)
        site.task(carriers.play())
        await until("it opened", lambda: site.parts.calls.trunks.is_failing("carrier"))
        before = trunks_of(site).count("carrier")
        carriers.answers["carrier"] = None
        pacer.count = 0
        await passes(31)
        pacer.count = 1
        await until("it closed", lambda: not site.parts.calls.trunks.is_failing("carrier"))
        assert trunks_of(site).count("carrier") == before + 1


@virtual
async def test_when_every_trunk_fails_the_campaign_is_paused_with_an_incident_and_no_lead_is_lost():
    async with controller_on_doubles(is_started=False, pacer=Fixed(1), trunks=TRUNKS) as site:
        campaign = await routed(site, SOUTH, leads=100)
        site.task(Outages(site, carrier=DOWN, south=(18, "SIP 408")).play())
        await until("paused", lambda: site.tables.campaigns[campaign].state is CampaignState.PAUSED)
        await passes(60)
        assert len(site.dialled) <= 40
        assert site.leads(LeadState.WAITING) == 100
        assert "carrier, south" in incidents(site)["campaign_without_trunk"]


@virtual
async def test_a_carrier_that_answers_404_to_everything_burns_no_more_than_a_run_of_numbers():
    async with controller_on_doubles(is_started=False, pacer=Fixed(1), trunks=TRUNKS) as site:
        made = await site.campaign(200)
        await site.start()
        site.task(Outages(site, carrier=NOBODY).play())
        await until("paused", lambda: site.tables.campaigns[made.campaign_id].state is CampaignState.PAUSED)
        assert site.leads(LeadState.WAITING) >= 170
        assert "SIP 404" in incidents(site)["trunk_failing"]


@virtual
async def test_started_again_after_a_pause_one_test_call_decides():
    async with controller_on_doubles(is_started=False, pacer=Fixed(1), trunks=TRUNKS) as site:
        campaign = await routed(site, leads=100)
        carriers = Outages(site, carrier=DOWN)
        site.task(carriers.play())
        await until("paused", lambda: site.tables.campaigns[campaign].state is CampaignState.PAUSED)
        await passes(40)
        for answer, state in ((DOWN, CampaignState.PAUSED), (BUSY, CampaignState.RUNNING)):
            carriers.answers["carrier"] = answer
            before = len(site.dialled)
            await site.fake.store.campaigns.set_state(campaign, CampaignState.RUNNING, "test", site.clock.now())
            await until("tried", lambda count=before: len(site.dialled) > count, 120)
            await passes(1)
            assert site.tables.campaigns[campaign].state is state
            assert (len(site.dialled) == before + 1) is (state is CampaignState.PAUSED)
            await passes(70)


@virtual
async def test_a_number_that_fails_everywhere_while_others_get_through_is_refused():
    async with controller_on_doubles(seats=1, is_started=False, pacer=Fixed(1), trunks=TRUNKS) as site:
        await routed(site, SOUTH, leads=30)
        await site.dials(1)
        odd = site.dialled[0].lead_id
        seen = 0

        async def play() -> None:
            nonlocal seen
            while True:
                await site.exchange.settle()
                for permit in site.dialled[seen:]:
                    seen += 1
                    site.exchange.end(permit.attempt_id, *(DOWN if permit.lead_id == odd else BUSY))
                await passes(0.05)

        site.task(play())
        await until("refused", lambda: site.leads(LeadState.REFUSED) == 1, 90)
        assert site.tables.leads[odd].state is LeadState.REFUSED
        assert [permit.trunk for permit in site.dialled if permit.lead_id == odd] == ["carrier", "south"] * 2
        assert incidents(site) == {}


@virtual
async def test_shares_are_kept_while_there_is_room():
    roomy = [trunk | {"calls_per_second": 50} for trunk in TRUNKS]
    async with controller_on_doubles(is_started=False, pacer=Fixed(1), trunks=roomy) as site:
        made = await site.campaign(40)
        routes = [Route("carrier", CALLER_ID, 3), Route("south", SECOND_ID, 1)]
        await site.fake.store.campaigns.change(made.campaign_id, "test", site.clock.now(), routes=routes)
        await site.start()
        await site.dials(40)
        assert trunks_of(site).count("carrier") == 30


@virtual
async def test_a_full_trunk_spills_over_to_the_next():
    small = [TRUNKS[0] | {"channels": 2}, TRUNKS[1]]
    async with controller_on_doubles(is_started=False, pacer=Fixed(1), trunks=small) as site:
        await routed(site, SOUTH, leads=5)
        await site.dials(5)
        assert trunks_of(site) == ["carrier", "carrier", "south", "south", "south"]


@virtual
async def test_breakers_stand_where_they_stood_before_a_restart():
    async with controller_on_doubles(is_started=False, pacer=Fixed(1), trunks=TRUNKS) as site:
        await routed(site, SOUTH)
        site.task(Outages(site, carrier=DOWN, south=BUSY).play())
        await until("it opened", lambda: site.parts.calls.trunks.is_failing("carrier"))
        await passes(1)
        before = site.parts.calls.trunks.state("carrier")
        await site.crash()
        await site.start()
        after = site.parts.calls.trunks.state("carrier")
        assert (after.state, after.until_at, after.failed) == (before.state, before.until_at, before.failed)


@virtual
async def test_bad_numbers_that_come_back_together_at_the_end_of_a_list_are_no_failing_carrier():
    async with controller_on_doubles(is_started=False, pacer=Fixed(1), trunks=TRUNKS) as site:
        made = await site.campaign(100)
        await site.start()
        seen = 0

        async def play() -> None:
            nonlocal seen
            while True:
                await site.exchange.settle()
                for permit in site.dialled[seen:]:
                    seen += 1
                    site.exchange.end(permit.attempt_id, *(DOWN if int(permit.number) % 5 == 0 else BUSY))
                await passes(0.05)

        site.task(play())
        await until("all settled", lambda: site.leads(LeadState.WAITING) + site.leads(LeadState.CLAIMED) == 0, 200)
        assert (site.leads(LeadState.DONE), site.leads(LeadState.REFUSED)) == (80, 20)
        assert site.tables.campaigns[made.campaign_id].state is CampaignState.RUNNING
        assert incidents(site) == {}


@virtual
async def test_a_campaign_that_stopped_running_meanwhile_makes_no_number_the_culprit():
    async with controller_on_doubles(leads=1, is_started=False, trunks=TRUNKS) as site:
        await site.start()
        failover = Failover(site.parts.calls.trunks, site.clock, DeferredLeads())
        (lead,) = site.tables.leads.values()
        refusals = [failover.all_failed(lead.lead_id, lead.campaign_id, ()) for _ in range(5)]
        assert refusals == [None] * 5


class _ReadAgain:
    """A feed that reads a lead whose refusal is being written: it still waits in the database."""

    running: ClassVar[dict[CampaignId, Campaign]] = {}

    def __init__(self, campaign: Campaign, lead: Lead) -> None:
        self.leads = [(campaign, lead)]

    @contextlib.contextmanager
    def taking(self) -> Iterator[None]:
        yield

    async def next(self, campaign_id: CampaignId | None) -> tuple[Campaign, Lead] | None:
        return self.leads.pop() if self.leads else None


class _Refusing:
    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal

    async def take(self, running: object, *, guaranteed: bool) -> FailedOver:
        return FailedOver(refusals=[self.refusal])


@virtual
async def test_a_lead_is_never_dialled_by_the_transaction_that_refuses_it():
    async with controller_on_doubles(leads=1, is_started=False, trunks=TRUNKS) as site:
        await site.start()
        (lead,), (campaign,) = site.tables.leads.values(), site.tables.campaigns.values()
        refusal = Refusal(lead.campaign_id, lead.lead_id, RULE, "no trunk", site.clock.now())
        calls = site.parts.calls
        decider = LeadDecider(
            site.fake.store,
            _ReadAgain(campaign, lead),  # type: ignore[arg-type]
            calls.decisions,
            calls.blockers,
            None,  # type: ignore[arg-type]  # no rule is asked
            _Refusing(refusal),  # type: ignore[arg-type]
            calls.trunks,
        )
        batch = Batch()
        await decider.fill(batch, {None: [1]})
        assert (batch.starts, batch.refusals) == ([], [refusal])
