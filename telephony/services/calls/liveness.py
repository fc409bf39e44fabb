"""Liveness: do pbx and gate still work, or do they only answer?

An Asterisk can hang while its manager still answers Ping: calls stop and no event reports it. So every few seconds each
instance gets a request that needs its channels and its SIP threads (``Watched.probe``). After two requests in a row
without an answer in time no new call leaves, and an incident is opened. One answer lets calls resume. Calls that are up
are left alone. ``readiness`` handles links that are down.
"""

import asyncio
from typing import Final

import structlog

from telephony.domain.text.reason import Reason
from telephony.errors import SwitchError
from telephony.ports.calls.switch import Watched
from telephony.services.evidence.incident_book import IncidentBook

log = structlog.get_logger(__name__)

EVERY_S: Final = 5.0
"""Seconds from the start of one probe to the start of the next."""
DEADLINE_S: Final = 3.0
"""Seconds a probe may take."""
MISSES: Final = 2
"""Unanswered probes in a row after which the instance counts as hung."""


class Liveness:
    """Probes each instance periodically."""

    def __init__(self, links: tuple[Watched, ...], incidents: IncidentBook) -> None:
        self._links = links
        self._incidents = incidents
        self._missed: dict[str, int] = {}

    def blocking_reason(self) -> Reason | None:
        """Return why nothing may be dialled, or None when every instance answers."""
        for link in self._links:
            if self._missed.get(link.node, 0) >= MISSES:
                return Reason("blocked.hangs", node=str(link.node))
        return None

    async def look(self, link: Watched) -> None:
        """Probe one instance once; a link that is down says nothing about the instance."""
        if not link.is_connected:
            return
        try:
            async with asyncio.timeout(DEADLINE_S):
                await link.probe()
        except (SwitchError, TimeoutError) as error:
            if link.is_connected:
                self._miss(link.node, str(error) or f"no answer within {DEADLINE_S:g} s")
            return
        if self._missed.pop(link.node, 0) >= MISSES:
            log.warning("node_works_again", node=link.node)

    def _miss(self, node: str, reason: str) -> None:
        self._missed[node] = self._missed.get(node, 0) + 1
        log.error("probe_missed", node=node, misses=self._missed[node], reason=reason)
        if self._missed[node] == MISSES:
            text = (
                f"The {node} answers its manager, and {MISSES} probes of its channels and SIP threads got no answer"
                f" within {DEADLINE_S:g} s ({reason}): no new call leaves until one does. If it lasts, restart the"
                f" {node}; see docs/watch.md."
            )
            self._incidents.note("node_not_working", node, text)

    async def run(self) -> None:
        """Probe every instance every few seconds, independently of the others, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for link in self._links:
                group.create_task(self._run(link))

    async def _run(self, link: Watched) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began_s = loop.time()
            await self.look(link)
            await asyncio.sleep(max(0.0, EVERY_S - (loop.time() - began_s)))
