from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.domain.accounts import Account, Role, Session
from telephony.domain.calls.operators import OperatorState
from telephony.errors import ConflictError, NotFoundError, StoreError
from telephony.ids import AccountId, ChannelId, SeatNumber
from telephony.ports.calls.seats import SeatRow
from telephony.ports.store import Store
from tests.storage.store_rows import NOW, begun, sql

HOUR = timedelta(hours=1)


async def claire(store: Store) -> Account:
    return await store.accounts.add("claire", "Claire Example", Role.COMPLIANCE, "$argon2id$one", NOW)


async def signed_in(store: Store, account: Account) -> Session:
    session = Session("ef" * 32, account.account_id, "form", NOW, NOW + HOUR)
    await store.accounts.open_session(session)
    return session


async def kinds(store: Store) -> list[str]:
    return [entry.note.kind async for entry in store.ledger.entries()]


async def test_an_account_is_kept_found_and_entered_without_names(store: Store):
    account = await claire(store)
    assert (account.role, account.is_active, account.language) == (Role.COMPLIANCE, True, "fr")
    assert await store.accounts.get(account.account_id) == account == await store.accounts.by_username("claire")
    assert await store.accounts.by_username("nobody") is None
    (entry,) = [entry async for entry in store.ledger.entries()]
    assert (entry.note.kind, entry.note.subject) == ("account_added", str(account.account_id))
    assert "laire" not in str(entry)


async def test_a_username_taken_is_a_conflict(store: Store):
    await claire(store)
    with pytest.raises(ConflictError, match="username is taken"):
        await claire(store)


async def test_accounts_come_by_username(store: Store):
    for username in ("zoe", "anna", "mia"):
        await store.accounts.add(username, username, Role.OPERATOR, "hash", NOW)
    assert [account.username for account in await store.accounts.all()] == ["anna", "mia", "zoe"]


async def test_a_session_holds_until_it_expires(store: Store):
    session = await signed_in(store, await claire(store))
    assert await store.accounts.session(session.token_sha256, NOW) == session
    assert await store.accounts.session(session.token_sha256, NOW + HOUR) is None
    assert await store.accounts.session("00" * 32, NOW) is None


async def test_a_closed_session_is_over(store: Store):
    session = await signed_in(store, await claire(store))
    await store.accounts.close_session(session.token_sha256, NOW)
    await store.accounts.close_session(session.token_sha256, NOW)
    assert await store.accounts.session(session.token_sha256, NOW) is None
    assert await kinds(store) == ["account_added", "session_opened", "session_closed"]


async def test_a_new_password_ends_every_session(store: Store):
    account = await claire(store)
    session = await signed_in(store, account)
    await store.accounts.set_password(account.account_id, "$argon2id$two", NOW)
    assert await store.accounts.get(account.account_id) == replace(account, password_hash="$argon2id$two")
    assert await store.accounts.session(session.token_sha256, NOW) is None
    *_, last = [entry.note async for entry in store.ledger.entries()]
    assert (last.kind, dict(last.body)) == ("password_set", {"sessions_revoked": 1})


async def test_an_account_that_is_not_active_has_no_session(store: Store, url: str):
    session = await signed_in(store, await claire(store))
    sql(url, "UPDATE accounts SET is_active = ?", False)
    assert await store.accounts.session(session.token_sha256, NOW) is None


async def test_the_ledger_never_holds_a_token_or_a_password_hash(store: Store):
    session = await signed_in(store, await claire(store))
    await store.accounts.set_password(session.account_id, "$argon2id$two", NOW)
    everything = str([entry async for entry in store.ledger.entries()])
    assert session.token_sha256 not in everything
    assert "argon2id" not in everything


async def test_a_refusal_is_entered_and_cut_to_size(store: Store):
    await store.accounts.log_refusal("x" * 5000, "wrong_password", "127.0.0.9", NOW)
    (entry,) = [entry async for entry in store.ledger.entries()]
    assert (entry.note.kind, entry.note.subject) == ("access_refused", "x" * 64)
    assert dict(entry.note.body) == {"rule": "wrong_password", "address": "127.0.0.9"}


async def test_an_operator_has_one_seat_and_a_seat_one_operator(store: Store):
    account = await store.accounts.add("one", "One", Role.OPERATOR, "hash", NOW)
    two = await store.accounts.add("two", "Two", Role.OPERATOR, "hash", NOW)
    first = await store.accounts.add_operator(account.account_id, "Léa", SeatNumber(7))
    with pytest.raises(ConflictError, match="seat 7"):
        await store.accounts.add_operator(two.account_id, "Mia", SeatNumber(7))
    with pytest.raises(ConflictError, match="is operator"):
        await store.accounts.add_operator(account.account_id, "Léa", SeatNumber(8))
    second = await store.accounts.add_operator(two.account_id, "Mia", SeatNumber(3))
    assert await store.accounts.operators() == [second, first]
    with pytest.raises(NotFoundError):
        await store.accounts.add_operator(AccountId(99), "Zoé", SeatNumber(9))


async def test_who_does_not_exist_is_not_found(store: Store):
    with pytest.raises(NotFoundError):
        await store.accounts.get(AccountId(5))
    with pytest.raises(NotFoundError):
        await store.accounts.set_password(AccountId(5), "hash", NOW)
    with pytest.raises(StoreError):
        await store.accounts.open_session(Session("ab" * 32, AccountId(5), "form", NOW, NOW + HOUR))


async def test_seats_are_inserted_then_replaced_and_come_by_number(store: Store):
    (begin,) = await begun(store)
    account = await store.accounts.add("one", "One", Role.OPERATOR, "hash", NOW)
    operator = await store.accounts.add_operator(account.account_id, "Léa", SeatNumber(7))
    seven = SeatRow(SeatNumber(7), None, ChannelId(""), OperatorState.OFFLINE, None, NOW)
    three = replace(seven, seat=SeatNumber(3))
    await store.seats.save([seven, three])
    talking = replace(
        seven,
        operator_id=operator.operator_id,
        channel=ChannelId("pbx-17.3"),
        state=OperatorState.TALKING,
        attempt_id=begin.permit.attempt_id,
        since_at=NOW + HOUR,
    )
    await store.seats.save([talking])
    await store.seats.save([])
    assert await store.seats.all() == [three, talking]


@pytest.mark.usefixtures("url")  # the schema alone checks it
async def test_a_seat_state_that_is_no_word_of_ours_is_refused_by_the_schema(store: Store):
    with pytest.raises(StoreError):
        await store.seats.save([SeatRow(SeatNumber(7), None, ChannelId(""), "asleep", None, NOW)])
    assert await store.seats.all() == []


@pytest.mark.parametrize("name", ["claire martin", "Claire\u200b  Martin", "\uff23LAIRE MARTIN"])
async def test_two_people_have_no_display_name_that_reads_the_same(store: Store, name: str):
    await store.accounts.add("c.martin", "Claire Martin", Role.SUPERVISOR, "x", NOW)
    with pytest.raises(ConflictError, match="display name"):
        await store.accounts.add("c.martin2", name, Role.SUPERVISOR, "x", NOW)
    assert len(await store.accounts.all()) == 1
