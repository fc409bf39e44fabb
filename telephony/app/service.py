"""The whole service: a controller and its pages, from start to orderly end."""

import asyncio
import gc
from collections.abc import Callable

from telephony.app.controller import running
from telephony.app.wiring.daily_proof import proving
from telephony.app.wiring.parts import Parts
from telephony.services.evidence.proofs import Proofs
from telephony.settings import Settings
from telephony.web import WebDeps
from telephony.web.serving import served


async def serve_until(
    settings: Settings, stop: asyncio.Event, ready: Callable[[str], None], waits: Callable[[str], None] | None = None
) -> None:
    """Run until ``stop`` is set or a part fails.

    Args:
        settings: the site's settings.
        stop: set to stop in order.
        ready: called with the pages' address when everything runs.
        waits: called with a message while another controller runs, and waited for; None: be refused then.

    Raises:
        TelephonyError: a part could not start.
    """
    async with running(settings, waits=waits) as controller, served(web_deps(controller.parts)) as address:
        # A full collection visits all live objects and stops every thread for 0.1 s: the present ones are left out.
        gc.freeze()
        ready(address)
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((stopping, controller.failed), return_when=asyncio.FIRST_COMPLETED)
            if controller.failed.done():
                controller.failed.result()
        finally:
            stopping.cancel()


def web_deps(parts: Parts) -> WebDeps:
    """Return what the pages need, from the controller's parts."""
    services, screens = parts.services, parts.screens
    settings = services.settings
    return WebDeps(
        accounts=services.accounts,
        listening=services.listening,
        floor=screens.floor,
        campaigns=services.campaigns,
        lists=services.lists,
        leads=services.store.leads,
        whitelist=services.whitelist,
        desk=screens.desk,
        results=services.results,
        desk_feed=screens.feed,
        own_call=screens.own_call,
        locks=services.locks,
        incidents=services.incidents,
        do_not_call=services.do_not_call,
        proofs=Proofs(lambda: proving(settings), settings.proof.key, settings.proof.folder),
        clock=services.clock,
        web=settings.web,
        site=settings.site,
    )
