"""float32 copies of float16 weights, which the optimizer updates in their place (Micikevicius and others, 2018).

A step smaller than a 2048th of a float16 weight is rounded away; added to a float32 copy, many of them count. While
the optimizer's step lasts a parameter holds its float32 copy, so that moments are float32, too; it stays the same
object, and between steps it is what it was: float16.
"""

from collections.abc import Iterable
from typing import final

import torch


@final
class MasterWeights:
    """The copies, one a float16 parameter."""

    def __init__(self) -> None:
        self._copies: dict[torch.Tensor, torch.Tensor] = {}
        self._during: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]] = []

    def enter(self, optimizer: torch.optim.Optimizer, gradients: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> None:
        """Puts copies in place of parameters, with their true gradients.

        Args:
            optimizer: What will update them; its moments become float32.
            gradients: Each parameter with its gradient in float32.
        """
        for parameter, gradient in gradients:
            half, held = parameter.data, parameter.grad
            copy = self._copies.get(parameter)
            if copy is None or not torch.equal(copy.to(half.dtype), half):  # also if somebody loaded other weights
                copy = half.float()
            self._copies[parameter] = copy
            parameter.grad = None  # its format must be that of the data
            parameter.data = copy
            parameter.grad = gradient
            recast(optimizer, parameter, torch.float16, torch.float32)
            self._during.append((parameter, half, held))

    def leave(self) -> None:
        """Rounds the updated copies back into the parameters."""
        for parameter, half, held in self._during:
            self._copies[parameter] = parameter.data
            half.copy_(parameter.data)
            parameter.grad = None
            parameter.data = half
            parameter.grad = held
        self._during = []


def recast(optimizer: torch.optim.Optimizer, parameter: torch.Tensor, old: torch.dtype, new: torch.dtype) -> None:
    """Changes the format of what an optimizer keeps of a parameter, such as moments."""
    state = optimizer.state.get(parameter, {})
    for name, value in state.items():
        if isinstance(value, torch.Tensor) and value.dtype == old and value.shape == parameter.shape and value.ndim:
            state[name] = value.to(new)
