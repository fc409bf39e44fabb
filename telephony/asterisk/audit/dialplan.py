"""A dialplan as data, from ``extensions.conf`` or from the output of ``dialplan show``. Pure parsing.

``flow`` follows the steps; the rules check whether they are allowed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from telephony.asterisk.audit.conf import Configuration, read_configuration
from telephony.asterisk.audit.expressions import application, branches, split_outside

_PRIORITY: Final = re.compile(r"(n|s|same|\d+)\s*(?:\+\s*\d+\s*)?(?:\(([^)]*)\))?", re.IGNORECASE)
_SHOWN_CONTEXT: Final = re.compile(r"\[ Context '([^']*)' created by '([^']*)' \]")
_SHOWN_EXTEN: Final = re.compile(r"\s+'(.*?)'(?: \(CID match '.*?'\))? =>\s+(.*)")
_SHOWN_LABEL: Final = re.compile(r"\s+\[([^\]]+)\]\s+(\d+\. .*)")
_SHOWN_STEP: Final = re.compile(r"\s*(\d+)\. (.*?)\s*\[([^\[\]]*)\]\s*")
_SHOWN_INCLUDE: Final = re.compile(r"\s+(Include|Alt\. Switch|Switch) =>\s+'([^']*)'.*")
_OWN_OF_ASTERISK: Final = frozenset({"func_periodic_hook", "app_queue", "parking", "res_parking"})


@dataclass(frozen=True, slots=True)
class Step:
    """One priority: an application and its data."""

    context: str
    exten: str
    priority: int
    label: str
    app: str
    data: str
    where: str

    def calls(self) -> list[tuple[str, str]]:
        """Return the applications it may run, lower case, with their data; ExecIf and Exec contain others."""
        applications: list[tuple[str, str]] = []
        waiting = [(self.app, self.data)]
        while waiting:
            app, data = waiting.pop(0)
            applications.append((app.lower(), data))
            waiting += [application(text) for text in _inner(app.lower(), data) if text]
        return applications


def _inner(name: str, data: str) -> tuple[str, ...]:
    """Return the applications that an application runs, as text."""
    if name == "execif":
        return branches(data)[1:]
    if name == "execiftime":
        return (data.partition("?")[2],)
    return (data,) if name in {"exec", "tryexec"} else ()


@dataclass(slots=True)
class Context:
    """One context: extension to priority to step, and what it includes, with the place."""

    name: str
    extens: dict[str, dict[int, Step]] = field(default_factory=dict)
    includes: list[tuple[str, str]] = field(default_factory=list)
    switches: list[tuple[str, str]] = field(default_factory=list)

    def put(self, step: Step) -> None:
        """Add or replace one step."""
        self.extens.setdefault(step.exten, {})[step.priority] = step


@dataclass(slots=True)
class Dialplan:
    """All contexts by name."""

    contexts: dict[str, Context] = field(default_factory=dict)

    def context(self, name: str) -> Context:
        """Return the context of that name; create it when missing."""
        return self.contexts.setdefault(name, Context(name))

    def steps(self) -> Iterator[Step]:
        """Yield every step, in order."""
        for context in self.contexts.values():
            for extension in context.extens.values():
                for priority in sorted(extension):
                    yield extension[priority]

    def extension(self, step: Step) -> dict[int, Step]:
        """Return the extension a step belongs to."""
        return self.contexts[step.context].extens[step.exten]

    def before(self, step: Step) -> list[Step]:
        """Return the earlier steps of the step's extension."""
        extension = self.extension(step)
        return [extension[priority] for priority in sorted(extension) if priority < step.priority]

    def is_empty(self, name: str) -> bool:
        """Return True if a context leads nowhere: it is empty or only has Hangup."""
        context = self.contexts.get(name)
        if context is None:
            return True
        ends = {"hangup", "noop", "congestion", "busy"}
        steps = [step for extension in context.extens.values() for step in extension.values()]
        return not (context.includes or context.switches) and all(step.app.lower() in ends for step in steps)


def written_dialplan(files: Mapping[str, str]) -> Dialplan:
    """Return the dialplan in ``extensions.conf`` and its includes."""
    configuration = read_configuration(files, "extensions.conf")
    return _Writer(configuration).plan


class _Writer:
    def __init__(self, configuration: Configuration) -> None:
        self.plan = Dialplan()
        self._exten = ""
        self._priority: dict[tuple[str, str], int] = {}
        for section in configuration.real():
            if section.name.lower() in {"general", "globals"}:
                continue
            context = self.plan.context(section.name)
            for entry in section.entries:
                if entry.key == "include":
                    context.includes.append((entry.value.partition(",")[0].strip(), entry.where))
                elif entry.key in {"switch", "lswitch", "eswitch"}:
                    context.switches.append((entry.value, entry.where))
                elif entry.key in {"exten", "same"}:
                    self._line(context, entry.key, entry.value, entry.where)

    def _line(self, context: Context, key: str, value: str, where: str) -> None:
        parts = split_outside(value, ",", 2 if key == "exten" else 1)
        if key == "exten":
            self._exten = parts.pop(0).strip().strip('"')
        if len(parts) < 2:
            return
        match = _PRIORITY.fullmatch(parts[0].strip())
        if match is None:
            return
        name = self._exten.partition("/")[0]
        before = self._priority.get((context.name, name), 0)
        priority = int(match[1]) if match[1].isdecimal() else before + 1
        self._priority[context.name, name] = priority
        app, data = application(parts[1])
        context.put(Step(context.name, name, priority, match[2] or "", app, data, where))


def shown_dialplan(text: str) -> Dialplan:
    """Return the dialplan printed by ``dialplan show``, without the parts created by Asterisk's modules."""
    plan = Dialplan()
    context: Context | None = None
    exten, label = "", ""
    for line in text.splitlines():
        if match := _SHOWN_CONTEXT.match(line):
            context = None if match[2] in _OWN_OF_ASTERISK else plan.context(match[1])
            continue
        if context is None:
            continue
        if match := _SHOWN_INCLUDE.fullmatch(line):
            (context.includes if match[1] == "Include" else context.switches).append((match[2], "running"))
            continue
        rest, label = line, ""
        if match := _SHOWN_EXTEN.fullmatch(line):
            exten, rest = match[1], match[2]
        elif match := _SHOWN_LABEL.fullmatch(line):
            label, rest = match[1], match[2]
        if exten and (match := _SHOWN_STEP.fullmatch(rest)) and match[3].partition("/")[0] not in _OWN_OF_ASTERISK:
            app, data = application(match[2])
            context.put(Step(context.name, exten, int(match[1]), label, app, data, f"running, from {match[3]}"))
    return plan
