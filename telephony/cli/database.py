"""``telephony database``: make or upgrade the schema, and say which one there is."""

import asyncio

import typer

from telephony.cli.session import AsJson, settings, tell
from telephony.storage import current_revision, upgrade

database_app = typer.Typer(name="database", no_args_is_help=True, help="The database's schema: upgrade, status.")


@database_app.command("upgrade")
def upgrade_(as_json: AsJson = False) -> None:
    """Make the schema, or bring it to this version; run it after every installation.

    Example: telephony database upgrade
    """
    url = settings().database.url
    asyncio.run(upgrade(url))
    revision = asyncio.run(current_revision(url))
    tell({"revision": revision}, "the database has this version's schema", as_json=as_json)


@database_app.command()
def status(as_json: AsJson = False) -> None:
    """Say which schema the database has.

    Example: telephony database status
    """
    revision = asyncio.run(current_revision(settings().database.url))
    tell({"revision": revision}, f"schema {revision or 'none: run telephony database upgrade'}", as_json=as_json)
