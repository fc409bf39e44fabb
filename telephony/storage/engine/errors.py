"""Translate exceptions of SQLAlchemy and the drivers into the ``StoreError`` family.

Driver messages can quote values (a number, a name), so only the error's class and code are passed on.
"""

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as NoConnectionInTimeError

from telephony.errors import ConflictError, StoreError, StoreUnavailableError, UnstorableError
from telephony.storage.engine.dialect import Dialect

_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40P01")
# PostgreSQL's error class for invalid data, and what its driver refuses before sending.
_BEYOND = ("22",)
_NOT_SENT = ("DataError", "OverflowError", "UnicodeEncodeError")
UNSTORABLE = (OverflowError, UnicodeError)
"""What SQLite's driver raises for numbers and texts that no column can hold."""
_UNAVAILABLE_CODES = (*_BUSY, "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_INT")
# PostgreSQL's error classes: connection, authorization, no such database, resources, intervention, system.
_UNAVAILABLE_STATES = ("08", "28", "3D", "53", "57", "58")


def translated(error: SQLAlchemyError, dialect: Dialect) -> StoreError:
    """Return the ``StoreError`` for an SQLAlchemy error."""
    if isinstance(error, StatementError) and isinstance(error.orig, StoreError):
        return error.orig
    code = code_of(error)
    if isinstance(error, IntegrityError):
        return ConflictError(
            f"the database refused it ({code}): it already exists, or refers to something that does not exist"
        )
    if code.startswith(_BUSY):
        return StoreUnavailableError(
            f"{dialect.place} is held by another process ({code}); nothing was written: try again, or end that process"
        )
    if code.startswith(_BEYOND) or code in _NOT_SENT:
        return UnstorableError()
    if is_unavailable(error):
        return StoreUnavailableError(
            f"{dialect.place} cannot be used now ({code}); nothing was written: {dialect.mend}"
        )
    return StoreError(f"the database refused a statement ({code}); nothing was written")


def is_unavailable(error: SQLAlchemyError) -> bool:
    """Return True if the cause is the database and not the statement."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, NoConnectionInTimeError)
    if error.connection_invalidated:
        return True
    code = code_of(error)
    if code.startswith(_UNAVAILABLE_CODES) or code.startswith(_UNAVAILABLE_STATES):
        return True
    # Neither driver gives a code when no connection was made.
    return isinstance(error, OperationalError) and code == type(error.orig).__name__


def code_of(error: SQLAlchemyError) -> str:
    """Return SQLite's error name, PostgreSQL's SQLSTATE, or the class of the error."""
    cause = getattr(error, "orig", None)
    if cause is None:
        return type(error).__name__
    return getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or type(cause).__name__
