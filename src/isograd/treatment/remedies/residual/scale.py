"""residual:scale: each of L residual branches times 1/sqrt(L).

A block then multiplies the squared gradient by 1 + 1/L, all of them by at most e. Source: Hanin and Rolnick 2018;
Zhang, Dauphin and Ma 2019.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

from torch import nn

from isograd.errors import UsageError
from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.treatment.example import patient_of
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.numbers import number
from isograd.treatment.remedies.remedy import Stage
from isograd.treatment.remedies.residual.scaling import branch_lines, branch_sources, found_branches, hook_branch
from isograd.treatment.remedies.residual.shortcuts import FEWEST
from isograd.treatment.wiring import any_seen


def scale_branches(model: nn.Module, example: Any, factor: float | None = None) -> Edit:
    """Multiplies each residual branch with a constant.

    Args:
        model: The model.
        example: An input: a tensor, a tuple of arguments, or a mapping of arguments by name.
        factor: The constant; None for 1/sqrt(L), L the number of branches.

    Returns:
        The edit; `undo` takes the factors out again.

    Raises:
        UsageError: If there is no residual branch that ends with a module of its own.

    >>> import torch
    >>> class Block(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.branch = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    ...     def forward(self, x):
    ...         return x + self.branch(x)
    >>> model = nn.Sequential(nn.Linear(4, 4), *(Block() for _ in range(4)), nn.Linear(4, 2))
    >>> edit = scale_branches(model, torch.randn(8, 4))
    >>> edit.changes[0].site, edit.changes[0].after
    ('1.branch', 'x + 0.5 f(x)')
    """
    return REMEDY.make(patient_of(model, example), {} if factor is None else {"scale": factor})


@dataclass(frozen=True)
class BranchScale:
    """The remedy; see `Remedy`."""

    name: Literal["residual:scale"] = "residual:scale"
    """Its name in the vocabulary."""
    stage: Stage = "model"
    """When it is made."""

    def suits(self, patient: Patient) -> bool:
        """True if there are several residual branches."""
        return any_seen(lambda: found_branches(patient), FEWEST)

    def choose(self, patient: Patient) -> Settings:
        """1/sqrt(L)."""
        return {"scale": _default(len(found_branches(patient)))}

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Puts the factors in.

        Raises:
            UsageError: If there is no branch.
        """
        found = found_branches(patient)
        if not found:
            raise UsageError(
                "no residual branch was found that ends with a module of its own"
                + ("" if patient.calls else "; give an example of the model's input, so that calls can be seen")
            )
        edit, scale = Edit(), number({"scale": _default(len(found)), **settings}, "scale")
        for branch in found:
            module = branch.end.module
            vars(module)["alpha"] = scale
            edit.on_undo(lambda module=module: delattr(module, "alpha"))  # type: ignore[misc]  # bound now, not later
            hook_branch(edit, branch)
            edit.note(branch.end.path, "x + f(x)", f"x + {scale:g} f(x)")
        return edit

    def code(self, patient: Patient, settings: Settings) -> Code:
        """A hook in plain torch, and a loop over the modules that branches end with."""
        found = found_branches(patient)
        scale = number({"scale": _default(len(found)), **settings}, "scale")
        return Code(
            imports=("from torch import nn",),
            definitions=branch_sources(found),
            before_optimizer=branch_lines(patient.model, found, (f"module.alpha = {scale!r}",)),
        )


REMEDY = BranchScale()


def _default(num_branches: int) -> float:
    return round(1.0 / math.sqrt(max(num_branches, 1)), 4)
