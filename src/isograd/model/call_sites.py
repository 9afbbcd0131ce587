"""Calls in source code, told apart by where they end: no two calls share their closing bracket.

Python tells of a running call where it stands, of a method call over several lines only the part from the method's name
on; the end is right in either case.
"""

import ast
import linecache
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from types import CodeType, FrameType
from typing import Literal

from isograd.facts.treatment import Position

End = tuple[int, int]
"""Last line from 1 and the column behind the closing bracket, in bytes."""
Overwritten = Literal["nobody", "variable", "others"]
"""`variable`: only the variable that holds the data; `others`: whoever holds the whole of which the data is a part."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """A source file that was read once."""

    file: str
    """Its path as code objects have it."""
    text: str
    """All of it."""
    calls: dict[End, ast.Call]
    """Each call by its end."""
    given_back: frozenset[End]
    """Calls whose result is returned, or takes the name of the data that they are called with."""
    code: CodeType
    """The module's code, compiled from the text."""


def end_of(frame: FrameType) -> End | None:
    """Where the call that a frame waits for ends; None where Python kept no columns.

    Cost: a walk over the positions of the frame's code, a few microseconds.
    """
    _, end_line, _, end_column = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None))
    return None if end_line is None or end_column is None else (end_line, end_column)


def source_of(file: str) -> Source | None:
    """The source of a file as it is now; None where there is none, or it is no Python.

    >>> source_of("<stdin>") is None
    True
    """
    linecache.checkcache(file)
    text = "".join(linecache.getlines(file))
    return _read(file, text) if text else None


@lru_cache(maxsize=64)
def _read(file: str, text: str) -> Source | None:
    try:
        tree = ast.parse(text, file)
        code = compile(tree, file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    calls = {_end(node): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return Source(file, text, calls, frozenset(_given_back(tree)), code)


def _given_back(tree: ast.Module) -> Iterator[End]:
    for node in ast.walk(tree):
        call = node.value if isinstance(node, ast.Return | ast.Assign) else None
        if isinstance(call, ast.Call) and (isinstance(node, ast.Return) or _replaces(node, call)):
            yield _end(call)


def _replaces(node: ast.AST, call: ast.Call) -> bool:
    """True for `x = x.sigmoid_()`."""
    return (
        isinstance(node, ast.Assign)
        and has_data(call)
        and ast.unparse(kept_argument(call)) in map(ast.unparse, node.targets)
    )


def overwritten(source: Source, end: End) -> Overwritten:
    """Who would miss it if a call no longer overwrote the data that it is called with."""
    data = kept_argument(source.calls[end])
    if end in source.given_back or isinstance(data, ast.Call):
        return "nobody"
    return "variable" if isinstance(data, ast.Name) else "others"


def has_data(node: ast.Call) -> bool:
    """True if a call has a first argument, or is of something."""
    return is_method_call(node) or bool(node.args) or any(keyword.arg == "input" for keyword in node.keywords)


def is_method_call(node: ast.Call) -> bool:
    """True for `x.tanh()`, where the data is what the method is called on; false for `torch.tanh(x)`."""
    given = len(node.args) + sum(keyword.arg == "input" for keyword in node.keywords)
    return isinstance(node.func, ast.Attribute) and given < (2 if node.func.attr == "prelu" else 1)


def kept_argument(node: ast.Call) -> ast.expr:
    """The data that an elementwise function is called with."""
    if is_method_call(node) and isinstance(node.func, ast.Attribute):
        return node.func.value
    return node.args[0] if node.args else next(k.value for k in node.keywords if k.arg == "input")


def _end(node: ast.Call) -> End:
    return (node.end_lineno or 0, node.end_col_offset or 0)


def position_of_call(source: Source, end: End) -> Position:
    """The whole call expression.

    Raises:
        KeyError: If no call ends there.
    """
    node = source.calls[end]
    return Position(os.path.abspath(source.file), node.lineno, node.col_offset, *end)


def code_within(module: CodeType, like: CodeType) -> CodeType | None:
    """The code of the same function in a newly compiled module, by qualified name and first line."""
    for code in _codes(module):
        if code.co_qualname == like.co_qualname and code.co_firstlineno == like.co_firstlineno:
            return code
    return None


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def encloses(function: Function, code: CodeType) -> bool:
    """True for the definition that a code object was compiled from."""
    first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
    return function.name == code.co_name and first == code.co_firstlineno


def stands_in(source: Source, end: End, code: CodeType) -> bool:
    """True if a call is written within the definition of a function, however nested."""
    for node in ast.walk(ast.parse(source.text, source.file)):
        if isinstance(node, Function) and encloses(node, code):
            return any(isinstance(inner, ast.Call) and _end(inner) == end for inner in ast.walk(node))
    return False
