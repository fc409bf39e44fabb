"""Rules about Dial: where it is allowed, what it may dial, with which options. Pure.

``permit_rules`` and ``recording_rules`` check that a permit and a recording come before it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from telephony.asterisk.audit.accounts import Kind
from telephony.asterisk.audit.dialplan import Step
from telephony.asterisk.audit.evidence import Breach, Role
from telephony.asterisk.audit.expressions import arguments, checked, options, pattern_regex, split_outside, variables
from telephony.asterisk.audit.flow import find, reach
from telephony.asterisk.audit.holes import Hole
from telephony.asterisk.audit.view import View

DIALS: Final = frozenset({"dial", "retrydial"})
PERMIT_PATTERN: Final = "_p" + "X" * 36
_INSIDE: Final = frozenset({Kind.PHONE, Kind.CALLER})
_LONGEST_CALL_S: Final = 14_400


@dataclass(frozen=True, slots=True)
class DialCall:
    """One Dial in the dialplan.

    Attributes:
        step: its step.
        targets: what it dials, with globals replaced.
        options: its option letters.
        kinds: the kind of each target's endpoint; None when unknown.
    """

    step: Step
    targets: tuple[str, ...]
    options: dict[str, str]
    kinds: tuple[Kind | None, ...]

    @property
    def is_outward(self) -> bool:
        """True if it may reach a carrier: anything but a phone or the gate by name."""
        return not all(kind in {Kind.PHONE, Kind.GATE, Kind.CALLER} for kind in self.kinds)

    def handler(self, view: View, letter: str) -> Step | None:
        """Return the first step of the ``b()`` or ``U()`` handler; None when unknown."""
        text = self.options.get(letter, "")
        parts = [part for part in text.partition("(")[0].split("^") if part]
        if letter == "U":
            parts = [*parts[:1], "s", "1"]
        return find(view.plan, self.step, ",".join(parts)) if parts else None


def dial_calls(view: View) -> list[DialCall]:
    """Return every Dial, including those inside ExecIf and Exec."""
    dials = []
    for step in view.plan.steps():
        for name, data in step.calls():
            if name in DIALS:
                parts = [*arguments(data), "", "", "", ""]
                place = 3 if name == "retrydial" else 0
                targets = tuple(view.with_globals(target).strip() for target in split_outside(parts[place], "&"))
                kinds = tuple(_kind(view, step, target) for target in targets)
                dials.append(DialCall(step, targets, options(view.with_globals(parts[place + 2])), kinds))
    return dials


def _kind(view: View, step: Step, target: str) -> Kind | None:
    technology, _, rest = target.partition("/")
    if technology.upper() != "PJSIP" or "sip:" in rest.lower():
        return None
    name = rest.rpartition("@")[2] if "@" in rest else rest
    if name == "${EXTEN}" and (pattern := pattern_regex(step.exten)) is not None:
        # A bounded extension can only name endpoints that match its pattern.
        fitting = {endpoint.kind for endpoint in view.accounts.endpoints.values() if pattern.fullmatch(endpoint.name)}
        return Kind.TRUNK if fitting - {Kind.PHONE} else Kind.PHONE
    endpoint = view.endpoint(name)
    return None if endpoint is None else endpoint.kind


def check_dials(view: View) -> Iterator[Breach]:
    """Yield the breaches in the Dials of one instance."""
    allowed = 0
    for call in dial_calls(view):
        is_its_place = view.role is Role.GATE and call.step.exten == PERMIT_PATTERN and allowed == 0
        allowed += is_its_place
        yield from _place(view, call, is_allowed=is_its_place)
        yield from _text(view, call)
        yield from _options(view, call)


def _place(view: View, call: DialCall, *, is_allowed: bool) -> Iterator[Breach]:
    where = call.step.where
    says = f"Dial({'&'.join(call.targets)}) in [{call.step.context}] {call.step.exten}"
    for target, kind in zip(call.targets, call.kinds, strict=True):
        technology = target.partition("/")[0]
        if technology.upper() not in {"PJSIP", "LOCAL"} and "$" not in technology:
            yield Hole.OTHER_CHANNEL_DRIVER, where, f"{says} leaves by {technology}"
        elif not is_allowed and kind not in {*_INSIDE, Kind.GATE}:
            yield Hole.SECOND_EXIT, where, says
        elif not is_allowed and view.role is Role.GATE:
            yield Hole.SECOND_EXIT, where, f"{says}: the gate dials in one place"


def _text(view: View, call: DialCall) -> Iterator[Breach]:
    before = " ".join(step.data for step in view.plan.before(call.step))
    safe = set(checked(before)) | ({"EXTEN"} if pattern_regex(call.step.exten) is not None else set())
    for target in call.targets:
        if re.search(r"\$\{DB(_KEYS)?\(", target):
            yield Hole.CALL_FORWARDING, call.step.where, f"dials what a database holds: {target}"
        unsafe = [name for name in variables(target) if name not in safe]
        unfiltered = re.sub(r"\$\{FILTER\([0-9A-Za-z-]+,[^)]*\)\}", "", target)
        if unsafe and "${" in unfiltered:
            yield Hole.DIALLED_TEXT, call.step.where, f"dials {target}: {', '.join(unsafe)} unchecked"


def _options(view: View, call: DialCall) -> Iterator[Breach]:
    for letters, hole, says in _LETTERS:
        if given := "".join(letter for letter in letters if letter in call.options):
            yield hole, call.step.where, says.format(given)
    for hole, says, is_open in (*_EVERY_DIAL, *(_OUTWARD if call.is_outward or view.role is Role.GATE else ())):
        if is_open(view, call):
            yield hole, call.step.where, says


def _does_not_name_the_answerer(view: View, call: DialCall) -> bool:
    start = call.handler(view, "U")
    texts = [step.data.replace(" ", "") for step in reach(view.plan, start).steps] if start is not None else []
    is_read = any("PJSIP_RESPONSE_HEADER(read,P-Asserted-Identity" in text for text in texts)
    return not (is_read and any("CALLERID(num)=" in text for text in texts))


def _is_unbounded(view: View, call: DialCall) -> bool:
    bounds = [
        re.sub(r"\s", "", step.data).rpartition("=")[2]
        for step in view.plan.before(call.step)
        if step.app.lower() == "set" and step.data.replace(" ", "").startswith("TIMEOUT(absolute)=")
    ]
    last = bounds[-1] if bounds else call.options.get("S", "")
    return not (last.replace(".", "", 1).isdecimal() and 0 < float(last) <= _LONGEST_CALL_S)


_LETTERS: Final = (
    ("tTkKwWxXhH", Hole.FEATURE_CODES, "Dial options {}"),
    ("WXwx", Hole.RECORDING_STOPPABLE, "Dial options {}"),
    ("Kk", Hole.PARKING, "Dial options {}"),
    ("FG", Hole.CARRIER_CALLS_IN, "Dial option {} lets the called party go on in the dialplan"),
)
"""Options that open a hole."""
_Test = Callable[[View, DialCall], bool]
_EVERY_DIAL: Final[tuple[tuple[Hole, str, _Test], ...]] = (
    (Hole.REDIRECT_FOLLOWED, "Dial without i", lambda _, call: "i" not in call.options),
)
_OUTWARD: Final[tuple[tuple[Hole, str, _Test], ...]] = (
    (Hole.EARLY_MEDIA, "Dial without r", lambda _, call: "r" not in call.options),
    (Hole.KEYS_TO_CARRIER, "Dial option D sends keys", lambda _, call: "D" in call.options),
    (Hole.NO_PRE_DIAL, "Dial without a b() handler that can be found", lambda view, call: not call.handler(view, "b")),
    (Hole.DIVERSION_UNSEEN, "Dial without U() that reads who answered", _does_not_name_the_answerer),
    (Hole.CALL_UNBOUNDED, "no TIMEOUT(absolute) before Dial", _is_unbounded),
)
"""Requirements for every Dial that may reach a carrier."""
