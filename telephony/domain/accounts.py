"""Accounts and roles: who may see and do what (I8).

Checking a password and keeping a session are left to services and storage.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from telephony.ids import AccountId, OperatorId, SeatNumber


class Role(StrEnum):
    """What an account is for."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    CAMPAIGN_MANAGER = "campaign_manager"
    COMPLIANCE = "compliance"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """One right that a page or a command may require."""

    SEE_FLOOR = "see_floor"
    SEE_LISTS = "see_lists"
    LOAD_LISTS = "load_lists"
    APPROVE = "approve"
    RUN_CAMPAIGNS = "run_campaigns"
    SEARCH_RECORDINGS = "search_recordings"
    LISTEN = "listen"
    WORK_AT_SEAT = "work_at_seat"
    MANAGE_PEOPLE = "manage_people"
    LOCK = "lock"
    CLOSE_INCIDENTS = "close_incidents"
    PROVE = "prove"
    GIVE_RESULTS = "give_results"


RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    Role.OPERATOR: frozenset({Right.WORK_AT_SEAT}),
    Role.SUPERVISOR: frozenset({Right.SEE_FLOOR, Right.LOCK, Right.CLOSE_INCIDENTS, Right.GIVE_RESULTS}),
    Role.CAMPAIGN_MANAGER: frozenset(
        {
            Right.SEE_FLOOR,
            Right.SEE_LISTS,
            Right.LOAD_LISTS,
            Right.APPROVE,
            Right.RUN_CAMPAIGNS,
            Right.LOCK,
            Right.GIVE_RESULTS,
        }
    ),
    Role.COMPLIANCE: frozenset(
        {
            Right.SEE_FLOOR,
            Right.SEE_LISTS,
            Right.APPROVE,
            Right.SEARCH_RECORDINGS,
            Right.LISTEN,
            Right.CLOSE_INCIDENTS,
            Right.PROVE,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Right.SEE_FLOOR,
            Right.MANAGE_PEOPLE,
            Right.RUN_CAMPAIGNS,
            Right.SEE_LISTS,
            Right.LOAD_LISTS,
            Right.APPROVE,
            Right.LOCK,
        }
    ),
}
"""An administrator keeps the host running; only the compliance officer may listen to people."""


def may(role: Role, right: Right) -> bool:
    """Return True if ``role`` has ``right``."""
    return right in RIGHTS[role]


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in. ``password_hash`` is argon2id's encoded form."""

    account_id: AccountId
    username: str
    display_name: str
    role: Role
    password_hash: str
    is_active: bool
    language: str


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in, kept on the server; ``token_sha256`` is all that is stored of the cookie."""

    token_sha256: str
    account_id: AccountId
    form_token: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Operator:
    """A person who talks, and their seat; ``name`` is the work name shown on screens."""

    operator_id: OperatorId
    account_id: AccountId
    name: str
    seat: SeatNumber
