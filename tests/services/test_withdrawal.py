"""What is revoked is not called: not at the permit, not at the gate, and a call that is up is terminated at once."""

from datetime import timedelta

from telephony.domain.accounts import Account, Role
from telephony.domain.calls.attempts import CallState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.leads.leads import LeadState
from telephony.domain.rules.whitelist import RuleEffect, RuleKind
from telephony.ids import AccountId, ListId
from telephony.ports.calls.switch import TrunkLegStarted
from telephony.services.rules.whitelist import Whitelist
from tests.scenes.controller_on_doubles import CALLER_ID, TRUNK, ControllerOnDoubles, Fixed, controller_on_doubles
from tests.services.test_gate import asked, held, rules
from tests.virtual_time import passes, until, virtual

OFFICER = Account(AccountId(1), "l.petit", "L. Petit", Role.COMPLIANCE, "", is_active=True, language="fr")
WITHIN_S = 5.0


def whitelist(site: ControllerOnDoubles) -> Whitelist:
    """As the command line has it: the same database, nothing else."""
    return Whitelist(site.fake.store, site.clock, {TRUNK: [CALLER_ID]})


def the_list(site: ControllerOnDoubles) -> ListId:
    return next(iter(site.tables.lists))


def ended_by(site: ControllerOnDoubles) -> list[object]:
    return [entry.note.body["rule"] for entry in site.tables.ledger if entry.note.kind == "call_ended_by_rule"]


@virtual
async def test_a_number_withdrawn_between_permit_and_gate_is_refused_and_no_leg_begins():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        permit = await held(site)
        await whitelist(site).withdraw_number(permit.number, reason="asked us to stop", by="m.durand")
        assert await asked(site, permit.permit_id) == {}
        assert set(rules(site)) == {"number_denied"}
        assert not [fact for fact in site.exchange.gate.told if isinstance(fact, TrunkLegStarted)]


@virtual
async def test_what_is_withdrawn_while_the_gate_decides_is_refused():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        permit = await held(site)

        async def withdraw() -> None:
            site.watched.before.clear()
            await whitelist(site).withdraw_number(permit.number, reason="asked us to stop", by="m.durand")

        site.watched.before["permits.use"] = withdraw
        assert await asked(site, permit.permit_id) == {}
        assert "number_denied" in rules(site)
        assert site.tables.permit_states[permit.permit_id] == "void"


@virtual
async def test_rules_that_never_stand_still_refuse_in_the_end():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        permit = await held(site)

        async def change() -> None:
            site.tables.whitelist_version += 1

        site.watched.before["permits.use"] = change
        assert await asked(site, permit.permit_id) == {}
        assert rules(site)[0] == "rules_changed"


@virtual
async def test_a_permit_given_for_what_is_withdrawn_is_void_before_the_gate_asks():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        permit = await held(site)
        await whitelist(site).withdraw_list(the_list(site), reason="wrong file", by="m.durand")
        await until("void", lambda: site.tables.permit_states[permit.permit_id] == "void", WITHIN_S)
        assert ended_by(site) == ["list_not_approved"]


@virtual
async def test_a_conversation_ends_within_five_seconds_of_its_number_being_withdrawn():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await site.exchange.answer(permit.attempt_id)
        await until("talking", lambda: site.attempt(permit.attempt_id).state is CallState.CONNECTED)
        rule = await whitelist(site).withdraw_number(permit.number, reason="asked us to stop", by="m.durand")
        attempt = await site.ended(permit.attempt_id, WITHIN_S)
        assert attempt.outcome is Outcome.ANSWERED
        (note,) = [entry.note for entry in site.tables.ledger if entry.note.kind == "call_ended_by_rule"]
        assert (note.subject, note.body["rule"], note.body["rule_id"]) == (
            permit.attempt_id,
            "number_denied",
            rule.rule_id,
        )
        assert site.tables.permit_states[permit.permit_id] == "used"


@virtual
async def test_ringing_calls_of_a_withdrawn_list_end_and_its_leads_wait_for_its_approval():
    async with controller_on_doubles(leads=6, seats=2) as site:
        await site.log_in(1, 2)
        permits = await site.dials(2)
        await whitelist(site).withdraw_list(the_list(site), reason="wrong file", by="m.durand")
        for permit in permits:
            await site.ended(permit.attempt_id, WITHIN_S)
        await passes(20)
        assert len(site.dialled) == 2
        assert site.leads(LeadState.WAITING) == 6
        await whitelist(site).approve_list(the_list(site), OFFICER)
        await site.dials(4)


@virtual
async def test_the_other_lists_calls_go_on():
    async with controller_on_doubles(leads=1, seats=2) as site:
        await site.campaign(1, "Other", first=500)
        await site.log_in(1, 2)
        mine, other = await site.dials(2)
        await whitelist(site).withdraw_list(mine.list_id, reason="wrong file", by="m.durand")
        await site.ended(mine.attempt_id, WITHIN_S)
        await passes(10)
        assert site.attempt(other.attempt_id).outcome is None
        assert ended_by(site) == ["list_not_approved"]


@virtual
async def test_a_campaign_withdrawn_ends_its_calls_and_is_over():
    async with controller_on_doubles(leads=3, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await whitelist(site).withdraw_campaign(permit.campaign_id, reason="client left", by="m.durand")
        await site.ended(permit.attempt_id, WITHIN_S)
        await passes(10)
        assert len(site.dialled) == 1
        assert site.tables.campaigns[permit.campaign_id].state == "stopped"


@virtual
async def test_a_paused_campaigns_calls_go_on():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await site.parts.services.campaigns.pause(permit.campaign_id, "m.durand")
        await passes(10)
        assert site.attempt(permit.attempt_id).outcome is None


@virtual
async def test_a_rule_that_begins_by_its_date_ends_calls_with_nobody_changing_anything():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        rule = await whitelist(site).add_rule(
            RuleEffect.DENY,
            RuleKind.PREFIX,
            "33199",
            reason="closed from then on",
            by="m.durand",
            valid_from=site.clock.now() + timedelta(minutes=1),
        )
        await whitelist(site).approve_rule(rule.rule_id, OFFICER)
        await passes(20)
        assert site.attempt(permit.attempt_id).outcome is None
        await passes((rule.rule.valid_from - site.clock.now()).total_seconds())
        await site.ended(permit.attempt_id, WITHIN_S)


@virtual
async def test_a_database_that_is_away_meanwhile_is_asked_again_and_the_reason_is_entered_in_the_end():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await whitelist(site).withdraw_number(permit.number, reason="asked us to stop", by="m.durand")
        site.watched.refused = {"ledger.enter"}
        await site.ended(permit.attempt_id, WITHIN_S)
        assert ended_by(site) == []
        site.watched.refused = set()
        await until("entered", lambda: ended_by(site) == ["number_denied"], WITHIN_S)


@virtual
async def test_a_number_denied_at_the_permit_sets_its_lead_aside_and_dials_the_next():
    async with controller_on_doubles(leads=2, seats=1, is_started=False) as site:
        first, second = site.tables.leads.values()
        await whitelist(site).withdraw_number(first.number, reason="asked us to stop", by="m.durand")
        await site.start()
        await site.log_in(1)
        (permit,) = await site.dials(1)
        assert permit.lead_id == second.lead_id
        assert site.leads(LeadState.REFUSED) == 1
