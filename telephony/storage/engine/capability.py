"""Base class of every capability: each of its methods is one unit of work on the database.

The decorators ``read`` and ``write`` turn a plain method over a connection or a transaction into the coroutine its
port declares. ``database`` runs the units of work.
"""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from telephony.storage.engine.database import Database
from telephony.storage.engine.transaction import Transaction

C = TypeVar("C", bound="Capability")
P = ParamSpec("P")
T = TypeVar("T")


class Capability:
    """A part of the store, on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database


def read(work: Callable[Concatenate[C, Connection, P], T]) -> Callable[Concatenate[C, P], Coroutine[Any, Any, T]]:
    """Run the method on a reading thread, with a connection in autocommit. It must not write."""

    @wraps(work)
    async def run(self: C, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._database.read(lambda connection: work(self, connection, *args, **kwargs))

    return run


def write(work: Callable[Concatenate[C, Transaction, P], T]) -> Callable[Concatenate[C, P], Coroutine[Any, Any, T]]:
    """Run the method on the writing thread, in a transaction: durable when it returns, undone when it raises."""

    @wraps(work)
    async def run(self: C, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._database.write(lambda tx: work(self, tx, *args, **kwargs))

    return run
