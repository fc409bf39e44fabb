"""Nobody is rung twice at once: over campaigns, modes, second numbers and crashes, at permit and gate."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from telephony.domain.dialing_options import DialMode
from telephony.domain.leads import LeadState, NewLead
from telephony.domain.outcomes import Outcome
from telephony.ids import AttemptId, Number
from telephony.services.preview_desk import PreviewError
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import Fixed, Site, number, site


def up(house: Site) -> Counter[str]:
    """Numbers that a call is up to, or on its way to."""
    return Counter(one.number for one in house.tables.attempts.values() if one.outcome is None)


async def two_campaigns(house: Site, leads: int = 3, **changes: Any) -> None:
    await house.campaign(leads, "First")
    await house.campaign(leads, "Second", **changes)


@virtual
async def test_two_campaigns_never_ring_one_number_at_once_and_lose_nobody():
    async with site(pacer=Fixed(6), is_started=False) as house:
        await two_campaigns(house)
        await house.start()
        await house.dials(3)
        await passes(10)
        assert set(up(house).values()) == {1}
        assert house.leads(LeadState.WAITING) == 3
        reasons = {lead.reason for lead in house.tables.leads.values() if lead.state is LeadState.WAITING}
        assert reasons <= {"", "on_the_line"}
        for permit in house.dialled[:3]:
            house.exchange.hang_up(permit.attempt_id)
        await house.dials(6)
        assert Counter(permit.number for permit in house.dialled) == {number(row): 2 for row in range(3)}
        assert max(up(house).values()) == 1


@virtual
async def test_one_person_is_not_rung_at_two_numbers_at_once():
    async with site(pacer=Fixed(4), is_started=False) as house:
        twins = [NewLead(Number(f"331990010{row:02d}"), "Person", {}, row, client_key="c-17") for row in range(2)]
        await house.campaign(1, "First", also=twins[:1])
        await house.campaign(1, "Second", first=50, also=twins[1:])
        await house.start()
        await house.dials(3)
        await passes(20)
        assert len(house.dialled) == 3
        first = next(permit for permit in house.dialled if permit.number in {one.number for one in twins})
        house.exchange.hang_up(first.attempt_id)
        await house.dials(4)
        assert {one.number for one in twins} <= {permit.number for permit in house.dialled}


@virtual
async def test_a_number_called_by_a_campaign_is_not_called_by_an_operators_press_either():
    pacer = Fixed(1)
    async with site(pacer=pacer, seats=2, is_started=False) as house:
        dialled = await house.campaign(1, "Dialled")
        await house.campaign(1, "Preview", mode=DialMode.PREVIEW)
        await house.start()
        await house.dials(1)
        pacer.count = 0
        for seat in (1, 2):
            await house.log_in(seat)
        await passes(5)
        assert [house.parts.screens.desk.preview_of(house.operator(seat)) for seat in (1, 2)] == [None, None]
        (lead,) = [one for one in house.tables.leads.values() if one.campaign_id != dialled.campaign_id]
        assert (lead.state, lead.reason) == (LeadState.WAITING, "on_the_line")


@virtual
async def test_a_press_in_the_second_in_which_a_campaign_calls_the_number_calls_nobody():
    pacer = Fixed(0)
    async with site(pacer=pacer, seats=1, is_started=False) as house:
        preview = await house.campaign(1, "Preview", mode=DialMode.PREVIEW)
        await house.start()
        await house.log_in(1)
        desk, operator = house.parts.screens.desk, house.operator(1)
        await until("offered", lambda: desk.preview_of(operator) is not None)
        offer = desk.preview_of(operator)
        assert offer is not None
        await house.campaign(1, "Dialled")
        pacer.count = 1
        await house.dials(1)
        with pytest.raises(PreviewError):
            await desk.call(operator, offer.preview_id)
        assert set(up(house).values()) == {1}
        lead = next(one for one in house.tables.leads.values() if one.campaign_id == preview.campaign_id)
        assert lead.state is LeadState.WAITING


@virtual
async def test_nothing_stays_blocked_after_a_crash():
    async with site(pacer=Fixed(6), is_started=False) as house:
        await two_campaigns(house)
        await house.start()
        await house.dials(3)
        await house.crash()
        for permit in house.dialled[:3]:
            house.exchange.hang_up(permit.attempt_id)  # heard by nobody
        await house.start()
        await house.dials(6)  # those of the crash, again
        for permit in house.dialled[3:6]:
            house.exchange.hang_up(permit.attempt_id)
        await until("everybody called", lambda: len({one.lead_id for one in house.dialled}) == 6, 120)
        assert max(up(house).values()) == 1


@virtual
async def test_the_gate_refuses_a_second_call_whatever_let_it_be_written():
    async with site(leads=1, pacer=Fixed(1), is_started=False) as house:
        house.exchange.is_held_back = True
        await house.start()
        (permit,) = await house.dials(1)
        own = house.attempt(permit.attempt_id)
        before = replace(own, attempt_id=AttemptId("before"), started_at=own.started_at - timedelta(seconds=1))
        house.tables.attempts[before.attempt_id] = before  # as an older version, or hands in the database, left it
        assert await house.exchange.desk.ask("verdict", "gate-77", permit.permit_id) == {}
        refused = [one.note.body["rule"] for one in house.tables.ledger if one.note.kind == "permit_refused"]
        assert refused == ["on_the_line"]
        house.exchange.switch.fail(permit.attempt_id, 29, "SIP 501")
        assert (await house.ended(permit.attempt_id)).outcome is Outcome.INTERRUPTED
        assert house.tables.leads[permit.lead_id].state is LeadState.WAITING
