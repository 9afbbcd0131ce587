"""Whether a program empties its gradients between one step and the next, or forgot to.

Each backward pass adds to the gradients that are there. A program that empties them does so after a step, or before the
first or a later backward pass that follows (a game between networks, say): so only gradients that were found at every
backward pass between two steps were carried over.
"""

import weakref
from collections.abc import Iterable
from typing import final

import torch

STEPS = 8
"""So many first steps in a row, each with the gradient of the step before in it, are no accident; then nobody looks."""


@final
class Carried:
    """Follows one small gradient over the first steps of one network."""

    def __init__(self) -> None:
        self._probe: weakref.ref[torch.Tensor] | None = None
        self._looks = 0
        self._carried = 0
        self.done = False
        """True once nothing is left to be found out: then nobody need ask any more."""

    def step_ends(self, parameters: Iterable[torch.Tensor]) -> None:
        """After a step: chooses a gradient to follow, the smallest that is not zero."""
        if self.done:
            return
        self._probe, self._looks = None, 0
        held = sorted((p for p in parameters if p.grad is not None), key=torch.Tensor.numel)
        found = next((p for p in held if _is_filled(p)), None)
        self._probe, self.done = (weakref.ref(found), False) if found is not None else (None, True)

    def backward_begins(self) -> None:
        """Before a backward pass."""
        if self.done or self._probe is None:
            return
        parameter = self._probe()
        self._looks += 1
        self.done = parameter is None or not _is_filled(parameter)

    def step_begins(self) -> bool:
        """Before a step.

        Returns:
            True once: when the first steps have all carried gradients over.
        """
        if self.done or not self._looks:
            return False
        self._carried += 1
        self.done = self._carried == STEPS
        return self.done


def _is_filled(parameter: torch.Tensor) -> bool:
    gradient = parameter.grad
    if gradient is None or gradient.is_sparse:
        return False
    return bool(gradient.any())
