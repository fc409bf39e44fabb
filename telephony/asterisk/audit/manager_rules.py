"""Rules about the manager interface: who can reach it, and what its accounts may do. Pure."""

import re
from collections.abc import Iterator
from typing import Final

from telephony.asterisk.audit.conf import Section, is_yes, read_configuration
from telephony.asterisk.audit.evidence import Breach, Instance, Role
from telephony.asterisk.audit.holes import Hole
from telephony.asterisk.audit.option_rules import EVERYWHERE, MANAGER, check_options

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
"""Write classes whose actions change something; the other classes have none."""
ALLOWED: Final = {Role.GATE: {"reporting"}, Role.PBX: {"originate", "call", "reporting"}}
SHORTEST_SECRET: Final = 16
_SHOWN: Final = re.compile(r"^\s*(read perm|write perm|ACL):[ \t]*(.*)$", re.MULTILINE)


def check_manager(instance: Instance) -> Iterator[Breach]:
    """Yield the breaches in the manager interface, in files and running."""
    configuration = read_configuration(instance.files, "manager.conf")
    general = configuration.named("general")
    if general is not None and is_yes(general.value("enabled", "no")):
        yield from check_options(MANAGER, general)
        for section in configuration.real():
            if section.name.lower() != "general":
                yield from _account(instance, section)
    users = read_configuration(instance.files, "users.conf")
    for section in users.real():
        if is_yes(section.value("hasmanager")):
            says = "users.conf makes a manager account"
            yield Hole.MANAGER_COMMANDS, f"{section.place('hasmanager')} {section.name}", says
    yield from _running(instance)


def _account(instance: Instance, account: Section) -> Iterator[Breach]:
    name = account.name
    if not (account.last("secret") or account.last("read") or account.last("write")):
        return
    yield from _writes(instance, f"{account.place('write')} account {name}", account.value("write"))
    secret = account.last("secret")
    if secret is None or len(secret.value) < SHORTEST_SECRET:
        says = f"fewer than {SHORTEST_SECRET} characters"
        yield Hole.WEAK_SECRET, f"{account.place('secret')} account {name}", says
    permits = [entry.value for entry in account.all("permit")]
    is_bounded = bool(account.all("acl")) or (bool(account.all("deny")) and not EVERYWHERE & set(permits))
    if not is_bounded:
        says = "no deny and permit" if not permits else f"permit {', '.join(permits)}"
        yield Hole.MANAGER_ANYWHERE, f"{account.place('permit')} account {name}", says


def _writes(instance: Instance, where: str, text: str) -> Iterator[Breach]:
    words = {word.strip() for word in text.lower().split(",") if word.strip()}
    classes = set(CLASSES) if "all" in words else words & set(CLASSES)
    wrong = sorted(classes - ALLOWED[instance.role])
    for hole in dict.fromkeys(CLASSES[word] for word in wrong):
        says = ", ".join(word for word in wrong if CLASSES[word] is hole)
        yield hole, where, f"may write {says}"
    if instance.role is Role.GATE and classes & {"call"}:
        yield Hole.RECORDING_STOPPABLE, where, "class call has StopMixMonitor"


def _running(instance: Instance) -> Iterator[Breach]:
    if instance.running is None:
        return
    for name, text in instance.running.users.items():
        shown = dict(_SHOWN.findall(text))
        yield from _writes(instance, "running: account " + name, shown.get("write perm", ""))
        if shown.get("ACL", "yes").strip().lower() == "no":
            yield Hole.MANAGER_ANYWHERE, f"running: account {name}", "no deny and permit"
    settings = instance.running.manager
    if re.search(r"Web Manager.*:\s*Yes", settings):
        yield Hole.HTTP, "running: manager", "the manager answers over HTTP"
    if re.search(r"TCP Bindaddress:\s*(0\.0\.0\.0|\[?::\]?):", settings):
        yield Hole.MANAGER_ANYWHERE, "running: manager", "listens on every address"
    if "Server Enabled" in instance.running.http:
        yield Hole.HTTP, "running: http", "the HTTP server is up"
