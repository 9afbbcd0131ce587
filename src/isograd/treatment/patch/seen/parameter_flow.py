"""How the model's parameters reach the optimizer, where that takes more than one statement.

New parameters must be there before the first statement that collects them: `params = list(model.parameters())`.
"""

from dataclasses import dataclass

import libcst as cst

from isograd.treatment.patch.lines.sites import Site, root_of
from isograd.treatment.patch.source.tree import Statement, Tree

_COLLECTS = ("parameters", "named_parameters")
_FILL = ("append", "extend", "insert", "update", "add", "setdefault")
_CHANGES = (cst.Assign, cst.AnnAssign, cst.AugAssign, cst.For, cst.If, cst.With, cst.Expr)


@dataclass(frozen=True)
class Flow:
    """Where lines go so that what they add is collected."""

    anchor: Statement
    """The statement to stand before."""
    repeated: tuple[Statement, ...] = ()
    """Statements that collect parameters and must be made once more after the lines: between them and the optimizer
    others run that could draw random numbers, which must come in the same order."""


def flow_to(site: Site) -> Flow:
    """Finds the statements that collect the parameters that the optimizer is given."""
    tree = site.draft.tree
    collecting, passed = _slice(tree, site)
    eager = [one for one in collecting if _collects(tree, one, site.passage.model)]
    if not eager:
        return Flow(site.statement)
    first = min(eager, key=lambda one: tree.span(one)[0])
    between = [one for one in passed if tree.span(one)[0] > tree.span(first)[0] and one not in collecting]
    if any(_calls(tree, one) for one in between):
        return Flow(site.statement, tuple(sorted(collecting, key=lambda one: tree.span(one)[0])))
    return Flow(first)


def _slice(tree: Tree, site: Site) -> tuple[list[Statement], list[Statement]]:
    """Statements that what the optimizer is given depends on, and all statements since the model got its name."""
    model = site.passage.model
    suite = _suite(tree, site.statement)
    arguments = site.expression.args if isinstance(site.expression, cst.Call) else ()
    needed = {name for argument in arguments for name in _read(tree, argument.value)} - {root_of(model)}
    collecting: list[Statement] = []
    passed: list[Statement] = []
    for statement in reversed(suite[: suite.index(site.statement)]):
        if model in _bound(tree, statement):
            break
        passed.append(statement)
        if needed & _bound(tree, statement) and isinstance(statement, _CHANGES):
            collecting.append(statement)
            needed |= _read(tree, statement) - {root_of(model)}
    return collecting, passed


def _suite(tree: Tree, statement: Statement) -> list[Statement]:
    """The statements among which one stands, in order."""
    above = tree.parent(statement)
    if isinstance(above, cst.SimpleStatementLine):
        above = tree.parent(above)
    found: list[Statement] = []
    for one in getattr(above, "body", ()):
        if isinstance(one, cst.SimpleStatementLine):
            found += one.body
        elif isinstance(one, cst.BaseSmallStatement | cst.BaseCompoundStatement):
            found.append(one)
    return found if statement in found else [statement]


def _read(tree: Tree, node: cst.CSTNode) -> set[str]:
    return {one.value for one in tree.inside(node) if isinstance(one, cst.Name)}


def _bound(tree: Tree, statement: Statement) -> set[str]:
    """Variables that a statement gives a value, or whose value it may change by a method."""
    if isinstance(statement, cst.FunctionDef | cst.ClassDef):
        return {statement.name.value}
    found = set[str]()
    for one in tree.inside(statement):
        if isinstance(one, cst.AssignTarget | cst.AnnAssign | cst.AugAssign | cst.For | cst.NamedExpr):
            found |= _targets(tree, one.target)
        elif isinstance(one, cst.Call) and isinstance(one.func, cst.Attribute) and one.func.attr.value in _FILL:
            found.add(tree.text(one.func.value))
    return found


def _targets(tree: Tree, target: cst.BaseExpression) -> set[str]:
    if isinstance(target, cst.Tuple | cst.List):
        return {name for element in target.elements for name in _targets(tree, element.value)}
    if isinstance(target, cst.Subscript):
        return _targets(tree, target.value)
    return {tree.text(target)}


def _collects(tree: Tree, statement: Statement, model: str) -> bool:
    """True if a statement takes the parameters that are there now; a generator takes them when it is first asked."""
    value = getattr(statement, "value", None)
    if isinstance(value, cst.GeneratorExp) or _is_lazy(value):
        return False
    for one in tree.inside(statement):
        if isinstance(one, cst.Call):
            name = one.func.attr.value if isinstance(one.func, cst.Attribute) else ""
            if name in _COLLECTS or any(tree.text(argument.value) == model for argument in one.args):
                return True
    return False


def _is_lazy(value: cst.CSTNode | None) -> bool:
    if not isinstance(value, cst.Call):
        return False
    if isinstance(value.func, cst.Name) and value.func.value == "filter":
        return True
    return isinstance(value.func, cst.Attribute) and value.func.attr.value in _COLLECTS


def _calls(tree: Tree, statement: Statement) -> bool:
    if isinstance(statement, cst.FunctionDef | cst.ClassDef):
        return False
    return any(isinstance(one, cst.Call) for one in tree.inside(statement))
