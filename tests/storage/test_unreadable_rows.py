"""A row that cannot be read is left out of reads of many, an error when read alone, and logged once."""

from typing import Any

import pytest

from telephony.domain.security.locks import SITE, Lock, LockScope
from telephony.errors import UnreadableRowError
from telephony.storage import OpenStore
from tests.storage.store_rows import NOW, begun, loaded, sql


async def locked(opened: OpenStore, url: str, *targets: str) -> None:
    await opened.store.locks.add(Lock(LockScope.SITE, SITE, "S. Martin", NOW))
    for target in targets:
        sql(
            url,
            'INSERT INTO locks (scope, target, "by", reason, at, ends_calls)'
            " SELECT 'seat', ?, \"by\", reason, at, ends_calls FROM locks WHERE lock_id = 1",
            target,
        )


@pytest.mark.parametrize("target", ["9" * 5000, "٣", "03", "0", "1000", "-1", "", "seven", "7\n"])
async def test_a_lock_whose_target_is_none_is_left_out_and_noted_once(opened: OpenStore, url: str, target: str):
    await locked(opened, url, target)
    for _ in range(3):
        assert [lock.scope for lock in await opened.store.locks.active()] == [LockScope.SITE]
    (row,) = opened.store.unreadable.take()
    assert (row.table, row.key) == ("locks", "2")
    assert not target or target not in row.why
    assert not opened.store.unreadable.take()


async def test_a_lock_that_locks_nothing_can_be_lifted(opened: OpenStore, url: str):
    await locked(opened, url, "٣")
    lifted = await opened.store.locks.release(LockScope.SEAT, "٣", "S. Martin", "it locked nothing", NOW)
    assert lifted.released_at == NOW
    assert len(await opened.store.locks.active()) == 1


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("campaigns", "more_routes", "nonsense"),
        ("campaigns", "more_routes", '[["a", 7, "b", "c"]]'),
        ("campaigns", "mode", "telepathic"),
        ("campaigns", "sector", ""),
        ("campaigns", "call_order", "9" * 5000),
        ("campaigns", "power_tenths", 9),
        ("campaigns", "withdraw_after_s", 14),
        ("campaigns", "shown_name", "FULL"),
        ("campaigns", "first_sentence", "Rappelez le 01 99 00 41 27"),
    ],
)
async def test_a_campaign_that_cannot_be_read_is_left_out_and_told_alone(
    opened: OpenStore, url: str, table: str, column: str, value: str | int
):
    campaign, _ = await loaded(opened.store, 1)
    other, _ = await loaded(opened.store, 0, name="Other")
    sql(url, f"UPDATE {table} SET {column} = ? WHERE campaign_id = {campaign.campaign_id}", value)  # noqa: S608
    assert [campaign.campaign_id for campaign in await opened.store.campaigns.all()] == [other.campaign_id]
    with pytest.raises(UnreadableRowError, match=f"row {campaign.campaign_id} of table campaigns"):
        await opened.store.campaigns.get(campaign.campaign_id)


@pytest.mark.parametrize("value", ["", "[]", '{"basis": "x"}', '{"consent_at": "never"}', "[" * 60_000])
async def test_a_lead_whose_terms_cannot_be_read_is_not_called_and_the_others_are(
    opened: OpenStore, url: str, value: Any
):
    campaign, _ = await loaded(opened.store, 3)
    bad, *good = await opened.store.leads.waiting(campaign.campaign_id, 10)
    sql(url, f"UPDATE leads SET terms = ? WHERE lead_id = {bad.lead_id}", value)  # noqa: S608
    standings = await opened.store.whitelist.standing([bad.lead_id, *(lead.lead_id for lead in good)])
    assert set(standings) == {lead.lead_id for lead in good} | ({bad.lead_id} if value == "[]" else set())


async def test_an_attempt_that_cannot_be_read_does_not_keep_the_others_unsettled(opened: OpenStore, url: str):
    starts = await begun(opened.store, 3)
    first = starts[0].permit.attempt_id
    sql(url, f"UPDATE attempts SET legal_basis = 'nonsense' WHERE attempt_id = '{first}'")  # noqa: S608
    attempt_ids = {attempt.attempt_id for attempt in await opened.store.attempts.unfinished()}
    assert attempt_ids == {start.permit.attempt_id for start in starts[1:]}
    assert [row.key for row in opened.store.unreadable.take()] == [first]


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "10001-01-01", "0001-12-31 BC"])
async def test_a_moment_beyond_the_calendar_takes_no_other_row_with_it(opened: OpenStore, url: str, moment: str):
    starts = await begun(opened.store, 3)
    first = starts[0].permit.attempt_id
    beyond = f"'{moment}'" if url.startswith("postgresql") else str(2**62)
    sql(url, f"UPDATE attempts SET rang_at = {beyond} WHERE attempt_id = '{first}'")  # noqa: S608
    attempt_ids = {attempt.attempt_id for attempt in await opened.store.attempts.unfinished()}
    assert attempt_ids == {start.permit.attempt_id for start in starts[1:]}
    assert [row.key for row in opened.store.unreadable.take()] == [first]
