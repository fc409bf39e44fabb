"""Rules about the running instance: differences from its files, and registrations that must not exist.

The rules for files also check the running state; this module checks the difference. ``console`` queries the instance.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Final

from telephony.asterisk.audit.accounts import Kind, address, contacts, shown_accounts
from telephony.asterisk.audit.conf import Section
from telephony.asterisk.audit.dialplan import Dialplan, Step, shown_dialplan
from telephony.asterisk.audit.evidence import Breach, Instance, Role, Running
from telephony.asterisk.audit.holes import Hole
from telephony.asterisk.audit.module_rules import listed_modules, loads_by_itself, running_modules
from telephony.asterisk.audit.view import View

_CONTACT: Final = re.compile(r"^\s+Contact:\s+([^/\s<]+)/(\S+)", re.MULTILINE)
_OPTIONS: Final = (
    "allow_transfer",
    "direct_media",
    "message_context",
    "redirect_method",
    "identify_by",
    "context",
    "dtmf_mode",
    "rewrite_contact",
    "trust_id_outbound",
    "send_pai",
    "t38_udptl",
    "auth",
    "aors",
)
"""Options whose running value is compared with the file if the file sets them."""


def running_view(view: View, running: Running) -> View:
    """Return a running instance as a view for the rules for files."""
    fixed = {aor.name: len(contacts((aor,))) for endpoint in view.accounts.endpoints.values() for aor in endpoint.aors}
    plan = shown_dialplan(running.dialplan)
    accounts = shown_accounts(running, view.role, view.instance.gates, plan.is_empty, fixed)
    return View(view.instance, plan, accounts, view.globals)


def check_running(view: View, now: View, running: Running) -> Iterator[Breach]:
    """Yield where the running state differs from the files, and what must not run now."""
    yield from _modules(view)
    yield from _dialplan(view.plan, now.plan)
    yield from _endpoints(view, now)
    yield from _accounts(view, running)
    yield from _registrations(view, running)
    yield from _process(view.instance, running)


def _modules(view: View) -> Iterator[Breach]:
    listed = listed_modules(view.instance)
    shown = running_modules(view.instance)
    if not listed or not shown or loads_by_itself(view.instance)[0]:
        return
    for name in sorted(shown - set(listed)):
        yield Hole.RUNNING_DIFFERS, f"running: module {name}.so", "runs and is not in modules.conf"
    for name in sorted(set(listed) - shown):
        yield Hole.RUNNING_DIFFERS, f"{listed[name]} {name}.so", "is listed and does not run"


def _key(step: Step) -> tuple[str, str, int, str, str]:
    return step.context, step.exten, step.priority, step.app.lower(), re.sub(r"\s+", " ", step.data).strip()


def _dialplan(written: Dialplan, shown: Dialplan) -> Iterator[Breach]:
    on_file = {_key(step): step for step in written.steps()}
    now = {_key(step): step for step in shown.steps()}
    for key, step in now.items():
        if key not in on_file:
            what = f"{step.app}({step.data})"
            yield Hole.RUNNING_DIFFERS, f"[{step.context}] {step.exten},{step.priority} ({step.where})", f"runs {what}"
    for key, step in on_file.items():
        if key not in now:
            yield Hole.RUNNING_DIFFERS, step.where, f"[{step.context}] {step.exten},{step.priority} does not run"
    for name, context in shown.contexts.items():
        own_includes = (
            {included for included, _ in written.contexts[name].includes} if name in written.contexts else set()
        )
        for included, _ in context.includes:
            if included not in own_includes:
                yield Hole.RUNNING_DIFFERS, f"[{name}]", f"includes {included}, which extensions.conf does not"


def _endpoints(view: View, now: View) -> Iterator[Breach]:
    on_file, shown = view.accounts.endpoints, now.accounts.endpoints
    for name in sorted(set(on_file) ^ set(shown)):
        says = "runs and is not in pjsip.conf" if name in shown else "is in pjsip.conf and does not run"
        yield Hole.RUNNING_DIFFERS, f"endpoint {name}", says
    for name in sorted(set(on_file) & set(shown)):
        for key in _OPTIONS:
            written, runs = _plain(on_file[name].section, key), _plain(shown[name].section, key)
            if written is not None and runs is not None and written != runs:
                yield Hole.RUNNING_DIFFERS, on_file[name].at(key), f"{key} = {written}, and runs with {runs}"


def _plain(section: Section, key: str) -> str | None:
    entry = section.last(key)
    if entry is None:
        return None
    value = ",".join(sorted(part.strip() for part in entry.value.split(",")))
    return {"true": "yes", "false": "no"}.get(value.lower(), value)


def _accounts(view: View, running: Running) -> Iterator[Breach]:
    text = view.instance.files.get("manager.conf", "")
    for name in running.users:
        if re.search(rf"^\s*\[{re.escape(name)}\]", text, re.MULTILINE) is None:
            yield Hole.RUNNING_DIFFERS, f"running: manager account {name}", "is not in manager.conf"


def _registrations(view: View, running: Running) -> Iterator[Breach]:
    registrations: dict[str, list[str]] = {}
    for aor, uri in _CONTACT.findall(running.contacts):
        registrations.setdefault(aor, []).append(uri)
    for endpoint in view.accounts.of(Kind.PHONE):
        for aor in endpoint.aors:
            uris = registrations.get(aor.name, [])
            for uri in uris:
                if not _is_within(address(uri).rpartition(":")[0], endpoint.section):
                    says = f"registered from outside its contact_permit: {uri}"
                    yield Hole.CONTACT_ELSEWHERE, f"running: aor {aor.name}", says
            if len(uris) > 1:
                says = f"{len(uris)} devices are registered now: {', '.join(sorted(uris))}"
                yield Hole.SECOND_REGISTRATION, f"running: aor {aor.name}", says


def _is_within(host: str, phone: Section) -> bool:
    """Return True if a phone's access list permits its registered host; also True if it cannot be determined."""
    permits = [entry.value for entry in phone.all("contact_permit")]
    try:
        return not permits or any(ip_address(host) in ip_network(net, strict=False) for net in permits)
    except ValueError:
        return True


def _process(instance: Instance, running: Running) -> Iterator[Breach]:
    if running.user_id == 0:
        yield Hole.WRONG_USER, "running: control socket", "the instance runs as root"
    elif instance.user_id is not None and running.user_id != instance.user_id:
        says = f"runs as user {running.user_id}, the settings say {instance.user_id}"
        yield Hole.WRONG_USER, "running: control socket", says
    if running.socket_mode & 0o022:
        says = f"mode {running.socket_mode & 0o777:04o}"
        yield Hole.CONTROL_SOCKET, "running: control socket", says
    if instance.role is Role.GATE and not re.search(r"Logging:\s+Enabled", running.cdr):
        yield Hole.NO_CALL_RECORDS, "running: cdr", "call records are off"
