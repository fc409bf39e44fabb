"""The schema's version: upgrade a database, and refuse one that this version does not know.

``migrations`` defines each version; nothing else creates or changes a table.
"""

import asyncio
import functools
from importlib.resources import files
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from telephony.errors import SchemaError, StoreUnavailableError
from telephony.storage.engine.dialect import Dialect
from telephony.storage.engine.dialects import dialect_of
from telephony.storage.engine.errors import translated

MIGRATIONS: Final = Path(str(files("telephony.storage"))) / "migrations"
MEND: Final = "run `telephony database upgrade`"


@functools.cache
def known_revision() -> str:
    """Return the newest schema version this code knows."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert head is not None  # noqa: S101 - a wheel without migrations is a broken build, not an input
    return head


async def upgrade(url: str) -> str:
    """Upgrade the database to the schema this version knows, or create it; return its version.

    Two upgrades at once are safe: the second waits and finds nothing to do.

    Raises:
        StoreError: the database cannot be reached, or holds a newer schema than this version knows.
    """
    return await asyncio.to_thread(_upgrade, dialect_of(url))


async def current_revision(url: str) -> str | None:
    """Return the version of the database's schema; None when it has no schema.

    Raises:
        StoreError: the database cannot be reached.
    """
    return await asyncio.to_thread(_current, dialect_of(url))


async def check_schema(dialect: Dialect) -> None:
    """Check that the database has exactly the schema this version knows.

    Raises:
        SchemaError: it has another schema, or none.
    """
    stored, known = await asyncio.to_thread(_current, dialect), known_revision()
    if stored is None:
        raise SchemaError(f"{dialect.place} has no schema yet, this version knows {known}: {MEND}")
    if stored == known:
        return
    if _is_known(stored):
        raise SchemaError(f"the database has schema {stored}, this version knows {known}: {MEND}")
    raise SchemaError(
        f"the database has schema {stored}, this version knows {known} but not that one: it belongs to a newer version;"
        f" install that version, or give the right database.url"
    )


def _is_known(revision: str) -> bool:
    try:
        return ScriptDirectory(str(MIGRATIONS)).get_revision(revision) is not None
    except CommandError:
        return False


def _current(dialect: Dialect) -> str | None:
    if not dialect.exists():
        return None
    engine = dialect.engine(writes=False, connections=1)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        failure = translated(error, dialect)
    finally:
        engine.dispose()
    raise failure


def _upgrade(dialect: Dialect) -> str:
    try:
        dialect.prepare()
    except OSError as error:
        raise StoreUnavailableError(f"{dialect.place} cannot be made ({error.strerror}): {dialect.mend}") from None
    engine = dialect.engine(writes=True, connections=1)
    try:
        with engine.begin() as connection:
            dialect.lock(connection)
            _run(connection)
        return known_revision()
    except SQLAlchemyError as error:
        failure = translated(error, dialect)
    finally:
        engine.dispose()
    raise failure


def _run(connection: Connection) -> None:
    stored = MigrationContext.configure(connection).get_current_revision()
    if stored is not None and not _is_known(stored):
        raise SchemaError(
            f"the database has schema {stored}, this version knows {known_revision()} but not that one; nothing was"
            " changed: it belongs to a newer version"
        )
    command.upgrade(config_of(connection), "head")


def config_of(connection: Connection) -> Config:
    """Return Alembic's configuration: the migrations' folder and the connection they run on."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
