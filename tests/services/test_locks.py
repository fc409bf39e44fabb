"""Locks on doubles: every call under them ends, none leaves, until a named person lifts them."""

import pytest

from telephony.domain.attempts import Result
from telephony.domain.leads import LeadState
from telephony.domain.locks import Lock, LockScope
from telephony.domain.operators import OperatorState
from telephony.domain.outcomes import Outcome
from telephony.errors import InputError, NotFoundError
from telephony.words import say
from tests.services.virtual_time import passes, until, virtual
from tests.services.watched_talks import is_up, talking
from tests.services.whole_site import Site, site


async def locked(house: Site, scope: LockScope, target: str = "", *, ends_calls: bool = True) -> None:
    assert await house.parts.shared.watching.locks.lock(scope, target, "S. Martin", "essai", ends_calls=ends_calls)


@virtual
async def test_a_lock_by_itself_lets_calls_under_way_finish_and_ends_them_when_asked():
    async with site(leads=20, seats=3) as house:
        permits = await talking(house, 3)
        await locked(house, LockScope.SITE, ends_calls=False)
        await passes(30)
        assert all(is_up(house, permit) for permit in permits)
        assert len(house.dialled) == 3
        await house.parts.shared.watching.locks.end_calls(LockScope.SITE, "", "M. Durand")
        await until("all ended", lambda: not any(is_up(house, permit) for permit in permits), 1)


@virtual
async def test_a_lock_asked_for_again_ends_calls_only_if_that_is_asked():
    async with site(seats=1) as house:
        locks = house.parts.shared.watching.locks
        await locked(house, LockScope.SITE, ends_calls=False)
        assert not await locks.lock(LockScope.SITE, "", "M. Durand")
        assert [lock.ends_calls for lock in await locks.active()] == [False]
        assert not await locks.lock(LockScope.SITE, "", "M. Durand", ends_calls=True)
        assert [(lock.by, lock.ends_calls) for lock in await locks.active()] == [("S. Martin", True)]
        with pytest.raises(NotFoundError, match="seat 1 is not locked"):
            await locks.end_calls(LockScope.SEAT, "1", "M. Durand")


@virtual
async def test_a_locked_room_ends_every_call_and_lets_none_leave():
    async with site(leads=20, seats=3) as house:
        permits = await talking(house, 3)
        await locked(house, LockScope.SITE)
        await until("all ended", lambda: not any(is_up(house, permit) for permit in permits), 1)
        await passes(30)
        assert len(house.dialled) == 3
        campaign = next(iter(house.tables.campaigns))
        assert say(house.reason(campaign), "fr") == "Salle verrouillée à 15\u00a0h\u00a000 par S. Martin."


@virtual
async def test_calls_nobody_answered_yet_are_tried_again_after_the_lock():
    async with site(leads=2, seats=2) as house:
        await house.log_in(1, 2)
        permits = await house.dials(2)
        await locked(house, LockScope.SITE)
        for permit in permits:
            assert (await house.ended(permit.attempt_id)).outcome is Outcome.INTERRUPTED
        assert house.leads(LeadState.WAITING) == 2
        await house.parts.shared.watching.locks.unlock(LockScope.SITE, "", "S. Martin", "fini")
        await house.dials(4)


@virtual
async def test_a_permit_on_its_way_is_refused_by_a_lock_and_its_lead_kept():
    async with site(leads=1, seats=1) as house:
        house.exchange.is_held_back = True
        await house.log_in(1)
        await until("dialled", lambda: house.dialled)
        (permit,) = house.dialled
        house.parts.shared.watching.room.locks = (Lock(LockScope.SITE, "", "S. Martin", house.clock.now()),)
        assert await house.exchange.desk.ask("verdict", "gate-77", permit.permit_id) == {}
        rules = [one.note.body["rule"] for one in house.tables.ledger if one.note.kind == "permit_refused"]
        assert rules == ["locked"]


@virtual
async def test_a_locked_campaign_ends_its_own_calls_and_no_others():
    async with site(leads=5, seats=2) as house:
        other = await house.campaign(5, "Other", first=100)
        await passes(1)
        permits = await talking(house, 2)
        mine = [permit for permit in permits if permit.campaign_id == other.campaign_id]
        assert len(mine) == 1
        await locked(house, LockScope.CAMPAIGN, str(other.campaign_id))
        await until("ended", lambda: not is_up(house, mine[0]), 1)
        spared = next(permit for permit in permits if permit not in mine)
        assert is_up(house, spared)
        house.exchange.hang_up(spared.attempt_id)
        await house.parts.screens.desk.choose_result(house.operator(1), Result.COMPLETE)
        await house.parts.screens.desk.choose_result(house.operator(2), Result.COMPLETE)
        for permit in (await house.dials(4))[2:]:
            assert permit.campaign_id != other.campaign_id


@virtual
async def test_a_locked_seat_ends_its_call_and_takes_no_more():
    async with site(leads=10, seats=2) as house:
        await talking(house, 2)
        await locked(house, LockScope.SEAT, "2")
        await until("ended", lambda: house.state(2) is OperatorState.WRAP_UP, 1)
        assert house.state(1) is OperatorState.TALKING
        await house.parts.screens.desk.choose_result(house.operator(2), Result.COMPLETE)
        assert house.state(2) is OperatorState.PAUSED
        with pytest.raises(InputError, match="locked"):
            await house.parts.screens.desk.ready(house.operator(2))
        await house.parts.shared.watching.locks.unlock(LockScope.SEAT, "2", "S. Martin", "fini")
        await passes(1)
        await house.parts.screens.desk.ready(house.operator(2))
        assert house.state(2) is OperatorState.READY


@virtual
async def test_a_seat_locked_while_it_waits_gets_no_call():
    async with site(seats=2) as house:
        await house.log_in(1, 2)
        await locked(house, LockScope.SEAT, "1")
        await passes(1)
        assert (house.state(1), house.state(2)) == (OperatorState.PAUSED, OperatorState.READY)


@virtual
async def test_a_lock_survives_a_crash():
    async with site(leads=5, seats=1) as house:
        await locked(house, LockScope.SITE)
        await house.crash()
        await house.start()
        await house.log_in(1)
        await passes(10)
        assert house.dialled == []


@virtual
async def test_unlocking_needs_a_reason_and_a_lock():
    async with site(seats=1) as house:
        locks = house.parts.shared.watching.locks
        await locked(house, LockScope.SITE)
        with pytest.raises(InputError, match="reason"):
            await locks.unlock(LockScope.SITE, "", "S. Martin", " ")
        with pytest.raises(NotFoundError):
            await locks.unlock(LockScope.SEAT, "3", "S. Martin", "fini")
        with pytest.raises(InputError):
            await locks.lock(LockScope.SITE, "7", "S. Martin")
        with pytest.raises(InputError):
            await locks.lock(LockScope.SEAT, "seven", "S. Martin")
        assert not await locks.lock(LockScope.SITE, "", "M. Durand")
        kinds = [kind for kind in house.kinds() if "lock" in kind]
        assert kinds == ["locked"]
