"""The source files of the package, each read and parsed once, and what the tests of this folder ask of them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "telephony"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One module: its dotted name, its text and its tree."""

    module: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def _named(self) -> tuple[tuple[str, Function | ast.ClassDef], ...]:
        return tuple(_definitions(self.tree, ""))

    @cached_property
    def functions(self) -> dict[str, Function]:
        """Every function and method, nested ones included, by its name in the module (``Class.method``)."""
        return {name: node for name, node in self._named if isinstance(node, Function)}

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        return {name: node for name, node in self._named if isinstance(node, ast.ClassDef)}

    def is_in(self, *parts: str) -> bool:
        """Return True if the module is one of these parts of the package, or in one of them."""
        return any(f"{self.module}.".startswith(f"telephony.{part}.") for part in parts)


def _definitions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef):
            yield f"{prefix}{child.name}", child
            yield from _definitions(child, f"{prefix}{child.name}.")
        elif not isinstance(child, ast.expr):  # no expression holds a definition
            yield from _definitions(child, prefix)


@cache
def sources() -> tuple[Source, ...]:
    """Return every module of the package."""
    return tuple(Source(dotted(path), path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py")))


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
