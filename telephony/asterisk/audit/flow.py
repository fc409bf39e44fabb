"""Reachability in a dialplan: the steps reachable from a step when some edges are closed. Pure.

It errs on the safe side: a jump whose target contains a variable may lead anywhere (``is_lost``).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from telephony.asterisk.audit.dialplan import Dialplan, Step
from telephony.asterisk.audit.expressions import arguments, branches

Cut = Callable[[Step], "tuple[bool, bool]"]
"""Returns for a conditional step whether its true edge and its false edge are closed."""


@dataclass(slots=True)
class Reach:
    """The reachable part of a dialplan.

    Attributes:
        steps: every step, the first included, in the order found.
        is_lost: a jump has an unknown target.
        ends: steps after which the extension ends without Hangup or Return.
    """

    steps: list[Step] = field(default_factory=list)
    is_lost: bool = False
    ends: list[Step] = field(default_factory=list)

    def apps(self) -> set[str]:
        """Return the applications found, lower case, including those inside ExecIf and Exec."""
        return {name for step in self.steps for name, _ in step.calls()}


def nothing_closed(_: Step) -> tuple[bool, bool]:
    """Close no edge."""
    return False, False


def reach(plan: Dialplan, start: Step, cut: Cut = nothing_closed, stop: Callable[[Step], bool] | None = None) -> Reach:
    """Return what is reachable from ``start``.

    Args:
        plan: the dialplan.
        start: the first step.
        cut: returns the closed edges of a step.
        stop: returns True for steps that are included but not followed.
    """
    result = Reach()
    waiting, seen = [start], set()
    while waiting:
        step = waiting.pop()
        if step in seen:
            continue
        seen.add(step)
        result.steps.append(step)
        if stop is not None and stop(step):
            continue
        for following in _following(plan, step, cut):
            if following is None:
                result.is_lost = True
            elif following is step:
                result.ends.append(step)
            else:
                waiting.append(following)
    return result


def _following(plan: Dialplan, step: Step, cut: Cut) -> Iterator[Step | None]:
    """Yield the next steps; None for a jump to an unknown target, the step itself at the extension's end."""
    name = step.app.lower()
    if name in {"hangup", "return", "congestion", "busy"}:
        return
    if name == "goto":
        yield find(plan, step, step.data)
        return
    if name in {"gotoif", "gotoiftime"}:
        _, then, other = branches(step.data)
        is_true_closed, is_false_closed = cut(step)
        if not is_true_closed:
            yield find(plan, step, then) if then else _next(plan, step)
        if not is_false_closed:
            yield find(plan, step, other) if other else _next(plan, step)
        return
    if name in {"gosub", "macro"}:
        yield find(plan, step, step.data.partition("(")[0])
    is_true_closed, is_false_closed = cut(step) if name == "execif" else (False, False)
    if not (is_true_closed and is_false_closed):
        yield _next(plan, step)


def _next(plan: Dialplan, step: Step) -> Step:
    return plan.extension(step).get(step.priority + 1, step)


def find(plan: Dialplan, step: Step, target: str) -> Step | None:
    """Return the step of ``[[context,]extension,]priority-or-label``, relative to ``step``; None if unknown."""
    parts = arguments(target)
    context = parts[-3] if len(parts) > 2 else step.context
    exten = parts[-2] if len(parts) > 1 else step.exten
    extension = plan.contexts[context].extens.get(exten) if context in plan.contexts else None
    if extension is None:
        return None
    if parts[-1].isdecimal():
        return extension.get(int(parts[-1]))
    return next((candidate for candidate in extension.values() if candidate.label == parts[-1]), None)
