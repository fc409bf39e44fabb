"""Rules about the manager interface: who may reach it, and what its accounts may do. Pure."""

import re
from collections.abc import Iterator
from typing import Final

from telephony.asterisk.audit.conf import Section, is_yes, read_configuration
from telephony.asterisk.audit.evidence import Departure, Instance, Role
from telephony.asterisk.audit.holes import Hole

CLASSES: Final = {
    "originate": Hole.MANAGER_ORIGINATES,
    "call": Hole.MANAGER_REDIRECTS,
    "command": Hole.MANAGER_COMMANDS,
    "system": Hole.MANAGER_COMMANDS,
    "config": Hole.MANAGER_SECRETS,
    "agent": Hole.QUEUE,
    "user": Hole.MANAGER_REDIRECTS,
    "message": Hole.MESSAGE,
    "aoc": Hole.MANAGER_REDIRECTS,
}
"""Write classes with actions that act; the others have none."""
ALLOWED: Final = {Role.GATE: {"reporting"}, Role.PBX: {"originate", "call", "reporting"}}
SHORTEST_SECRET: Final = 16
EVERYWHERE: Final = frozenset({"0.0.0.0/0.0.0.0", "0.0.0.0/0", "0.0.0.0", "::/0", "::"})
_SHOWN: Final = re.compile(r"^\s*(read perm|write perm|ACL):[ \t]*(.*)$", re.MULTILINE)


def manager_departures(instance: Instance) -> Iterator[Departure]:
    """Yield what is wrong with the manager interface, in files and running."""
    configuration = read_configuration(instance.files, "manager.conf")
    general = configuration.named("general")
    if general is not None and is_yes(general.value("enabled", "no")):
        yield from _general(instance, general)
        for section in configuration.real():
            if section.name.lower() != "general":
                yield from _account(instance, section)
    users = read_configuration(instance.files, "users.conf")
    for section in users.real():
        if is_yes(section.value("hasmanager")):
            says = "users.conf makes a manager account"
            yield instance.departure(Hole.MANAGER_COMMANDS, f"{section.place('hasmanager')} {section.name}", says)
    yield from _running(instance)


def _general(instance: Instance, general: Section) -> Iterator[Departure]:
    if general.value("bindaddr", "0.0.0.0") in EVERYWHERE:
        where = general.place("bindaddr")
        yield instance.departure(Hole.MANAGER_ANYWHERE, where, "the manager port listens on every address")
    if is_yes(general.value("tlsenable", "no")):
        says = "tlsenable = yes: a second manager port, which the network rules do not know"
        yield instance.departure(Hole.MANAGER_ANYWHERE, general.place("tlsenable"), says, "tlsenable = no")
    if is_yes(general.value("webenabled", "no")):
        yield instance.departure(Hole.HTTP, general.place("webenabled"), "webenabled = yes")


def _account(instance: Instance, account: Section) -> Iterator[Departure]:
    name = account.name
    if not (account.last("secret") or account.last("read") or account.last("write")):
        return
    yield from _writes(instance, f"{account.place('write')} account {name}", account.value("write"))
    secret = account.last("secret")
    if secret is None or len(secret.value) < SHORTEST_SECRET:
        says = f"fewer than {SHORTEST_SECRET} characters"
        yield instance.departure(Hole.WEAK_SECRET, f"{account.place('secret')} account {name}", says)
    permits = [entry.value for entry in account.all("permit")]
    is_bounded = bool(account.all("acl")) or (bool(account.all("deny")) and not EVERYWHERE & set(permits))
    if not is_bounded:
        says = "no deny and permit" if not permits else f"permit {', '.join(permits)}"
        yield instance.departure(Hole.MANAGER_ANYWHERE, f"{account.place('permit')} account {name}", says)


def _writes(instance: Instance, where: str, text: str) -> Iterator[Departure]:
    words = {word.strip() for word in text.lower().split(",") if word.strip()}
    classes = set(CLASSES) if "all" in words else words & set(CLASSES)
    wrong = sorted(classes - ALLOWED[instance.role])
    for hole in dict.fromkeys(CLASSES[word] for word in wrong):
        says = ", ".join(word for word in wrong if CLASSES[word] is hole)
        yield instance.departure(hole, where, f"may write {says}")
    if instance.role is Role.GATE and classes & {"call"}:
        yield instance.departure(Hole.RECORDING_STOPPABLE, where, "class call has StopMixMonitor")


def _running(instance: Instance) -> Iterator[Departure]:
    if instance.running is None:
        return
    for name, text in instance.running.users.items():
        shown = dict(_SHOWN.findall(text))
        yield from _writes(instance, "running: account " + name, shown.get("write perm", ""))
        if shown.get("ACL", "yes").strip().lower() == "no":
            yield instance.departure(Hole.MANAGER_ANYWHERE, f"running: account {name}", "no deny and permit")
    settings = instance.running.manager
    if re.search(r"Web Manager.*:\s*Yes", settings):
        yield instance.departure(Hole.HTTP, "running: manager", "the manager answers over HTTP")
    if re.search(r"TCP Bindaddress:\s*(0\.0\.0\.0|\[?::\]?):", settings):
        yield instance.departure(Hole.MANAGER_ANYWHERE, "running: manager", "listens on every address")
    if "Server Enabled" in instance.running.http:
        yield instance.departure(Hole.HTTP, "running: http", "the HTTP server is up")
