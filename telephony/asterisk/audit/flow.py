"""Where a dialplan leads: the steps reachable from one, when some edges count as closed. Pure.

Errs on the side of danger: a jump whose target holds a variable counts as leading anywhere (``is_lost``).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from telephony.asterisk.audit.dialplan import Dialplan, Step
from telephony.asterisk.audit.expressions import arguments, branches

Cut = Callable[[Step], "tuple[bool, bool]"]
"""Says of a conditional step whether its edge for true and its edge for false are closed."""


@dataclass(slots=True)
class Reach:
    """What is reachable.

    Attributes:
        steps: every step, the first included, in the order met.
        is_lost: a jump led to where nobody can tell.
        ends: steps after which the extension ran out without Hangup or Return.
    """

    steps: list[Step] = field(default_factory=list)
    is_lost: bool = False
    ends: list[Step] = field(default_factory=list)

    def apps(self) -> set[str]:
        """Return the applications met, lower case, those inside ExecIf and Exec too."""
        return {name for step in self.steps for name, _ in step.calls()}


def nothing_closed(_: Step) -> tuple[bool, bool]:
    """Close no edge."""
    return False, False


def reach(plan: Dialplan, start: Step, cut: Cut = nothing_closed, stop: Callable[[Step], bool] | None = None) -> Reach:
    """Walk every way from ``start``.

    Args:
        plan: the dialplan.
        start: where to begin.
        cut: edges that count as closed.
        stop: steps that are met but not gone beyond.
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
    """Yield the next steps; None for a jump into the unknown, the step itself where the extension runs out."""
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
    """Return the step that ``[[context,]extension,]priority-or-label`` names, seen from ``step``; None if unknown."""
    parts = arguments(target)
    context = parts[-3] if len(parts) > 2 else step.context
    exten = parts[-2] if len(parts) > 1 else step.exten
    extension = plan.contexts[context].extens.get(exten) if context in plan.contexts else None
    if extension is None:
        return None
    if parts[-1].isdecimal():
        return extension.get(int(parts[-1]))
    return next((candidate for candidate in extension.values() if candidate.label == parts[-1]), None)
