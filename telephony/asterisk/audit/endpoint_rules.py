"""Rules about SIP endpoints: what each must refuse, by what it is. Pure."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from telephony.asterisk.audit.accounts import Accounts, Endpoint, Kind, contacts
from telephony.asterisk.audit.conf import Section, is_yes
from telephony.asterisk.audit.evidence import Departure, Role
from telephony.asterisk.audit.holes import Hole
from telephony.asterisk.audit.manager_rules import EVERYWHERE, SHORTEST_SECRET
from telephony.asterisk.audit.view import View

CODECS: Final = frozenset({"alaw", "ulaw"})
LONGEST_SESSION_S: Final = 300
FEATURE_VARIABLES: Final = re.compile(r"\b(DYNAMIC_FEATURES|BRIDGE_FEATURES|TOUCH_MIXMONITOR\w*)\b")
"""Variables that give a channel feature keys."""
MUST_BE_NO: Final = (
    ("allow_transfer", "yes", Hole.REFER),
    ("direct_media", "yes", Hole.DIRECT_MEDIA),
    ("allow_subscribe", "yes", Hole.INVITE_REPLACES),
    ("t38_udptl", "no", Hole.FAX),
    ("fax_detect", "no", Hole.FAX),
    ("one_touch_recording", "no", Hole.RECORDING_STOPPABLE),
)
"""Option, Asterisk's default, what a yes opens."""
MUST_BE_EMPTY: Final = (
    ("call_group", Hole.PICKUP),
    ("pickup_group", Hole.PICKUP),
    ("named_call_group", Hole.PICKUP),
    ("named_pickup_group", Hole.PICKUP),
)
_Rule = Callable[[View, Endpoint], Iterator[Departure]]


def endpoint_departures(view: View) -> Iterator[Departure]:
    """Yield what is wrong with the endpoints of one instance."""
    for endpoint in view.accounts.endpoints.values():
        for rule in (_every, _media, *_BY_KIND[endpoint.kind]):
            yield from rule(view, endpoint)
    yield from _beside(view, view.accounts)


def _every(view: View, endpoint: Endpoint) -> Iterator[Departure]:
    section = endpoint.section
    for key, default, hole in MUST_BE_NO:
        if is_yes(section.value(key, default)):
            yield view.departure(hole, endpoint.at(key), f"{key} = {section.value(key, default)}")
    for key, hole in MUST_BE_EMPTY:
        if section.value(key):
            yield view.departure(hole, endpoint.at(key), f"{key} = {section.value(key)}")
    for one in (section, *endpoint.aors):
        if view.role is Role.PBX and (entry := one.last("outbound_proxy")) is not None and entry.value:
            says = f"outbound_proxy = {entry.value}: calls leave by it, whatever their address"
            yield view.departure(Hole.TRUNK_ON_PBX, f"{entry.where} endpoint {endpoint.name}", says)
    for entry in section.all("set_var"):
        if FEATURE_VARIABLES.search(entry.value):
            yield view.departure(Hole.FEATURE_CODES, f"{entry.where} endpoint {endpoint.name}", entry.value)
    context = _exact(section, "message_context")
    if not context or not view.plan.is_empty(context):
        says = f"message_context = {context}" if context else "no message_context"
        yield view.departure(Hole.MESSAGE, endpoint.at("message_context"), says)
    method = section.value("redirect_method", "user")
    if method != "user":
        yield view.departure(Hole.REDIRECT_FOLLOWED, endpoint.at("redirect_method"), f"redirect_method = {method}")


def _media(view: View, endpoint: Endpoint) -> Iterator[Departure]:
    section = endpoint.section
    codecs = _codecs(section)
    if extra := sorted(codecs - CODECS):
        yield view.departure(Hole.OTHER_CODECS, endpoint.at("allow"), f"allows {', '.join(extra)}")
    seconds = section.value("rtp_timeout", "0")
    if seconds == "0":
        yield view.departure(Hole.DEAD_PEER, endpoint.at("rtp_timeout"), "no rtp_timeout")


def _codecs(section: Section) -> set[str]:
    found: set[str] = set()
    for entry in section.all("allow", "disallow"):
        for word in (word.strip().lower() for word in entry.value.split(",")):
            is_removed = entry.key == "disallow" or word.startswith("!")
            name = word.removeprefix("!")
            if is_removed:
                found = set() if name == "all" else found - {name}
            elif name not in {"", "none"}:
                found.add(name)
    return found


def _phone(view: View, endpoint: Endpoint) -> Iterator[Departure]:
    section = endpoint.section
    if view.role is Role.GATE:
        yield view.departure(Hole.OPERATORS_AT_GATE, endpoint.where, "a phone's account at the gate")
    if not _is_bounded(section, "contact_"):
        yield view.departure(
            Hole.CONTACT_ELSEWHERE, endpoint.where, "no contact_acl, or contact_deny and contact_permit"
        )
    if not _is_bounded(section, ""):
        yield view.departure(Hole.CONTACT_ELSEWHERE, endpoint.where, "registers from anywhere: no deny and permit")
    if not is_yes(section.value("rewrite_contact", "no")):
        yield view.departure(Hole.CONTACT_ELSEWHERE, endpoint.at("rewrite_contact"), "rewrite_contact = no")
    if not section.value("auth"):
        yield view.departure(Hole.ANONYMOUS_CALLER, endpoint.where, "no auth: a call without a password")
    mode = section.value("dtmf_mode", "rfc4733")
    if mode != "inband":
        yield view.departure(Hole.KEYS_TO_CALLEE, endpoint.at("dtmf_mode"), f"dtmf_mode = {mode}")
    for aor in endpoint.aors:
        yield from _registrations(view, aor)


def _is_bounded(section: Section, prefix: str) -> bool:
    """Tell whether an access list closes anything: permit alone lets everybody in."""
    permits = {entry.value for entry in section.all(f"{prefix}permit")}
    return bool(section.last(f"{prefix}acl")) or (bool(section.last(f"{prefix}deny")) and not EVERYWHERE & permits)


def _registrations(view: View, aor: Section) -> Iterator[Departure]:
    where = f"aor {aor.name}"
    if (most := aor.value("max_contacts", "0")) not in {"0", "1"}:
        yield view.departure(Hole.SECOND_REGISTRATION, f"{aor.place('max_contacts')} {where}", f"max_contacts = {most}")
    for key in ("remove_existing", "remove_unavailable"):
        if is_yes(aor.value(key)):
            says = f"{key} = yes: a second registration takes the seat over"
            yield view.departure(Hole.SECOND_REGISTRATION, f"{aor.place(key)} {where}", says)
    if is_yes(aor.value("support_path")):
        yield view.departure(Hole.CONTACT_ELSEWHERE, f"{aor.place('support_path')} {where}", "support_path = yes")


def _known_by_address(view: View, endpoint: Endpoint) -> Iterator[Departure]:
    methods = {word.strip() for word in endpoint.section.value("identify_by", "username,ip").split(",")}
    if methods - {"ip"}:
        says = f"identify_by = {','.join(sorted(methods))}"
        yield view.departure(Hole.TRUNK_IMPERSONATED, endpoint.at("identify_by"), says)
    for match in endpoint.identifies:
        if match.endswith("/0") or match.startswith("match_"):
            says = f"identified by {match}, which anybody can have"
            yield view.departure(Hole.TRUNK_IMPERSONATED, endpoint.where, says)


def _trunk(view: View, endpoint: Endpoint) -> Iterator[Departure]:
    section = endpoint.section
    yield from _enters_nothing(view, endpoint)
    if view.role is Role.PBX:
        to = ", ".join(entry.value for entry in contacts(endpoint.aors)) or "no registered phone"
        yield view.departure(Hole.TRUNK_ON_PBX, endpoint.where, f"leads neither to the gate nor to a phone: {to}")
        return
    mode = section.value("dtmf_mode", "rfc4733")
    if mode != "none":
        yield view.departure(Hole.KEYS_TO_CARRIER, endpoint.at("dtmf_mode"), f"dtmf_mode = {mode}")
    if is_yes(section.value("trust_id_inbound", "no")):
        yield view.departure(Hole.STRANGERS_TEXT, endpoint.at("trust_id_inbound"), "trust_id_inbound = yes")
    seconds = section.value("timers_sess_expires", "1800")
    if section.value("timers", "yes") == "no" or not seconds.isdecimal() or int(seconds) > LONGEST_SESSION_S:
        says = f"timers = {section.value('timers', 'yes')}, timers_sess_expires = {seconds}"
        yield view.departure(Hole.CARRIER_LEG_SURVIVES, endpoint.at("timers", "timers_sess_expires"), says)


def _enters_nothing(view: View, endpoint: Endpoint) -> Iterator[Departure]:
    context = _exact(endpoint.section, "context") or "default"
    if not view.plan.is_empty(context):
        yield view.departure(Hole.CARRIER_CALLS_IN, endpoint.at("context"), f"context = {context} holds extensions")
        if view.role is Role.GATE:
            # A caller that is also called (the link's contact is probed) is told from a trunk by its password alone.
            yield from _caller(view, endpoint)


def _link(view: View, endpoint: Endpoint) -> Iterator[Departure]:
    towards_pbx = ["trust_id_outbound", "send_pai", "send_rpid", "send_connected_line"]
    for key in ["trust_id_inbound"] if view.role is Role.PBX else towards_pbx:
        default = "yes" if key == "send_connected_line" else "no"
        if is_yes(endpoint.section.value(key, default)):
            yield view.departure(Hole.NUMBER_ON_PBX, endpoint.at(key), f"{key} = yes")


def _says_who(view: View, endpoint: Endpoint) -> Iterator[Departure]:
    """Look for callers whose own From becomes a caller number: line breaks in it are lines of manager events."""
    if not endpoint.section.value("callerid"):
        yield view.departure(Hole.STRANGERS_TEXT, endpoint.where, "no callerid: what the caller writes is believed")


def _caller(view: View, endpoint: Endpoint) -> Iterator[Departure]:
    if not endpoint.section.value("auth"):
        yield view.departure(Hole.ANONYMOUS_CALLER, endpoint.where, "no auth: a call without a password")


def _anonymous(view: View, endpoint: Endpoint) -> Iterator[Departure]:
    yield view.departure(Hole.ANONYMOUS_CALLER, endpoint.where, "an endpoint for callers without account")


_BY_KIND: Final[dict[Kind, tuple[_Rule, ...]]] = {
    Kind.PHONE: (_phone, _says_who),
    Kind.GATE: (_known_by_address, _enters_nothing, _link),
    Kind.TRUNK: (_known_by_address, _trunk),
    Kind.CALLER: (_known_by_address, _link, _caller, _says_who),
    Kind.ANONYMOUS: (_anonymous,),
}


def _beside(view: View, accounts: Accounts) -> Iterator[Departure]:
    """Look at what stands beside endpoints: secrets, registrations, transports."""
    outbound = {endpoint.section.value("outbound_auth") for endpoint in accounts.of(Kind.TRUNK)}
    for auth in accounts.typed("auth"):
        password = auth.last("password")
        if password is not None and len(password.value) < SHORTEST_SECRET and auth.name.lower() not in outbound:
            says = f"fewer than {SHORTEST_SECRET} characters"
            yield view.departure(Hole.WEAK_SECRET, f"{password.where} auth {auth.name}", says)
    for registration in accounts.typed("registration"):
        if view.role is Role.PBX:
            where = f"{registration.where} registration {registration.name}"
            yield view.departure(Hole.TRUNK_ON_PBX, where, f"registers at {registration.value('server_uri')}")
    if view.role is Role.GATE:
        yield from _sides(view, accounts)


def _sides(view: View, accounts: Accounts) -> Iterator[Departure]:
    """Look whether the gate keeps its two sides apart by address."""
    hosts = {}
    for transport in accounts.typed("transport"):
        host = transport.value("bind").rpartition(":")[0].strip("[]") or transport.value("bind")
        hosts[transport.name] = host
        if host in {"0.0.0.0", "::", ""}:
            where = f"{transport.place('bind')} transport {transport.name}"
            yield view.departure(Hole.MEDIA_STEERED, where, "binds every address")
    inside = {hosts.get(_exact(one.section, "transport"), "") for one in accounts.of(Kind.CALLER, Kind.ANONYMOUS)}
    for endpoint in accounts.of(Kind.TRUNK):
        own = hosts.get(_exact(endpoint.section, "transport"), "")
        if accounts.others and (not own or own in inside or "" in inside):
            says = "its transport is not its own: carriers and the pbx share an address"
            yield view.departure(Hole.MEDIA_STEERED, endpoint.at("transport"), says)


def _exact(section: Section, key: str) -> str:
    entry = section.last(key)
    return "" if entry is None else entry.value
