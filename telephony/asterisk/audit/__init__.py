"""The auditor: what a pbx or a gate lets somebody do, judged from its files and, when asked, from what runs.

It judges configurations the product never wrote. ``audit`` decides and touches nothing; ``reading`` and ``console``
gather. Each departure names the thing, the hole it opens and the mend. What cannot be seen stands in ``UNSEEN``.
"""

from collections.abc import Iterator

from telephony.asterisk.audit.accounts import Kind
from telephony.asterisk.audit.dial_rules import dial_departures
from telephony.asterisk.audit.endpoint_rules import endpoint_departures
from telephony.asterisk.audit.evidence import Departure, Instance, Role, Running
from telephony.asterisk.audit.exit_rules import exit_departures
from telephony.asterisk.audit.holes import HOLES, UNSEEN, Hole
from telephony.asterisk.audit.host_rules import host_departures
from telephony.asterisk.audit.key_rules import key_departures
from telephony.asterisk.audit.manager_rules import manager_departures
from telephony.asterisk.audit.module_rules import module_departures
from telephony.asterisk.audit.network_rules import file_departures, network_departures
from telephony.asterisk.audit.permit_rules import permit_departures
from telephony.asterisk.audit.recording_rules import recording_departures
from telephony.asterisk.audit.running_rules import running_departures, running_view
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
    """Return every departure of one instance; what is wrong in the files and running is said once for each.

    Args:
        instance: its files, and what its console says if it was asked.
    """
    view = written_view(instance)
    found = [*_calls(view), *module_departures(instance), *manager_departures(instance), *host_departures(instance)]
    if instance.running is not None:
        now = running_view(view, instance.running)
        told = {(one.hole, one.says) for one in found}
        found += running_departures(view, now, instance.running)
        found += [one for one in _calls(now) if (one.hole, one.says) not in told]
    return list(dict.fromkeys(found))


def audit_pair(pbx: Instance | None, gate: Instance | None) -> list[Departure]:
    """Return every departure of a pbx and its gate, and what is wrong between the two."""
    found = [one for instance in (pbx, gate) if instance is not None for one in audit(instance)]
    if pbx and gate and pbx.running and gate.running and pbx.running.user_id == gate.running.user_id:
        says = f"pbx and gate run as the same user, {pbx.running.user_id}"
        found.append(Departure(Hole.WRONG_USER, None, "running: both instances", says))
    return found


def _calls(view: View) -> Iterator[Departure]:
    for rules in (
        dial_departures,
        permit_departures,
        recording_departures,
        exit_departures,
        endpoint_departures,
        key_departures,
    ):
        yield from rules(view)
