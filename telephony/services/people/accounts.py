"""Accounts: checking passwords, managing sessions, creating accounts.

A refused sign-in takes the same time and gives the same message whether the name exists or not. The rights of each
role are in ``telephony.domain.accounts``; ``telephony.web`` has the cookies and pages.
"""

import asyncio
import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from telephony.domain.accounts import Account, Operator, Role, Session
from telephony.domain.text.visible import says_something, visible
from telephony.errors import InputError, NotFoundError
from telephony.ids import SeatNumber
from telephony.ports.clock import Clock, Dice
from telephony.ports.store import Store
from telephony.services.evidence.refusals import KNOWN_APART, Refusals
from telephony.services.people.sign_in_limits import SignInLimits, TooManyTriesError

log = structlog.get_logger(__name__)

HASHES_AT_ONCE: Final = 2
"""One hash takes about 200 ms of a core and 64 MiB; more at once would starve the calls."""
HASHES_WAITING: Final = 16
"""Most sign-ins that wait for a core; a further one is refused for 5 s."""
PASSWORD_LENGTH: Final = 256
LONGEST_NAME: Final = 64
_USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")


class SignInRefusedError(InputError):
    """The name and the password do not match; the message does not say which of the two is wrong."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The signed-in account, its session, and its operator when it has a seat."""

    account: Account
    session: Session
    operator: Operator | None


@dataclass(frozen=True, slots=True)
class SignIn:
    """A new sign-in; ``token`` goes into the cookie and is stored nowhere else."""

    token: str
    who: SignedIn


class AccountsService:
    """Accounts and their sessions.

    Args:
        store: accounts and sessions.
        clock: wall-clock time.
        dice: tokens and passwords.
        session_hours: hours after which a session expires.
        hasher: argon2id with the library's recommended costs; tests pass a cheaper one.
        refusals: counts refusals; a counter that is passed in is settled by its owner.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        dice: Dice,
        session_hours: int = 12,
        hasher: PasswordHasher | None = None,
        refusals: Refusals | None = None,
    ) -> None:
        self._store = store.accounts
        self._clock = clock
        self._refusals = refusals or Refusals(store.ledger, clock)
        self._dice = dice
        self._life = timedelta(hours=session_hours)
        self._hasher = hasher or PasswordHasher()
        self._cores = asyncio.Semaphore(HASHES_AT_ONCE)
        self._queued = 0
        self._limits = SignInLimits()
        self._no_hash: str | None = None

    async def sign_in(self, username: str, password: str, address: str) -> SignIn:
        """Open a session.

        Args:
            username: as typed; letter case and surrounding spaces do not matter.
            password: as typed.
            address: network address of the client, for the limits and the ledger.

        Raises:
            SignInRefusedError: wrong name or password, or the account is deactivated; entered in the ledger.
            TooManyTriesError: too many refusals for this name or address; entered in the ledger.
        """
        return await self._open(await self.prove(username, password, address))

    async def prove(self, username: str, password: str, address: str) -> Account:
        """Check a password and return its account, without a session; arguments and errors as ``sign_in``."""
        name = username.strip().lower()[:64]
        wait = self._limits.wait(name, address, self._clock.now())
        if wait:
            await self._refused(name, "too_many_tries", address)
            raise TooManyTriesError(wait)
        # Counted before the slow hash, so that parallel tries count too; forgotten when the password is right.
        self._limits.refused(name, address, self._clock.now())
        account = await self._store.by_username(name)
        fits = await self._fits(account.password_hash if account else await self._unknown_names_hash(), password)
        if account is None or not fits or not account.is_active:
            await self._refused(name, "sign_in", address)
            log.info("sign_in_refused", address=address)
            raise SignInRefusedError("the name and the password do not go together; check both and try again")
        self._limits.forget(name, address)
        return account

    async def _open(self, account: Account) -> SignIn:
        token, now = self._dice.token(), self._clock.now()
        session = Session(digest(token), account.account_id, self._dice.token(), now, now + self._life)
        await self._store.open_session(session)
        return SignIn(token, SignedIn(account, session, await self._operator(account)))

    async def sign_out(self, token: str) -> None:
        """Close the session; nothing happens when there is none."""
        await self._store.close_session(digest(token), self._clock.now())

    async def signed_in(self, token: str) -> SignedIn | None:
        """Return who has this token, or None when its session is closed, expired or unknown."""
        session = await self._store.session(digest(token), self._clock.now())
        if session is None:
            return None
        account = await self._store.get(session.account_id)
        return SignedIn(account, session, await self._operator(account))

    async def create(self, username: str, display_name: str, role: Role) -> tuple[Account, str]:
        """Create an account and return it with its password, which cannot be shown again.

        Raises:
            InputError: the username is not 2-32 of a-z, 0-9, dot, dash, underscore, or the display name is empty.
            ConflictError: the username is taken, or another account's display name looks the same.
        """
        if _USERNAME.fullmatch(username) is None:
            raise InputError("a username has 2 to 32 characters: a-z, 0-9, dot, dash or underscore")
        shown = visible(display_name)
        if not says_something(shown):
            raise InputError("the display name is empty; give the name that people use")
        password = self._dice.password()
        hashed = await self._hash(password)
        account = await self._store.add(username, shown, role, hashed, self._clock.now())
        return account, password

    async def add_operator(self, username: str, display_name: str, name: str, seat: SeatNumber) -> tuple[Operator, str]:
        """Create an operator's account with a seat; ``name`` is the work name shown on screens."""
        account, password = await self.create(username, display_name, Role.OPERATOR)
        return await self._store.add_operator(account.account_id, name, seat), password

    async def reset_password(self, username: str) -> str:
        """Set a new password, close the account's sessions, and return the password."""
        account = await self._store.by_username(username)
        if account is None:
            raise NotFoundError(f"no account is named {username!r}; list them with telephony account list")
        password = self._dice.password()
        await self._store.set_password(account.account_id, await self._hash(password), self._clock.now())
        return password

    async def refuse(self, who: SignedIn | None, rule: str, address: str) -> None:
        """Enter in the ledger that a page or an action was refused."""
        if who is None:
            await self._refused("", rule, address)
            return
        body, name = {"rule": rule, "address": address}, who.account.username
        source = f"account {who.account.account_id}"
        await self._refusals.note("access_refused", name[:LONGEST_NAME], source, rule, body, apart=KNOWN_APART)

    async def _refused(self, username: str, rule: str, address: str) -> None:
        """Enter a refusal of a client that is not signed in: one entry for each address, rule and minute."""
        body = {"rule": rule, "address": address}
        await self._refusals.note("access_refused", username[:LONGEST_NAME], address, rule, body)

    async def _operator(self, account: Account) -> Operator | None:
        if account.role is not Role.OPERATOR:
            return None
        return next(
            (operator for operator in await self._store.operators() if operator.account_id == account.account_id), None
        )

    async def _unknown_names_hash(self) -> str:
        """Return a hash that no password matches, so that an unknown name takes as long as a known one."""
        if self._no_hash is None:
            self._no_hash = await self._hash(self._dice.token())
        return self._no_hash

    async def _hash(self, password: str) -> str:
        async with self._cores:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def _fits(self, hashed: str, password: str) -> bool:
        if self._queued >= HASHES_WAITING:
            raise TooManyTriesError(timedelta(seconds=5))
        self._queued += 1
        try:
            async with self._cores:
                return await asyncio.to_thread(self._verify, hashed, password)
        finally:
            self._queued -= 1

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password[:PASSWORD_LENGTH]) and len(password) <= PASSWORD_LENGTH
        except (VerificationError, InvalidHashError, UnicodeError):
            return False


def digest(token: str) -> str:
    """Return the SHA-256 of a cookie's token, hexadecimal: the only part that is stored."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
