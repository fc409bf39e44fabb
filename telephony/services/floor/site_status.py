"""The state of the whole site: links, what blocks every call, locks, results that are due."""

from telephony.domain.floor.snapshot import LinkView
from telephony.domain.security.locks import Lock
from telephony.domain.text.reason import Reason
from telephony.services.calls.results_due import ResultsDue
from telephony.services.rules.blockers import Blockers
from telephony.services.rules.readiness import Links
from telephony.services.security.locks import ActiveLocks


class SiteStatus:
    """Reads the state of the site."""

    def __init__(self, links: Links, blockers: Blockers, room: ActiveLocks, due: ResultsDue) -> None:
        self._links = links
        self._blockers = blockers
        self._room = room
        self._due = due

    def links(self) -> tuple[LinkView, ...]:
        """Return each connection and whether it is up."""
        return self._links.views()

    def blocked(self) -> Reason | None:
        """Return why no call may leave the site at all, or None."""
        return self._blockers.site()

    def locks(self) -> tuple[Lock, ...]:
        """Return the locks in force."""
        return self._room.locks

    def results_due(self) -> int:
        """Count ended conversations that have no result."""
        return self._due.count
