"""What is withdrawn is not called: not at the permit, not at the gate, and not a moment longer once the call is up."""

from datetime import timedelta

from telephony.domain.accounts import Account, Role
from telephony.domain.attempts import CallState
from telephony.domain.leads import LeadState
from telephony.domain.outcomes import Outcome
from telephony.domain.whitelist import RuleEffect, RuleKind
from telephony.ids import AccountId, ListId
from telephony.ports.switch import TrunkLegStarted
from telephony.services.whitelist import Whitelist
from tests.services.test_gate import asked, held, rules
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import CALLER_ID, TRUNK, Fixed, Site, site

OFFICER = Account(AccountId(1), "l.petit", "L. Petit", Role.COMPLIANCE, "", is_active=True, language="fr")
WITHIN_S = 5.0


def whitelist(house: Site) -> Whitelist:
    """As the command line has it: the same database, nothing else."""
    return Whitelist(house.fake.store, house.clock, {TRUNK: [CALLER_ID]})


def the_list(house: Site) -> ListId:
    return next(iter(house.tables.lists))


def ended_by(house: Site) -> list[object]:
    return [entry.note.body["rule"] for entry in house.tables.ledger if entry.note.kind == "call_ended_by_rule"]


@virtual
async def test_a_number_withdrawn_between_permit_and_gate_is_refused_and_no_leg_begins():
    async with site(leads=1, pacer=Fixed(1)) as house:
        permit = await held(house)
        await whitelist(house).withdraw_number(permit.number, reason="asked us to stop", by="m.durand")
        assert await asked(house, permit.permit_id) == {}
        assert set(rules(house)) == {"number_denied"}
        assert not [fact for fact in house.exchange.gate.told if isinstance(fact, TrunkLegStarted)]


@virtual
async def test_what_is_withdrawn_while_the_gate_decides_is_refused():
    async with site(leads=1, pacer=Fixed(1)) as house:
        permit = await held(house)

        async def withdraw() -> None:
            house.watched.before.clear()
            await whitelist(house).withdraw_number(permit.number, reason="asked us to stop", by="m.durand")

        house.watched.before["permits.use"] = withdraw
        assert await asked(house, permit.permit_id) == {}
        assert "number_denied" in rules(house)
        assert house.tables.permit_states[permit.permit_id] == "void"


@virtual
async def test_rules_that_never_stand_still_refuse_in_the_end():
    async with site(leads=1, pacer=Fixed(1)) as house:
        permit = await held(house)

        async def change() -> None:
            house.tables.whitelist_version += 1

        house.watched.before["permits.use"] = change
        assert await asked(house, permit.permit_id) == {}
        assert rules(house)[0] == "rules_changed"


@virtual
async def test_a_permit_given_for_what_is_withdrawn_is_void_before_the_gate_asks():
    async with site(leads=1, pacer=Fixed(1)) as house:
        permit = await held(house)
        await whitelist(house).withdraw_list(the_list(house), reason="wrong file", by="m.durand")
        await until("void", lambda: house.tables.permit_states[permit.permit_id] == "void", WITHIN_S)
        assert ended_by(house) == ["list_not_approved"]


@virtual
async def test_a_conversation_ends_within_five_seconds_of_its_number_being_withdrawn():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await house.exchange.answer(permit.attempt_id)
        await until("talking", lambda: house.attempt(permit.attempt_id).state is CallState.CONNECTED)
        rule = await whitelist(house).withdraw_number(permit.number, reason="asked us to stop", by="m.durand")
        attempt = await house.ended(permit.attempt_id, WITHIN_S)
        assert attempt.outcome is Outcome.ANSWERED
        (note,) = [entry.note for entry in house.tables.ledger if entry.note.kind == "call_ended_by_rule"]
        assert (note.subject, note.body["rule"], note.body["rule_id"]) == (
            permit.attempt_id,
            "number_denied",
            rule.rule_id,
        )
        assert house.tables.permit_states[permit.permit_id] == "used"


@virtual
async def test_ringing_calls_of_a_withdrawn_list_end_and_its_leads_wait_for_its_approval():
    async with site(leads=6, seats=2) as house:
        await house.log_in(1, 2)
        permits = await house.dials(2)
        await whitelist(house).withdraw_list(the_list(house), reason="wrong file", by="m.durand")
        for permit in permits:
            await house.ended(permit.attempt_id, WITHIN_S)
        await passes(20)
        assert len(house.dialled) == 2
        assert house.leads(LeadState.WAITING) == 6
        await whitelist(house).approve_list(the_list(house), OFFICER)
        await house.dials(4)


@virtual
async def test_the_other_lists_calls_go_on():
    async with site(leads=1, seats=2) as house:
        await house.campaign(1, "Other", first=500)
        await house.log_in(1, 2)
        mine, other = await house.dials(2)
        await whitelist(house).withdraw_list(mine.list_id, reason="wrong file", by="m.durand")
        await house.ended(mine.attempt_id, WITHIN_S)
        await passes(10)
        assert house.attempt(other.attempt_id).outcome is None
        assert ended_by(house) == ["list_not_approved"]


@virtual
async def test_a_campaign_withdrawn_ends_its_calls_and_is_over():
    async with site(leads=3, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await whitelist(house).withdraw_campaign(permit.campaign_id, reason="client left", by="m.durand")
        await house.ended(permit.attempt_id, WITHIN_S)
        await passes(10)
        assert len(house.dialled) == 1
        assert house.tables.campaigns[permit.campaign_id].state == "stopped"


@virtual
async def test_a_paused_campaigns_calls_go_on():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await house.parts.services.campaigns.pause(permit.campaign_id, "m.durand")
        await passes(10)
        assert house.attempt(permit.attempt_id).outcome is None


@virtual
async def test_a_rule_that_begins_by_its_date_ends_calls_with_nobody_changing_anything():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        kept = await whitelist(house).add_rule(
            RuleEffect.DENY,
            RuleKind.PREFIX,
            "33199",
            reason="closed from then on",
            by="m.durand",
            valid_from=house.clock.now() + timedelta(minutes=1),
        )
        await whitelist(house).approve_rule(kept.rule_id, OFFICER)
        await passes(20)
        assert house.attempt(permit.attempt_id).outcome is None
        await passes((kept.rule.valid_from - house.clock.now()).total_seconds())
        await house.ended(permit.attempt_id, WITHIN_S)


@virtual
async def test_a_database_that_is_away_meanwhile_is_asked_again_and_the_reason_is_entered_in_the_end():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await whitelist(house).withdraw_number(permit.number, reason="asked us to stop", by="m.durand")
        house.watched.refused = {"ledger.enter"}
        await house.ended(permit.attempt_id, WITHIN_S)
        assert ended_by(house) == []
        house.watched.refused = set()
        await until("entered", lambda: ended_by(house) == ["number_denied"], WITHIN_S)


@virtual
async def test_a_number_denied_at_the_permit_sets_its_lead_aside_and_dials_the_next():
    async with site(leads=2, seats=1, is_started=False) as house:
        first, second = house.tables.leads.values()
        await whitelist(house).withdraw_number(first.number, reason="asked us to stop", by="m.durand")
        await house.start()
        await house.log_in(1)
        (permit,) = await house.dials(1)
        assert permit.lead_id == second.lead_id
        assert house.leads(LeadState.REFUSED) == 1
