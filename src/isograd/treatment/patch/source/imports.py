"""What the file's own imports call a thing."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst
from libcst.helpers import get_full_name_for_node

from isograd.treatment.patch.source.header import top
from isograd.treatment.patch.source.tree import Tree

USUAL = {"torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional", "math": "math", "isograd": "isograd"}
"""What names mean in the code of remedies where it does not import them."""


@dataclass(frozen=True)
class Import:
    """One name that an import binds."""

    name: str
    """In the file."""
    meaning: str
    """Its full name."""
    node: cst.CSTNode
    """The statement."""
    by_star: bool = False
    """True if it is one of all that `import *` binds."""


def imports_of(tree: Tree, node: cst.CSTNode) -> list[Import]:
    """Imports whose names can be used at a node: those of its functions, then those of the module."""
    frames = [one for one in (node, *tree.ancestors(node)) if isinstance(one, cst.FunctionDef | cst.Module)]
    return [found for frame in frames for found in _within(tree, frame)]


def _within(tree: Tree, frame: cst.CSTNode) -> Iterator[Import]:
    """Imports of a function or module itself, without those of functions and classes in it."""
    waiting = list(frame.children)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, cst.Import):
            yield from _plain(node)
        elif isinstance(node, cst.ImportFrom):
            yield from _from(node)
        elif isinstance(node, cst.If) and "TYPE_CHECKING" in tree.text(node.test):
            waiting += [node.orelse] if node.orelse else []
        elif not isinstance(node, cst.FunctionDef | cst.ClassDef | cst.BaseExpression):
            waiting = [*node.children, *waiting]


def _plain(node: cst.Import) -> Iterator[Import]:
    for alias in node.names:
        full = get_full_name_for_node(alias.name) or ""
        if alias.asname is None:
            yield Import(full.split(".")[0], full.split(".")[0], node)
        elif isinstance(alias.asname.name, cst.Name):
            yield Import(alias.asname.name.value, full, node)


def _from(node: cst.ImportFrom) -> Iterator[Import]:
    if node.relative or node.module is None:
        return
    package = get_full_name_for_node(node.module) or ""
    if isinstance(node.names, cst.ImportStar):
        yield from (Import(name, f"{package}.{name}", node, by_star=True) for name in _public(package))
        return
    for alias in node.names:
        name = get_full_name_for_node(alias.name) or ""
        given = alias.asname.name.value if alias.asname and isinstance(alias.asname.name, cst.Name) else name
        yield Import(given, f"{package}.{name}", node)


def _public(package: str) -> list[str]:
    """What `import *` takes from a module of torch; nothing from others, which are not looked into."""
    module = sys.modules.get(package) if package.split(".")[0] == "torch" else None
    every = [] if module is None else [name for name in vars(module) if not name.startswith("_")]
    return list(getattr(module, "__all__", every))


def spelled(tree: Tree, node: cst.CSTNode, meaning: str, preferred: str = "") -> str | None:
    """An expression for a thing at a node, by the imports that are there; None if there are none for it.

    Args:
        tree: The file.
        node: Where it is to be used.
        meaning: Its full name, e.g. `torch.nn.ReLU`.
        preferred: A spelling to take if it is one of several.
    """
    found = []
    for one in imports_of(tree, node):
        if (meaning == one.meaning or meaning.startswith(one.meaning + ".")) and _usable(tree, node, one):
            expression = one.name + meaning[len(one.meaning) :]
            found.append((expression != preferred, one.by_star, expression.count("."), expression))
    return min(found)[-1] if found else None


def _usable(tree: Tree, node: cst.CSTNode, one: Import) -> bool:
    """Whether the name means the import at the node: nothing shadows it, and in the same frame it comes earlier."""
    bindings = tree.binding(one.name, node)
    if bool(bindings) == one.by_star or not all(map(tree.is_import, bindings)):
        return False
    if node is tree.module:  # something at its top
        return tree.span(one.node)[0] < top(tree, len(tree.source.text))[0]
    same_frame = tree.function_of(one.node) is tree.function_of(node)
    return not same_frame or tree.span(one.node)[0] < tree.span(node)[0]


def meaning_of(tree: Tree, expression: cst.BaseExpression) -> str:
    """The full name of an expression, e.g. `torch.nn.functional.relu` for `F.relu`; empty if no import tells."""
    full = get_full_name_for_node(expression) if isinstance(expression, cst.Name | cst.Attribute) else None
    if not full:
        return ""
    root, _, rest = full.partition(".")
    for one in imports_of(tree, expression):
        if one.name == root and _usable(tree, expression, one):
            return one.meaning + ("." + rest if rest else "")
    return ""
