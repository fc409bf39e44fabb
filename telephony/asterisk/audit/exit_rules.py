"""Rules about a dialplan, Dial apart: applications and functions that open a way, patterns, includes. Pure."""

import re
from collections.abc import Iterator
from typing import Final

from telephony.asterisk.audit.accounts import Kind
from telephony.asterisk.audit.dial_rules import DIALS, PERMIT_PATTERN, dial_calls
from telephony.asterisk.audit.dialplan import Context, Step
from telephony.asterisk.audit.endpoint_rules import FEATURE_VARIABLES
from telephony.asterisk.audit.evidence import Departure, Role
from telephony.asterisk.audit.expressions import is_open_pattern
from telephony.asterisk.audit.flow import reach
from telephony.asterisk.audit.holes import Hole
from telephony.asterisk.audit.view import View

APPLICATIONS: Final = {
    "addqueuemember": Hole.QUEUE,
    "agentrequest": Hole.QUEUE,
    "attendedtransfer": Hole.SECOND_EXIT,
    "audiosocket": Hole.AUDIO_ELSEWHERE,
    "blindtransfer": Hole.SECOND_EXIT,
    "bridge": Hole.CALL_JOINED,
    "bridgeadd": Hole.SECOND_EXIT,
    "broadcast": Hole.CALL_JOINED,
    "chanspy": Hole.CALL_JOINED,
    "extenspy": Hole.CALL_JOINED,
    "channelredirect": Hole.FEATURE_CODES,
    "directory": Hole.SECOND_EXIT,
    "disa": Hole.DISA,
    "externalivr": Hole.SHELL,
    "flash": Hole.FEATURE_CODES,
    "followme": Hole.FOLLOW_ME,
    "jabbersend": Hole.OTHER_CHANNEL_DRIVER,
    "jack": Hole.AUDIO_ELSEWHERE,
    "messagesend": Hole.MESSAGE,
    "minivmnotify": Hole.SHELL,
    "mp3player": Hole.SHELL,
    "nocdr": Hole.NO_CALL_RECORDS,
    "originate": Hole.HIDDEN_ORIGINATE,
    "page": Hole.SECOND_EXIT,
    "park": Hole.PARKING,
    "parkandannounce": Hole.PARKING,
    "parkedcall": Hole.PARKING,
    "pickup": Hole.PICKUP,
    "pickupchan": Hole.PICKUP,
    "queue": Hole.QUEUE,
    "receivefax": Hole.FAX,
    "sendfax": Hole.FAX,
    "slastation": Hole.SECOND_EXIT,
    "slatrunk": Hole.SECOND_EXIT,
    "stasis": Hole.ARI,
    "stopmixmonitor": Hole.RECORDING_STOPPABLE,
    "system": Hole.SHELL,
    "transfer": Hole.REFER,
    "trysystem": Hole.SHELL,
    "voicemail": Hole.CALL_FORWARDING,
    "voicemailmain": Hole.CALL_FORWARDING,
}
FUNCTIONS: Final = (
    (re.compile(r"\bSHELL\(|\bFILE\([^)]*\)\s*="), Hole.SHELL),
    (re.compile(r"\b(ODBC_\w+|REALTIME\w*|ODBC)\("), Hole.REALTIME),
    (re.compile(r"\bPERIODIC_HOOK\("), Hole.HIDDEN_ORIGINATE),
    (re.compile(r"\bFRAME_DROP\(\s*TX", re.IGNORECASE), Hole.FRAME_DROP),
    (re.compile(r"\b(FEATUREMAP|FEATURE)\("), Hole.FEATURE_CODES),
    (FEATURE_VARIABLES, Hole.FEATURE_CODES),
    (re.compile(r"\bCDR_PROP\(disable\)"), Hole.NO_CALL_RECORDS),
    (re.compile(r"\bDB\((CF|CFIM|CFU|CFB|CFWD|callforward)", re.IGNORECASE), Hole.CALL_FORWARDING),
)
_HANDLERS: Final = frozenset({"T", "h", "t", "i", "e"})
"""Extensions Asterisk enters by itself."""


def exit_departures(view: View) -> Iterator[Departure]:
    """Yield what is wrong with the dialplan of one instance, Dial apart."""
    for step in view.plan.steps():
        yield from _step(view, step)
    for context in view.plan.contexts.values():
        yield from _context(view, context)
    if view.role is Role.PBX:
        yield from _operators(view)
    else:
        yield from _permits(view)


def _step(view: View, step: Step) -> Iterator[Departure]:
    for name, data in step.calls():
        if "$" in name:
            says = f"runs an application nobody can tell: {name}"
            yield view.departure(Hole.HIDDEN_DIALPLAN, step.where, says)
        if name in APPLICATIONS:
            yield view.departure(APPLICATIONS[name], step.where, f"{name}({data}) in [{step.context}] {step.exten}")
    for pattern, hole in FUNCTIONS:
        if found := pattern.search(step.data):
            yield view.departure(hole, step.where, f"{found[0].rstrip('(')} in [{step.context}] {step.exten}")


def _context(view: View, context: Context) -> Iterator[Departure]:
    for exten, steps in context.extens.items():
        first = steps[min(steps)]
        if is_open_pattern(exten) and not all(step.app.lower() in {"hangup", "noop"} for step in steps.values()):
            yield view.departure(Hole.OPEN_PATTERN, first.where, f"{exten} in [{context.name}]")
    for name, where in context.includes:
        yield view.departure(Hole.INCLUDES, where, f"[{context.name}] includes {name}")
    for name, where in context.switches:
        yield view.departure(Hole.HIDDEN_DIALPLAN, where, f"[{context.name}] switches to {name}")


def _reachable(view: View, names: set[str]) -> dict[str, Context]:
    """Return the contexts of these names with everything they include."""
    found: dict[str, Context] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in view.plan.contexts and name not in found:
            found[name] = view.plan.contexts[name]
            waiting += [included for included, _ in found[name].includes]
    return found


def _operators(view: View) -> Iterator[Departure]:
    """Say which of the extensions an operator's phone can call reach a Dial that leaves."""
    outward = {call.step for call in dial_calls(view) if call.is_outward or Kind.GATE in call.kinds}
    contexts = _reachable(view, view.contexts_of(Kind.PHONE, Kind.ANONYMOUS))
    for context in contexts.values():
        for exten, steps in context.extens.items():
            first = steps[min(steps)]
            way = reach(view.plan, first)
            is_typed = exten.startswith("_") and (bool(DIALS & way.apps()) or way.is_lost)
            if way.is_lost and not is_typed:
                yield view.departure(Hole.HIDDEN_DIALPLAN, first.where, f"{exten} jumps to where nobody can tell")
            if is_typed or outward & set(way.steps):
                yield view.departure(
                    Hole.OPERATOR_DIALS, first.where, f"a phone that calls {exten} in [{context.name}] reaches Dial"
                )


def _permits(view: View) -> Iterator[Departure]:
    """Say which extensions other than the permit's the gate's callers can call."""
    for context in _reachable(view, view.contexts_of(Kind.CALLER, Kind.PHONE, Kind.ANONYMOUS)).values():
        for exten, steps in context.extens.items():
            ends = all(step.app.lower() in {"hangup", "noop"} for step in steps.values())
            if exten != PERMIT_PATTERN and exten not in _HANDLERS and not ends:
                yield view.departure(Hole.GATE_PATTERN, steps[min(steps)].where, f"{exten} in [{context.name}]")
