"""What stands before and behind a model: plain objects of an importable module, so that copies and files keep them."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

Numbers = float | Sequence[float]


class StandardiseInput:
    """A forward pre-hook: (x - mean) / std of one argument."""

    def __init__(self, mean: Numbers, std: Numbers, argument: int | str = 0) -> None:
        self.mean, self.std, self.argument = as_constant(mean), as_constant(std), argument

    def __call__(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The arguments, one of them standardised."""
        if isinstance(self.argument, str):
            return args, {**kwargs, self.argument: self._standardised(kwargs[self.argument])}
        n = self.argument
        return (*args[:n], self._standardised(args[n]), *args[n + 1 :]), kwargs

    def _standardised(self, x: torch.Tensor) -> torch.Tensor:
        standardised: torch.Tensor = (x - spread_out(self.mean, x)) / spread_out(self.std, x)
        return standardised


class RestoreTarget:
    """A forward hook: output * std + mean, with the gradient of a loss on standardised targets.

    With p the power of the error in the loss, o the output and y' = (y - mean) / std: the loss of o * std + mean
    against y is std^p that of o against y'. The value goes forward whole; back goes the gradient over std^p.
    """

    def __init__(self, mean: Numbers, std: Numbers, power: int = 2) -> None:
        self.mean, self.std, self.power = as_constant(mean), as_constant(std), power

    def __call__(self, module: nn.Module, args: Any, output: Any) -> Any:
        """The output, or the first entry of a tuple of outputs, in the targets' units."""
        if isinstance(output, tuple):
            return (self._restored(output[0]), *output[1:])
        return self._restored(output)

    def _restored(self, output: torch.Tensor) -> torch.Tensor:
        std = spread_out(self.std, output, -1)
        scaled = output * std + spread_out(self.mean, output, -1)
        through = output - output.detach()  # zero, with a gradient
        restored: torch.Tensor = scaled.detach() + (through / std if self.power == 2 else through)
        return restored


def as_constant(numbers: Numbers) -> float | torch.Tensor:
    """A number as it is, several as a tensor."""
    return torch.tensor(list(numbers)) if isinstance(numbers, Sequence) else float(numbers)


def spread_out(numbers: float | torch.Tensor, x: torch.Tensor, dim: int | None = None) -> Any:
    """Numbers of features in the shape, format and place that x has them: channels of images, else last."""
    if not isinstance(numbers, torch.Tensor):
        return numbers
    fitting = numbers.to(x)
    return fitting.view(-1, *[1] * (x.ndim - 2)) if dim is None and x.ndim >= 4 else fitting


def first_data(args: Sequence[Any], kwargs: Mapping[str, Any]) -> int | str | None:
    """Which argument is data: the first tensor of floating point numbers; None if there is none, as with tokens."""
    given: list[tuple[int | str, Any]] = [*enumerate(args), *kwargs.items()]
    for key, value in given:
        if isinstance(value, torch.Tensor):
            return key if value.is_floating_point() and value.ndim > 0 else None
    return None
