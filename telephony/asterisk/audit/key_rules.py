"""Rules about keys in the dialplan: sent by a line, or let through without the verdict having said so. Pure.

What endpoints and conferences let through by themselves is ``endpoint_rules``' and ``host_rules``'.
"""

import re
from collections.abc import Iterator
from typing import Final

from telephony.asterisk.audit.dialplan import Step
from telephony.asterisk.audit.evidence import Departure, Role
from telephony.asterisk.audit.expressions import branches
from telephony.asterisk.audit.holes import Hole
from telephony.asterisk.audit.view import View

_MODE: Final = re.compile(r"\s*PJSIP_DTMF_MODE\(\)\s*=\s*(\w+)", re.IGNORECASE)
_THROUGH: Final = re.compile(r"CONFBRIDGE\([^)]*dtmf_passthrough[^)]*\)\s*=\s*(?!no\b)", re.IGNORECASE)
_SAID: Final = re.compile(r"""\$\["\$\{([A-Za-z]\w*)\}"\s*=\s*"\w+"\]""")
"""A condition that holds only when one variable has one value."""


def key_departures(view: View) -> Iterator[Departure]:
    """Yield the lines that send keys, or let them through unasked."""
    hole = Hole.KEYS_TO_CARRIER if view.role is Role.GATE else Hole.KEYS_TO_CALLEE
    for step in view.plan.steps():
        for name, data in step.calls():
            if name == "senddtmf":
                yield view.departure(hole, step.where, f"{step.app} sends keys")
            if name == "set" and _THROUGH.search(data):
                yield view.departure(hole, step.where, "the conference is told to pass keys")
            mode = _MODE.match(data) if name in {"set", "mset"} else None
            if mode and mode[1].lower() != "none" and not _is_said(view, step):
                yield view.departure(hole, step.where, f"PJSIP_DTMF_MODE = {mode[1]}, and no verdict said so")


def _is_said(view: View, step: Step) -> bool:
    """Tell whether a step acts only when a variable says so that nothing but an answer of AGI can set."""
    said = _SAID.fullmatch(branches(step.data)[0].strip()) if step.app.lower() == "execif" else None
    if said is None:
        return False
    name = said[1]
    given = [one.data.replace(" ", "") for one in view.plan.steps() if one.app.lower() == "set"]
    own = [text.partition("=") for text in given if text.partition("=")[0].lstrip("_") == name]
    is_cleared = any(value == "" for _, _, value in own)
    return is_cleared and all(value in {"", f"${{{name}}}"} for _, _, value in own)
