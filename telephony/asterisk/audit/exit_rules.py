"""Rules about a dialplan except Dial: dangerous applications and functions, DTMF, patterns, includes. Pure."""

import re
from collections.abc import Iterator
from typing import Final

from telephony.asterisk.audit.accounts import Kind
from telephony.asterisk.audit.dial_rules import DIALS, PERMIT_PATTERN, dial_calls
from telephony.asterisk.audit.dialplan import Context, Step
from telephony.asterisk.audit.evidence import Breach, Role
from telephony.asterisk.audit.expressions import branches, is_open_pattern
from telephony.asterisk.audit.flow import reach
from telephony.asterisk.audit.holes import Hole
from telephony.asterisk.audit.view import View

APPLICATIONS: Final = {
    Hole.QUEUE: "addqueuemember agentrequest queue",
    Hole.SECOND_EXIT: "attendedtransfer blindtransfer bridgeadd directory page slastation slatrunk",
    Hole.AUDIO_ELSEWHERE: "audiosocket jack",
    Hole.CALL_JOINED: "bridge broadcast chanspy extenspy",
    Hole.FEATURE_CODES: "channelredirect flash",
    Hole.DISA: "disa",
    Hole.SHELL: "externalivr minivmnotify mp3player system trysystem",
    Hole.FOLLOW_ME: "followme",
    Hole.OTHER_CHANNEL_DRIVER: "jabbersend",
    Hole.MESSAGE: "messagesend",
    Hole.NO_CALL_RECORDS: "nocdr",
    Hole.HIDDEN_ORIGINATE: "originate",
    Hole.PARKING: "park parkandannounce parkedcall",
    Hole.PICKUP: "pickup pickupchan",
    Hole.FAX: "receivefax sendfax",
    Hole.ARI: "stasis",
    Hole.RECORDING_STOPPABLE: "stopmixmonitor",
    Hole.REFER: "transfer",
    Hole.CALL_FORWARDING: "voicemail voicemailmain",
}
"""The hole that each application opens."""
_HOLE_OF: Final = {name: hole for hole, names in APPLICATIONS.items() for name in names.split()}
FEATURE_VARIABLES: Final = re.compile(r"\b(DYNAMIC_FEATURES|BRIDGE_FEATURES|TOUCH_MIXMONITOR\w*)\b")
"""Variables that enable feature codes on a channel."""
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

_MODE: Final = re.compile(r"\s*PJSIP_DTMF_MODE\(\)\s*=\s*(\w+)", re.IGNORECASE)
_THROUGH: Final = re.compile(r"CONFBRIDGE\([^)]*dtmf_passthrough[^)]*\)\s*=\s*(?!no\b)", re.IGNORECASE)
_SAID: Final = re.compile(r"""\$\["\$\{([A-Za-z]\w*)\}"\s*=\s*"\w+"\]""")
"""A condition that is true only if one variable has one value."""


def check_dialplan(view: View) -> Iterator[Breach]:
    """Yield the breaches in the dialplan of one instance, except Dial."""
    for step in view.plan.steps():
        yield from _step(view, step)
    for context in view.plan.contexts.values():
        yield from _context(context)
    if view.role is Role.PBX:
        yield from _operators(view)
    else:
        yield from _permits(view)


def _step(view: View, step: Step) -> Iterator[Breach]:
    for name, data in step.calls():
        if "$" in name:
            says = f"runs an application nobody can tell: {name}"
            yield Hole.HIDDEN_DIALPLAN, step.where, says
        if name in _HOLE_OF:
            yield _HOLE_OF[name], step.where, f"{name}({data}) in [{step.context}] {step.exten}"
        yield from _keys(view, step, name, data)
    for pattern, hole in FUNCTIONS:
        if match := pattern.search(step.data):
            yield hole, step.where, f"{match[0].rstrip('(')} in [{step.context}] {step.exten}"


def _keys(view: View, step: Step, name: str, data: str) -> Iterator[Breach]:
    """Yield a line that sends DTMF, or passes it on without permission from the verdict."""
    hole = Hole.KEYS_TO_CARRIER if view.role is Role.GATE else Hole.KEYS_TO_CALLEE
    if name == "senddtmf":
        yield hole, step.where, f"{step.app} sends keys"
    if name == "set" and _THROUGH.search(data):
        yield hole, step.where, "the conference is told to pass keys"
    mode = _MODE.match(data) if name in {"set", "mset"} else None
    if mode and mode[1].lower() != "none" and not _is_said(view, step):
        yield hole, step.where, f"PJSIP_DTMF_MODE = {mode[1]}, and no verdict said so"


def _is_said(view: View, step: Step) -> bool:
    """Return True if a step acts only on a variable that only an AGI answer can set."""
    said = _SAID.fullmatch(branches(step.data)[0].strip()) if step.app.lower() == "execif" else None
    if said is None:
        return False
    name = said[1]
    given = [line.data.replace(" ", "") for line in view.plan.steps() if line.app.lower() == "set"]
    own = [text.partition("=") for text in given if text.partition("=")[0].lstrip("_") == name]
    is_cleared = any(value == "" for _, _, value in own)
    return is_cleared and all(value in {"", f"${{{name}}}"} for _, _, value in own)


def _context(context: Context) -> Iterator[Breach]:
    for exten, steps in context.extens.items():
        first = steps[min(steps)]
        if is_open_pattern(exten) and not all(step.app.lower() in {"hangup", "noop"} for step in steps.values()):
            yield Hole.OPEN_PATTERN, first.where, f"{exten} in [{context.name}]"
    for name, where in context.includes:
        yield Hole.INCLUDES, where, f"[{context.name}] includes {name}"
    for name, where in context.switches:
        yield Hole.HIDDEN_DIALPLAN, where, f"[{context.name}] switches to {name}"


def _reachable(view: View, names: set[str]) -> dict[str, Context]:
    """Return the contexts of these names with everything they include."""
    contexts: dict[str, Context] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in view.plan.contexts and name not in contexts:
            contexts[name] = view.plan.contexts[name]
            waiting += [included for included, _ in contexts[name].includes]
    return contexts


def _operators(view: View) -> Iterator[Breach]:
    """Yield the extensions that an operator's phone can call and that reach an outward Dial."""
    outward = {call.step for call in dial_calls(view) if call.is_outward or Kind.GATE in call.kinds}
    contexts = _reachable(view, view.contexts_of(Kind.PHONE, Kind.ANONYMOUS))
    for context in contexts.values():
        for exten, steps in context.extens.items():
            first = steps[min(steps)]
            way = reach(view.plan, first)
            is_typed = exten.startswith("_") and (bool(DIALS & way.apps()) or way.is_lost)
            if way.is_lost and not is_typed:
                yield Hole.HIDDEN_DIALPLAN, first.where, f"{exten} jumps to where nobody can tell"
            if is_typed or outward & set(way.steps):
                yield Hole.OPERATOR_DIALS, first.where, f"a phone that calls {exten} in [{context.name}] reaches Dial"


def _permits(view: View) -> Iterator[Breach]:
    """Yield the extensions that the gate's callers can call besides the permit extension."""
    for context in _reachable(view, view.contexts_of(Kind.CALLER, Kind.PHONE, Kind.ANONYMOUS)).values():
        for exten, steps in context.extens.items():
            ends = all(step.app.lower() in {"hangup", "noop"} for step in steps.values())
            if exten != PERMIT_PATTERN and exten not in _HANDLERS and not ends:
                yield Hole.GATE_PATTERN, steps[min(steps)].where, f"{exten} in [{context.name}]"
