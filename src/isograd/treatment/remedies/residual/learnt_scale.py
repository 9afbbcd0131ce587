"""residual:rezero: x + alpha f(x), alpha a learnt number that starts at 0.

On the residual branches of the model where it has any, else on new skips. Source: Bachlechner and others 2021.
"""

from dataclasses import dataclass
from typing import Any, Literal

from torch import nn

from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.treatment.example import patient_of
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.remedy import Stage
from isograd.treatment.remedies.residual.scaling import branch_lines, branch_sources, found_branches, hook_branch
from isograd.treatment.remedies.residual.shortcuts import FEWEST, Shortcut
from isograd.treatment.remedies.residual.skipping import (
    found_shortcuts,
    put_alpha,
    put_learnt_skips,
    refuse_without,
    skip_lines,
    skip_source,
)
from isograd.treatment.wiring import any_seen


def rezero(model: nn.Module, example: Any) -> Edit:
    """Lets each residual branch join in by a learnt number that starts at 0; plain blocks get a skip first.

    Args:
        model: The model, before its optimizer is made.
        example: An input: a tensor, a tuple of arguments, or a mapping of arguments by name.

    Returns:
        The edit; `undo` takes everything out again.

    Raises:
        UsageError: If there is neither a residual branch nor a block of equal input and output shape.

    >>> import torch
    >>> layers = [layer for _ in range(3) for layer in (nn.Linear(4, 4), nn.Sigmoid())]
    >>> model = nn.Sequential(*layers, nn.Linear(4, 2))
    >>> edit, x = rezero(model, torch.ones(2, 4)), torch.randn(2, 4)
    >>> torch.equal(model(x), model[:2](x) @ model[6].weight.T + model[6].bias)  # the blocks are the identity
    True
    """
    return REMEDY.make(patient_of(model, example), {})


@dataclass(frozen=True)
class ReZero:
    """The remedy; see `Remedy`."""

    name: Literal["residual:rezero"] = "residual:rezero"
    """Its name in the vocabulary."""
    stage: Stage = "model"
    """When it is made."""

    def suits(self, patient: Patient) -> bool:
        """True if there are residual branches, or blocks that could be."""
        return any_seen(lambda: found_branches(patient), FEWEST) or any_seen(lambda: _plain_blocks(patient), FEWEST)

    def choose(self, patient: Patient) -> Settings:
        """Nothing is to be chosen."""
        return {}

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Gives each branch its alpha.

        Raises:
            UsageError: If there is neither a branch nor a block.
        """
        found = found_branches(patient)
        if not found:
            return put_learnt_skips(refuse_without(_plain_blocks(patient), patient))
        edit = Edit()
        for branch in found:
            put_alpha(edit, branch.end.module)
            hook_branch(edit, branch)
            edit.note(branch.end.path, "x + f(x)", "x + alpha f(x), alpha = 0")
        return edit

    def code(self, patient: Patient, settings: Settings) -> Code:
        """Hooks in plain torch, and a loop over modules or pairs of layers."""
        found, imports = found_branches(patient), ("from torch import nn",)
        if found:
            body = ("module.alpha = nn.Parameter(next(module.parameters()).new_zeros(()))",)
            return Code(
                imports=imports,
                definitions=branch_sources(found),
                before_optimizer=branch_lines(patient.model, found, body),
            )
        return Code(
            imports=imports,
            definitions=skip_source("x + layer.alpha * args[0]"),
            before_optimizer=skip_lines(
                patient.model,
                refuse_without(_plain_blocks(patient), patient),
                ("end.alpha = nn.Parameter(end.weight.new_zeros(()))",),
            ),
        )


REMEDY = ReZero()


def _plain_blocks(patient: Patient) -> tuple[Shortcut, ...]:
    """The blocks that a skip can be put around, with a name `alpha` that is free."""
    return tuple(one for one in found_shortcuts(patient) if not hasattr(one.end.module, "alpha"))
