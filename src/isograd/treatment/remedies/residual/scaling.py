"""A number before each residual branch, by a hook on the module that the branch ends with.

The output is scaled, not the last weights. At the start both are the same; in training a factor on the output stays,
where scaled weights grow back at the full learning rate (Adam's steps do not know their size). And a branch may end
with a normalisation, with attention or with no weights at all. (Fixup and T-Fixup scale weights; SkipInit, ReZero and
normaliser-free nets scale outputs.)
"""

from collections.abc import Sequence
from itertools import groupby

from torch import nn

from isograd.model.surgery import Edit
from isograd.treatment.layer_loops import loop_over
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.residual.branches import Branch, branches
from isograd.treatment.remedies.residual.hooks import SCALE_BRANCH, SCALE_FIRST, scale_branch, scale_first
from isograd.treatment.wiring import wire


def found_branches(patient: Patient) -> tuple[Branch, ...]:
    """The branches that one call shows and that have no `alpha` yet; empty without a call."""
    wiring = wire(patient)
    return () if wiring is None else tuple(b for b in branches(wiring) if not hasattr(b.end.module, "alpha"))


def hook_branch(edit: Edit, branch: Branch) -> None:
    """Multiplies a branch with the `alpha` of the module that it ends with."""
    module = branch.end.module
    if branch.end.is_tuple:
        edit.on_undo(module.register_forward_hook(scale_first).remove)
    else:
        edit.on_undo(module.register_forward_hook(scale_branch).remove)


def branch_sources(found: Sequence[Branch]) -> str:
    """The hooks that these branches need, in the user's source."""
    kinds = sorted({branch.end.is_tuple for branch in found})
    return "\n\n".join(SCALE_FIRST if is_tuple else SCALE_BRANCH for is_tuple in kinds)


def branch_lines(model: nn.Module, found: Sequence[Branch], body: Sequence[str]) -> str:
    """Loops over the modules that put the hooks in."""
    lines = []
    for is_tuple, group in groupby(sorted(found, key=lambda b: b.end.is_tuple), lambda b: b.end.is_tuple):
        hook = "scale_first" if is_tuple else "scale_branch"
        inner = [*body, f"module.register_forward_hook({hook})"]
        lines.append(loop_over(model, [branch.end.path for branch in group], inner, "module"))
    return "\n".join(lines)
