"""Lines for the time when the optimizer has just been made."""

import libcst as cst

from isograd.treatment.patch.fitting import Fitting
from isograd.treatment.patch.optimizer_name import check_hoistable, name_after
from isograd.treatment.patch.sites import Site, constructor
from isograd.treatment.patch.snippet import unused
from isograd.treatment.patch.statement_edits import Hoist
from isograd.treatment.patch.unplaced import Unplaced
from isograd.treatment.patch.workspace import Workspace
from isograd.treatment.patch.wrapping import wrapped


class OptimizerPlace:
    """Where lines go that follow the making of the optimizer, and the names there.

    Raises:
        Unplaced: The optimizer is not made in the user's source, or not where lines could follow.
    """

    def __init__(self, space: Workspace) -> None:
        self.draft, self._call = constructor(space)
        self.passage = space.places.optimizer[0]
        self.in_lambda = self._is_in_lambda()
        self._site: Site | None = None
        if not self.in_lambda:
            self._site = Site(self.draft, self.draft.tree.statement_of(self._call), self._call, self.passage)
        self.optimizer = self._name()

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
        used = {one.value for one in tree.inside(tree.function_of(self._site.statement)) if isinstance(one, cst.Name)}
        return named or unused("optimizer", used.__contains__)

    def _is_in_lambda(self) -> bool:
        for above in self.draft.tree.ancestors(self._call):
            if isinstance(above, cst.Lambda):
                return True
            if isinstance(above, cst.BaseSmallStatement | cst.BaseCompoundStatement):
                return False
        return False
