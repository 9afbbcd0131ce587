"""residual:skip: each block of a layer and its activation gives x + f(x) instead of f(x), where the shape allows.

The derivative along the skip is 1, whatever the activation's slope. Source: He and others 2016.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from torch import nn

from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.treatment.example import patient_of
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.numbers import number
from isograd.treatment.remedies.remedy import Stage
from isograd.treatment.remedies.residual.gains import smallest
from isograd.treatment.remedies.residual.shortcuts import FEWEST
from isograd.treatment.remedies.residual.skipping import (
    found_shortcuts,
    put_skips,
    refuse_without,
    skip_lines,
    skip_source,
)
from isograd.treatment.wiring import any_seen


def add_skips(model: nn.Module, example: Any, *, scale: float = 1.0, total: float = 1.0) -> Edit:
    """Makes plain blocks residual: total * (x + scale * f(x)).

    Args:
        model: The model.
        example: An input: a tensor, a tuple of arguments, or a mapping of arguments by name.
        scale: Of the branch; 1/sqrt(L) for L blocks keeps the gradient within a factor of sqrt(e).
        total: Of the sum; 1/sqrt(2) keeps the size of a sum of two equal parts.

    Returns:
        The edit; `undo` takes the skips out again.

    Raises:
        UsageError: If there is no block of equal input and output shape outside of residual connections.

    >>> import torch
    >>> layers = [layer for _ in range(3) for layer in (nn.Linear(4, 4), nn.Sigmoid())]
    >>> model = nn.Sequential(*layers, nn.Linear(4, 2))
    >>> edit = add_skips(model, torch.ones(2, 4))
    >>> [change.site for change in edit.changes]
    ['2', '4']
    """
    return REMEDY.make(patient_of(model, example), {"scale": scale, "total": total})


@dataclass(frozen=True)
class SkipRemedy:
    """The remedy; see `Remedy`."""

    name: Literal["residual:skip"] = "residual:skip"
    """Its name in the vocabulary."""
    stage: Stage = "model"
    """When it is made."""

    def suits(self, patient: Patient) -> bool:
        """True if there are blocks for it, and no residual connections yet."""
        return any_seen(lambda: found_shortcuts(patient), FEWEST)

    def choose(self, patient: Patient) -> Settings:
        """Of x + f(x), x + f(x)/sqrt(L) and (x + f(x))/sqrt(2), the one with the smallest gain on one batch."""
        blocks = len(found_shortcuts(patient))
        options: Sequence[Settings] = (
            {"scale": 1.0, "total": 1.0},
            {"scale": round(1.0 / math.sqrt(max(blocks, 1)), 4), "total": 1.0},
            {"scale": 1.0, "total": round(1.0 / math.sqrt(2.0), 4)},
        )
        return smallest(patient, self.make, options) if blocks else options[0]

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Puts the skips in.

        Raises:
            UsageError: If there is no block for one.
        """
        found = refuse_without(found_shortcuts(patient), patient)
        return put_skips(found, *_factors(settings))

    def code(self, patient: Patient, settings: Settings) -> Code:
        """A small class in plain torch, and a loop over pairs of layers."""
        return Code(
            imports=("from torch import nn",),
            definitions=skip_source(_sum(*_factors(settings))),
            before_optimizer=skip_lines(patient.model, refuse_without(found_shortcuts(patient), patient), ()),
        )


REMEDY = SkipRemedy()


def _factors(settings: Settings) -> tuple[float, float]:
    complete = {"scale": 1.0, "total": 1.0, **settings}
    return number(complete, "scale"), number(complete, "total")


def _sum(scale: float, total: float) -> str:
    branch = "args[0]" if scale == 1.0 else f"{scale!r} * args[0]"
    return f"x + {branch}" if total == 1.0 else f"{total!r} * (x + {branch})"
