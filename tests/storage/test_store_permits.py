import asyncio
from datetime import timedelta

import pytest

from telephony.domain.calls.permits import SET_BACK
from telephony.ids import PermitId
from telephony.ports.calls.permits import RULES_CHANGED
from telephony.ports.store import Store
from telephony.storage import open_store
from tests.storage.store_rows import LIFE, NOW, begun, sql

NEVER_GIVEN = PermitId("p" + "0" * 36)


async def test_a_permit_is_good_once_at_its_gate_in_its_time(store: Store):
    (begin,) = await begun(store)
    permit = begin.permit
    assert await store.permits.use(permit.permit_id, "gate1", NOW) == ""
    assert await store.permits.use(permit.permit_id, "gate1", NOW) == "permit_used"
    assert await store.permits.find(permit.permit_id) == permit


@pytest.mark.parametrize(
    ("gate", "late", "rule"),
    [
        ("gate2", timedelta(), "permit_gate"),
        ("gate1", LIFE, "permit_expired"),
        ("gate1", LIFE * 2, "permit_expired"),
        ("gate1", LIFE - timedelta(microseconds=1), ""),
        ("gate1", -SET_BACK, ""),
        ("gate1", -SET_BACK - timedelta(microseconds=1), "permit_early"),
        ("gate1", -timedelta(hours=1), "permit_early"),  # the clock was set back: it would have lived an hour longer
    ],
)
async def test_another_gate_too_late_or_by_a_clock_set_back_is_refused(
    store: Store, gate: str, late: timedelta, rule: str
):
    (begin,) = await begun(store)
    assert await store.permits.use(begin.permit.permit_id, gate, NOW + late) == rule


async def test_a_refused_use_does_not_spend_the_permit(store: Store):
    (begin,) = await begun(store)
    assert await store.permits.use(begin.permit.permit_id, "gate2", NOW) == "permit_gate"
    assert await store.permits.use(begin.permit.permit_id, "gate1", NOW) == ""


async def test_a_permit_never_given_is_unknown(store: Store):
    assert await store.permits.use(NEVER_GIVEN, "gate1", NOW) == "permit_unknown"
    assert await store.permits.find(NEVER_GIVEN) is None


async def test_whatever_is_dialled_at_the_gate_no_number_reaches_the_ledger(store: Store):
    for dialled in ("0199000001", "33199000001", "p12", "", "p" + "1" * 36 + "\n"):
        assert await store.permits.use(PermitId(dialled), "gate1", NOW) == "permit_unknown"
    subjects = {entry.note.subject async for entry in store.ledger.entries()}
    assert subjects == {"not a permit"}


async def test_a_thousand_uses_at_once_consume_it_exactly_once(store: Store):
    (begin,) = await begun(store)
    uses = (store.permits.use(begin.permit.permit_id, "gate1", NOW) for _ in range(1000))
    answers = await asyncio.gather(*uses)
    assert sorted(answers) == [""] + ["permit_used"] * 999
    kinds = [entry.note.kind async for entry in store.ledger.entries()]
    assert (kinds.count("permit_used"), kinds.count("permit_refused")) == (1, 999)


async def test_uses_through_several_open_stores_consume_it_exactly_once(store: Store, url: str):
    (begin,) = await begun(store)
    others = [await open_store(url) for _ in range(4)]
    uses = (other.store.permits.use(begin.permit.permit_id, "gate1", NOW) for _ in range(50) for other in others)
    answers = await asyncio.gather(*uses)
    for other in others:
        await other.close()
    assert sorted(answers) == [""] + ["permit_used"] * 199


async def test_a_permit_refused_by_a_rule_is_void_but_a_used_one_stays_used(store: Store):
    unused, used = await begun(store, 2)
    await store.permits.use(used.permit.permit_id, "gate1", NOW)
    for begin, now_is in ((unused, "permit_void"), (used, "permit_used")):
        await store.permits.refuse(begin.permit.permit_id, "hours", NOW)
        assert await store.permits.use(begin.permit.permit_id, "gate1", NOW) == now_is
    notes = [entry.note async for entry in store.ledger.entries() if entry.note.body.get("rule") == "hours"]
    assert [(note.kind, note.subject) for note in notes] == [
        ("permit_refused", unused.permit.permit_id),
        ("permit_refused", used.permit.permit_id),
    ]


async def test_a_permit_is_not_consumed_on_rules_that_have_changed_since(store: Store):
    (begin,) = await begun(store)
    permit = begin.permit
    before = await store.whitelist.version()
    await store.whitelist.withdraw_list(permit.list_id, "Mme Withdrawing", "withdrawn by the client", NOW)
    entered = [entry async for entry in store.ledger.entries()]
    assert await store.permits.use(permit.permit_id, "gate1", NOW, before) == RULES_CHANGED
    assert [entry async for entry in store.ledger.entries()] == entered
    after = await store.whitelist.version()
    assert await store.permits.use(permit.permit_id, "gate1", NOW, after) == ""
    assert await store.permits.use(permit.permit_id, "gate1", NOW, after) == "permit_used"


async def test_unused_permits_are_voided_and_used_ones_stay_used(store: Store):
    attempt_start, two, three = await begun(store, 3)
    await store.permits.use(attempt_start.permit.permit_id, "gate1", NOW)
    assert await store.permits.void_unused(NOW) == 2
    assert await store.permits.void_unused(NOW) == 0
    assert await store.permits.use(attempt_start.permit.permit_id, "gate1", NOW) == "permit_used"
    for begin in (two, three):
        assert await store.permits.use(begin.permit.permit_id, "gate1", NOW) == "permit_void"


async def test_every_use_is_in_the_ledger(store: Store):
    (begin,) = await begun(store)
    await store.permits.use(begin.permit.permit_id, "gate1", NOW)
    await store.permits.use(begin.permit.permit_id, "gate1", NOW + LIFE)
    *_, used, refused = [entry.note async for entry in store.ledger.entries()]
    assert (used.kind, used.subject, dict(used.body)) == ("permit_used", begin.permit.permit_id, {"gate": "gate1"})
    assert (refused.kind, refused.body["rule"]) == ("permit_refused", "permit_used")


async def test_a_permit_that_ends_before_it_begins_is_refused_by_the_schema(store: Store, url: str):
    await begun(store)
    with pytest.raises(Exception, match=r"(?i)constraint"):
        sql(url, "UPDATE permits SET expires_at = issued_at")


async def test_which_permits_were_used_is_known_whatever_was_told(store: Store):
    used, unused = await begun(store, 2)
    assert await store.permits.use(used.permit.permit_id, used.permit.gate, NOW) == ""
    permit_ids = {used.permit.permit_id, unused.permit.permit_id, PermitId("p" + "0" * 36)}
    assert await store.permits.used(permit_ids) == {used.permit.permit_id}
    assert await store.permits.used(set()) == frozenset()
