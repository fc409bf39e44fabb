"""I1 and I5 on real Asterisk: what is revoked after its permit sends no INVITE, and a call that is up is terminated."""

import time
from datetime import timedelta

import pytest

from telephony.domain.calls.permits import DialPermit
from telephony.domain.leads.leads import LeadState
from telephony.ids import AttemptId
from tests.scenes.lab_site import TALKERS, LabSite
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.measures, pytest.mark.slow]

BOUND_S = 5.0


async def noted(lab_site: LabSite, kind: str) -> list[tuple[str, object]]:
    """Subject and rule of every ledger entry of that kind."""
    entries = lab_site.bench.store.ledger.entries()
    return [(entry.note.subject, entry.note.body.get("rule")) async for entry in entries if entry.note.kind == kind]


async def number_of(lab_site: LabSite, attempt_id: AttemptId) -> str:
    return (await lab_site.bench.store.attempts.get(attempt_id)).number


async def test_a_number_withdrawn_between_permit_and_gate_sends_no_invite(lab_site: LabSite):
    withdrawn, allowed = TALKERS[:2]
    permits: list[DialPermit] = []
    originate = lab_site.parts.calls.exchanges.pbx.originate

    async def withdraw_first(permit: DialPermit, timeout: timedelta, *, detects_machines: bool = False) -> None:
        if permit.number == withdrawn:
            permits.append(permit)
            await lab_site.bench.whitelist.withdraw_number("+" + withdrawn, reason="asked us to stop", by="m.durand")
        await originate(permit, timeout, detects_machines=detects_machines)

    lab_site.parts.calls.exchanges.pbx.originate = withdraw_first  # type: ignore[method-assign]
    await lab_site.campaign("Two", [withdrawn, allowed])
    (attempt,) = await lab_site.talking(1)
    assert await number_of(lab_site, attempt) == allowed
    (permit,) = permits
    assert (permit.permit_id, "number_denied") in await noted(lab_site, "permit_refused")
    assert permit.permit_id not in [subject for subject, _ in await noted(lab_site, "permit_used")]
    await until(lambda: lab_site.is_over(permit.attempt_id), BOUND_S)
    await lab_site.parts.calls.tracker.flush()

    async def is_done() -> bool:
        return (await lab_site.bench.store.leads.get(permit.lead_id)).state is LeadState.DONE

    await until(is_done, BOUND_S)
    assert lab_site.invites == [allowed]


async def test_a_conversation_ends_when_its_number_is_withdrawn_at_another_terminal(lab_site: LabSite):
    await lab_site.campaign("Two", TALKERS[2:4])
    lost, attempt_id = await lab_site.talking(2)
    number = await number_of(lab_site, lost)
    status, _ = await lab_site.telephony("whitelist", "block-number", f"+{number}", "--reason", "asked us to stop")
    assert status == 0
    await until(lambda: lab_site.is_over(lost), BOUND_S)
    await until(lambda: len(lab_site.trunk_legs()) == 1, BOUND_S)
    await lab_site.parts.calls.tracker.flush()
    (rule,) = [rule for rule in await lab_site.bench.whitelist.rules() if rule.rule.is_immediate]
    ended_at = (await lab_site.bench.store.attempts.get(lost)).ended_at
    assert ended_at is not None
    print(f"ended {(ended_at - rule.added_at).total_seconds():.2f} s after the withdrawal")  # noqa: T201 - for pytest -s
    assert ended_at - rule.added_at < timedelta(seconds=BOUND_S)
    assert lab_site.talks() == [attempt_id]
    await until(lambda: noted(lab_site, "call_ended_by_rule"), BOUND_S)
    assert await noted(lab_site, "call_ended_by_rule") == [(lost, "number_denied")]
    await lab_site.kept(lost)  # what was recorded until then stays evidence


async def test_every_call_of_a_withdrawn_list_ends_and_none_leaves_any_more(lab_site: LabSite):
    campaign = await lab_site.campaign("Many", TALKERS[4:24])
    await lab_site.talking(2)
    (lead_list,) = await lab_site.bench.store.leads.lists(campaign.campaign_id)
    began = time.monotonic()
    status, _ = await lab_site.telephony("list", "revoke", str(lead_list.list_id), "--reason", "wrong file")
    assert status == 0
    await until(lambda: not lab_site.trunk_legs(), BOUND_S)
    print(f"ended {time.monotonic() - began:.2f} s after the command began")  # noqa: T201 - measured, for pytest -s
    await lab_site.no_new_call(lambda: None, 3)
    progress = await lab_site.bench.store.campaigns.progress(campaign.campaign_id)
    assert progress.waiting >= 18
