"""The law at the permit and at the gate: what is dialled, what waits until when, and what is refused permanently."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from telephony.domain.calls.attempts import Result
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.domain.law.basis import Basis, CampaignKind, LeadTerms
from telephony.domain.law.do_not_call import DoNotCallList
from telephony.domain.law.provisions import Law
from telephony.domain.leads.leads import LeadState, NewLead
from telephony.domain.trunks.routes import Route
from telephony.ids import CampaignId, Number
from telephony.words import english
from tests import virtual_time
from tests.scenes.controller_on_doubles import CALLER_ID, TRUNK, ControllerOnDoubles, Fixed, controller_on_doubles
from tests.virtual_time import passes, virtual

VERIFIED = "33162000000"
CONTRACT = LeadTerms(Basis.CONTRACT)
SUNDAY_NIGHT = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
MONDAY_NIGHT = datetime(2026, 11, 23, 18, 59, tzinfo=UTC)
"""19:59 in Paris."""
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TRUNKS = [
    {
        "name": TRUNK,
        "host": "127.0.0.5",
        "caller_ids": [CALLER_ID, VERIFIED],
        "channels": 30,
        "calls_per_second": 50,
    }
]
SLOW = [TRUNKS[0] | {"calls_per_second": 1}]


def begins(monkeypatch: Any, at: datetime) -> None:
    monkeypatch.setattr(virtual_time, "BEGAN", at)


async def consumers(site: ControllerOnDoubles, leads: int = 1, **changes: Any) -> CampaignId:
    values = {"kind": CampaignKind.CONSUMER, "caller_id": VERIFIED, "terms": CONTRACT} | changes
    return (await site.campaign(leads, **values)).campaign_id


def waits(site: ControllerOnDoubles) -> list[str]:
    return [str(entry.note.body["rule"]) for entry in site.tables.ledger if entry.note.kind == "campaign_waits"]


@virtual
async def test_on_a_sunday_night_surveys_and_b2b_are_dialled_and_consumers_wait(monkeypatch: Any):
    begins(monkeypatch, SUNDAY_NIGHT)
    async with controller_on_doubles(pacer=Fixed(2), trunks=TRUNKS, is_started=False) as site:
        waiting = await consumers(site, 200, name="Consumers")
        await site.campaign(2, "Survey", first=200)
        await site.campaign(2, "Firms", first=300, kind=CampaignKind.B2B)
        await site.start()
        await site.dials(4)
        await passes(60)
        assert {permit.campaign_id for permit in site.dialled} == set(site.tables.campaigns) - {waiting}
        assert waits(site) == ["calling_days"]
        assert "Monday 23 November 2026 at 10:00" in english(site.reason(waiting))
        leads = [lead for lead in site.tables.leads.values() if lead.campaign_id == waiting]
        assert {(lead.state, lead.not_before) for lead in leads} == {(LeadState.WAITING, None)}


@virtual
async def test_a_campaign_of_several_clocks_dials_where_it_is_day_and_leaves_the_others_unread(monkeypatch: Any):
    begins(monkeypatch, datetime(2026, 11, 23, 19, 30, tzinfo=UTC))  # 20:30 in Paris, 16:30 in Cayenne
    async with controller_on_doubles(pacer=Fixed(1), trunks=TRUNKS, is_started=False) as site:
        guyane = NewLead(Number("594594123456"), "Person", {}, 500, terms=CONTRACT)
        campaign = await consumers(site, 60, also=[guyane])
        await site.start()
        (permit,) = await site.dials(1)
        assert permit.number == guyane.number
        mainland = [lead for lead in site.tables.leads.values() if lead.number.startswith("33")]
        assert {(lead.state, lead.not_before, lead.reason) for lead in mainland} == {(LeadState.WAITING, None, "")}
        await passes(60)
        assert "24 November 2026 at 10:00" in english(site.reason(campaign))
        assert waits(site) == ["calling_hours"]
        assert {(lead.state, lead.not_before, lead.reason) for lead in mainland} == {(LeadState.WAITING, None, "")}


@pytest.mark.slow
@virtual
async def test_the_first_clock_to_open_is_the_one_the_floor_names_and_it_is_dialled_then(monkeypatch: Any):
    begins(monkeypatch, datetime(2026, 11, 24, 5, 58, tzinfo=UTC))  # 9:58 in Réunion, 6:58 in Paris
    async with controller_on_doubles(pacer=Fixed(1), trunks=TRUNKS, is_started=False) as site:
        reunion = NewLead(Number("262262612345"), "Person", {}, 500, terms=CONTRACT)
        campaign = await consumers(site, 60, also=[reunion])
        await site.start()
        await passes(60)
        assert site.dialled == []
        assert "24 November 2026 at 10:00 (Indian/Reunion)" in english(site.reason(campaign))
        await passes(65)
        assert [permit.number for permit in site.dialled] == [reunion.number]


@virtual
async def test_a_consent_for_any_time_is_called_while_the_others_of_its_place_wait(monkeypatch: Any):
    begins(monkeypatch, SUNDAY_NIGHT)
    given = datetime(2026, 9, 1, tzinfo=UTC)
    welcome = LeadTerms(Basis.CONSENT, given, "web form", "v3", "proof-17", any_time=True)
    async with controller_on_doubles(pacer=Fixed(1), trunks=TRUNKS, is_started=False) as site:
        night = NewLead(Number("33199005555"), "Person", {}, 500, terms=welcome)
        await consumers(site, 60, also=[night])
        await site.start()
        await site.dials(1)
        await passes(10)
        assert [permit.number for permit in site.dialled] == [night.number]


@pytest.mark.slow
@virtual
async def test_at_the_edge_nobody_is_rung_after_it_and_nothing_is_written_to_who_came_too_late(monkeypatch: Any):
    begins(monkeypatch, MONDAY_NIGHT - timedelta(seconds=5))
    async with controller_on_doubles(pacer=Fixed(1), trunks=SLOW, is_started=False) as site:
        await consumers(site, 100)
        await site.start()
        await passes(90)
        assert site.dialled
        assert max(permit.issued_at for permit in site.dialled) <= MONDAY_NIGHT + timedelta(seconds=35)
        waiting = [lead for lead in site.tables.leads.values() if lead.state is LeadState.WAITING]
        assert len({lead.lead_id for lead in waiting} | {permit.lead_id for permit in site.dialled}) == 100
        assert {(lead.not_before, lead.reason) for lead in waiting} == {(None, "")}
        assert waits(site) == ["calling_hours"]


@virtual
async def test_in_the_morning_nobody_is_rung_before_the_hour_and_the_first_one_at_once(monkeypatch: Any):
    begins(monkeypatch, datetime(2026, 11, 24, 8, 59, 50, tzinfo=UTC))
    async with controller_on_doubles(pacer=Fixed(1), trunks=SLOW, is_started=False) as site:
        await consumers(site, 10)
        await site.start()
        (permit,) = await site.dials(1)
        assert timedelta(0) <= permit.issued_at - datetime(2026, 11, 24, 9, tzinfo=UTC) < timedelta(seconds=1)


@virtual
async def test_a_lead_without_a_basis_is_refused_with_the_rules_name(monkeypatch: Any):
    begins(monkeypatch, MONDAY)
    async with controller_on_doubles(pacer=Fixed(1), trunks=TRUNKS, is_started=False) as site:
        await consumers(site, 1, terms=LeadTerms())
        await site.start()
        await passes(5)
        assert site.dialled == []
        assert site.leads(LeadState.REFUSED) == 1
        refusals = [entry.note.body["rule"] for entry in site.tables.ledger if entry.note.kind == "lead_refused"]
        assert refusals == ["legal_basis"]


@virtual
async def test_a_caller_id_of_the_wrong_class_holds_the_campaign_and_spends_no_lead(monkeypatch: Any):
    begins(monkeypatch, MONDAY)
    async with controller_on_doubles(pacer=Fixed(1), trunks=TRUNKS, is_started=False) as site:
        campaign = await consumers(site, 100, caller_id=CALLER_ID)
        await site.start()
        await passes(120)
        assert site.dialled == []
        assert site.leads(LeadState.WAITING) == 100
        assert waits(site) == ["caller_id_automated"]
        assert "verified" in english(site.reason(campaign))


@virtual
async def test_the_basis_is_kept_with_the_attempt(monkeypatch: Any):
    begins(monkeypatch, MONDAY)
    async with controller_on_doubles(pacer=Fixed(1), trunks=TRUNKS, is_started=False) as site:
        await consumers(site)
        await site.start()
        (permit,) = await site.dials(1)
        assert site.attempt(permit.attempt_id).legal_basis == {"basis": "contract"}


@virtual
async def test_four_attempts_in_thirty_days_over_two_campaigns_of_one_company(monkeypatch: Any):
    begins(monkeypatch, MONDAY)
    async with controller_on_doubles(pacer=Fixed(3), trunks=TRUNKS, is_started=False) as site:
        for name in "abcdef":
            await consumers(site, 1, name=name)
        await site.start()
        for tried in range(1, 5):  # one after the other: nobody is rung twice at once
            await site.dials(tried)
            site.exchange.hang_up(site.dialled[-1].attempt_id)
        await passes(120)
        assert list(site.tables.permit_states.values()).count("used") == 4
        waiting = [lead for lead in site.tables.leads.values() if lead.reason == "frequency"]
        assert len(waiting) == 2
        assert all(lead.not_before is not None for lead in waiting)


@virtual
async def test_a_refusal_in_one_campaign_postpones_the_companys_next_one(monkeypatch: Any):
    begins(monkeypatch, MONDAY)
    async with controller_on_doubles(pacer=Fixed(1), trunks=TRUNKS, is_started=False) as site:
        await consumers(site, 1, name="first")
        await site.start()
        (permit,) = await site.dials(1)
        site.exchange.hang_up(permit.attempt_id)
        await site.ended(permit.attempt_id)
        attempt = site.attempt(permit.attempt_id)
        site.tables.attempts[permit.attempt_id] = replace(attempt, result=Result.NOT_TODAY)
        second = await consumers(site, 1, name="second")
        await passes(5)
        leads = [lead for lead in site.tables.leads.values() if lead.campaign_id == second]
        assert [(lead.state, lead.reason) for lead in leads] == [(LeadState.WAITING, "cool_off")]
        assert len(site.dialled) == 1


@virtual
async def test_an_approved_exemption_lets_a_held_campaign_go_within_seconds(monkeypatch: Any):
    begins(monkeypatch, datetime(2026, 11, 22, 10, 0, tzinfo=UTC))  # Sunday, 11:00 in Paris
    async with controller_on_doubles(pacer=Fixed(1), trunks=TRUNKS, is_started=False) as site:
        campaign = await consumers(site, 3)
        await site.start()
        await passes(15)
        assert site.dialled == []
        law, now = site.fake.store.law, site.clock.now()
        until = now + timedelta(hours=4)
        exemption = await law.ask_exemption(Law.CALLING_DAYS, campaign, now, until, "m.durand", "flood alert", now)
        await passes(15)
        assert site.dialled == []
        await law.approve_exemption(exemption.exemption_id, "l.petit", site.clock.now())
        await site.dials(1)


@virtual
async def test_the_gate_decides_again_with_the_same_rules(monkeypatch: Any):
    """What has changed since the permit, here a do-not-call entry, stops the call at the gate."""
    begins(monkeypatch, MONDAY)
    async with controller_on_doubles(pacer=Fixed(1), trunks=TRUNKS, is_started=False) as site:
        await consumers(site, 1)
        site.exchange.is_held_back = True
        await site.start()
        (permit,) = await site.dials(1)
        site.tables.do_not_call[1] = DoNotCallList(1, "objections", "", "ab" * 32, 1, MONDAY, "m.durand")
        site.tables.opposed[1] = {permit.number}
        assert await site.exchange.desk.ask("verdict", "gate-77", permit.permit_id) == {}
        refused = [entry.note.body["rule"] for entry in site.tables.ledger if entry.note.kind == "permit_refused"]
        assert refused == ["opposition_list"]


@virtual
async def test_an_operator_in_a_call_to_a_consumer_sees_what_must_be_said_first(monkeypatch: Any):
    begins(monkeypatch, MONDAY)
    async with controller_on_doubles(trunks=TRUNKS, seats=1, is_started=False) as site:
        await consumers(site, 1)
        await site.start()
        await site.log_in(1)
        (permit,) = await site.dials(1)
        assert site.parts.screens.desk.seat_of(site.operator(1)).say_first is None
        call = await site.exchange.answer(permit.attempt_id)
        await passes(1)
        assert call.seat is not None
        seat = site.parts.screens.desk.seat_of(site.operator(call.seat))
        assert seat.say_first is not None
        assert "commercial" in english(seat.say_first)


def incidents(site: ControllerOnDoubles) -> list[tuple[str, str]]:
    return [(incident.kind, incident.subject) for incident in site.tables.incidents]


@pytest.mark.parametrize(
    ("rule", "trunks"),
    [
        ("trunk_unknown", [TRUNKS[0] | {"name": "renamed"}]),
        ("caller_id", [TRUNKS[0] | {"caller_ids": [VERIFIED]}]),
    ],
)
@pytest.mark.parametrize("mode", [DialMode.PROGRESSIVE, DialMode.PREVIEW])
@virtual
async def test_a_trunk_or_caller_id_changed_in_the_settings_holds_the_campaign_and_sets_no_lead_aside(
    rule: str, trunks: list[dict[str, Any]], mode: DialMode
):
    async with controller_on_doubles(pacer=Fixed(3), trunks=trunks, seats=1, is_started=False) as site:
        campaign = await site.campaign(200, mode=mode)
        await site.start()
        await site.log_in(1)
        await passes(60)
        assert site.dialled == []
        assert {(lead.state, lead.reason) for lead in site.tables.leads.values()} == {(LeadState.WAITING, "")}
        assert waits(site) == [rule]
        assert incidents(site) == [("campaign_held", str(campaign.campaign_id))]
        refused = [entry for entry in site.tables.ledger if entry.note.kind == "lead_refused"]
        assert refused == []


@virtual
async def test_a_trunk_that_is_gone_holds_nobody_up_while_the_campaign_has_another_one():
    """A lead on the do-not-call list is refused because the working trunk says so, and blocks no other lead."""
    async with controller_on_doubles(pacer=Fixed(3), trunks=TRUNKS, is_started=False) as site:
        campaign = await site.campaign(4)
        gone = replace(campaign, routes=(Route("gone", campaign.caller_id), Route(TRUNK, CALLER_ID)))
        site.tables.campaigns[campaign.campaign_id] = gone
        first = next(iter(site.tables.leads.values()))
        site.tables.do_not_call[1] = DoNotCallList(1, "objections", "", "ab" * 32, 1, MONDAY, "m.durand")
        site.tables.opposed[1] = {first.number}
        await site.start()
        await site.dials(3)
        assert {permit.trunk for permit in site.dialled} == {TRUNK}
        assert site.tables.leads[first.lead_id].reason == "opposition_list"
        assert waits(site) == []
