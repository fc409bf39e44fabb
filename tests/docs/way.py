"""The way of one lead through the code, as docs/architecture.md draws it: each step is a call that stands in the code.

A step names the function that calls and the method it calls; the test reads both from the sources, and that the object
called is one the caller was given under its type. ``python -m tests.docs.diagrams`` writes the picture and the lines.
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True)
class Step:
    """One call.

    Attributes:
        caller: ``module:Class.method``, below ``telephony``.
        callee: the same; a Protocol stands for the class that implements it.
        says: what happens, for the reader.
        answer: what comes back, "" when nothing is to be said of it.
    """

    caller: str
    callee: str
    says: str
    answer: str = ""


STEPS: Final = (
    Step("services.lists.importer:ListImporter.load_file", "ports.leads.leads:LeadStore.load", "rows become leads"),
    Step("services.dialing.dialer:Dialer.run", "services.dialing.launcher:Launcher.order", "one dial order"),
    Step(
        "services.dialing.launcher:Launcher._launch", "services.dialing.lead_decider:LeadDecider.fill", "whom to call"
    ),
    Step("services.dialing.lead_decider:LeadDecider._take", "services.dialing.lead_feed:LeadFeed.next", "next lead"),
    Step(
        "services.dialing.lead_decider:LeadDecider._decide_lead",
        "services.rules.decisions:Decisions.choose_route",
        "may it be called, on which trunk",
        "route, refusal or no room",
    ),
    Step(
        "services.dialing.launcher:Launcher._launch",
        "ports.calls.attempts:AttemptStore.begin",
        "attempt and permit, durable",
    ),
    Step("services.dialing.launcher:Launcher._launch", "services.dialing.call_starter:CallStarter.start", "dial it"),
    Step(
        "services.dialing.call_starter:CallStarter.start",
        "services.calls.originate:Originator.give",
        "the permit, not the number",
    ),
    Step(
        "services.calls.originate:Originator._originate",
        "ports.calls.switch:Switch.originate",
        "Originate to the gate, under the permit",
    ),
    Step("services.rules.permits:Gate._facts", "services.rules.rule_facts:RuleFacts.of", "decide again, at the gate"),
    Step(
        "services.rules.permits:Gate._consume",
        "ports.calls.permits:PermitStore.use",
        "consume the permit",
        "the number, to the gate alone",
    ),
    Step("services.calls.seat_router:SeatRouter._best", "services.calls.seats:Seats.reserve", "answered: an operator"),
    Step(
        "services.calls.tracker:Tracker.record_event",
        "services.calls.tracker:CallObserver.on_call",
        "every change: seats, pacer, floor, recorder",
    ),
    Step(
        "services.recordings.recorder:Recorder.finish",
        "ports.evidence.archive:Archive.finish",
        "both sides become one FLAC",
    ),
    Step(
        "services.recordings.recorder:Recorder.finish",
        "ports.evidence.recordings:RecordingStore.add",
        "its row, sealed into the ledger",
    ),
)


def lines() -> str:
    """Return the steps as a table: who calls what, in order."""
    rows = ["| | Called by | Calls | What happens |", "|---|---|---|---|"]
    for place, step in enumerate(STEPS, 1):
        caller, callee = (
            where.replace(":", " ").replace(".", "/", where.split(":")[0].count("."))
            for where in (step.caller, step.callee)
        )
        rows.append(f"| {place} | `{caller}` | `{callee}` | {step.says} |")
    return "\n".join(rows)


def picture() -> str:
    """Return the same as a sequence, one lane a module."""
    lanes = dict.fromkeys(_lane(where) for step in STEPS for where in (step.caller, step.callee))
    rows = ["```mermaid", "sequenceDiagram", *(f"    participant {_id(lane)} as {lane}" for lane in lanes)]
    for step in STEPS:
        caller, callee = _id(_lane(step.caller)), _id(_lane(step.callee))
        rows.append(f"    {caller}->>{callee}: {_method(step.callee)}: {step.says}")
        if step.answer:
            rows.append(f"    {callee}-->>{caller}: {step.answer}")
    return "\n".join([*rows, "```"])


def _lane(where: str) -> str:
    return where.partition(":")[0].replace(".", "/")


def _id(lane: str) -> str:
    return lane.replace("/", "_")


def _method(where: str) -> str:
    return where.rpartition(".")[2]


# What the sources say


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse((ROOT / "telephony" / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))


def _class(module: str, name: str) -> ast.ClassDef:
    return next(node for node in ast.walk(_tree(module)) if isinstance(node, ast.ClassDef) and node.name == name)


def _function(where: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    module, _, dotted = where.partition(":")
    owner, _, name = dotted.partition(".")
    functions = (
        node for node in _class(module, owner).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return next((function for function in functions if function.name == name), None)


def missing(step: Step) -> str:
    """Return what of a step does not stand in the sources, "" when all does."""
    caller = _function(step.caller)
    if caller is None or _function(step.callee) is None:
        return "the function that calls, or the one that is called, is not there"
    name = _method(step.callee)
    calls = [node for node in ast.walk(caller) if isinstance(node, ast.Attribute) and node.attr == name]
    if not calls:
        return f"{step.caller} does not call {name}"
    module, _, dotted = step.callee.partition(":")
    if not _is_known(step.caller.partition(":")[0], module, dotted.partition(".")[0]):
        return f"{step.caller} is not given a {dotted.partition('.')[0]} by its type"
    return ""


def _is_known(caller: str, module: str, name: str) -> bool:
    """Return True when a module names a class, or a record that has an attribute of that class."""
    if caller == module:
        return True
    for node in ast.walk(_tree(caller)):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        names = {alias.name for alias in node.names}
        if node.module == f"telephony.{module}" and name in names:
            return True
        if names & {"Store", "Exchanges"} and _has_attribute(node.module.removeprefix("telephony."), names, name):
            return True
    return False


def _has_attribute(module: str, records: set[str], name: str) -> bool:
    """Return True when a record that the module was given has an attribute of the class."""
    for record in records & {"Store", "Exchanges"}:
        for field in _class(module, record).body:
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.annotation, ast.Name)
                and field.annotation.id == name
            ):
                return True
    return False
