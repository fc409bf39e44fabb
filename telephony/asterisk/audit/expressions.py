"""Parsing inside dialplan lines: arguments, branches, options, variables. Pure functions on text.

Nothing is substituted or evaluated; the rules interpret the lines.
"""

import re
from collections.abc import Iterator
from typing import Final

_OPEN: Final = {"(": ")", "[": "]", "{": "}"}
_VARIABLE: Final = re.compile(r"\$\{([^${}()\[\]:,]+)")
_APPLICATION: Final = re.compile(r"([A-Za-z]\w*)\s*\((.*)\)\s*", re.DOTALL)
_CLASS: Final = re.compile(r"\[[^\]]*\]")
_CHECK: Final = re.compile(r"REGEX\(\s*\"(\^[^\"]*\$)\"\s+\$\{(\w+)\}\s*\)")
_FILTER: Final = re.compile(r"FILTER\(\s*([A-Za-z0-9-]+)\s*,\s*\$\{(\w+)\}\s*\)")
_QUANTIFIER: Final = re.compile(r"\{\d*(?:,\d*)?\}|[?*+]")
_UNSAFE_CLASS: Final = re.compile(r"^\[\^|[&/,@%|;*]")
_UNSAFE: Final = re.compile(r"(?<!\\)\.|[&/,@%|;^]|\\[DWS]")


def split_outside(text: str, separator: str, limit: int = -1) -> list[str]:
    """Split at a separator outside all brackets and double quotes."""
    parts, start, depth, is_quoted = [], 0, 0, False
    for at, character in enumerate(text):
        if character == '"' and (at == 0 or text[at - 1] != "\\"):
            is_quoted = not is_quoted
        elif is_quoted:
            continue
        elif character in _OPEN:
            depth += 1
        elif character in ")]}":
            depth = max(0, depth - 1)
        elif character == separator and depth == 0 and limit != 0:
            parts.append(text[start:at])
            start, limit = at + 1, limit - 1
    return [*parts, text[start:]]


def arguments(text: str) -> list[str]:
    """Return an application's arguments, without outer blanks."""
    return [part.strip() for part in split_outside(text, ",")]


def application(text: str) -> tuple[str, str]:
    """Return name and data of ``App(data)``, ``App,data`` or ``App``."""
    match = _APPLICATION.fullmatch(text.strip())
    if match is not None:
        return match[1], match[2]
    name, _, data = text.strip().partition(",")
    return name.strip().removesuffix("()"), data.strip()


def branches(text: str) -> tuple[str, str, str]:
    """Return the three parts of ``condition?then:else``."""
    condition, *rest = split_outside(text, "?", 1)
    if not rest:
        condition, _, after = text.rpartition("?")
        rest = [after]
    then, *other = split_outside(rest[0], ":", 1)
    return condition, then.strip(), other[0].strip() if other else ""


def options(text: str) -> dict[str, str]:
    """Return option letters mapped to their argument in parentheses, "" without one: ``irb(x^s^1)``."""
    by_letter: dict[str, str] = {}
    at = 0
    while at < len(text):
        letter, at = text[at], at + 1
        argument = ""
        if at < len(text) and text[at] == "(":
            end = _closing(text, at)
            argument, at = text[at + 1 : end], end + 1
        by_letter[letter] = argument
    return by_letter


def _closing(text: str, at: int) -> int:
    depth = 0
    for here in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[here], 0)
        if depth == 0:
            return here
    return len(text)


def variables(text: str) -> list[str]:
    """Return the names of the variables and functions that a text substitutes, in order."""
    return [name.strip().lstrip("_") for name in _VARIABLE.findall(text)]


def checked(text: str) -> Iterator[str]:
    """Yield the variables whose whole content a condition limits to harmless characters."""
    for pattern, name in _CHECK.findall(text):
        classes = _CLASS.findall(pattern)
        outside = _QUANTIFIER.sub("", _CLASS.sub("", pattern[1:-1]))
        if not _UNSAFE.search(outside) and not any(_UNSAFE_CLASS.search(pattern_class) for pattern_class in classes):
            yield name
    for allowed, name in _FILTER.findall(text):
        if not _UNSAFE_CLASS.search(allowed):
            yield name


def pattern_regex(extension: str) -> re.Pattern[str] | None:
    """Return a bounded extension as a regular expression; None for an open or invalid pattern."""
    if not extension.startswith("_"):
        return re.compile(re.escape(extension))
    if is_open_pattern(extension):
        return None
    letters = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]"}
    parts = re.findall(r"\[[^\]]*\]|.", extension[1:].replace("-", ""))
    return re.compile("".join(part if part[0] == "[" else letters.get(part.upper(), re.escape(part)) for part in parts))


def is_open_pattern(extension: str) -> bool:
    """Return True if an extension matches text of any length and content."""
    return extension.startswith("_") and extension.rstrip().endswith((".", "!"))
