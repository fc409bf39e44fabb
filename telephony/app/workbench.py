"""What one command of the command line needs: the database and its services, no switch."""

import contextlib
from collections.abc import AsyncIterator

from telephony.app.wiring.services import Services, services_of
from telephony.app.wiring.system import SystemClock, SystemDice
from telephony.archive import LocalArchive
from telephony.settings import Settings
from telephony.storage import open_store


@contextlib.asynccontextmanager
async def workbench(settings: Settings) -> AsyncIterator[Services]:
    """Open the database for one command.

    Raises:
        StoreError: it is down, or its schema is not this version's.
    """
    opened = await open_store(settings.database.url)
    try:
        archive = LocalArchive(settings.gate.spool / "monitor", settings.recording.archive)
        services = services_of(settings, opened.store, SystemClock(), SystemDice(), archive)
        yield services
        await services.refusals.settle()
    finally:
        await opened.close()
