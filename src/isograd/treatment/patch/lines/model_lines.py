"""Lines for the time when the model is there and its optimizer is not."""

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from isograd.treatment.patch.lines.fitting import Fitting
from isograd.treatment.patch.lines.loops import outermost_loop, repeating_site
from isograd.treatment.patch.lines.sites import Site, model_site, root_of
from isograd.treatment.patch.lines.snippet import VERBATIM, unused
from isograd.treatment.patch.lines.wrapping import wrapped
from isograd.treatment.patch.seen.parameter_flow import Flow, flow_to
from isograd.treatment.patch.source.draft import Draft
from isograd.treatment.patch.source.statement_edits import Hoist
from isograd.treatment.patch.source.tree import Statement, Tree
from isograd.treatment.patch.unplaced import Unplaced
from isograd.treatment.patch.workspace import Workspace


def place_model_lines(space: Workspace, fitting: Fitting, lines: str, keeps_parameters: bool = False) -> None:
    """Puts lines before the statement that makes the optimizer, else into the function that builds the model.

    Args:
        space: The files.
        fitting: Of the remedy.
        lines: What is to be put there.
        keeps_parameters: True if what was collected of the model's parameters stays good.

    Raises:
        Unplaced: There is no place for them.
    """
    try:
        site = repeating_site(space) or model_site(space)
    except Unplaced:
        if space.places.build is None:
            raise
        _into_function(space, fitting, lines)
    else:
        _before(site, fitting, lines, keeps_parameters)


def _before(site: Site, fitting: Fitting, lines: str, keeps_parameters: bool) -> None:
    draft, flow = site.draft, flow_to(site)
    loop = outermost_loop(replace(site, statement=flow.anchor))
    if loop is not None:
        flow = Flow(loop)
    edit = draft.at(flow.anchor)
    for walrus in _naming(draft.tree, site):
        hoist = Hoist(draft.tree.outer(walrus.value), draft.tree.outer(walrus), site.passage.model)
        if hoist not in edit.first:
            edit.first.append(hoist)
    edit.before.append(fitting.fit(draft, flow.anchor, lines, model=site.passage.model, optimizer="optimizer"))
    if not edit.repeated and not keeps_parameters:
        edit.repeated += [VERBATIM + _source(draft.tree, one) for one in flow.repeated]


def _naming(tree: Tree, site: Site) -> Iterator[cst.NamedExpr]:
    """The `(model := ...)` within the statement, which the lines need before it."""
    for one in tree.inside(site.statement):
        if isinstance(one, cst.NamedExpr) and tree.text(one.target) == root_of(site.passage.model):
            if tree.text(one.target) != site.passage.model or tree.is_repeated(one, site.statement):
                raise Unplaced("the model gets its name within the expression that makes the optimizer")
            yield one


def _source(tree: Tree, statement: Statement) -> str:
    start, end = tree.span(statement)
    return tree.source.text[start:end]


def _into_function(space: Workspace, fitting: Fitting, lines: str) -> None:
    assert space.places.build is not None
    draft = space.open(space.places.build.file)
    function = draft.tree.function_around(space.places.build)
    if isinstance(function, cst.Lambda):
        wrapper = wrapped(draft, function.body, "treated", "model")
        wrapper.lines.append(fitting.fit(draft, function.body, lines, model="model"))
        return
    returns = list(_returns(draft.tree, function))
    if not returns or any(one.value is None for one in returns):
        raise Unplaced("the function that builds the model does not return it at the end")
    for one in returns:
        _before_return(draft, one, fitting, lines)


def _returns(tree: Tree, function: cst.FunctionDef) -> Iterator[cst.Return]:
    """The function's own return statements."""
    for one in tree.inside(function.body):
        if isinstance(one, cst.Yield):
            raise Unplaced("the function that builds the model is a generator")
        if isinstance(one, cst.Return) and tree.function_of(one) is function:
            yield one


def _before_return(draft: Draft, statement: cst.Return, fitting: Fitting, lines: str) -> None:
    edit, value = draft.at(statement), statement.value
    assert value is not None
    if isinstance(value, cst.Name):
        edit.before.append(fitting.fit(draft, statement, lines, model=value.value))
        return
    if not edit.hoists:
        used = draft.tree.names_in(draft.tree.function_of(statement))
        place = draft.tree.outer(value)
        edit.hoists.append(Hoist(place, place, unused("model", used.__contains__)))
    hoist = edit.hoists[0]
    hoist.lines.append(fitting.fit(draft, statement, lines, model=hoist.name))
