"""What an audit looks at, and what it says: an instance's files and running state in, departures out. Values only.

Gathering them from a machine is left to ``reading`` and ``console``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from telephony.asterisk.audit.holes import HOLES, Hole

Breach = tuple[Hole, str, str] | tuple[Hole, str, str, str]
"""What a rule yields: hole, where, what it found there, and a mend of its own if the hole's does not fit."""


class Role(StrEnum):
    """Which part an instance plays: the operators' side or the carrier's."""

    PBX = "pbx"
    GATE = "gate"


@dataclass(frozen=True, slots=True)
class Departure:
    """One thing that is not as it must be.

    Attributes:
        hole: what it opens.
        role: at which instance; None for what belongs to the machine.
        where: the thing: ``file:line``, an endpoint, module, account.
        says: what was found there, in a few words.
        mend: what to do.
        is_doubt: the audit could not look, and says what that leaves open.
    """

    hole: Hole
    role: Role | None
    where: str
    says: str
    mend: str = ""
    is_doubt: bool = False

    @property
    def lets(self) -> str:
        """What somebody can do through it."""
        return HOLES[self.hole].lets

    @property
    def remedy(self) -> str:
        """What to do: the departure's own mend, or its hole's."""
        return self.mend or HOLES[self.hole].mend


@dataclass(frozen=True, slots=True)
class Running:
    """What an instance's console said; texts are kept as printed.

    Attributes:
        user_id: numeric user that owns the control socket, so the instance's.
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
    """One instance as it stands.

    Attributes:
        role: the part it plays.
        files: name, relative to its folder, to text; absolute names for files elsewhere that it includes.
        modes: name to permission bits; "" is the folder itself. Empty when unknown.
        gates: ``host:port`` of every gate the pbx may call; the gate itself needs none.
        running: what its console says; None when only files are judged.
        user_id: the numeric user it is to run as; None when nobody said.
    """

    role: Role
    files: Mapping[str, str]
    modes: Mapping[str, int] = field(default_factory=dict)
    gates: frozenset[str] = frozenset()
    running: Running | None = None
    user_id: int | None = None

    def departure(self, hole: Hole, where: str, says: str, mend: str = "") -> Departure:
        """Return a departure at this instance."""
        return Departure(hole, self.role, where, says, mend)
