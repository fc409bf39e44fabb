"""The lock's inspection: what somebody can do through the running pbx and gate, their files and the network rules.

It collects the evidence and turns the departures found by ``telephony.asterisk.audit`` into findings. ``checkup``
checks if the site can work at all.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from telephony.app.check.findings import Finding, Level
from telephony.asterisk.audit import (
    UNSEEN,
    Departure,
    Hole,
    Instance,
    Role,
    audit_pair,
    file_departures,
    network_departures,
)
from telephony.asterisk.audit.console import look_at
from telephony.asterisk.audit.reading import control_socket, gate_addresses, list_network_rules, read_folder, read_rules
from telephony.asterisk.firewall import render_firewall
from telephony.asterisk.rendering import render_gate, render_pbx
from telephony.errors import SettingsError, SwitchError
from telephony.settings import Settings
from telephony.settings.models import AsteriskSettings


def inspect_site(settings: Settings) -> list[Finding]:
    """Audit both instances of a site, their files and what runs, and the network rules; blocks for seconds."""
    table = settings.firewall.table
    gates = frozenset({f"{settings.gate.sip_host}:{settings.gate.sip_port}"})
    findings: list[Finding] = []
    pbx = _instance(Role.PBX, settings.pbx, gates, findings)
    gate = _instance(Role.GATE, settings.gate, frozenset(), findings)
    for instance, render in ((pbx, render_pbx), (gate, render_gate)):
        if instance is not None:
            findings += _rendered(instance, settings, render)
    departures = audit_pair(pbx, gate)
    departures += network_departures(render_firewall(settings), list_network_rules(table), table)
    departures += file_departures(render_firewall(settings), read_rules(settings.firewall.file), settings.firewall.file)
    if not settings.firewall.required:
        says = "not required by the settings: if they are missing, nobody notices and calls go on"
        findings.append(Finding(Level.WARNING, "network rules", says, "firewall.required = true, once they are loaded"))
    findings += _verdicts(departures, [instance for instance in (pbx, gate) if instance is not None])
    if not any(departure.role is None for departure in departures):
        findings.append(Finding(Level.OK, "network rules", f"table inet {table} contains all of the lock's rules"))
    return findings


def inspect_folders(pbx: Path | None, gate: Path | None, gates: Iterable[str] = ()) -> list[Finding]:
    """Audit configuration folders only; the instances may be foreign and need not run.

    Args:
        pbx: the operators' side, e.g. ``/etc/asterisk``; None: not audited.
        gate: the carrier's side; None: not audited.
        gates: ``host:port`` of the gate, for a pbx audited without its gate.

    Raises:
        SettingsError: a folder cannot be read.
    """
    there = read_folder(Role.GATE, gate) if gate is not None else None
    known = frozenset(gates) | (gate_addresses(there) if there is not None else frozenset())
    here = read_folder(Role.PBX, pbx, known) if pbx is not None else None
    audited = [instance for instance in (here, there) if instance is not None]
    unseen = "only files were audited: not what runs, who owns the processes, nor the network rules"
    return [
        *_verdicts(audit_pair(here, there), audited),
        Finding(Level.WARNING, "running instances", unseen, "telephony check without folders, on the site itself"),
        _never_seen(),
    ]


def _instance(role: Role, node: AsteriskSettings, gates: frozenset[str], findings: list[Finding]) -> Instance | None:
    """Return the evidence about one instance; evidence that is missing becomes a finding."""
    try:
        instance = read_folder(role, node.etc, gates)
    except SettingsError as error:
        is_closed = isinstance(error.__cause__, PermissionError)
        level = Level.WARNING if is_closed else Level.FAILURE
        fix = "run the check as root" if is_closed else "render it: telephony configuration write"
        findings.append(Finding(level, f"{role}: configuration", f"{error}; nothing was audited", fix))
        return None
    instance = dataclasses.replace(instance, user_id=node.user_id)
    try:
        return dataclasses.replace(instance, running=look_at(control_socket(instance, node.run)))
    except SwitchError as error:
        says = f"{error}; not seen: modules, dialplan and accounts added by hand, devices registered now"
        findings.append(
            Finding(
                Level.WARNING, f"{role}: what runs", says, "start it, and run the check as root", Hole.RUNNING_DIFFERS
            )
        )
        return instance


def _rendered(
    instance: Instance, settings: Settings, render: Callable[[Settings], dict[str, str]]
) -> Iterator[Finding]:
    """Compare the files with what the settings render, if they were rendered by the product."""
    what = f"{instance.role}: configuration"
    try:
        rendered = render(settings)
    except SettingsError as error:
        yield Finding(Level.FAILURE, "settings", str(error), "correct the settings file")
        return
    if not any(instance.files.get(name) == text for name, text in rendered.items()):
        says = "not rendered from these settings: audited by the rules only"
        yield Finding(Level.WARNING, what, says, "telephony configuration write, unless this is a pbx of your own")
        return
    lists = (
        ("missing", [name for name in rendered if name not in instance.files]),
        ("not as rendered", [name for name, text in rendered.items() if instance.files.get(name, text) != text]),
        ("not rendered by anybody", [name for name in instance.files if name not in rendered]),
    )
    for says, names in lists:
        for name in names:
            departure = instance.departure(Hole.FILES_CHANGED, name, says)
            yield _finding(departure)
    if not any(names for _, names in lists):
        yield Finding(Level.OK, what, f"{len(rendered)} files as the settings say")


def _verdicts(departures: list[Departure], audited: list[Instance]) -> list[Finding]:
    findings = [_finding(departure) for departure in departures]
    for instance in audited:
        if not any(departure.role is instance.role for departure in departures):
            seen = f"{len(instance.files)} files" + (" and what runs" if instance.running is not None else "")
            findings.append(Finding(Level.OK, f"{instance.role}: lock", f"no hole found in {seen}"))
    return findings


def _finding(departure: Departure) -> Finding:
    place = f"{departure.role}: {departure.where}" if departure.role is not None else departure.where
    level = Level.WARNING if departure.is_doubt else Level.FAILURE
    return Finding(level, place, departure.says, departure.remedy, departure.hole, departure.lets)


def _never_seen() -> Finding:
    return Finding(Level.OK, "not a matter of configuration", "; ".join(UNSEEN))
