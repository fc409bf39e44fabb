"""SIP endpoints as data, from ``pjsip.conf`` or from the console's output, with the kind of each. Pure parsing.

``endpoint_rules`` checks whether an endpoint is safe.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from telephony.asterisk.audit.conf import Configuration, Entry, Section
from telephony.asterisk.audit.evidence import Role, Running

_PARAMETER: Final = re.compile(r" ([a-z0-9_]+)\s+: ?(.*)")
_URI: Final = re.compile(r"sips?:(?:[^@]*@)?\[?([^\]:;>]+|[0-9a-fA-F:]+)\]?(?::(\d+))?", re.IGNORECASE)


class Kind(StrEnum):
    """What an endpoint is."""

    PHONE = "phone"
    GATE = "gate"
    TRUNK = "trunk"
    CALLER = "caller"
    """The gate's only caller, the pbx: it authenticates itself and is never called."""
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint.

    Attributes:
        name: its name.
        kind: its kind.
        section: its options; missing ones have Asterisk's defaults.
        aors: the address records it is called at.
        identifies: addresses that identify it without a name.
    """

    name: str
    kind: Kind
    section: Section
    aors: tuple[Section, ...] = ()
    identifies: tuple[str, ...] = ()

    @property
    def thing(self) -> str:
        """The endpoint's name in a departure, after the place."""
        return f"endpoint {self.name}"

    @property
    def where(self) -> str:
        """The place of its first line, for a departure."""
        return f"{self.section.where} {self.thing}"

    def at(self, *keys: str) -> str:
        """Return the place of an option and the endpoint's name."""
        return f"{self.section.place(*keys)} {self.thing}"


@dataclass(slots=True)
class Accounts:
    """All endpoints, and the other sections of ``pjsip.conf``."""

    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    others: list[Section] = field(default_factory=list)

    def of(self, *kinds: Kind) -> list[Endpoint]:
        """Return the endpoints of these kinds."""
        return [endpoint for endpoint in self.endpoints.values() if endpoint.kind in kinds]

    def typed(self, word: str) -> list[Section]:
        """Return the sections of this type."""
        return [section for section in self.others if section.value("type") == word]


def address(uri: str) -> str:
    """Return ``host:port`` of a SIP URI; "" for something else."""
    match = _URI.search(uri)
    return "" if match is None else f"{match[1]}:{match[2] or 5060}"


def contacts(aors: tuple[Section, ...]) -> list[Entry]:
    """Return the fixed contacts of address records."""
    return [entry for aor in aors for entry in aor.all("contact")]


def written_accounts(
    configuration: Configuration, role: Role, gates: frozenset[str], leads_nowhere: Callable[[str], bool]
) -> Accounts:
    """Return the accounts in ``pjsip.conf``.

    Args:
        configuration: the parsed file.
        leads_nowhere: returns True if nothing can be called in a context.
        role: the role of its instance.
        gates: ``host:port`` of gates, to tell the gate from a trunk.
    """
    accounts = Accounts(others=[section for section in configuration.real() if section.value("type") != "endpoint"])
    aors = {section.name: section for section in accounts.typed("aor")}
    for section in configuration.real():
        if section.value("type") != "endpoint":
            continue
        named = [aors[name] for name in _names(section, "aors") if name in aors]
        own = tuple(
            entry.value if entry.key == "match" else f"{entry.key} {entry.value}"
            for identify in accounts.typed("identify")
            if identify.value("endpoint") == section.name.lower()
            for entry in identify.all("match", "match_header", "match_request_uri")
        )
        kind = _kind(section, tuple(named), role, gates, leads_nowhere)
        accounts.endpoints[section.name] = Endpoint(section.name, kind, section, tuple(named), own)
    return accounts


def shown_accounts(
    running: Running,
    role: Role,
    gates: frozenset[str],
    leads_nowhere: Callable[[str], bool],
    registered: Mapping[str, int],
) -> Accounts:
    """Return the accounts the console showed; ``registered`` counts the fixed contacts of each AOR in the files."""
    accounts = Accounts()
    for name, text in running.endpoints.items():
        section = Section(name, "running:", entries=list(_parameters(text)))
        aors = []
        for aor in _names(section, "aors"):
            entries = list(_parameters(running.aors.get(aor, "")))
            is_fixed = registered.get(aor, 0) > 0 or Section("", "", entries=entries).value("max_contacts", "0") == "0"
            valid = [entry for entry in entries if is_fixed or entry.key != "contact"]
            aors.append(Section(aor, "running:", entries=valid))
        known = tuple(re.findall(r"^\s+Match: (\S+)", text, re.MULTILINE))
        kind = _kind(section, tuple(aors), role, gates, leads_nowhere)
        accounts.endpoints[name] = Endpoint(name, kind, section, tuple(aors), known)
    return accounts


def _parameters(text: str) -> Iterator[Entry]:
    """Yield the ``name : value`` lines of one object as entries, with lists written as in the file."""
    for line in text.splitlines():
        match = _PARAMETER.fullmatch(line)
        if match is None or match[1] == "parameter_name":
            continue
        value = match[2].strip()
        if match[1] == "allow":
            value = value.strip("()").replace("|", ",")
        if match[1] in {"acl", "contact_acl"} and not value:
            continue
        yield Entry(match[1], value, "running:")


def _names(section: Section, key: str) -> list[str]:
    entry = section.last(key)
    return [] if entry is None else [name.strip() for name in entry.value.split(",") if name.strip()]


def _kind(
    section: Section,
    aors: tuple[Section, ...],
    role: Role,
    gates: frozenset[str],
    leads_nowhere: Callable[[str], bool],
) -> Kind:
    if section.name.lower().partition("@")[0] == "anonymous":
        return Kind.ANONYMOUS
    fixed = contacts(aors)
    if role is Role.PBX and fixed and all(address(entry.value) in gates for entry in fixed):
        return Kind.GATE
    context = section.last("context")
    proves_itself = bool(_names(section, "auth")) and not _names(section, "outbound_auth")
    is_called_by = proves_itself and not leads_nowhere("default" if context is None else context.value)
    if fixed and not (role is Role.GATE and is_called_by):
        return Kind.TRUNK
    if any(aor.value("max_contacts", "0") != "0" for aor in aors):
        return Kind.PHONE
    return Kind.TRUNK if role is Role.PBX else Kind.CALLER
