"""Laws by which initial values are drawn: each as a function, and as the source that draws the same."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import nn

NARROW = frozenset({torch.float16, torch.bfloat16})
"""Formats in which there is no QR decomposition on the CPU."""


class Law(Protocol):
    """How the entries of one tensor are drawn."""

    def fill(self, tensor: torch.Tensor) -> None:
        """Draws them in place, from torch's global generator."""

    def source(self, tensor: str) -> str:
        """The same as source; `tensor` is an expression."""


@dataclass(frozen=True)
class Named:
    """A function of `torch.nn.init`.

    >>> Named("kaiming_normal_", (("a", 0.2), ("nonlinearity", "leaky_relu"))).source("layer.weight")
    "nn.init.kaiming_normal_(layer.weight, a=0.2, nonlinearity='leaky_relu')"
    """

    function: str
    """Its name, e.g. `zeros_`."""
    settings: tuple[tuple[str, float | str], ...] = ()
    """Its arguments after the tensor, by name."""

    def fill(self, tensor: torch.Tensor) -> None:
        """Calls it."""
        getattr(nn.init, self.function)(tensor, **dict(self.settings))

    def source(self, tensor: str) -> str:
        """The call."""
        return f"nn.init.{self.function}({', '.join((tensor, *(f'{k}={v!r}' for k, v in self.settings)))})"


@dataclass(frozen=True)
class ByFanIn:
    """Normal with standard deviation sigma_w / sqrt(n_in), where n_in is the size of a row: linear and convolution.

    >>> ByFanIn(1.5).source("layer.weight")
    'nn.init.normal_(layer.weight, std=1.5 / layer.weight[0].numel() ** 0.5)'
    """

    sigma_w: float
    """sqrt(n_in) times the standard deviation."""

    def fill(self, tensor: torch.Tensor) -> None:
        """Draws it."""
        nn.init.normal_(tensor, std=self.sigma_w / tensor[0].numel() ** 0.5)

    def source(self, tensor: str) -> str:
        """The call."""
        return f"nn.init.normal_({tensor}, std={self.sigma_w!r} / {tensor}[0].numel() ** 0.5)"


@dataclass(frozen=True)
class NarrowOrthogonal:
    """An orthogonal matrix for a tensor in 16 bits, worked out in 32."""

    gain: float
    """All its singular values."""

    def fill(self, tensor: torch.Tensor) -> None:
        """Draws it."""
        tensor.data.copy_(nn.init.orthogonal_(torch.empty(tensor.shape, dtype=torch.float32), gain=self.gain))

    def source(self, tensor: str) -> str:
        """The call."""
        fresh = f"torch.empty({tensor}.shape, dtype=torch.float32)"
        return f"{tensor}.data.copy_(nn.init.orthogonal_({fresh}, gain={self.gain!r}))"


ZERO = Named("zeros_")
"""All entries zero."""


def orthogonal(gain: float, format_: torch.dtype) -> Law:
    """An orthogonal matrix times a gain, for a tensor of that format."""
    if format_ in NARROW:
        return NarrowOrthogonal(gain)
    return Named("orthogonal_", (("gain", gain),) if gain != 1.0 else ())
