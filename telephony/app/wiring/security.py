"""Wires security: incidents, hangups, watch, liveness, DTMF, tripwire, locks."""

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

from telephony.app.wiring.services import Services
from telephony.ports.calls.switch import Exchanges, SwitchFact
from telephony.services.calls.hangup import Hangups
from telephony.services.calls.liveness import Liveness
from telephony.services.calls.seats import Seats
from telephony.services.calls.tracker import Tracker
from telephony.services.evidence.incident_book import IncidentBook
from telephony.services.evidence.unreadable import Unreadable
from telephony.services.security.dtmf import DtmfPolicy
from telephony.services.security.locks import ActiveLocks, Locks
from telephony.services.security.tripwire import Tripwire
from telephony.services.security.watch import Watch
from telephony.wire.watch import key_of


@dataclass(frozen=True, slots=True)
class SecurityParts:
    """The parts of security."""

    incidents: IncidentBook
    hangups: Hangups
    watch: Watch
    liveness: Liveness
    dtmf: DtmfPolicy
    tripwire: Tripwire
    locks: Locks
    unreadable: Unreadable
    active_locks: ActiveLocks

    def on_gate(self, fact: SwitchFact) -> bool:
        """Handle a fact of the gate; False if it must not reach the tracker."""
        self.hangups.on_gate(fact)
        return self.tripwire.on_gate(fact)

    def loops(self) -> Iterator[tuple[str, Callable[[], Coroutine[Any, Any, None]]]]:
        """Yield the loops, with their names, that run as long as the controller."""
        yield "incidents", self.incidents.run
        yield "watch", self.watch.run
        yield "liveness", self.liveness.run
        yield "dtmf", self.dtmf.run
        yield "dtmf_play", self.dtmf.play
        yield "tripwire", self.tripwire.run
        yield "locks", self.active_locks.run
        yield "unreadable", self.unreadable.run


def watching(services: Services, exchanges: Exchanges, tracker: Tracker, seats: Seats) -> SecurityParts:
    """Wire the watch; nothing is started."""
    settings, store, clock = services.settings, services.store, services.clock
    incidents = IncidentBook(store.ledger, clock)
    hangups = Hangups(tracker, exchanges.pbx, clock)
    dtmf = DtmfPolicy(store.keys, store.ledger, exchanges.pbx, tracker, clock)
    watch = Watch(
        key=key_of(settings.gate.ami_secret.get_secret_value()),
        attempts=store.attempts,
        tracker=tracker,
        hangups=hangups,
        incidents=incidents,
        clock=clock,
        warden_gone_s=settings.watch.warden_gone_s,
        locks=services.locks,
    )
    return SecurityParts(
        incidents=incidents,
        hangups=hangups,
        watch=watch,
        liveness=Liveness((exchanges.pbx, exchanges.gate), incidents),
        dtmf=dtmf,
        tripwire=Tripwire(tracker, seats, hangups, incidents, dtmf, exchanges),
        locks=services.locks,
        unreadable=Unreadable(store.unreadable, incidents),
        active_locks=ActiveLocks(store.locks, tracker, seats, hangups, settings.site.timezone),
    )
