"""Locks on doubles: every call under them ends, none leaves, until a named person lifts them."""

import pytest

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.operators import OperatorState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.leads.leads import LeadState
from telephony.domain.security.locks import Lock, LockScope
from telephony.errors import InputError, NotFoundError
from telephony.words import say
from tests.scenes.controller_on_doubles import ControllerOnDoubles, controller_on_doubles
from tests.services.watched_talks import is_up, talking
from tests.virtual_time import passes, until, virtual


async def locked(site: ControllerOnDoubles, scope: LockScope, target: str = "", *, ends_calls: bool = True) -> None:
    assert await site.parts.calls.security.locks.lock(scope, target, "S. Martin", "essai", ends_calls=ends_calls)


@virtual
async def test_a_lock_by_itself_lets_calls_under_way_finish_and_ends_them_when_asked():
    async with controller_on_doubles(leads=20, seats=3) as site:
        permits = await talking(site, 3)
        await locked(site, LockScope.SITE, ends_calls=False)
        await passes(30)
        assert all(is_up(site, permit) for permit in permits)
        assert len(site.dialled) == 3
        await site.parts.calls.security.locks.end_calls(LockScope.SITE, "", "M. Durand")
        await until("all ended", lambda: not any(is_up(site, permit) for permit in permits), 1)


@virtual
async def test_a_lock_asked_for_again_ends_calls_only_if_that_is_asked():
    async with controller_on_doubles(seats=1) as site:
        locks = site.parts.calls.security.locks
        await locked(site, LockScope.SITE, ends_calls=False)
        assert not await locks.lock(LockScope.SITE, "", "M. Durand")
        assert [lock.ends_calls for lock in await locks.active()] == [False]
        assert not await locks.lock(LockScope.SITE, "", "M. Durand", ends_calls=True)
        assert [(lock.by, lock.ends_calls) for lock in await locks.active()] == [("S. Martin", True)]
        with pytest.raises(NotFoundError, match="seat 1 is not locked"):
            await locks.end_calls(LockScope.SEAT, "1", "M. Durand")


@virtual
async def test_a_locked_room_ends_every_call_and_lets_none_leave():
    async with controller_on_doubles(leads=20, seats=3) as site:
        permits = await talking(site, 3)
        await locked(site, LockScope.SITE)
        await until("all ended", lambda: not any(is_up(site, permit) for permit in permits), 1)
        await passes(30)
        assert len(site.dialled) == 3
        campaign = next(iter(site.tables.campaigns))
        assert say(site.reason(campaign), "fr") == "Salle verrouillée à 15\u00a0h\u00a000 par S. Martin."


@virtual
async def test_calls_nobody_answered_yet_are_tried_again_after_the_lock():
    async with controller_on_doubles(leads=2, seats=2) as site:
        await site.log_in(1, 2)
        permits = await site.dials(2)
        await locked(site, LockScope.SITE)
        for permit in permits:
            assert (await site.ended(permit.attempt_id)).outcome is Outcome.INTERRUPTED
        assert site.leads(LeadState.WAITING) == 2
        await site.parts.calls.security.locks.unlock(LockScope.SITE, "", "S. Martin", "fini")
        await site.dials(4)


@virtual
async def test_a_permit_on_its_way_is_refused_by_a_lock_and_its_lead_kept():
    async with controller_on_doubles(leads=1, seats=1) as site:
        site.exchange.is_held_back = True
        await site.log_in(1)
        await until("dialled", lambda: site.dialled)
        (permit,) = site.dialled
        site.parts.calls.security.active_locks.locks = (Lock(LockScope.SITE, "", "S. Martin", site.clock.now()),)
        assert await site.exchange.desk.ask("verdict", "gate-77", permit.permit_id) == {}
        rules = [entry.note.body["rule"] for entry in site.tables.ledger if entry.note.kind == "permit_refused"]
        assert rules == ["locked"]


@virtual
async def test_a_locked_campaign_ends_its_own_calls_and_no_others():
    async with controller_on_doubles(leads=5, seats=2) as site:
        other = await site.campaign(5, "Other", first=100)
        await passes(1)
        permits = await talking(site, 2)
        mine = [permit for permit in permits if permit.campaign_id == other.campaign_id]
        assert len(mine) == 1
        await locked(site, LockScope.CAMPAIGN, str(other.campaign_id))
        await until("ended", lambda: not is_up(site, mine[0]), 1)
        spared = next(permit for permit in permits if permit not in mine)
        assert is_up(site, spared)
        site.exchange.hang_up(spared.attempt_id)
        await site.parts.screens.desk.choose_result(site.operator(1), Result.COMPLETE)
        await site.parts.screens.desk.choose_result(site.operator(2), Result.COMPLETE)
        for permit in (await site.dials(4))[2:]:
            assert permit.campaign_id != other.campaign_id


@virtual
async def test_a_locked_seat_ends_its_call_and_takes_no_more():
    async with controller_on_doubles(leads=10, seats=2) as site:
        await talking(site, 2)
        await locked(site, LockScope.SEAT, "2")
        await until("ended", lambda: site.state(2) is OperatorState.WRAP_UP, 1)
        assert site.state(1) is OperatorState.TALKING
        await site.parts.screens.desk.choose_result(site.operator(2), Result.COMPLETE)
        assert site.state(2) is OperatorState.PAUSED
        with pytest.raises(InputError, match="locked"):
            await site.parts.screens.desk.ready(site.operator(2))
        await site.parts.calls.security.locks.unlock(LockScope.SEAT, "2", "S. Martin", "fini")
        await passes(1)
        await site.parts.screens.desk.ready(site.operator(2))
        assert site.state(2) is OperatorState.READY


@virtual
async def test_a_seat_locked_while_it_waits_gets_no_call():
    async with controller_on_doubles(seats=2) as site:
        await site.log_in(1, 2)
        await locked(site, LockScope.SEAT, "1")
        await passes(1)
        assert (site.state(1), site.state(2)) == (OperatorState.PAUSED, OperatorState.READY)


@virtual
async def test_a_lock_survives_a_crash():
    async with controller_on_doubles(leads=5, seats=1) as site:
        await locked(site, LockScope.SITE)
        await site.crash()
        await site.start()
        await site.log_in(1)
        await passes(10)
        assert site.dialled == []


@virtual
async def test_unlocking_needs_a_reason_and_a_lock():
    async with controller_on_doubles(seats=1) as site:
        locks = site.parts.calls.security.locks
        await locked(site, LockScope.SITE)
        with pytest.raises(InputError, match="reason"):
            await locks.unlock(LockScope.SITE, "", "S. Martin", " ")
        with pytest.raises(NotFoundError):
            await locks.unlock(LockScope.SEAT, "3", "S. Martin", "fini")
        with pytest.raises(InputError):
            await locks.lock(LockScope.SITE, "7", "S. Martin")
        with pytest.raises(InputError):
            await locks.lock(LockScope.SEAT, "seven", "S. Martin")
        assert not await locks.lock(LockScope.SITE, "", "M. Durand")
        kinds = [kind for kind in site.kinds() if "lock" in kind]
        assert kinds == ["locked"]
