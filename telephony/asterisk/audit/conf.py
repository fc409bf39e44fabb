"""Asterisk's configuration format: sections, templates, additions, includes, comments. Text in, sections out.

It parses like Asterisk itself: ``[x](!)`` is a template, ``[x](a,b)`` inherits, ``[x](+)`` continues an earlier
section, ``;`` begins a comment unless escaped, ``;-- … --;`` spans lines. ``reading`` opens files; the rules interpret
the sections.
"""

import fnmatch
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

_SECTION: Final = re.compile(r"\[([^\]]*)\]\s*(?:\(([^)]*)\))?")
_DIRECTIVE: Final = re.compile(r"#\s*(include|tryinclude|exec)\s+(.*)", re.IGNORECASE)
_DEEPEST: Final = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """One line ``key = value`` or ``key => value``; ``where`` is ``file:line``."""

    key: str
    value: str
    where: str


@dataclass(slots=True)
class Section:
    """One section; inherited entries come first, with their place in the template."""

    name: str
    where: str
    is_template: bool = False
    entries: list[Entry] = field(default_factory=list)

    def last(self, *keys: str) -> Entry | None:
        """Return the last entry under one of these keys (lower case): the one Asterisk uses for single values."""
        return next((entry for entry in reversed(self.entries) if entry.key in keys), None)

    def value(self, key: str, default: str = "") -> str:
        """Return the last value under ``key``, lower case, or the default."""
        return self.exact(key, default).lower()

    def exact(self, key: str, default: str = "") -> str:
        """Return the last value under ``key`` as written, or the default."""
        entry = self.last(key)
        return default if entry is None else entry.value

    def all(self, *keys: str) -> list[Entry]:
        """Return every entry under one of these keys."""
        return [entry for entry in self.entries if entry.key in keys]

    def place(self, *keys: str) -> str:
        """Return the place of the last of these keys, or of the section's start."""
        entry = self.last(*keys)
        return self.where if entry is None else entry.where


@dataclass(slots=True)
class Configuration:
    """One file with everything it includes.

    Attributes:
        sections: in the order Asterisk reads them, templates included.
        unread: ``(what, where)`` of missing includes and of ``#exec`` lines.
    """

    sections: list[Section] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)

    def named(self, name: str) -> Section | None:
        """Return the section of that name, with its repetitions merged; None when there is none."""
        sections = [section for section in self.real() if section.name.lower() == name]
        if not sections:
            return None
        entries = [entry for section in sections for entry in section.entries]
        return Section(sections[0].name, sections[0].where, entries=entries)

    def real(self) -> list[Section]:
        """Return the sections that are not templates."""
        return [section for section in self.sections if not section.is_template]


def is_yes(value: str) -> bool:
    """Return True if Asterisk reads the value as true."""
    return value.strip().lower() in {"yes", "true", "y", "t", "1", "on"}


def read_configuration(files: Mapping[str, str], name: str) -> Configuration:
    """Parse one of a folder's files; a missing file has no sections.

    Args:
        files: name (relative to the folder, or absolute for files elsewhere) to text.
        name: the file to begin with, e.g. ``pjsip.conf``.
    """
    reader = _Reader(files)
    if name in files:
        reader.file(name, 0)
    return reader.result


class _Reader:
    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self.result = Configuration()
        self._current: Section | None = None

    def file(self, name: str, depth: int) -> None:
        """Parse one file, and its includes at the place of the include line."""
        for number, line in _lines(self.files[name]):
            where = f"{name}:{number}"
            if match := _DIRECTIVE.match(line):
                self._directive(match[1].lower(), match[2].strip().strip("\"<>'"), where, depth)
            elif line.startswith("["):
                self._section(line, where)
            elif "=" in line and self._current is not None:
                key, _, value = line.partition("=")
                text = value.removeprefix(">").strip()
                self._current.entries.append(Entry(key.strip(" +").lower(), text, where))

    def _directive(self, word: str, target: str, where: str, depth: int) -> None:
        if word == "exec":
            self.result.unread.append((f"#exec {target}", where))
            return
        names = matching(self.files, target)
        if depth >= _DEEPEST or (not names and word == "include"):
            self.result.unread.append((f"#include {target}", where))
            return
        for name in names:
            self.file(name, depth + 1)

    def _section(self, line: str, where: str) -> None:
        match = _SECTION.match(line)
        if match is None:
            return
        options = [option.strip() for option in (match[2] or "").split(",") if option.strip()]
        added = next((option for option in options if option.startswith("+")), None)
        if added is not None and (earlier := self._earlier(match[1], added[1:])) is not None:
            self._current = earlier
            return
        section = Section(match[1], where, is_template="!" in options)
        for option in options:
            if option != "!" and (base := self._earlier(option, "")) is not None:
                section.entries += base.entries
        self.result.sections.append(section)
        self._current = section

    def _earlier(self, name: str, option: str) -> Section | None:
        key, _, value = option.partition("=")
        for section in reversed(self.result.sections):
            if section.name == name and (not option or section.value(key.strip().lower()) == value.strip().lower()):
                return section
        return None


def matching(files: Mapping[str, str], target: str) -> list[str]:
    """Return the sorted names of the files that an include or its pattern matches."""
    if target in files:
        return [target]
    return sorted(name for name in files if fnmatch.fnmatchcase(name, target))


def included(text: str) -> Iterator[str]:
    """Yield the targets of a file's include lines."""
    for _, line in _lines(text):
        match = _DIRECTIVE.match(line)
        if match is not None and match[1].lower() != "exec":
            yield match[2].strip().strip("\"<>'")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield number and content of the non-empty lines, without comments."""
    depth = 0
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line, depth = _without_comment(raw, depth)
        if line:
            yield number, line


def _without_comment(raw: str, depth: int) -> tuple[str, int]:
    parts: list[str] = []
    at = 0
    while at < len(raw):
        if depth and raw.startswith("--;", at):
            depth, at = depth - 1, at + 3
        elif raw.startswith(";--", at) and not raw.startswith(";---", at):
            depth, at = depth + 1, at + 3
        elif depth:
            at += 1
        elif raw.startswith("\\;", at):
            parts.append(";")
            at += 2
        elif raw[at] == ";":
            break
        else:
            parts.append(raw[at])
            at += 1
    return "".join(parts).strip(), depth
