"""Code with variables under other names."""

import ast
from collections.abc import Mapping

import libcst as cst

_Own = cst.FunctionDef | cst.Lambda | cst.GeneratorExp | cst.ListComp | cst.SetComp | cst.DictComp


def renamed(source: str, names: Mapping[str, str]) -> str:
    """Code with variables under other names; attributes, keywords and what a function binds itself keep theirs.

    Args:
        source: The code.
        names: By old name, the new one, or any expression for a name that is only read.

    >>> renamed("p.p = f(p=p, q=[p for p in r])", {"p": "q", "f": "g.f"})
    'q.p = g.f(p=q, q=[p for p in r])'
    """
    if not set(names) & {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)} | _defined(
        source
    ):
        return source
    return cst.parse_module(source).visit(_Renamer(names)).code


def _defined(source: str) -> set[str]:
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)}


class _Renamer(cst.CSTTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self._names = names
        self._kept = set[cst.CSTNode]()
        self._hidden: list[tuple[cst.CSTNode, set[str]]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Import | cst.ImportFrom):
            return False
        if isinstance(node, cst.Attribute):
            self._kept.add(node.attr)
        elif isinstance(node, cst.Arg) and node.keyword is not None:
            self._kept.add(node.keyword)
        elif isinstance(node, _Own):
            self._hidden.append((node, _bound_within(node)))
        return True

    def on_leave(self, original: cst.CSTNode, updated: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        if self._hidden and self._hidden[-1][0] is original:
            self._hidden.pop()
            if isinstance(updated, cst.FunctionDef) and updated.name.value in self._names:
                return updated.with_changes(name=cst.Name(self._names[updated.name.value]))
        if not isinstance(original, cst.Name) or original in self._kept or original.value not in self._names:
            return updated
        if any(original.value in hidden for _, hidden in self._hidden):
            return updated
        return cst.parse_expression(self._names[original.value])


def _bound_within(node: _Own) -> set[str]:
    """Names that a function or comprehension gives a value."""
    source = cst.Module([]).code_for_node(node).strip()
    top = ast.parse(source if isinstance(node, cst.FunctionDef) else f"({source})").body[0]
    inner = [one for part in ast.iter_child_nodes(top) for one in ast.walk(part)]
    bound = {one.arg for one in inner if isinstance(one, ast.arg)}
    bound |= {one.id for one in inner if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)}
    bound |= {one.name for one in inner if isinstance(one, ast.FunctionDef | ast.ClassDef)}
    if isinstance(top, ast.FunctionDef):
        bound.add(top.name)  # renamed by itself, when its body is done
    return bound - {name for one in inner if isinstance(one, ast.Global | ast.Nonlocal) for name in one.names}
