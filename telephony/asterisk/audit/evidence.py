"""Input and output of an audit: an instance's files and running state in, departures out. Values only.

``reading`` and ``console`` collect them from a host.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from telephony.asterisk.audit.holes import HOLES, Hole

Breach = tuple[Hole, str, str] | tuple[Hole, str, str, str]
"""What a rule yields: hole, place, finding, and optionally its own fix instead of the hole's."""


class Role(StrEnum):
    """Role of an instance: the operators' side or the carrier's side."""

    PBX = "pbx"
    GATE = "gate"


@dataclass(frozen=True, slots=True)
class Departure:
    """One violation found by an audit.

    Attributes:
        hole: the hole it opens.
        role: the instance; None for what belongs to the host.
        where: the thing: ``file:line``, an endpoint, module, account.
        says: what was found there, in a few words.
        mend: the fix.
        is_doubt: the audit could not check, so the hole may be open.
    """

    hole: Hole
    role: Role | None
    where: str
    says: str
    mend: str = ""
    is_doubt: bool = False

    @property
    def lets(self) -> str:
        """What somebody can do through the hole."""
        return HOLES[self.hole].lets

    @property
    def remedy(self) -> str:
        """The fix: the departure's own, or its hole's."""
        return self.mend or HOLES[self.hole].mend


@dataclass(frozen=True, slots=True)
class Running:
    """Output of an instance's console, as printed.

    Attributes:
        user_id: numeric owner of the control socket, which is the instance's user.
        socket_mode: permission bits of the control socket.
        modules, dialplan, globals, contacts, manager, http, cdr: output of the commands in ``console``.
        endpoints: name to output of ``pjsip show endpoint``.
        aors: name to output of ``pjsip show aor``.
        users: manager account to output of ``manager show user``.
    """

    user_id: int
    socket_mode: int
    modules: str = ""
    dialplan: str = ""
    globals: str = ""
    contacts: str = ""
    manager: str = ""
    http: str = ""
    cdr: str = ""
    endpoints: Mapping[str, str] = field(default_factory=dict)
    aors: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Instance:
    """The evidence about one instance.

    Attributes:
        role: its role.
        files: name, relative to its folder, to text; absolute names for included files elsewhere.
        modes: name to permission bits; "" is the folder itself. Empty when unknown.
        gates: ``host:port`` of every gate the pbx may call; the gate itself needs none.
        running: its console's output; None when only files are checked.
        user_id: the numeric user it should run as; None when not configured.
    """

    role: Role
    files: Mapping[str, str]
    modes: Mapping[str, int] = field(default_factory=dict)
    gates: frozenset[str] = frozenset()
    running: Running | None = None
    user_id: int | None = None

    def departure(self, hole: Hole, where: str, says: str, mend: str = "") -> Departure:
        """Return a departure of this instance."""
        return Departure(hole, self.role, where, says, mend)
