"""Locks: setting and releasing them (``Locks``, for pages and commands) and enforcing them (``ActiveLocks``).

A lock is in force once it is in the database: the dialer, the gate service and the seats ask this module. Calls under
way finish, unless the lock ends calls too: then they are ended from both sides. The pages check who may lock.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.ledger_reason import reason_of
from telephony.domain.security.locks import SITE, Lock, LockScope, is_target, stops
from telephony.domain.text.reason import Reason
from telephony.domain.text.visible import says_something, visible
from telephony.errors import InputError, NotFoundError, StoreError
from telephony.ids import CampaignId, SeatNumber
from telephony.ports.clock import Clock
from telephony.ports.security.locks import LockStore
from telephony.services.calls.hangup import Hangups
from telephony.services.calls.seats import Seats
from telephony.services.calls.tracker import Tracker

log = structlog.get_logger(__name__)

POLL_S: Final = 0.25
"""Seconds between polls: a lock set on the command line is in force within half a second."""
REASON_CHARACTERS: Final = 300
_TARGETS: Final = {
    LockScope.SITE: "a lock of the site has no target: leave it empty to lock the whole site",
    LockScope.CAMPAIGN: "a campaign is locked by its id, in digits 0 to 9, such as 3",
    LockScope.SEAT: "a seat is locked by its number, 1 to 999, in digits 0 to 9, such as 7",
}
WATCH: Final = "watch"
"""The name under which the watch sets a lock."""


class Locks:
    """Sets and releases locks.

    Args:
        store: the locks.
        clock: the current time.
        seats: seat numbers of the settings; the seats of operators are known from the store.
    """

    def __init__(self, store: LockStore, clock: Clock, seats: Collection[int] = ()) -> None:
        self._store = store
        self._clock = clock
        self._numbers = frozenset(map(str, seats))

    async def lock(self, scope: LockScope, target: str, by: str, reason: str = "", *, ends_calls: bool = False) -> bool:
        """Set a lock, so that no new call leaves; return True if it was not locked already.

        Calls under way finish unless ``ends_calls`` is True; it also applies to a lock that is in force already.

        Args:
            scope: the site, a campaign or a seat.
            target: "" for the site, a campaign's id, a seat's number.
            by: display name of who locks.
            reason: why; may be empty, so that locking is quick.
            ends_calls: end calls under way too.

        Raises:
            InputError: there is no such campaign or seat (idle seats and stopped campaigns exist), or the reason is
                too long.
        """
        if not is_target(scope, target):
            raise InputError(_TARGETS[scope])
        is_set = scope is LockScope.SEAT and target in self._numbers
        if not is_set and not await self._store.is_there(scope, target):
            where = "campaign list" if scope is LockScope.CAMPAIGN else "operator list"
            raise InputError(
                f"there is no {scope} {target} to lock; `telephony {where}` shows those there are, idle ones too"
            )
        lock = Lock(scope, target, by, self._clock.now(), _reason(reason), ends_calls=ends_calls)
        is_new = await self._store.add(lock)
        if ends_calls and not is_new:
            await self._store.end_calls(scope, target, by, lock.at)
        return is_new

    async def end_calls(self, scope: LockScope, target: str, by: str) -> None:
        """Make a lock in force end calls under way too; it does not lock again what was unlocked meanwhile.

        Raises:
            NotFoundError: it is not locked.
        """
        if not any((lock.scope, lock.target) == (scope, target) for lock in await self._store.active()):
            raise NotFoundError(f"{scope} {target}".strip() + " is not locked: lock it first")
        await self._store.end_calls(scope, target, by, self._clock.now())

    async def unlock(self, scope: LockScope, target: str, by: str, reason: str) -> Lock:
        """Release a lock.

        Raises:
            InputError: no reason was given.
            NotFoundError: it is not locked.
        """
        if not says_something(reason):
            raise InputError("unlocking needs a reason: say why calls may leave again")
        return await self._store.release(scope, target, by, reason_of(reason), self._clock.now())

    async def active(self) -> Sequence[Lock]:
        """Return the locks in force, oldest first."""
        return await self._store.active()

    async def after_tampering(self, reason: str) -> None:
        """Lock the site for the watch, until a person releases it; calls under way go on."""
        try:
            await self.lock(LockScope.SITE, SITE, WATCH, reason, ends_calls=False)
        except StoreError as error:
            log.error("site_lock_failed", reason=str(error))


def _reason(text: str) -> str:
    """Return the visible text of a lock's reason, "" when there is none."""
    text = visible(text) if says_something(text) else ""
    if len(text) > REASON_CHARACTERS:
        raise InputError(f"a reason has at most {REASON_CHARACTERS} characters")
    return text


class ActiveLocks:
    """The locks in force, as the running service last read them.

    Args:
        store: the locks.
        tracker: the live calls.
        seats: gets the numbers of the locked seats.
        hangups: ends the calls of a lock that ends calls.
        timezone: the site's, for the time that people read.
    """

    def __init__(self, store: LockStore, tracker: Tracker, seats: Seats, hangups: Hangups, timezone: str) -> None:
        self._store = store
        self._tracker = tracker
        self._seats = seats
        self._hangups = hangups
        self._zone: tzinfo = ZoneInfo(timezone)
        self.locks: tuple[Lock, ...] = ()

    def stops(self, campaign_id: CampaignId) -> Lock | None:
        """Return the lock that stops this campaign's calls, or None."""
        return stops(self.locks, campaign_id)

    def sentences(self) -> tuple[Reason, ...]:
        """Return the messages of all locks in force, oldest first."""
        return tuple(sentence(lock, self._zone) for lock in self.locks)

    def blocking_reason(self, campaign: Campaign) -> Reason | None:
        """Return the message of the lock that stops a campaign's calls, or None."""
        lock = self.stops(campaign.campaign_id)
        return None if lock is None else sentence(lock, self._zone)

    async def look(self) -> None:
        """Read the locks once, and end the calls of those that end calls.

        Raises:
            StoreError: the database cannot be read; the locks read before stay in force.
        """
        locks = tuple(await self._store.active())
        if locks != self.locks:
            for lock in set(locks) - set(self.locks):
                log.warning("lock_in_force", scope=str(lock.scope), target=lock.target, by=lock.by)
            self.locks = locks
            self._seats.lock(frozenset(_seats_of(locks)))
        self._end_calls()

    def _end_calls(self) -> None:
        ending = [lock for lock in self.locks if lock.ends_calls]
        for call in list(self._tracker.calls()) if ending else ():
            attempt = call.attempt
            if any(lock.covers(attempt.campaign_id, attempt.seat) for lock in ending):
                self._hangups.end(call)

    async def run(self) -> None:
        """Read the locks until cancelled."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                log.error("locks_unreadable", reason=str(error))
            await asyncio.sleep(POLL_S)


def _seats_of(locks: Iterable[Lock]) -> Iterator[SeatNumber]:
    """Yield the numbers of the locked seats; a lock with an invalid target yields none."""
    for lock in locks:
        if lock.scope is LockScope.SEAT and is_target(lock.scope, lock.target):
            yield SeatNumber(int(lock.target))


def sentence(lock: Lock, zone: tzinfo) -> Reason:
    """Return the message of a lock: what is locked, since when, by whom."""
    at = lock.at.astimezone(zone)
    if lock.scope is LockScope.SEAT:
        return Reason("locked.seat", seat=lock.target, at=at, by=lock.by)
    if lock.scope is LockScope.CAMPAIGN:
        return Reason("locked.campaign", at=at, by=lock.by)
    return Reason("locked.site", at=at, by=lock.by)
