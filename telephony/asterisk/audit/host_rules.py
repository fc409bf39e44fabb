"""Rules about the other files of an instance: options, features, conference, records, file modes. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from telephony.asterisk.audit.conf import Section, read_configuration
from telephony.asterisk.audit.evidence import Breach, Instance, Role
from telephony.asterisk.audit.exit_rules import FEATURE_VARIABLES
from telephony.asterisk.audit.holes import Hole
from telephony.asterisk.audit.option_rules import CONFERENCE, FILES, GATE_RECORDS, check_options

READ: Final = "asterisk cdr confbridge extensions features http manager modules pjsip rtp"
OTHERS: Final[Mapping[str, tuple[Hole, str]]] = {
    "extensions.ael": (Hole.HIDDEN_DIALPLAN, "AEL dialplan"),
    "extensions.lua": (Hole.HIDDEN_DIALPLAN, "Lua dialplan"),
    "pjsip_wizard.conf": (Hole.UNREAD_CONFIGURATION, "endpoints made by the wizard"),
    "sip.conf": (Hole.OTHER_CHANNEL_DRIVER, "accounts of chan_sip"),
    "iax.conf": (Hole.OTHER_CHANNEL_DRIVER, "accounts of chan_iax2"),
    "extconfig.conf": (Hole.REALTIME, "tables of a database"),
    "sorcery.conf": (Hole.UNREAD_CONFIGURATION, "objects that come from elsewhere"),
    "dundi.conf": (Hole.DUNDI, "DUNDi peers"),
    "disa.conf": (Hole.DISA, "DISA"),
    "cli.conf": (Hole.CONSOLE_DIALS, "console commands at every start"),
}
"""Files that matter only if they have content."""
_SAYS_NOTHING: Final = re.compile(r"general|globals|settings|test_sorcery_.*")


def check_host(instance: Instance) -> Iterator[Breach]:
    """Yield the breaches in files other than dialplan, endpoints, modules and manager."""
    for (file, section), options in FILES.items():
        yield from check_options(options, _named(instance, file, section))
    if instance.role is Role.GATE:
        yield from check_options(GATE_RECORDS, _named(instance, "cdr.conf", "general"))
    yield from _features(instance)
    yield from _globals(instance)
    yield from _conference(instance)
    yield from _others(instance)
    yield from _unread(instance)
    yield from _modes(instance)


def _named(instance: Instance, file: str, section: str) -> Section:
    existing = read_configuration(instance.files, file).named(section)
    return Section(section, file) if existing is None else existing


def _features(instance: Instance) -> Iterator[Breach]:
    configuration = read_configuration(instance.files, "features.conf")
    for section in configuration.real():
        name = section.name.lower()
        for entry in section.entries if name != "general" else section.all("pickupexten"):
            if not entry.value:
                continue
            yield Hole.FEATURE_CODES, entry.where, f"[{section.name}] {entry.key} = {entry.value}"
            if entry.key in {"automon", "automixmon"}:
                yield Hole.RECORDING_STOPPABLE, entry.where, f"{entry.key} = {entry.value}"
            if entry.key in {"pickupexten", "parkcall"}:
                hole = Hole.PICKUP if entry.key == "pickupexten" else Hole.PARKING
                yield hole, entry.where, f"{entry.key} = {entry.value}"


def _globals(instance: Instance) -> Iterator[Breach]:
    for entry in _named(instance, "extensions.conf", "globals").entries:
        if FEATURE_VARIABLES.search(entry.key.upper()) and entry.value:
            yield Hole.FEATURE_CODES, entry.where, f"{entry.key} = {entry.value}"
    if instance.running is not None and (match := FEATURE_VARIABLES.search(instance.running.globals)):
        yield Hole.FEATURE_CODES, "running: dialplan", f"the global variable {match[0]} is set"


def _conference(instance: Instance) -> Iterator[Breach]:
    for section in read_configuration(instance.files, "confbridge.conf").real():
        yield from check_options(CONFERENCE, section, f"[{section.name}]")
        if section.value("type") == "menu":
            yield Hole.FEATURE_CODES, f"{section.where} [{section.name}]", "a conference menu"


def _others(instance: Instance) -> Iterator[Breach]:
    for name, (hole, says) in OTHERS.items():
        if name not in instance.files:
            continue
        sections = read_configuration(instance.files, name).sections
        said = [
            section for section in sections if section.entries and not _SAYS_NOTHING.fullmatch(section.name.lower())
        ]
        if said or (not name.endswith(".conf") and instance.files[name].strip()):
            yield hole, said[0].where if said else name, says
    for section in read_configuration(instance.files, "calendar.conf").real():
        if entry := section.last("channel", "app", "context"):
            yield Hole.HIDDEN_ORIGINATE, entry.where, "a calendar makes calls"


def _unread(instance: Instance) -> Iterator[Breach]:
    for name in READ.split():
        for what, where in read_configuration(instance.files, f"{name}.conf").unread:
            hole = Hole.SHELL if what.startswith("#exec") else Hole.UNREAD_CONFIGURATION
            yield hole, where, what
    for name in ("modules.conf", "pjsip.conf", "extensions.conf"):
        if name not in instance.files:
            yield Hole.UNREAD_CONFIGURATION, name, "is missing: nothing to check"


def _modes(instance: Instance) -> Iterator[Breach]:
    """Yield the files that other users can read; a folder closed to others protects its files."""
    if not instance.modes.get("", 0) & 0o001:
        return
    for name, mode in sorted(instance.modes.items()):
        if name and mode & 0o006:
            says = f"mode {mode & 0o777:04o}, in a folder open to everybody"
            yield Hole.SECRETS_READABLE, name, says
