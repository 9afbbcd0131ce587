"""Calls exchanged within the methods of single modules, as if their source were written otherwise.

A module is given a class of its own, under the same name and derived from its class, in which a method is compiled
anew with other calls in it. Other modules of the class keep theirs. Whatever runs the method sees the exchange:
evaluation, gradient checkpointing, `torch.compile`, copies; nothing is added to the cost of a call. Copies and saved
files hold the original class and what was exchanged, and make the same class again.
"""

import ast
import copyreg
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from inspect import getattr_static
from typing import Any

from torch import nn

from isograd.errors import UsageError
from isograd.model.call_sites import End, Source, code_within, encloses, kept_argument, source_of

_TORCH = "_isograd_torch"
"""Under this name a rewritten method imports torch, whatever the file calls it."""
_MARK = "_isograd_exchanged"
_MADE_OF = "_isograd_made_of"


@dataclass(frozen=True)
class Exchange:
    """One call of a method that becomes another; its first argument, or what it is called on, stays."""

    method: str
    """Name of the method."""
    end: End
    """Where the call ends in the source."""
    function: str
    """What is called instead: `torch....`, or `self....` for an attribute of the module."""
    keywords: tuple[tuple[str, bool | float], ...] = ()
    """Further arguments."""
    rebinds: bool = False
    """True if the variable that the first argument is gets the result: for a call that overwrote it."""


def method_running(kind: type, code: types.CodeType) -> str | None:
    """Name of the method of a class that a code object belongs to; None if it is hidden by one of a subclass.

    Decorators that hold the method in a closure, as `functools.wraps` ones do, are looked through.
    """
    for base in kind.__mro__:
        for name, attribute in vars(base).items():
            if isinstance(attribute, types.FunctionType) and _holding(attribute, code) is not None:
                return name if getattr_static(kind, name) is attribute else None
    return None


def can_rewrite(kind: type, method: str, code: types.CodeType) -> bool:
    """True if the source that is there now is the one that the method was compiled from."""
    function = _holding(getattr_static(kind, method), code)
    if function is None:
        return False
    original = vars(function).get(_MARK, (function, {}))[0]
    return _own_source(original) is not None


def first_name(kind: type, method: str) -> str:
    """What a method calls its instance, usually `self`."""
    return _innermost(getattr_static(kind, method)).__code__.co_varnames[0]


def rewrite(module: nn.Module, exchanges: Sequence[Exchange]) -> Callable[[], None]:
    """Exchanges calls in methods of one module; other modules of its class stay as they are.

    Args:
        module: The module; it stays the same object, with a class derived from its own.
        exchanges: The calls.

    Returns:
        What takes it back.

    Raises:
        UsageError: If the source of a method is not there or is no longer the one that runs.
    """
    before: Any = type(module)
    kind, earlier = vars(before).get(_MADE_OF, (before, ()))
    module.__class__ = variant(kind, (*earlier, *exchanges))

    def back() -> None:
        module.__class__ = before

    return back


@lru_cache(maxsize=1024)
def variant(kind: Any, exchanges: tuple[Exchange, ...]) -> Any:
    """The class of modules of a kind with calls exchanged; the same one for the same exchanges.

    Raises:
        UsageError: If the source of a method is not there or is no longer the one that runs.
    """
    by_method: dict[str, dict[End, Exchange]] = {}
    for exchange in exchanges:
        by_method.setdefault(exchange.method, {})[exchange.end] = exchange
    body: dict[str, Any] = {
        name: _recompiled(getattr_static(kind, name), wanted, kind) for name, wanted in by_method.items()
    }
    body |= {"__module__": kind.__module__, "__qualname__": kind.__qualname__, "__doc__": kind.__doc__}

    def reduce(self: nn.Module, protocol: Any) -> Any:
        made = kind.__reduce_ex__(self, protocol)
        if made[0] is not copyreg.__newobj__:  # type: ignore[attr-defined]  # typeshed leaves it out
            return made
        return (revive, (kind, exchanges, *made[1][1:]), *made[2:])

    return type(kind)(kind.__name__, (kind,), body | {"__reduce_ex__": reduce, _MADE_OF: (kind, exchanges)})


def revive(kind: type, exchanges: tuple[Exchange, ...], *args: Any) -> Any:
    """An empty instance of the variant, for copies and saved files."""
    made = variant(kind, exchanges)
    return made.__new__(made, *args)


def _recompiled(attribute: Any, wanted: Mapping[End, Exchange], kind: type) -> types.FunctionType:
    """A method, or a decorated one, with the calls exchanged; what was exchanged in it before stays so."""
    function = _innermost(attribute)
    original, earlier = vars(function).get(_MARK, (function, {}))
    merged = {**earlier, **wanted}
    source = _own_source(original)
    if source is None:
        raise UsageError(
            f"the source of {kind.__qualname__}.{original.__name__} is not what {original.__code__.co_filename} holds "
            "now, so no call in it can be exchanged; load the model where the file is unchanged"
        )
    code = _compiled(source, original.__code__, merged)
    cells = dict(zip(original.__code__.co_freevars, original.__closure__ or (), strict=True))
    made = _like(original, code, tuple(cells[name] for name in code.co_freevars))
    vars(made)[_MARK] = (original, merged)
    return _rebound(attribute, function, made)


def _compiled(source: Source, like: types.CodeType, wanted: Mapping[End, Exchange]) -> types.CodeType:
    tree = ast.parse(source.text, source.file)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and encloses(node, like):
            _Writer(wanted, like.co_varnames[0]).visit(node)
            node.body.insert(_behind_docstring(node), _import_of_torch(node.body[0]))
    code = code_within(compile(ast.fix_missing_locations(tree), source.file, "exec", dont_inherit=True), like)
    assert code is not None, f"{like.co_qualname} is gone from its own source"
    return code


def _behind_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return 1 if ast.get_docstring(node, clean=False) is not None else 0


def _import_of_torch(beside: ast.stmt) -> ast.stmt:
    return ast.copy_location(ast.Import([ast.alias("torch", _TORCH)]), beside)


class _Writer(ast.NodeTransformer):
    """Writes the other calls."""

    def __init__(self, wanted: Mapping[End, Exchange], instance: str) -> None:
        self._wanted, self._names = wanted, {"torch": _TORCH, "self": instance}

    def visit_Call(self, node: ast.Call) -> ast.AST:  # ast names it so
        """The call itself, or the other one at the same place."""
        end = (node.end_lineno or 0, node.end_col_offset or 0)
        self.generic_visit(node)
        exchange = self._wanted.get(end)
        if exchange is None:
            return node
        first, *attributes = exchange.function.split(".")
        function: ast.expr = ast.Name(self._names[first], ast.Load())
        for attribute in attributes:
            function = ast.Attribute(function, attribute, ast.Load())
        keywords = [ast.keyword(name, ast.Constant(value)) for name, value in exchange.keywords]
        kept = kept_argument(node)
        call = ast.copy_location(ast.Call(function, [kept], keywords), node)
        if exchange.rebinds and isinstance(kept, ast.Name):
            return ast.copy_location(ast.NamedExpr(ast.Name(kept.id, ast.Store()), call), node)
        return call


def _own_source(function: types.FunctionType) -> Source | None:
    """The source that a function was compiled from, if compiling it again gives the same instructions."""
    code = function.__code__
    source = source_of(code.co_filename)
    again = code_within(source.code, code) if source is not None else None
    return source if again is not None and again.co_code == code.co_code else None


def _like(function: types.FunctionType, code: types.CodeType, cells: tuple[Any, ...]) -> types.FunctionType:
    made = types.FunctionType(code, function.__globals__, function.__name__, function.__defaults__, cells)
    made.__kwdefaults__, made.__qualname__, made.__doc__ = (
        function.__kwdefaults__,
        function.__qualname__,
        function.__doc__,
    )
    made.__annotations__, made.__module__ = function.__annotations__, function.__module__
    vars(made).update(vars(function))
    return made


def _holding(attribute: Any, code: types.CodeType) -> types.FunctionType | None:
    """The function with that code, the attribute itself or wrapped in it."""
    while isinstance(attribute, types.FunctionType):
        if attribute.__code__ is code:
            return attribute
        attribute = vars(attribute).get("__wrapped__")
    return None


def _innermost(attribute: Any) -> types.FunctionType:
    while isinstance(vars(attribute).get("__wrapped__"), types.FunctionType):
        attribute = vars(attribute)["__wrapped__"]
    assert isinstance(attribute, types.FunctionType), f"{attribute!r} is no function"
    return attribute


def _rebound(attribute: Any, old: types.FunctionType, new: types.FunctionType) -> types.FunctionType:
    """The decorators around a function, copied around another."""
    if attribute is old:
        return new
    inner = _rebound(vars(attribute)["__wrapped__"], old, new)
    cells = tuple(
        types.CellType(inner) if cell.cell_contents is vars(attribute)["__wrapped__"] else cell
        for cell in attribute.__closure__ or ()
    )
    made = _like(attribute, attribute.__code__, cells)
    vars(made)["__wrapped__"] = inner
    return made
