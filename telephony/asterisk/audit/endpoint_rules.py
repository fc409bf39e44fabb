"""Rules about SIP endpoints: what each must refuse, by its kind. Pure.

``option_rules`` has the rules about single options.
"""

from collections.abc import Callable, Iterator
from typing import Final

from telephony.asterisk.audit.accounts import Accounts, Endpoint, Kind, contacts
from telephony.asterisk.audit.conf import Section
from telephony.asterisk.audit.evidence import Breach, Role
from telephony.asterisk.audit.exit_rules import FEATURE_VARIABLES
from telephony.asterisk.audit.holes import Hole
from telephony.asterisk.audit.manager_rules import SHORTEST_SECRET
from telephony.asterisk.audit.option_rules import (
    BY_KIND,
    CALLER_OF_GATE,
    EVERY_ENDPOINT,
    EVERYWHERE,
    LINK,
    LONGEST_SESSION_S,
    PHONE_AOR,
    TRUNK_OF_GATE,
    check_options,
)
from telephony.asterisk.audit.view import View

CODECS: Final = frozenset({"alaw", "ulaw"})
_Rule = Callable[[View, Endpoint], Iterator[Breach]]


def check_endpoints(view: View) -> Iterator[Breach]:
    """Yield the breaches in the endpoints of one instance."""
    for endpoint in view.accounts.endpoints.values():
        options = (*EVERY_ENDPOINT, *BY_KIND.get(endpoint.kind, ()))
        yield from check_options(options, endpoint.section, endpoint.thing)
        for rule in (_every, *_BY_KIND[endpoint.kind]):
            yield from rule(view, endpoint)
    yield from _beside(view, view.accounts)


def _every(view: View, endpoint: Endpoint) -> Iterator[Breach]:
    section = endpoint.section
    for part in (section, *endpoint.aors):
        if view.role is Role.PBX and (entry := part.last("outbound_proxy")) is not None and entry.value:
            says = f"outbound_proxy = {entry.value}: calls leave by it, whatever their address"
            yield Hole.TRUNK_ON_PBX, f"{entry.where} {endpoint.thing}", says
    for entry in section.all("set_var"):
        if FEATURE_VARIABLES.search(entry.value):
            yield Hole.FEATURE_CODES, f"{entry.where} {endpoint.thing}", entry.value
    context = section.exact("message_context")
    if not context or not view.plan.is_empty(context):
        says = f"message_context = {context}" if context else "no message_context"
        yield Hole.MESSAGE, endpoint.at("message_context"), says
    if extra := sorted(_codecs(section) - CODECS):
        yield Hole.OTHER_CODECS, endpoint.at("allow"), f"allows {', '.join(extra)}"


def _codecs(section: Section) -> set[str]:
    codecs: set[str] = set()
    for entry in section.all("allow", "disallow"):
        for word in (word.strip().lower() for word in entry.value.split(",")):
            is_removed = entry.key == "disallow" or word.startswith("!")
            name = word.removeprefix("!")
            if is_removed:
                codecs = set() if name == "all" else codecs - {name}
            elif name not in {"", "none"}:
                codecs.add(name)
    return codecs


def _phone(view: View, endpoint: Endpoint) -> Iterator[Breach]:
    if view.role is Role.GATE:
        yield Hole.OPERATORS_AT_GATE, endpoint.where, "a phone's account at the gate"
    if not _is_bounded(endpoint.section, "contact_"):
        yield Hole.CONTACT_ELSEWHERE, endpoint.where, "no contact_acl, or contact_deny and contact_permit"
    if not _is_bounded(endpoint.section, ""):
        yield Hole.CONTACT_ELSEWHERE, endpoint.where, "registers from anywhere: no deny and permit"
    for aor in endpoint.aors:
        yield from check_options(PHONE_AOR, aor, f"aor {aor.name}")


def _is_bounded(section: Section, prefix: str) -> bool:
    """Return True if an access list denies anything; permit alone lets everybody in."""
    permits = {entry.value for entry in section.all(f"{prefix}permit")}
    return bool(section.last(f"{prefix}acl")) or (bool(section.last(f"{prefix}deny")) and not EVERYWHERE & permits)


def _known_by_address(_: View, endpoint: Endpoint) -> Iterator[Breach]:
    methods = {word.strip() for word in endpoint.section.value("identify_by", "username,ip").split(",")}
    if methods - {"ip"}:
        yield Hole.TRUNK_IMPERSONATED, endpoint.at("identify_by"), f"identify_by = {','.join(sorted(methods))}"
    for match in endpoint.identifies:
        if match.endswith("/0") or match.startswith("match_"):
            yield Hole.TRUNK_IMPERSONATED, endpoint.where, f"identified by {match}, which anybody can have"


def _trunk(view: View, endpoint: Endpoint) -> Iterator[Breach]:
    section = endpoint.section
    yield from _enters_nothing(view, endpoint)
    if view.role is Role.PBX:
        to = ", ".join(entry.value for entry in contacts(endpoint.aors)) or "no registered phone"
        yield Hole.TRUNK_ON_PBX, endpoint.where, f"leads neither to the gate nor to a phone: {to}"
        return
    yield from check_options(TRUNK_OF_GATE, section, endpoint.thing)
    timers, seconds = section.value("timers", "yes"), section.value("timers_sess_expires", "1800")
    if timers == "no" or not seconds.isdecimal() or int(seconds) > LONGEST_SESSION_S:
        says = f"timers = {timers}, timers_sess_expires = {seconds}"
        yield Hole.CARRIER_LEG_SURVIVES, endpoint.at("timers", "timers_sess_expires"), says


def _enters_nothing(view: View, endpoint: Endpoint) -> Iterator[Breach]:
    context = endpoint.section.exact("context") or "default"
    if not view.plan.is_empty(context):
        yield Hole.CARRIER_CALLS_IN, endpoint.at("context"), f"context = {context} holds extensions"
        if view.role is Role.GATE:
            # A caller that is also called (the link's contact is probed) differs from a trunk only by its password.
            yield from check_options(CALLER_OF_GATE, endpoint.section, endpoint.thing)


def _link(view: View, endpoint: Endpoint) -> Iterator[Breach]:
    yield from check_options(LINK[view.role], endpoint.section, endpoint.thing)


def _anonymous(_: View, endpoint: Endpoint) -> Iterator[Breach]:
    yield Hole.ANONYMOUS_CALLER, endpoint.where, "an endpoint for callers without account"


_BY_KIND: Final[dict[Kind, tuple[_Rule, ...]]] = {
    Kind.PHONE: (_phone,),
    Kind.GATE: (_known_by_address, _enters_nothing, _link),
    Kind.TRUNK: (_known_by_address, _trunk),
    Kind.CALLER: (_known_by_address, _link),
    Kind.ANONYMOUS: (_anonymous,),
}


def _beside(view: View, accounts: Accounts) -> Iterator[Breach]:
    """Yield the breaches in the other sections: secrets, registrations, transports."""
    outbound = {endpoint.section.value("outbound_auth") for endpoint in accounts.of(Kind.TRUNK)}
    for auth in accounts.typed("auth"):
        password = auth.last("password")
        if password is not None and len(password.value) < SHORTEST_SECRET and auth.name.lower() not in outbound:
            yield Hole.WEAK_SECRET, f"{password.where} auth {auth.name}", f"fewer than {SHORTEST_SECRET} characters"
    for registration in accounts.typed("registration"):
        if view.role is Role.PBX:
            where = f"{registration.where} registration {registration.name}"
            yield Hole.TRUNK_ON_PBX, where, f"registers at {registration.value('server_uri')}"
    if view.role is Role.GATE:
        yield from _sides(accounts)


def _sides(accounts: Accounts) -> Iterator[Breach]:
    """Yield where the gate does not separate its two sides by address."""
    hosts = {}
    for transport in accounts.typed("transport"):
        host = transport.value("bind").rpartition(":")[0].strip("[]") or transport.value("bind")
        hosts[transport.name] = host
        if host in {"0.0.0.0", "::", ""}:
            yield Hole.MEDIA_STEERED, f"{transport.place('bind')} transport {transport.name}", "binds every address"
    callers = accounts.of(Kind.CALLER, Kind.ANONYMOUS)
    inside = {hosts.get(caller.section.exact("transport"), "") for caller in callers}
    for endpoint in accounts.of(Kind.TRUNK):
        own = hosts.get(endpoint.section.exact("transport"), "")
        if accounts.others and (not own or own in inside or "" in inside):
            says = "its transport is not its own: carriers and the pbx share an address"
            yield Hole.MEDIA_STEERED, endpoint.at("transport"), says
