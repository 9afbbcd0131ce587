"""Lines of a remedy's code, made to fit the file that they go into."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from isograd.treatment.patch.unplaced import Unplaced

VERBATIM = "\0"
"""Marks a statement whose further lines are indented already: it was moved, not written."""


def indented(statement: str, indent: str, unit: str, newline: str) -> str:
    """A statement as lines of a file.

    Args:
        statement: Its source, indented by four spaces a level, without indentation of its own.
        indent: What comes before each line.
        unit: The file's own indentation of one level.
        newline: The file's line end.

    >>> indented("if a:\\n    b()", "\\t", "\\t", "\\n")
    '\\tif a:\\n\\t\\tb()\\n'
    """
    if statement.startswith(VERBATIM):
        return indent + statement[len(VERBATIM) :] + newline
    inside = _inside_strings(statement)
    lines = []
    for number, line in enumerate(statement.split("\n"), start=1):
        bare = line.lstrip(" ")
        levels, rest = divmod(len(line) - len(bare), 4)
        lines.append(line if number in inside else f"{indent}{levels * unit}{rest * ' '}{bare}" if bare else "")
    return newline.join(lines) + newline


def _inside_strings(source: str) -> set[int]:
    """Lines that begin within a string."""
    strings = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant | ast.JoinedStr))
    return {line for node in strings for line in range(node.lineno + 1, (node.end_lineno or 0) + 1) if _is_text(node)}


def _is_text(node: ast.Constant | ast.JoinedStr) -> bool:
    return isinstance(node, ast.JoinedStr) or isinstance(node.value, str | bytes)


@dataclass(frozen=True)
class Names:
    """What names lines use."""

    bound: frozenset[str]
    """Those that they give a value, where they stand."""
    free: frozenset[str]
    """Those that they take from around them."""


def names_of(source: str) -> Names:
    """The names of a piece of code.

    Raises:
        Unplaced: It is no Python.

    >>> names = names_of("for p in model.parameters():\\n    total = f(p, q=[x for x in p])")
    >>> sorted(names.bound), sorted(names.free)
    (['p', 'total'], ['f', 'model'])
    """
    bound, used = set[str](), set[str]()
    for node in _walk_outside_functions(_parsed(source)):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            bound.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return Names(frozenset(bound), frozenset(used | _used_in_functions(source)) - bound)


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise Unplaced(f"the remedy's own lines cannot be parsed: {error}") from error


_INNER = (ast.Lambda, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)


def _walk_outside_functions(tree: ast.AST) -> Iterable[ast.AST]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            waiting += node.decorator_list
        elif not isinstance(node, _INNER):
            waiting += ast.iter_child_nodes(node)


def _used_in_functions(source: str) -> set[str]:
    """Names that functions, classes and comprehensions use and do not bind themselves; parameters are theirs."""
    used = set[str]()
    for node in ast.walk(_parsed(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, *_INNER)):
            below = list(ast.walk(node))
            own = {one.arg for one in below if isinstance(one, ast.arg)}
            own |= {one.id for one in below if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)}
            own |= {one.name for one in below if isinstance(one, ast.FunctionDef) and one is not node}
            used |= {one.id for one in below if isinstance(one, ast.Name)} - own
    return used


def unused(wanted: str, taken: Callable[[str], bool]) -> str:
    """A name that is not taken: the wanted one, else with a number behind it.

    >>> unused("p", {"p", "p_2"}.__contains__)
    'p_3'
    """
    name, number = wanted, 1
    while taken(name):
        number += 1
        name = f"{wanted}_{number}"
    return name
