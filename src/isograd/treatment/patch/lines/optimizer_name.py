"""What the optimizer is called after the statement that makes it; where it has no name yet, it gets one."""

from collections.abc import Iterator

import libcst as cst

from isograd.treatment.patch.lines.sites import Site
from isograd.treatment.patch.source.tree import Tree
from isograd.treatment.patch.unplaced import Unplaced


def name_after(site: Site) -> str:
    """The expression for the optimizer after the statement; empty if it has none.

    It has one where the call, or a branch of `a if c else b` that it is, is assigned to a variable.
    """
    tree, statement, value = site.draft.tree, site.statement, _whole(site.draft.tree, site.expression)
    parent = tree.parent(value)
    if isinstance(parent, cst.NamedExpr) and parent.value is value:
        return tree.text(parent.target)
    for target, given in _assigned(tree, statement):
        if given is value and _is_variable(tree, target):
            return tree.text(target)
    return ""


def _is_variable(tree: Tree, target: cst.BaseExpression) -> bool:
    """True for what can be written again without running anything."""
    if not isinstance(target, cst.Name | cst.Attribute | cst.Subscript):
        return False
    return not any(isinstance(one, cst.Call) for one in tree.inside(target))


def _whole(tree: Tree, value: cst.BaseExpression) -> cst.BaseExpression:
    """The conditional expression whose branch a value is, else the value."""
    parent = tree.parent(value)
    while isinstance(parent, cst.IfExp) and value is not parent.test:
        value, parent = parent, tree.parent(parent)
    return value


def _assigned(tree: Tree, statement: cst.CSTNode) -> Iterator[tuple[cst.BaseExpression, cst.BaseExpression]]:
    """Targets with what they get, through tuples on both sides."""
    if isinstance(statement, cst.AnnAssign) and statement.value is not None:
        yield statement.target, statement.value
    elif isinstance(statement, cst.Assign):
        for target in statement.targets:
            yield from _paired(target.target, statement.value)


def _paired(
    target: cst.BaseExpression, value: cst.BaseExpression
) -> Iterator[tuple[cst.BaseExpression, cst.BaseExpression]]:
    yield target, value
    if isinstance(target, cst.Tuple | cst.List) and isinstance(value, cst.Tuple | cst.List):
        sides = [*target.elements, *value.elements]
        if len(target.elements) == len(value.elements) and not any(isinstance(e, cst.StarredElement) for e in sides):
            for one, other in zip(target.elements, value.elements, strict=True):
                yield from _paired(one.value, other.value)


def check_hoistable(tree: Tree, site: Site) -> None:
    """Refuses where the call could not be made a statement of its own before its statement.

    Raises:
        Unplaced: It is made under a condition, or again and again.
    """
    conditional = (cst.IfExp, cst.BooleanOperation, cst.GeneratorExp, cst.ListComp, cst.SetComp, cst.DictComp)
    if any(isinstance(above, conditional) for above in tree.between(site.expression, site.statement)):
        raise Unplaced("the optimizer is made within a conditional expression or a comprehension")
    if isinstance(site.statement, cst.If) and tree.span(site.expression)[0] > tree.span(site.statement.body)[0]:
        raise Unplaced("the optimizer is made in the head of an elif")
