"""Rules about recording and destination: both proved on the trunk channel before the INVITE. Pure."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from telephony.asterisk.audit.dial_rules import DialCall, dial_calls
from telephony.asterisk.audit.dialplan import Step
from telephony.asterisk.audit.evidence import Breach, Role
from telephony.asterisk.audit.expressions import arguments, branches, checked, options, variables
from telephony.asterisk.audit.flow import Reach, reach
from telephony.asterisk.audit.holes import Hole
from telephony.asterisk.audit.view import View

_SIZE_HELD: Final = re.compile(r"STAT\(s,[^)]*\)\}\s*(?:>|!=)")
_SIZE_MISSING: Final = re.compile(r"STAT\(s,[^)]*\)\}\"?\s*(?:=|<)")
_TARGET: Final = re.compile(r"CHANNEL\(pjsip,\s*target_uri\)")
_SAFE: Final = frozenset({"UNIQUEID", "LINKEDID"})


def check_recordings(view: View) -> Iterator[Breach]:
    """Yield the breaches in the recording of one instance's trunk calls."""
    for call in dial_calls(view):
        if call.is_outward or view.role is Role.GATE:
            yield from _call(view, call)
    for step in view.plan.steps():
        for name, data in step.calls():
            if name == "mixmonitor" and len(arguments(data)) > 2 and arguments(data)[2]:
                yield Hole.SHELL, step.where, "MixMonitor runs a command afterwards"


def _call(view: View, call: DialCall) -> Iterator[Breach]:
    where = call.step.where
    handler = call.handler(view, "b")
    answer = call.handler(view, "U")
    late = answer is not None and "mixmonitor" in reach(view.plan, answer).apps()
    early = [step for step in view.plan.before(call.step) if step.app.lower() == "mixmonitor"]
    if handler is not None:
        yield from _handler(view, call, handler)
    elif not (late or early):
        yield Hole.NO_RECORDING, where, "Dial without MixMonitor in a b() handler"
    if handler is None:
        yield Hole.DESTINATION_UNPROVED, where, "nothing compares the channel's target with the permit"
    if early and handler is None:
        yield Hole.RECORDING_UNPROVED, early[0].where, "MixMonitor on the caller's channel, unproved"
    if late and answer is not None:
        yield Hole.RECORDING_LATE, where, "MixMonitor starts at the answer, in U()"
        yield from _proof(view, call, reach(view.plan, answer).steps)
    yield from _names(view, call, early)


def _handler(view: View, call: DialCall, start: Step) -> Iterator[Breach]:
    def is_recorder(step: Step) -> bool:
        return "mixmonitor" in {name for name, _ in step.calls()}

    if _lets_go(reach(view.plan, start, stop=is_recorder)):
        yield Hole.NO_RECORDING, start.where, "b() can end without MixMonitor, and the INVITE leaves"
    if _lets_go(reach(view.plan, start, _target_proof)):
        yield Hole.DESTINATION_UNPROVED, start.where, "b() can end without comparing CHANNEL(pjsip,target_uri)"
    yield from _proof(view, call, reach(view.plan, start).steps)


def _proof(view: View, call: DialCall, steps: list[Step]) -> Iterator[Breach]:
    recorders = [step for step in steps if "mixmonitor" in {name for name, _ in step.calls()}]
    for step in recorders:
        if _lets_go(reach(view.plan, step, _size_proof)):
            yield Hole.RECORDING_UNPROVED, step.where, "Return() can be reached without STAT(s,…) > 0"
        if "D" in options([*arguments(step.data), "", ""][1]):
            yield Hole.RECORDING_UNPROVED, step.where, "option D writes no header to prove"
    yield from _names(view, call, recorders)


def _names(view: View, call: DialCall, recorders: list[Step]) -> Iterator[Breach]:
    own = " ".join(step.data for step in view.plan.before(call.step))
    for step in recorders:
        before = view.plan.before(step)
        safe = _SAFE | set(checked(own)) | set(checked(" ".join(earlier.data for earlier in before)))
        values = dict(
            earlier.data.split("=", 1) for earlier in before if earlier.app.lower() == "set" and "=" in earlier.data
        )
        for name in variables(arguments(step.data)[0]):
            unsafe = [deep for deep in variables(values.get(name, f"${{{name}}}")) if deep not in safe]
            if unsafe:
                says = f"the file's name holds {', '.join(unsafe)}, unchecked"
                yield Hole.RECORDING_NAME, step.where, says


def _lets_go(way: Reach) -> bool:
    """Return True if the handler can end in a way that lets Dial continue."""
    return "return" in way.apps() or way.is_lost or bool(way.ends)


def _size_proof(step: Step) -> tuple[bool, bool]:
    return _edges(step, lambda text: bool(_SIZE_HELD.search(text)), lambda text: bool(_SIZE_MISSING.search(text)))


def _target_proof(step: Step) -> tuple[bool, bool]:
    def compares(text: str) -> bool:
        return bool(_TARGET.search(text))

    return _edges(step, lambda text: compares(text) and "!=" not in text, lambda text: compares(text) and "!=" in text)


def _edges(step: Step, holds: Callable[[str], bool], fails: Callable[[str], bool]) -> tuple[bool, bool]:
    condition, then, _ = branches(step.data)
    if " | " in condition:
        return False, False
    if step.app.lower() == "execif":
        is_end = fails(condition) and then.lower().startswith("hangup")
        return is_end, is_end
    if holds(condition):
        return True, False
    return False, fails(condition)
