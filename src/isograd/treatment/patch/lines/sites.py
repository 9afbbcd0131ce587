"""Where lines of a remedy go: the statement that makes the optimizer, and what it calls the model there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import libcst as cst

from isograd.facts.treatment import Passage
from isograd.treatment.patch.source.draft import Draft
from isograd.treatment.patch.source.imports import meaning_of
from isograd.treatment.patch.source.tree import Statement
from isograd.treatment.patch.unplaced import Unplaced, told
from isograd.treatment.patch.workspace import Workspace


@dataclass(frozen=True)
class Site:
    """A statement of the user's that lines can stand around."""

    draft: Draft
    """Its file."""
    statement: Statement
    """The statement."""
    expression: cst.BaseExpression
    """What of it the run stood in: the call of a constructor, of `step`, or of what led there."""
    passage: Passage
    """What the run told of it."""


def making_sites(space: Workspace) -> Iterator[Site | Unplaced]:
    """Statements of the user's that led to the optimizer, innermost first; reasons where there is none."""
    for passage in space.places.optimizer:
        try:
            yield site_of(space, passage)
        except Unplaced as reason:
            yield reason


def site_of(space: Workspace, passage: Passage) -> Site:
    """The statement of a passage.

    Raises:
        Unplaced: It is not in the user's source, or is passed by more than what is treated.
    """
    draft = space.open(passage.position.file)
    expression = draft.tree.expression_at(passage.position)
    if passage.shared:
        raise Unplaced(f"{told(passage.position)} also serves what is to stay as it is")
    passage = replace(passage, model=_quoted(draft, passage.model), optimizer=_quoted(draft, passage.optimizer))
    return Site(draft, draft.tree.statement_of(expression), expression, passage)


def _quoted(draft: Draft, expression: str) -> str:
    """An expression with the quotation marks that the file has in it."""
    other = expression.replace("'", '"')
    return other if expression not in draft.source.text and other in draft.source.text else expression


def model_site(space: Workspace) -> Site:
    """The innermost statement that leads to the optimizer and has a name for the model.

    Raises:
        Unplaced: There is none, with the first reason.
    """
    reasons = []
    for site in making_sites(space):
        if isinstance(site, Unplaced):
            reasons.append(site)
        elif not site.passage.model:
            reasons.append(Unplaced(f"nothing is called the model at {told(site.passage.position)}"))
        elif _is_bound_inside(site, site.passage.model):
            reasons.append(
                Unplaced(f"the model has its name only within the expression at {told(site.passage.position)}")
            )
        else:
            return site
    raise reasons[0] if reasons else Unplaced("no optimizer was seen being made")


def constructor(space: Workspace) -> tuple[Draft, cst.Call]:
    """The call that makes the optimizer.

    Raises:
        Unplaced: It is not in the user's source, or makes other optimizers, too.
    """
    if not space.places.optimizer:
        raise Unplaced("no optimizer was seen being made")
    passage = space.places.optimizer[0]
    draft = space.open(passage.position.file)
    if passage.shared:
        raise Unplaced(f"{told(passage.position)} also makes other optimizers")
    return draft, draft.tree.call_at(passage.position)


def clipping_calls(space: Workspace) -> list[tuple[Draft, cst.Call]]:
    """The calls of `clip_grad_norm_` that clip what is treated.

    Raises:
        Unplaced: One is not in the user's source, or clips other networks, too; or none was seen.
    """
    found = []
    for passage in space.places.clippings:
        draft = space.open(passage.position.file)
        call = draft.tree.call_at(passage.position)
        if passage.shared:
            raise Unplaced(f"{told(passage.position)} also clips what is to stay as it is")
        if not meaning_of(draft.tree, call.func).endswith(".clip_grad_norm_"):
            raise Unplaced(f"{told(passage.position)} clips through a function of its own")
        found.append((draft, call))
    if not found:
        raise Unplaced("no call that clips was seen")
    return found


def root_of(expression: str) -> str:
    """The variable that an expression begins with; empty for a call.

    >>> root_of("self.nets['a']"), root_of("nn.ModuleDict({'a': net})")
    ('self', '')
    """
    if "(" in expression:
        return ""
    return expression.replace("[", ".").split(".")[0]


def _is_bound_inside(site: Site, model: str) -> bool:
    """True if a comprehension around the call gives the model its name."""
    tree, name = site.draft.tree, root_of(model)
    for above in tree.between(site.expression, site.statement):
        if isinstance(above, cst.GeneratorExp | cst.ListComp | cst.SetComp | cst.DictComp):
            targets = [one.target for one in tree.inside(above) if isinstance(one, cst.CompFor)]
            if any(isinstance(one, cst.Name) and one.value == name for t in targets for one in tree.inside(t)):
                return True
    return False
