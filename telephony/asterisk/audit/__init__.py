"""The audit of a pbx or a gate: what it allows somebody to do, checked in its files and optionally in what runs.

It also checks configurations that the product did not write. ``audit`` only decides; ``reading`` and ``console``
collect evidence. Each departure names the thing, the hole it opens and the fix. ``UNSEEN`` lists what is not checked.
"""

from collections.abc import Iterator

from telephony.asterisk.audit.accounts import Kind
from telephony.asterisk.audit.dial_rules import check_dials
from telephony.asterisk.audit.endpoint_rules import check_endpoints
from telephony.asterisk.audit.evidence import Breach, Departure, Instance, Role, Running
from telephony.asterisk.audit.exit_rules import check_dialplan
from telephony.asterisk.audit.holes import HOLES, UNSEEN, Hole
from telephony.asterisk.audit.host_rules import check_host
from telephony.asterisk.audit.manager_rules import check_manager
from telephony.asterisk.audit.module_rules import check_modules
from telephony.asterisk.audit.network_rules import file_departures, network_departures
from telephony.asterisk.audit.permit_rules import check_permits
from telephony.asterisk.audit.recording_rules import check_recordings
from telephony.asterisk.audit.running_rules import check_running, running_view
from telephony.asterisk.audit.view import View, written_view

__all__ = [
    "HOLES",
    "UNSEEN",
    "Departure",
    "Hole",
    "Instance",
    "Kind",
    "Role",
    "Running",
    "audit",
    "audit_pair",
    "file_departures",
    "network_departures",
]


def audit(instance: Instance) -> list[Departure]:
    """Return every departure of one instance; a fault both in the files and running is reported twice.

    Args:
        instance: its files, and its console's output if it was queried.
    """
    view = written_view(instance)
    breaches = [*_calls(view), *check_modules(instance), *check_manager(instance), *check_host(instance)]
    if instance.running is not None:
        now = running_view(view, instance.running)
        known = {(hole, says) for hole, _, says, *_ in breaches}
        breaches += check_running(view, now, instance.running)
        breaches += [breach for breach in _calls(now) if (breach[0], breach[2]) not in known]
    return [instance.departure(*breach) for breach in dict.fromkeys(breaches)]


def audit_pair(pbx: Instance | None, gate: Instance | None) -> list[Departure]:
    """Return every departure of a pbx and its gate, and of the two together."""
    departures = [departure for instance in (pbx, gate) if instance is not None for departure in audit(instance)]
    if pbx and gate and pbx.running and gate.running and pbx.running.user_id == gate.running.user_id:
        says = f"pbx and gate run as the same user, {pbx.running.user_id}"
        departures.append(Departure(Hole.WRONG_USER, None, "running: both instances", says))
    return departures


def _calls(view: View) -> Iterator[Breach]:
    for check in (check_dials, check_permits, check_recordings, check_dialplan, check_endpoints):
        yield from check(view)
