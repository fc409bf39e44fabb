"""I1 and I5 on real Asterisk: what is withdrawn after its permit sends no INVITE, and a call that is up ends."""

import time
from datetime import timedelta

import pytest
from watched_site import TALKERS, Site

from telephony.domain.leads import LeadState
from telephony.domain.permits import DialPermit
from telephony.ids import AttemptId
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.measures, pytest.mark.slow]

BOUND_S = 5.0


async def noted(room: Site, kind: str) -> list[tuple[str, object]]:
    """Subject and rule of every ledger entry of that kind."""
    entries = room.bench.store.ledger.entries()
    return [(entry.note.subject, entry.note.body.get("rule")) async for entry in entries if entry.note.kind == kind]


async def number_of(room: Site, attempt_id: AttemptId) -> str:
    return (await room.bench.store.attempts.get(attempt_id)).number


async def test_a_number_withdrawn_between_permit_and_gate_sends_no_invite(room: Site):
    withdrawn, allowed = TALKERS[:2]
    permits: list[DialPermit] = []
    originate = room.parts.shared.exchanges.pbx.originate

    async def withdraw_first(permit: DialPermit, timeout: timedelta, *, detects_machines: bool = False) -> None:
        if permit.number == withdrawn:
            permits.append(permit)
            await room.bench.whitelist.withdraw_number("+" + withdrawn, reason="asked us to stop", by="m.durand")
        await originate(permit, timeout, detects_machines=detects_machines)

    room.parts.shared.exchanges.pbx.originate = withdraw_first  # type: ignore[method-assign]
    await room.campaign("Two", [withdrawn, allowed])
    (attempt,) = await room.talking(1)
    assert await number_of(room, attempt) == allowed
    (permit,) = permits
    assert (permit.permit_id, "number_denied") in await noted(room, "permit_refused")
    assert permit.permit_id not in [subject for subject, _ in await noted(room, "permit_used")]
    await until(lambda: room.is_over(permit.attempt_id), BOUND_S)
    await room.parts.shared.tracker.flush()

    async def is_done() -> bool:
        return (await room.bench.store.leads.get(permit.lead_id)).state is LeadState.DONE

    await until(is_done, BOUND_S)
    assert room.invites == [allowed]


async def test_a_conversation_ends_when_its_number_is_withdrawn_at_another_terminal(room: Site):
    await room.campaign("Two", TALKERS[2:4])
    lost, kept = await room.talking(2)
    number = await number_of(room, lost)
    status, _ = await room.telephony("whitelist", "withdraw-number", f"+{number}", "--reason", "asked us to stop")
    assert status == 0
    await until(lambda: room.is_over(lost), BOUND_S)
    await until(lambda: len(room.trunk_legs()) == 1, BOUND_S)
    await room.parts.shared.tracker.flush()
    (rule,) = [one for one in await room.bench.whitelist.rules() if one.rule.is_immediate]
    ended_at = (await room.bench.store.attempts.get(lost)).ended_at
    assert ended_at is not None
    print(f"ended {(ended_at - rule.added_at).total_seconds():.2f} s after the withdrawal")  # noqa: T201 - for pytest -s
    assert ended_at - rule.added_at < timedelta(seconds=BOUND_S)
    assert room.talks() == [kept]
    await until(lambda: noted(room, "call_ended_by_rule"), BOUND_S)
    assert await noted(room, "call_ended_by_rule") == [(lost, "number_denied")]
    await room.kept(lost)  # what was said until then stays evidence


async def test_every_call_of_a_withdrawn_list_ends_and_none_leaves_any_more(room: Site):
    campaign = await room.campaign("Many", TALKERS[4:24])
    await room.talking(2)
    (one,) = await room.bench.store.leads.lists(campaign.campaign_id)
    began = time.monotonic()
    status, _ = await room.telephony("list", "withdraw", str(one.list_id), "--reason", "wrong file")
    assert status == 0
    await until(lambda: not room.trunk_legs(), BOUND_S)
    print(f"ended {time.monotonic() - began:.2f} s after the command began")  # noqa: T201 - measured, for pytest -s
    await room.no_new_call(lambda: None, 3)
    progress = await room.bench.store.campaigns.progress(campaign.campaign_id)
    assert progress.waiting >= 18
