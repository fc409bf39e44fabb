"""``telephony database``: create or upgrade the schema, and show its version."""

import asyncio

import typer

from telephony.cli.session import AsJson, emit, settings
from telephony.storage import current_revision, upgrade

database_app = typer.Typer(name="database", no_args_is_help=True, help="The database's schema: upgrade, status.")


@database_app.command("upgrade")
def upgrade_(as_json: AsJson = False) -> None:
    """Create the schema, or upgrade it to this version. Run it after every installation.

    Example: telephony database upgrade
    """
    url = settings().database.url
    asyncio.run(upgrade(url))
    revision = asyncio.run(current_revision(url))
    emit({"revision": revision}, "the schema is up to date", as_json=as_json)


@database_app.command()
def status(as_json: AsJson = False) -> None:
    """Show the version of the database's schema.

    Example: telephony database status
    """
    revision = asyncio.run(current_revision(settings().database.url))
    emit({"revision": revision}, f"schema {revision or 'none: run telephony database upgrade'}", as_json=as_json)
