"""What the tests of this folder refuse, as functions from sources to the names of what is wrong.

A name is ``module:function``, ``module:Class.method`` or ``module``; what is behind a blank says more.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping

from tests.house.sources import Function, Source

MODULE_LINES = 300
FUNCTION_LINES = 50
CLASS_METHODS = 25
CONSTRUCTOR_PARAMETERS = 8


def long_modules(sources: Iterable[Source]) -> Iterator[str]:
    return (source.module for source in sources if len(source.text.splitlines()) > MODULE_LINES)


def long_functions(sources: Iterable[Source]) -> Iterator[str]:
    for source in sources:
        for name, function in source.functions.items():
            if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES:
                yield f"{source.module}:{name}"


def large_classes(sources: Iterable[Source]) -> Iterator[str]:
    for source in sources:
        for name, node in source.classes.items():
            if sum(isinstance(child, Function) for child in node.body) > CLASS_METHODS:
                yield f"{source.module}:{name}"


def wide_constructors(sources: Iterable[Source]) -> Iterator[str]:
    """Find written ``__init__`` with too many parameters beside ``self``; those dataclasses write are records."""
    for source in sources:
        for name, function in source.functions.items():
            if name.endswith("__init__") and len(parameters(function)) - 1 > CONSTRUCTOR_PARAMETERS:
                yield f"{source.module}:{name.removesuffix('.__init__')}"


def parameters(function: Function) -> list[str]:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return [argument.arg for argument in named if argument is not None]


def defaults(function: Function) -> dict[str, ast.expr]:
    """Return the default of each parameter that has one."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    behind = positional[len(positional) - len(arguments.defaults) :]
    pairs = [
        *zip(behind, arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return {argument.arg: default for argument, default in pairs if default is not None}


# Names that are used before they are built


def unbuilt(sources: Iterable[Source]) -> Iterator[str]:
    """Find lambdas and nested functions that name what their function makes, or sets, only after them."""
    for source in sources:
        for name, function in source.functions.items():
            bound = _bound(function)
            for inner in _inner(function):
                own = _own_names(inner)
                for used in sorted(_used(inner) - own):
                    at = bound.get(used)
                    if at is not None and at > (inner.lineno, inner.col_offset):
                        yield f"{source.module}:{name} {used}"


def _inner(function: Function) -> Iterator[ast.Lambda | Function]:
    for node in _walk(function):
        if isinstance(node, ast.Lambda | Function):
            yield node


def _walk(function: Function) -> Iterator[ast.AST]:
    """Yield the nodes of a function and the functions directly in it, without what is inside those."""
    todo = list(function.body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.Lambda | Function | ast.ClassDef):
            todo.extend(ast.iter_child_nodes(node))


def _bound(function: Function) -> dict[str, tuple[int, int]]:
    """Return where each local name and each attribute that the function sets has its first value.

    An assignment gives its value where it ends: what is on its right side cannot have the name yet.
    """
    bound = dict.fromkeys(parameters(function), (0, 0))
    for node in _walk(function):
        if isinstance(node, Function | ast.ClassDef):
            _note(bound, node.name, (node.lineno, node.col_offset))
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if getattr(node, "value", None) is not None:
                for target in targets:
                    for name in _stored(target):
                        _note(bound, name, (node.end_lineno or 0, node.end_col_offset or 0))
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            for name in _stored(node.target):
                _note(bound, name, (node.target.lineno, node.target.col_offset))
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            for name in _stored(node.optional_vars):
                _note(bound, name, (node.optional_vars.lineno, node.optional_vars.col_offset))
    return bound


def _note(bound: dict[str, tuple[int, int]], name: str, at: tuple[int, int]) -> None:
    bound[name] = min(at, bound.get(name, at))


def _stored(target: ast.expr) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield ast.unparse(node)


def _own_names(inner: ast.Lambda | Function) -> set[str]:
    own = set(parameters(inner))  # type: ignore[arg-type]  # a lambda has the same arguments
    if not isinstance(inner, ast.Lambda):
        own |= {name for node in inner.body for name in _names_stored(node)}
    return own


def _names_stored(node: ast.AST) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id


def _used(inner: ast.Lambda | Function) -> set[str]:
    """Return the names and attributes (``self.view``) that the body reads."""
    body = [inner.body] if isinstance(inner, ast.Lambda) else inner.body
    return {
        ast.unparse(node)
        for part in body
        for node in ast.walk(part)
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
    }


# Attributes that somebody else sets


def set_from_outside(sources: Iterable[Source], records: Iterable[Source]) -> Iterator[str]:
    """Find ``thing.part = …`` where ``thing`` is neither ``self`` nor a record.

    A record is a dataclass that is not frozen: a module that imports its class may change it. Any
    other object has its parts from its constructor.
    """
    by_module = {source.module: source for source in records}
    for source in sources:
        known: set[str] | None = None
        for name, function in source.functions.items():
            for node in _walk(function):
                if not (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)):
                    continue
                if isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}:
                    continue
                if known is None:
                    modules = {source.module, *_imported(source)} & by_module.keys()
                    known = {field for module in modules for field in _record_fields(by_module[module])}
                if node.attr not in known:
                    yield f"{source.module}:{name} {ast.unparse(node)}"


def _record_fields(source: Source) -> Iterator[str]:
    for node in source.classes.values():
        decorators = map(ast.unparse, node.decorator_list)
        if any("dataclass" in text and "frozen=True" not in text for text in decorators):
            for child in node.body:
                if isinstance(child, ast.AnnAssign) and isinstance(child.target, ast.Name):
                    yield child.target.id


def _imported(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


# Defaults that would let a call out when an argument is forgotten


def given(source: Source, name: str) -> dict[str, bool]:
    """Return the parameters of a function or a class, each with whether it has a default."""
    if name in source.functions:
        function = source.functions[name]
    elif f"{name}.__init__" in source.functions:
        function = source.functions[f"{name}.__init__"]
    elif name in source.classes:
        return {
            child.target.id: child.value is not None
            for child in source.classes[name].body
            if isinstance(child, ast.AnnAssign) and isinstance(child.target, ast.Name)
        }
    else:
        return {}
    defaulted = defaults(function)
    return {parameter: parameter in defaulted for parameter in parameters(function)}


def unsafe_defaults(sources: Iterable[Source], safety: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Find safety parameters with a default, and those that are not there any more."""
    by_module = {source.module: source for source in sources}
    for where, names in safety.items():
        module, _, owner = where.partition(":")
        is_defaulted = given(by_module[module], owner) if module in by_module else {}
        for name in names:
            if name not in is_defaulted:
                yield f"{where} {name} is not there"
            elif is_defaulted[name]:
                yield f"{where} {name}"


def defaulted_callables(sources: Iterable[Source]) -> Iterator[str]:
    """Find parameters that are asked and have an answer of their own when nobody gives them."""
    for source in sources:
        for name, function in source.functions.items():
            if name.rpartition(".")[2].startswith("_") and not name.endswith("__init__"):
                continue
            annotated = {
                argument.arg: ast.unparse(argument.annotation)
                for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
                if argument.annotation is not None
            }
            for parameter, default in defaults(function).items():
                is_none = isinstance(default, ast.Constant) and default.value is None
                if annotated.get(parameter, "").startswith("Callable") and not is_none:
                    yield f"{source.module}:{name.removesuffix('.__init__')} {parameter}"
