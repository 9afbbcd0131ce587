"""The statements that take the optimizer's steps."""

from dataclasses import dataclass

import libcst as cst

from isograd.facts.treatment import Passage
from isograd.treatment.patch.lines.sites import Site, site_of
from isograd.treatment.patch.source.tree import Tree
from isograd.treatment.patch.unplaced import Unplaced, told
from isograd.treatment.patch.workspace import Workspace

_CONDITIONAL = (
    cst.IfExp, cst.BooleanOperation, cst.GeneratorExp, cst.ListComp, cst.SetComp, cst.DictComp, cst.Lambda,
)  # fmt: skip


@dataclass(frozen=True)
class StepSite:
    """A statement that steps, and the names there."""

    site: Site
    """The statement."""
    optimizer: str
    """What the optimizer is called."""
    scaler: str
    """What the loss scaler is called that steps in its place; empty without one."""
    closure: cst.FunctionDef | None
    """The function that computes the gradients during the step; None if they are there before."""

    @property
    def model(self) -> str:
        """What the model is called; empty if nothing is."""
        return self.site.passage.model


def step_sites(space: Workspace) -> list[StepSite]:
    """All statements that step.

    Raises:
        Unplaced: One of them is not in the user's source, serves other networks, too, or is no statement that lines
            could stand around; or no step was seen.
    """
    if not space.places.steps:
        raise Unplaced("no step was seen")
    return [_step_site(space, chain) for chain in space.places.steps]


def _step_site(space: Workspace, chain: tuple[Passage, ...]) -> StepSite:
    site = _first_step(space, chain)
    tree, call = site.draft.tree, site.expression
    assert isinstance(call, cst.Call)
    if any(isinstance(above, _CONDITIONAL) for above in tree.between(call, site.statement)):
        raise Unplaced("the step is taken within a conditional expression")
    if not isinstance(site.statement, cst.BaseSmallStatement):
        raise Unplaced("the step is taken in the head of a statement")
    receiver = tree.text(call.func.value) if isinstance(call.func, cst.Attribute) else ""
    first = tree.text(call.args[0].value) if call.args else ""
    optimizer = site.passage.optimizer
    if space.places.scaled and first and first != receiver:
        closure = call.args[1] if len(call.args) > 1 else None
        if closure is not None:
            raise Unplaced("a loss scaler steps with a closure")
        return StepSite(site, first, receiver, None)
    named = receiver if _is_plain(call) else optimizer
    if not named:
        raise Unplaced("the optimizer has no name where it steps")
    return StepSite(site, named, "", _closure(tree, call))


def _first_step(space: Workspace, chain: tuple[Passage, ...]) -> Site:
    """The innermost call of `step` in the user's source."""
    reason = Unplaced("no step was seen")
    for passage in chain:
        try:
            site = site_of(space, passage)
        except Unplaced as why:
            reason = why
            if passage.shared:
                break
            continue
        call = site.expression
        if isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and call.func.attr.value == "step":
            return site
        raise Unplaced(f"the step is taken by a library, called from {told(passage.position)}")
    raise reason


def _is_plain(call: cst.Call) -> bool:
    """True if what `step` is called on can be written again: variables and attributes, no calls."""
    value = call.func.value if isinstance(call.func, cst.Attribute) else call.func
    while isinstance(value, cst.Attribute):
        value = value.value
    return isinstance(value, cst.Name)


def _closure(tree: Tree, call: cst.Call) -> cst.FunctionDef | None:
    """The function given to `step`."""
    if not call.args:
        return None
    given = call.args[0].value
    if not isinstance(given, cst.Name):
        raise Unplaced("the step is given a function that is no plain name")
    if given.value == "None":
        return None
    bindings = [getattr(binding, "node", None) for binding in tree.binding(given.value, call)]
    if len(bindings) != 1 or not isinstance(bindings[0], cst.FunctionDef):
        raise Unplaced("the function that the step is given is not defined beside it")
    return bindings[0]
