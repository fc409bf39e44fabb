"""Nobody is rung twice at once: over campaigns, modes, second numbers and crashes, at permit and gate."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.domain.leads.leads import LeadState, NewLead
from telephony.ids import AttemptId, Number
from telephony.services.preview.desk import PreviewError
from tests.scenes.controller_on_doubles import ControllerOnDoubles, Fixed, controller_on_doubles, number
from tests.virtual_time import passes, until, virtual


def up(site: ControllerOnDoubles) -> Counter[str]:
    """Numbers that a call is up to, or on its way to."""
    return Counter(attempt.number for attempt in site.tables.attempts.values() if attempt.outcome is None)


async def two_campaigns(site: ControllerOnDoubles, leads: int = 3, **changes: Any) -> None:
    await site.campaign(leads, "First")
    await site.campaign(leads, "Second", **changes)


@virtual
async def test_two_campaigns_never_ring_one_number_at_once_and_lose_nobody():
    async with controller_on_doubles(pacer=Fixed(6), is_started=False) as site:
        await two_campaigns(site)
        await site.start()
        await site.dials(3)
        await passes(10)
        assert set(up(site).values()) == {1}
        assert site.leads(LeadState.WAITING) == 3
        reasons = {lead.reason for lead in site.tables.leads.values() if lead.state is LeadState.WAITING}
        assert reasons <= {"", "on_the_line"}
        for permit in site.dialled[:3]:
            site.exchange.hang_up(permit.attempt_id)
        await site.dials(6)
        assert Counter(permit.number for permit in site.dialled) == {number(row): 2 for row in range(3)}
        assert max(up(site).values()) == 1


@virtual
async def test_one_person_is_not_rung_at_two_numbers_at_once():
    async with controller_on_doubles(pacer=Fixed(4), is_started=False) as site:
        twins = [NewLead(Number(f"331990010{row:02d}"), "Person", {}, row, client_key="c-17") for row in range(2)]
        await site.campaign(1, "First", also=twins[:1])
        await site.campaign(1, "Second", first=50, also=twins[1:])
        await site.start()
        await site.dials(3)
        await passes(20)
        assert len(site.dialled) == 3
        first = next(permit for permit in site.dialled if permit.number in {twin.number for twin in twins})
        site.exchange.hang_up(first.attempt_id)
        await site.dials(4)
        assert {twin.number for twin in twins} <= {permit.number for permit in site.dialled}


@virtual
async def test_a_number_called_by_a_campaign_is_not_called_by_an_operators_press_either():
    pacer = Fixed(1)
    async with controller_on_doubles(pacer=pacer, seats=2, is_started=False) as site:
        dialled = await site.campaign(1, "Dialled")
        await site.campaign(1, "Preview", mode=DialMode.PREVIEW)
        await site.start()
        await site.dials(1)
        pacer.count = 0
        for seat in (1, 2):
            await site.log_in(seat)
        await passes(5)
        assert [site.parts.screens.desk.preview_of(site.operator(seat)) for seat in (1, 2)] == [None, None]
        (lead,) = [lead for lead in site.tables.leads.values() if lead.campaign_id != dialled.campaign_id]
        assert (lead.state, lead.reason) == (LeadState.WAITING, "on_the_line")


@virtual
async def test_a_press_in_the_second_in_which_a_campaign_calls_the_number_calls_nobody():
    pacer = Fixed(0)
    async with controller_on_doubles(pacer=pacer, seats=1, is_started=False) as site:
        preview = await site.campaign(1, "Preview", mode=DialMode.PREVIEW)
        await site.start()
        await site.log_in(1)
        desk, operator = site.parts.screens.desk, site.operator(1)
        await until("offered", lambda: desk.preview_of(operator) is not None)
        offer = desk.preview_of(operator)
        assert offer is not None
        await site.campaign(1, "Dialled")
        pacer.count = 1
        await site.dials(1)
        with pytest.raises(PreviewError):
            await desk.call(operator, offer.preview_id)
        assert set(up(site).values()) == {1}
        lead = next(lead for lead in site.tables.leads.values() if lead.campaign_id == preview.campaign_id)
        assert lead.state is LeadState.WAITING


@virtual
async def test_nothing_stays_blocked_after_a_crash():
    async with controller_on_doubles(pacer=Fixed(6), is_started=False) as site:
        await two_campaigns(site)
        await site.start()
        await site.dials(3)
        await site.crash()
        for permit in site.dialled[:3]:
            site.exchange.hang_up(permit.attempt_id)  # heard by nobody
        await site.start()
        await site.dials(6)  # those of the crash, again
        for permit in site.dialled[3:6]:
            site.exchange.hang_up(permit.attempt_id)
        await until("everybody called", lambda: len({dial_permit.lead_id for dial_permit in site.dialled}) == 6, 120)
        assert max(up(site).values()) == 1


@virtual
async def test_the_gate_refuses_a_second_call_whatever_let_it_be_written():
    async with controller_on_doubles(leads=1, pacer=Fixed(1), is_started=False) as site:
        site.exchange.is_held_back = True
        await site.start()
        (permit,) = await site.dials(1)
        own = site.attempt(permit.attempt_id)
        before = replace(own, attempt_id=AttemptId("before"), started_at=own.started_at - timedelta(seconds=1))
        site.tables.attempts[before.attempt_id] = before  # as an older version, or hands in the database, left it
        assert await site.exchange.desk.ask("verdict", "gate-77", permit.permit_id) == {}
        refused = [entry.note.body["rule"] for entry in site.tables.ledger if entry.note.kind == "permit_refused"]
        assert refused == ["on_the_line"]
        site.exchange.switch.fail(permit.attempt_id, 29, "SIP 501")
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.INTERRUPTED
        assert site.tables.leads[permit.lead_id].state is LeadState.WAITING
