"""Rules about the rest of an instance's files: options, features, conference, records, who may read them. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from telephony.asterisk.audit.conf import Section, is_yes, read_configuration
from telephony.asterisk.audit.endpoint_rules import FEATURE_VARIABLES
from telephony.asterisk.audit.evidence import Departure, Instance, Role
from telephony.asterisk.audit.holes import Hole

FILES: Final = (
    "asterisk.conf",
    "cdr.conf",
    "confbridge.conf",
    "extensions.conf",
    "features.conf",
    "http.conf",
    "manager.conf",
    "modules.conf",
    "pjsip.conf",
    "rtp.conf",
)
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
"""Files that mean something only when they say something."""
_SAYS_NOTHING: Final = re.compile(r"general|globals|settings|test_sorcery_.*")


def host_departures(instance: Instance) -> Iterator[Departure]:
    """Yield what is wrong with the files beside dialplan, endpoints, modules and manager."""
    yield from _options(instance)
    yield from _features(instance)
    yield from _globals(instance)
    yield from _conference(instance)
    yield from _servers(instance)
    yield from _records(instance)
    yield from _audio(instance)
    yield from _others(instance)
    yield from _unread(instance)
    yield from _modes(instance)


def _named(instance: Instance, file: str, section: str) -> Section:
    found = read_configuration(instance.files, file).named(section)
    return Section(section, file) if found is None else found


def _options(instance: Instance) -> Iterator[Departure]:
    options = _named(instance, "asterisk.conf", "options")
    for key in ("live_dangerously", "execincludes"):
        if is_yes(options.value(key)):
            yield instance.departure(Hole.SHELL, options.place(key), f"{key} = yes")
    if options.value("runuser") in {"root", "0"}:
        yield instance.departure(Hole.WRONG_USER, options.place("runuser"), "runs as root")
    mode = _named(instance, "asterisk.conf", "files").value("astctlpermissions")
    if not mode:
        yield instance.departure(Hole.CONTROL_SOCKET, "asterisk.conf", "astctlpermissions is not set")
    elif any(digit != "0" for digit in mode[-2:]):
        where = _named(instance, "asterisk.conf", "files").place("astctlpermissions")
        yield instance.departure(Hole.CONTROL_SOCKET, where, f"astctlpermissions = {mode}")


def _features(instance: Instance) -> Iterator[Departure]:
    configuration = read_configuration(instance.files, "features.conf")
    for section in configuration.real():
        name = section.name.lower()
        for entry in section.entries if name != "general" else section.all("pickupexten"):
            if not entry.value:
                continue
            yield instance.departure(Hole.FEATURE_CODES, entry.where, f"[{section.name}] {entry.key} = {entry.value}")
            if entry.key in {"automon", "automixmon"}:
                yield instance.departure(Hole.RECORDING_STOPPABLE, entry.where, f"{entry.key} = {entry.value}")
            if entry.key in {"pickupexten", "parkcall"}:
                hole = Hole.PICKUP if entry.key == "pickupexten" else Hole.PARKING
                yield instance.departure(hole, entry.where, f"{entry.key} = {entry.value}")


def _globals(instance: Instance) -> Iterator[Departure]:
    for entry in _named(instance, "extensions.conf", "globals").entries:
        if FEATURE_VARIABLES.search(entry.key.upper()) and entry.value:
            yield instance.departure(Hole.FEATURE_CODES, entry.where, f"{entry.key} = {entry.value}")
    if instance.running is not None and (found := FEATURE_VARIABLES.search(instance.running.globals)):
        yield instance.departure(Hole.FEATURE_CODES, "running: dialplan", f"the global variable {found[0]} is set")


def _conference(instance: Instance) -> Iterator[Departure]:
    for section in read_configuration(instance.files, "confbridge.conf").real():
        if is_yes(section.value("dtmf_passthrough")):
            where = f"{section.place('dtmf_passthrough')} [{section.name}]"
            yield instance.departure(Hole.KEYS_TO_CALLEE, where, "dtmf_passthrough = yes")
        if section.value("type") == "menu":
            yield instance.departure(Hole.FEATURE_CODES, f"{section.where} [{section.name}]", "a conference menu")


def _servers(instance: Instance) -> Iterator[Departure]:
    http = _named(instance, "http.conf", "general")
    if is_yes(http.value("enabled")):
        yield instance.departure(Hole.HTTP, http.place("enabled"), "enabled = yes")
    ari = _named(instance, "ari.conf", "general")
    if is_yes(ari.value("enabled")):
        yield instance.departure(Hole.ARI, ari.place("enabled"), "enabled = yes")


def _records(instance: Instance) -> Iterator[Departure]:
    if instance.role is not Role.GATE:
        return
    records = _named(instance, "cdr.conf", "general")
    for key, default in (("enable", "yes"), ("unanswered", "no")):
        if not is_yes(records.value(key, default)):
            yield instance.departure(Hole.NO_CALL_RECORDS, records.place(key), f"{key} = no")


def _audio(instance: Instance) -> Iterator[Departure]:
    audio = _named(instance, "rtp.conf", "general")
    if not is_yes(audio.value("strictrtp", "yes")):
        value = audio.value("strictrtp")
        if value != "seqno":
            yield instance.departure(Hole.STRAY_AUDIO, audio.place("strictrtp"), f"strictrtp = {value}")


def _others(instance: Instance) -> Iterator[Departure]:
    for name, (hole, says) in OTHERS.items():
        if name not in instance.files:
            continue
        sections = read_configuration(instance.files, name).sections
        said = [one for one in sections if one.entries and not _SAYS_NOTHING.fullmatch(one.name.lower())]
        if said or (not name.endswith(".conf") and instance.files[name].strip()):
            yield instance.departure(hole, said[0].where if said else name, says)
    for section in read_configuration(instance.files, "calendar.conf").real():
        if entry := section.last("channel", "app", "context"):
            yield instance.departure(Hole.HIDDEN_ORIGINATE, entry.where, "a calendar makes calls")


def _unread(instance: Instance) -> Iterator[Departure]:
    for name in FILES:
        for what, where in read_configuration(instance.files, name).unread:
            hole = Hole.SHELL if what.startswith("#exec") else Hole.UNREAD_CONFIGURATION
            yield instance.departure(hole, where, what)
    for name in ("modules.conf", "pjsip.conf", "extensions.conf"):
        if name not in instance.files:
            yield instance.departure(Hole.UNREAD_CONFIGURATION, name, "is not there: nothing to judge")


def _modes(instance: Instance) -> Iterator[Departure]:
    """Say which files others can read; a folder closed to others closes what is in it."""
    if not instance.modes.get("", 0) & 0o001:
        return
    for name, mode in sorted(instance.modes.items()):
        if name and mode & 0o006:
            says = f"mode {mode & 0o777:04o}, in a folder open to everybody"
            yield instance.departure(Hole.SECRETS_READABLE, name, says)
