"""A hidden layer of the user's network as pre-training sees it: z = W x + b, then an activation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

Operation = Callable[..., Tensor]

TRANSPOSED: dict[Operation, Operation] = {
    functional.conv1d: functional.conv_transpose1d,
    functional.conv2d: functional.conv_transpose2d,
    functional.conv3d: functional.conv_transpose3d,
}
"""Each convolution and the one that its gradient is."""


@dataclass(frozen=True, eq=False)
class HiddenLayer:
    """One call of a linear layer or a convolution, with the activation that follows."""

    site: str
    """Path of its module, e.g. `layers.0`; of its weight where that is no module's `weight`."""
    weight: nn.Parameter
    """The user's own."""
    bias: nn.Parameter
    """The user's own."""
    operation: Operation
    """`functional.linear`, or a convolution."""
    geometry: Mapping[str, Any]
    """Stride, padding, dilation and groups of a convolution; empty for a linear layer."""
    activation: str
    """Name of the activation, e.g. `sigmoid`."""
    activate: Callable[[Tensor], Tensor]
    """The activation as the user calls it."""

    @property
    def is_linear(self) -> bool:
        """False for a convolution."""
        return self.operation is functional.linear

    @property
    def training_dtype(self) -> torch.dtype:
        """Double for doubles, else single: half formats lose the updates."""
        return torch.float64 if self.weight.dtype == torch.float64 else torch.float32

    def encode(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """The layer's output with other parameters."""
        return self.activate(self.operation(x, weight, bias, **self.geometry))

    def restore(self, h: Tensor, weight: Tensor, shape: torch.Size) -> Tensor:
        """The transposed map: from outputs back to inputs of the given shape, linear in h and without a bias."""
        if self.is_linear:
            return h @ weight
        sizes = shape[2:]
        geometry = {name: per_dimension(value, len(sizes)) for name, value in self.geometry.items() if name != "groups"}
        spans = zip(
            h.shape[2:], weight.shape[2:], geometry["stride"], geometry["padding"], geometry["dilation"], strict=True
        )
        plain = [(n - 1) * stride - 2 * pad + dilation * (k - 1) + 1 for n, k, stride, pad, dilation in spans]
        extra = [size - least for size, least in zip(sizes, plain, strict=True)]
        transposed = TRANSPOSED[self.operation]
        return transposed(h, weight, output_padding=extra, groups=self.geometry["groups"], **geometry)


def per_dimension(value: Any, num_dimensions: int) -> tuple[int, ...]:
    """A number for each dimension, whether one was given or several.

    >>> per_dimension(2, 3), per_dimension((1, 2), 2)
    ((2, 2, 2), (1, 2))
    """
    values = tuple(value) if isinstance(value, list | tuple) else (value,)
    return values * num_dimensions if len(values) == 1 else values
