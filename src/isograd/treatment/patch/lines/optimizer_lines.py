"""Lines for the time when the optimizer has just been made."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from isograd.facts.treatment import Passage
from isograd.treatment.patch.lines.fitting import Fitting
from isograd.treatment.patch.lines.optimizer_name import check_hoistable, name_after
from isograd.treatment.patch.lines.sites import Site, site_of
from isograd.treatment.patch.lines.snippet import unused
from isograd.treatment.patch.lines.wrapping import wrapped
from isograd.treatment.patch.source.draft import Draft
from isograd.treatment.patch.source.statement_edits import Hoist
from isograd.treatment.patch.source.tree import Tree
from isograd.treatment.patch.unplaced import Unplaced, told
from isograd.treatment.patch.workspace import Workspace

OF_MODEL = "{model}.parameters()"
"""What lines write for the parameters."""
OF_OPTIMIZER = '(p for group in {optimizer}.param_groups for p in group["params"])'
"""The same where the model has no name."""


class OptimizerPlace:
    """Where lines go that follow the making of the optimizer, and the names there.

    Args:
        space: The files.
        needs_model: Whether the lines use the model: then the function that called is preferred if it knows the model
            and the one that makes the optimizer does not.

    Raises:
        Unplaced: The optimizer is not made in the user's source, or not where lines could follow.
    """

    def __init__(self, space: Workspace, needs_model: bool = False) -> None:
        made = list(_results(space))
        usable = [one for one in made if isinstance(one, _Made)]
        if not usable:
            raise next((one for one in made if isinstance(one, Unplaced)), Unplaced("no optimizer was seen being made"))
        chosen = usable[0]
        if chosen.site is None or (needs_model and not chosen.passage.model):
            with_site = [one for one in usable if one.site is not None and (one.passage.model or not needs_model)]
            chosen = (with_site or usable)[0]
        self.draft, self._call, self.passage, self._site = chosen.draft, chosen.value, chosen.passage, chosen.site
        self.optimizer = self._name()

    @property
    def in_lambda(self) -> bool:
        """Whether no statement makes the optimizer, only an expression."""
        return self._site is None

    @property
    def model(self) -> str:
        """What the model is called there; empty if nothing is."""
        return "" if self.in_lambda else self.passage.model

    @property
    def node(self) -> cst.CSTNode:
        """Something in the scope of the lines."""
        return self._call if self._site is None else self._site.statement

    def add(self, fitting: Fitting, lines: str) -> None:
        """Puts lines there.

        Raises:
            Unplaced: They need the model, and it has no name there.
        """
        lines = lines if self.model else lines.replace(OF_MODEL, OF_OPTIMIZER)
        if "{model}" in lines and not self.model:
            raise Unplaced("nothing is called the model where the optimizer is made")
        fitted = fitting.fit(self.draft, self.node, lines, self.model, self.optimizer)
        if self._site is None:
            wrapped(self.draft, self._call, "prepared", "optimizer").lines.append(fitted)
            return
        edit = self.draft.at(self._site.statement)
        if isinstance(self._site.statement, cst.BaseSmallStatement) and name_after(self._site):
            edit.after.append(fitted)
            return
        place = self.draft.tree.outer(self._call)
        if not edit.hoists:
            edit.hoists.append(Hoist(place, self._hoisted_from(), self.optimizer))
        edit.hoists[0].lines.append(fitted)

    def _hoisted_from(self) -> tuple[int, int]:
        parent = self.draft.tree.parent(self._call)
        whole = parent if isinstance(parent, cst.NamedExpr) else self._call
        return self.draft.tree.outer(whole)

    def _name(self) -> str:
        if self._site is None:
            return "optimizer"
        named = name_after(self._site)
        if named and isinstance(self._site.statement, cst.BaseSmallStatement):
            return named
        check_hoistable(self.draft.tree, self._site)
        tree = self.draft.tree
        used = tree.names_in(tree.function_of(self._site.statement))
        return named or unused("optimizer", used.__contains__)


@dataclass(frozen=True)
class _Made:
    """An expression whose value is the optimizer."""

    draft: Draft
    value: cst.BaseExpression
    passage: Passage
    site: Site | None


def _results(space: Workspace) -> Iterator[_Made | Unplaced]:
    """The constructor's call, then calls of functions that return what it gives, outwards."""
    for passage in space.places.optimizer:
        try:
            draft = space.open(passage.position.file)
            value = draft.tree.expression_at(passage.position)
            function = _lambda_around(draft.tree, value)
            site = None if function is not None else site_of(space, passage)
            if passage.shared:
                raise Unplaced(f"{told(passage.position)} also makes other optimizers")
            yield _Made(draft, value, passage, site)
        except Unplaced as reason:
            yield reason
            if not passage.shared:
                return
        if not _returns(draft.tree, value):
            return


def _lambda_around(tree: Tree, value: cst.BaseExpression) -> cst.Lambda | None:
    for above in tree.ancestors(value):
        if isinstance(above, cst.Lambda):
            return above
        if isinstance(above, cst.BaseSmallStatement | cst.BaseCompoundStatement):
            return None
    return None


def _returns(tree: Tree, value: cst.BaseExpression) -> bool:
    """Whether the function around a value gives just that back."""
    parent = tree.parent(value)
    return isinstance(parent, cst.Return) or (isinstance(parent, cst.Lambda) and parent.body is value)
