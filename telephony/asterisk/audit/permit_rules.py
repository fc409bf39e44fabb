"""Rules about permits: AGI that fails open, has no time-out or is not asked; headers used as proof. Pure."""

import re
from collections.abc import Iterator
from typing import Final

from telephony.asterisk.audit.dial_rules import DialCall, dial_calls
from telephony.asterisk.audit.dialplan import Dialplan, Step
from telephony.asterisk.audit.evidence import Breach, Role
from telephony.asterisk.audit.expressions import branches, variables
from telephony.asterisk.audit.flow import Reach, reach
from telephony.asterisk.audit.holes import Hole
from telephony.asterisk.audit.view import View

AGI: Final = frozenset({"agi", "eagi", "deadagi"})
_JOINS: Final = frozenset(
    {"dial", "retrydial", "confbridge", "bridge", "originate", "queue", "followme", "transfer", "page", "meetme"}
)
_OWN: Final = frozenset({"AGISTATUS", "UNIQUEID", "EXTEN", "CHANNEL", "CONTEXT"})
_LONGEST_QUESTION_S: Final = 10.0
_HEADER: Final = re.compile(r"\$\{(?:PJSIP_HEADERS?\((?:read\b)?|SIP_HEADER\()", re.IGNORECASE)


def proves_verdict(step: Step) -> tuple[bool, bool]:
    """Return which edges of a conditional step only a proved verdict opens, for ``flow``."""
    condition, then, _ = branches(step.data)
    is_proof = all(word in condition for word in ("${AGISTATUS}", "SUCCESS", "${UNIQUEID}")) and " | " not in condition
    if not is_proof:
        return False, False
    is_negated = "!=" in condition
    if step.app.lower() == "execif":
        is_end = then.lower().startswith("hangup")
        return is_negated and is_end, is_negated and is_end
    return not is_negated, is_negated


def check_permits(view: View) -> Iterator[Breach]:
    """Yield the breaches in the permit decision of one instance."""
    for step in view.plan.steps():
        for name, data in step.calls():
            if name in AGI:
                yield from _question(view, step, data)
        if _HEADER.search(step.data):
            yield Hole.HEADER_AS_PROOF, step.where, f"{step.app} reads a header the caller writes"
    calls = [call for call in dial_calls(view) if call.is_outward or view.role is Role.GATE]
    ways = [(start, reach(view.plan, start, proves_verdict)) for start in _starts(view.plan)] if calls else []
    for call in calls:
        yield from _decided(view, call, ways)


def _question(view: View, step: Step, data: str) -> Iterator[Breach]:
    if not data.strip().lower().startswith(("agi://", "hagi://")):
        hole = Hole.AGI_FAILS_OPEN if data.strip().lower().startswith("agi:async") else Hole.SHELL
        yield hole, step.where, f"{step.app}({data}) is not FastAGI"
    before = [(earlier.app.lower(), re.sub(r"\s", "", earlier.data)) for earlier in view.plan.before(step)]
    if ("set", "AGIEXITONHANGUP=yes") not in before:
        yield Hole.AGI_UNBOUNDED, step.where, "no Set(AGIEXITONHANGUP=yes) before AGI"
    bounds = [text.rpartition("=")[2] for app, text in before if app == "set" and text.startswith("TIMEOUT(absolute)=")]
    if not bounds or not 0 < _number(bounds[-1]) <= _LONGEST_QUESTION_S:
        yield Hole.AGI_UNBOUNDED, step.where, "no TIMEOUT(absolute) of a few seconds before AGI"
    way = reach(view.plan, step, proves_verdict)
    if joined := sorted(_JOINS & way.apps()):
        says = f"{', '.join(joined)} can be reached without the verdict of this AGI"
        yield Hole.AGI_FAILS_OPEN, step.where, says
    for name in sorted(_uncleared(view.plan, step)):
        yield Hole.AGI_FAILS_OPEN, step.where, f"{name} is not cleared before AGI: it may come from outside"


def _uncleared(plan: Dialplan, agi: Step) -> set[str]:
    """Return the variables that the proof after this AGI compares but nothing clears before it."""
    compared: set[str] = set()
    for step in reach(plan, agi).steps:
        if step.app.lower() in {"gotoif", "execif"} and "${AGISTATUS}" in step.data:
            compared |= set(variables(branches(step.data)[0])) - _OWN
    cleared = {
        re.sub(r"\s", "", earlier.data)[:-1] for earlier in plan.before(agi) if earlier.data.rstrip().endswith("=")
    }
    return {name for name in compared if name not in cleared}


def _decided(view: View, call: DialCall, ways: list[tuple[Step, Reach]]) -> Iterator[Breach]:
    """Yield the paths from the first step of an extension to a Dial without a proof."""
    handler = call.handler(view, "b")
    is_asked = False
    if handler is not None:
        way = reach(view.plan, handler, proves_verdict)
        is_asked = bool(AGI & way.apps())
        if is_asked and "return" not in way.apps() and not way.is_lost and not way.ends:
            return
    for start, open_way in ways:
        if call.step in open_way.steps:
            is_asked = is_asked or bool(AGI & open_way.apps())
            says = f"[{start.context}] {start.exten} reaches Dial without a proved verdict"
            yield Hole.AGI_FAILS_OPEN if is_asked else Hole.NO_PERMIT, call.step.where, says


def _starts(plan: Dialplan) -> Iterator[Step]:
    for context in plan.contexts.values():
        for extension in context.extens.values():
            yield extension[min(extension)]


def _number(text: str) -> float:
    return float(text) if text.replace(".", "", 1).isdecimal() else 0.0
