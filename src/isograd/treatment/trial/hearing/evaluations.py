"""The program's own evaluation: its loss functions, called without gradients while its network is in evaluation mode.

Losses between two optimizer steps are one pass. Its loss is the mean over examples of what each function gave; where
several functions are called (a reconstruction and a divergence, say), the sum of their means.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from isograd.facts.trial import EvaluationPass

MOST_PASSES = 2000


@dataclass
class _Tally:
    """One function's share of a pass."""

    total: float = 0.0
    """Sum of losses over examples."""
    examples: int = 0
    """How many."""


@dataclass
class Evaluations:
    """Adds up losses as they are heard."""

    steps: Callable[[], int]
    """Optimizer steps taken so far."""
    in_evaluation: Callable[[], bool]
    """Whether a network is in evaluation mode, or knows no modes."""
    passes: list[EvaluationPass] = field(default_factory=list)
    """Those that are over."""
    _tallies: dict[str, _Tally] = field(default_factory=dict)
    _step: int = 0

    def heard(self, name: str, result: Any, inputs: Any, reduction: str) -> None:
        """One call of a loss function."""
        if torch.is_grad_enabled() or not isinstance(result, Tensor) or not self.in_evaluation():
            return
        if self._tallies and self.steps() != self._step:
            self.close()
        self._step = self.steps()
        examples = len(inputs) if isinstance(inputs, Tensor) and inputs.ndim else 1
        mean = float(result.detach().double().mean()) / (examples if reduction == "sum" and examples else 1)
        tally = self._tallies.setdefault(name, _Tally())
        tally.total += mean * examples
        tally.examples += examples

    def close(self) -> None:
        """Ends the pass that goes on, if one does."""
        if self._tallies:
            means = [tally.total / tally.examples for tally in self._tallies.values() if tally.examples]
            examples = max(tally.examples for tally in self._tallies.values())
            self.passes.append(EvaluationPass(self._step, math.fsum(means) if means else math.nan, examples))
            del self.passes[:-MOST_PASSES]
            self._tallies.clear()


def mode_dependent(root: nn.Module) -> bool:
    """Whether training and evaluation mode differ, as far as torch's own modules tell."""
    return any(_depends_on_mode(module) for module in root.modules())


def _depends_on_mode(module: nn.Module) -> bool:
    if isinstance(module, nn.RNNBase):
        return module.dropout > 0
    return isinstance(module, nn.modules.dropout._DropoutNd | nn.modules.batchnorm._NormBase | nn.RReLU)
