"""Lines before and after each step; where steps are out of reach, in hooks of the optimizer."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from isograd.treatment.patch.lines.fitting import Fitting
from isograd.treatment.patch.lines.optimizer_lines import OF_MODEL, OF_OPTIMIZER, OptimizerPlace
from isograd.treatment.patch.lines.snippet import indented, names_of, unused
from isograd.treatment.patch.lines.step_sites import StepSite, step_sites
from isograd.treatment.patch.source.draft import Draft
from isograd.treatment.patch.source.statement_edits import Hoist, StatementEdit
from isograd.treatment.patch.source.tree import Statement, Tree
from isograd.treatment.patch.unplaced import Unplaced
from isograd.treatment.patch.workspace import Workspace


@dataclass(frozen=True)
class StepLines:
    """Lines of one remedy around steps."""

    before: str
    """When the gradients are there; empty for none."""
    after: str
    """When the step is done; empty for none."""

    @property
    def names(self) -> frozenset[str]:
        """All names that they use."""
        found = [names_of(_filled(lines)) for lines in (self.before, self.after)]
        return frozenset().union(*(names.bound | names.free for names in found))

    @property
    def bound(self) -> frozenset[str]:
        """Names that they give a value."""
        return frozenset().union(*(names_of(_filled(lines)).bound for lines in (self.before, self.after)))


def place_step_lines(space: Workspace, fitting: Fitting, lines: StepLines, earlier: str) -> None:
    """Puts lines around steps.

    Args:
        space: The files.
        fitting: The remedy's names.
        lines: What goes around steps.
        earlier: What the remedy puts after the optimizer, whose variables these lines may use.

    Raises:
        Unplaced: There is no place for them.
    """
    shared = names_of(_filled(earlier)).bound & lines.names
    try:
        sites = step_sites(space)
        needs_model = "{model}" in (lines.before + lines.after).replace(OF_MODEL, "")
        if needs_model and not all(site.model for site in sites):
            raise Unplaced("nothing is called the model where a step is taken")
    except Unplaced:
        _into_hooks(space, fitting, lines, earlier, shared)
        return
    if earlier:
        place = OptimizerPlace(space, "{model}" in earlier)
        carried = _must_carry(place, sites, lines, shared)
        if carried:
            fitting.carry({name: f"{place.optimizer}.{name}" for name in shared})
        place.add(fitting, earlier)
        for site in sites:
            fitting.carry({name: f"{site.optimizer}.{name}" for name in shared} if carried else {})
            _around(site, fitting, lines)
    else:
        for site in sites:
            _around(site, fitting, lines)


def _must_carry(place: OptimizerPlace, sites: list[StepSite], lines: StepLines, shared: frozenset[str]) -> bool:
    """Whether variables cannot be seen at the steps and must go along with the optimizer."""
    if not shared:
        return False
    home = place.draft.tree.function_of(place.node)
    for site in sites:
        tree = site.site.draft.tree
        scope = tree.function_of(site.site.statement)
        reads_only = not (shared & lines.bound)
        if scope is not home and not (reads_only and home in tree.ancestors(scope)):
            return True
        if site.closure is not None and lines.before and not reads_only:
            return True
    return False


def _around(step: StepSite, fitting: Fitting, lines: StepLines) -> None:
    draft, statement = step.site.draft, step.site.statement
    model_of = step.model
    if lines.before and step.closure is not None:
        for backward in _backwards(draft.tree, step.closure):
            text = _for_model(lines.before, model_of)
            draft.at(backward).after.append(fitting.fit(draft, backward, text, model_of, step.optimizer))
    elif lines.before:
        edit = draft.at(statement)
        if step.scaler and not _unscales(draft.tree, statement) and not any("unscale_(" in one for one in edit.before):
            edit.before.append(f"{step.scaler}.unscale_({step.optimizer})")
        text = _for_model(lines.before, model_of)
        edit.before.append(fitting.fit(draft, statement, text, model_of, step.optimizer))
    if lines.after:
        text = fitting.fit(draft, statement, _for_model(lines.after, model_of), model_of, step.optimizer)
        edit = draft.at(statement)
        (_returned(draft, statement, edit) if isinstance(statement, cst.Return) else edit.after).append(text)


def _returned(draft: Draft, statement: cst.Return, edit: StatementEdit) -> list[str]:
    """Where lines go between a step whose result is returned and the return."""
    assert statement.value is not None
    if not edit.hoists:
        place = draft.tree.outer(statement.value)
        name = unused("result", draft.tree.names_in(draft.tree.function_of(statement)).__contains__)
        edit.hoists.append(Hoist(place, place, name))
    return edit.hoists[0].lines


def _into_hooks(space: Workspace, fitting: Fitting, lines: StepLines, earlier: str, shared: frozenset[str]) -> None:
    """Registers the lines with the optimizer itself, which calls them wherever it steps."""
    if space.places.closure and lines.before:
        raise Unplaced("gradients are computed within the step, by a function that could not be found")
    place = OptimizerPlace(space, "{model}" in earlier + lines.before + lines.after)
    if shared & lines.bound:
        fitting.carry({name: f"{place.optimizer}.{name}" for name in shared})
    if earlier:
        place.add(fitting, earlier)
    if shared & lines.bound:
        fitting.carry({name: f"optimizer.{name}" for name in shared})
    for when, text in (("pre", lines.before), ("post", lines.after)):
        if text:
            place.add(fitting, _hook(when, _for_model(text, place.model)))


def _hook(when: str, lines: str) -> str:
    name = {"pre": "before_step", "post": "after_step"}[when]
    body = indented(lines.strip("\n").replace("{optimizer}", "optimizer"), "    ", "    ", "\n")
    head = f"def {name}(optimizer, args, kwargs):\n{body}"
    return f"{head}{{optimizer}}.register_step_{when}_hook({name})"


def _backwards(tree: Tree, closure: cst.FunctionDef) -> Iterator[Statement]:
    """Statements of a closure that compute gradients."""
    found = False
    for one in tree.inside(closure.body):
        if isinstance(one, cst.Call) and isinstance(one.func, cst.Attribute) and one.func.attr.value == "backward":
            found = True
            statement = tree.statement_of(one)
            if not isinstance(statement, cst.Expr):
                raise Unplaced("the closure's backward pass is no statement of its own")
            yield statement
    if not found:
        raise Unplaced("the closure's backward pass was not found")


def _unscales(tree: Tree, statement: Statement) -> bool:
    """True if the function around a step unscales the gradients already."""
    return any(
        isinstance(one, cst.Call) and isinstance(one.func, cst.Attribute) and one.func.attr.value == "unscale_"
        for one in tree.inside(tree.function_of(statement))
    )


def _for_model(lines: str, model: str) -> str:
    """The lines, without the model where it has no name."""
    return lines if model else lines.replace(OF_MODEL, OF_OPTIMIZER)


def _filled(lines: str) -> str:
    return lines.replace("{model}", "model").replace("{optimizer}", "optimizer")
