"""Loops that make an optimizer again and again over one model: what is done to the model belongs before them."""

import libcst as cst

from isograd.treatment.patch.lines.sites import Site, making_sites
from isograd.treatment.patch.source.tree import Tree
from isograd.treatment.patch.workspace import Workspace


def outermost_loop(site: Site) -> cst.For | cst.While | None:
    """The outermost loop around a site, within its function, that keeps one and the same model.

    A loop that makes the model anew, as one over folds or seeds does, needs the lines each time it goes round.
    """
    tree, found = site.draft.tree, None
    function = tree.function_of(site.statement)
    for above in tree.ancestors(site.statement):
        if above is function:
            break
        if isinstance(above, cst.For | cst.While):
            if _names_again(tree, above, site.passage.model):
                break
            found = above
    return found


def repeating_site(space: Workspace) -> Site | None:
    """The outermost statement in such a loop that led to the optimizer: what it calls does so each time it goes round.

    Only where the model has a variable of its own there: what holds it as an attribute may make it anew when called.
    """
    again = [
        site
        for site in making_sites(space)
        if isinstance(site, Site) and site.passage.model.isidentifier() and outermost_loop(site) is not None
    ]
    return again[-1] if again else None


def _names_again(tree: Tree, loop: cst.For | cst.While, model: str) -> bool:
    """True if something that the expression for the model begins with is given a value in the loop."""
    return any(_is_part(tree.text(target), model) for one in tree.inside(loop) for target in _targets(tree, one))


def _is_part(text: str, model: str) -> bool:
    return model == text or model.startswith((f"{text}.", f"{text}["))


def _targets(tree: Tree, node: cst.CSTNode) -> list[cst.BaseExpression]:
    """Names and attributes that a node gives a value to; of `a, b = ...` both."""
    if isinstance(node, cst.AssignTarget | cst.AnnAssign | cst.NamedExpr | cst.For):
        given: cst.CSTNode = node.target
    elif isinstance(node, cst.AsName):
        given = node.name
    else:
        return []
    return [one for one in tree.inside(given) if isinstance(one, cst.Name | cst.Attribute | cst.Subscript)]
