"""Locks: keeping them (``Locks``, for pages and commands) and making them hold (``ActiveLocks``, in the service).

A lock holds from the moment it is in the database: the dialer, the gate service and the seats ask this module. Calls
under way finish, unless somebody asks for their end too: then they are ended from both sides. Who may lock is left to
the pages' rights.
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

LOOK_S: Final = 0.25
"""Seconds between looks: a lock made on the command line holds within half a second."""
REASON_CHARACTERS: Final = 300
_TARGETS: Final = {
    LockScope.SITE: "the site has no target: leave it empty to lock the whole room",
    LockScope.CAMPAIGN: "a campaign is locked by its id, in digits 0 to 9, such as 3",
    LockScope.SEAT: "a seat is locked by its number, 1 to 999, in digits 0 to 9, such as 7",
}
WATCH: Final = "watch"
"""Who locks when nobody did: the watch itself."""


class Locks:
    """Locks and lifts."""

    def __init__(self, store: LockStore, clock: Clock, seats: Collection[int] = ()) -> None:
        """Keep the parts.

        Args:
            store: where locks are.
            clock: the present moment.
            seats: numbers of the site's settings; those that operators have are known besides.
        """
        self._store = store
        self._clock = clock
        self._numbers = frozenset(map(str, seats))

    async def lock(self, scope: LockScope, target: str, by: str, reason: str = "", *, ends_calls: bool = False) -> bool:
        """Let no new call leave; True when it was not locked already.

        Calls under way finish unless ``ends_calls`` is asked for, with the lock or of one that is in force already.

        Args:
            scope: how far it reaches.
            target: "" for the site, a campaign's id, a seat's number.
            by: who, as shown to people.
            reason: in their words; may be empty: locking must not wait for words.
            ends_calls: end calls under way too; a second act, never taken for granted.

        Raises:
            InputError: there is no such campaign or seat (an idle seat and a stopped campaign there are), or the
                reason is too long.
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
        """Let a lock in force end calls under way too; it never locks anew what was unlocked meanwhile.

        Raises:
            NotFoundError: it is not locked.
        """
        if not any((lock.scope, lock.target) == (scope, target) for lock in await self._store.active()):
            raise NotFoundError(f"{scope} {target}".strip() + " is not locked: lock it first")
        await self._store.end_calls(scope, target, by, self._clock.now())

    async def unlock(self, scope: LockScope, target: str, by: str, reason: str) -> Lock:
        """Lift a lock.

        Raises:
            InputError: no reason was given.
            NotFoundError: it is not locked.
        """
        if not says_something(reason):
            raise InputError("a lock is lifted with a reason: say why calls may leave again")
        return await self._store.release(scope, target, by, reason_of(reason), self._clock.now())

    async def active(self) -> Sequence[Lock]:
        """Return the locks that hold now, oldest first."""
        return await self._store.active()

    async def after_tampering(self, sentence: str) -> None:
        """Stop new calls on the watch's own account, until a person lifts it; calls under way go on."""
        try:
            await self.lock(LockScope.SITE, SITE, WATCH, sentence, ends_calls=False)
        except StoreError as error:
            log.error("not_locked", reason=str(error))


def _reason(text: str) -> str:
    """Return what was said when locking, "" when nothing was: no lock waits for words."""
    text = visible(text) if says_something(text) else ""
    if len(text) > REASON_CHARACTERS:
        raise InputError(f"a reason has at most {REASON_CHARACTERS} characters")
    return text


class ActiveLocks:
    """The locks that hold, as the running service knows them."""

    def __init__(self, store: LockStore, tracker: Tracker, seats: Seats, hangups: Hangups, timezone: str) -> None:
        """Begin unlocked; ``look`` reads.

        Args:
            store: where locks are.
            tracker: the calls that live.
            seats: told which seats are locked.
            hangups: ends calls that fall under a lock.
            timezone: the site's, for the moment people read.
        """
        self._store = store
        self._tracker = tracker
        self._seats = seats
        self._hangups = hangups
        self._zone: tzinfo = ZoneInfo(timezone)
        self.locks: tuple[Lock, ...] = ()

    def stops(self, campaign_id: CampaignId) -> Lock | None:
        """Return the lock that lets no call of this campaign leave, or None."""
        return stops(self.locks, campaign_id)

    def sentences(self) -> tuple[Reason, ...]:
        """Return every lock that holds, as people read it, oldest first."""
        return tuple(sentence(lock, self._zone) for lock in self.locks)

    def blocking_reason(self, campaign: Campaign) -> Reason | None:
        """Return the lock as the sentence people read, or None."""
        lock = self.stops(campaign.campaign_id)
        return None if lock is None else sentence(lock, self._zone)

    async def look(self) -> None:
        """Read the locks once, and end what falls under them.

        Raises:
            StoreError: the database cannot be read; what was known holds on.
        """
        locks = tuple(await self._store.active())
        if locks != self.locks:
            for lock in set(locks) - set(self.locks):
                log.warning("locked", scope=str(lock.scope), target=lock.target, by=lock.by)
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
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                log.error("locks_unreadable", reason=str(error))
            await asyncio.sleep(LOOK_S)


def _seats_of(locks: Iterable[Lock]) -> Iterator[SeatNumber]:
    """Yield the seats that are locked; a lock whose target is no seat locks none, and ends nothing here."""
    for lock in locks:
        if lock.scope is LockScope.SEAT and is_target(lock.scope, lock.target):
            yield SeatNumber(int(lock.target))


def sentence(lock: Lock, zone: tzinfo) -> Reason:
    """Return what people read of a lock: what, since when, by whom."""
    at = lock.at.astimezone(zone)
    if lock.scope is LockScope.SEAT:
        return Reason("locked.seat", seat=lock.target, at=at, by=lock.by)
    if lock.scope is LockScope.CAMPAIGN:
        return Reason("locked.campaign", at=at, by=lock.by)
    return Reason("locked.site", at=at, by=lock.by)
