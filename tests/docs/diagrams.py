"""The pictures of docs/architecture.md: states from the tables in ``telephony.domain``, the way of a lead from ``way``.

``python -m tests.docs.diagrams`` rewrites them between their markers; a test holds the page equal to the tables.
"""

import re
from itertools import pairwise
from pathlib import Path

from telephony.domain.calls.attempts import CallState
from telephony.domain.calls.lifecycle import TABLE as CALLS
from telephony.domain.calls.operators import TABLE as OPERATORS
from telephony.domain.calls.operators import OperatorEvent
from tests.docs.way import lines, picture

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"


def call_diagram() -> str:
    """Every event on the step to the state it leads to at least; the table below it says from where."""
    states = list(CallState)
    lines = ["```mermaid", "stateDiagram-v2", "    direction LR", f"    [*] --> {states[0]}"]
    for before, after in pairwise(states):
        if after is CallState.ENDED:
            continue
        names = [event.__name__ for event, (_, least) in CALLS.items() if least is after]
        lines.append(f"    {before} --> {after}: {', '.join(names)}")
    lines += [f"    {state} --> ended" for state in states if state is not CallState.ENDED]
    return "\n".join([*lines, "    ended --> [*]", "```"])


def call_table() -> str:
    lines = ["| Event | possible while | leads at least to |", "|---|---|---|"]
    for event, (legal, least) in CALLS.items():
        missing = [str(state) for state in CallState if state not in legal]
        lines.append(f"| {event.__name__} | any state but {', '.join(missing)} | {least or '(no further)'} |")
    return "\n".join(lines)


def operator_diagram() -> str:
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> offline"]
    lines += [
        f"    {state} --> {after}: {event}"
        for (state, event), after in OPERATORS.items()
        if event is not OperatorEvent.PHONE_LOST
    ]
    losers = [state for (state, event) in OPERATORS if event is OperatorEvent.PHONE_LOST and state != "offline"]
    lines += [f"    {state} --> offline: {OperatorEvent.PHONE_LOST}" for state in losers]
    return "\n".join([*lines, "```"])


def refreshed(page: str) -> str:
    """Return the page with every generated part rewritten."""
    parts = {
        "way": f"{picture()}\n\n{lines()}",
        "calls": f"{call_diagram()}\n\n{call_table()}",
        "operators": operator_diagram(),
    }
    for name, text in parts.items():
        begin, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
        page, count = re.subn(f"{begin}.*?{end}", lambda _: f"{begin}\n{text}\n{end}", page, flags=re.DOTALL)  # noqa: B023 - used at once
        if count != 1:
            raise ValueError(f"{PAGE.name} has {count} parts named {name}; it needs one")
    return page


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
