"""A restricted Boltzmann machine with binary hidden units, and binary or Gaussian visible ones.

Legend: v visible (N, D), h hidden (N, H), W weight (H, D), b visible bias (D,), c hidden bias (H,).

    binary visible     E(v, h) = -b·v        - c·h - h·W v     p(v=1|h) = sigmoid(b + h W)
    Gaussian visible   E(v, h) = |v - b|²/2  - c·h - h·W v     p(v|h)   = N(b + h W, 1)
    both               p(h=1|v) = sigmoid(c + W v)             F(v) = -log sum_h exp(-E(v, h))

Gaussian visible units have variance 1: standardise the data (`Standardisation`). The weight has the shape of
`nn.Linear`, so a trained machine is a linear layer and a sigmoid as it stands.

Sources: Smolensky, Information processing in dynamical systems, 1986; Hinton, A practical guide to training restricted
Boltzmann machines, 2010 (sections 8 for the start, 13 for Gaussian units).
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from isograd.errors import UsageError

Visible = Literal["binary", "gaussian"]
"""What the visible units are."""


class RBM(nn.Module):
    """One machine; called on data it gives the hidden probabilities.

    Args:
        num_visible: D, at least 1.
        num_hidden: H, at least 1.
        visible: `binary` for data in [0, 1], `gaussian` for standardised data.
        std: Standard deviation of the normal distribution that the weights start from; biases start at 0.
        generator: Where they are drawn; None for torch's own.
        dtype: Number format; None for torch's default.
        device: Where the parameters are.

    Raises:
        UsageError: If a size is not positive or the kind of visible unit is not known.

    >>> machine = RBM(4, 3, generator=torch.Generator().manual_seed(0))
    >>> machine(torch.ones(2, 4)).shape, machine.free_energy(torch.ones(2, 4)).shape
    (torch.Size([2, 3]), torch.Size([2]))
    """

    def __init__(
        self,
        num_visible: int,
        num_hidden: int,
        visible: Visible = "binary",
        *,
        std: float = 0.01,
        generator: torch.Generator | None = None,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        if min(num_visible, num_hidden) < 1:
            raise UsageError(f"an RBM has at least one unit on each side; got {num_visible} and {num_hidden}")
        if visible not in ("binary", "gaussian"):
            raise UsageError(f"visible must be 'binary' or 'gaussian'; got {visible!r}")
        self.visible: Visible = visible
        weight = torch.empty(num_hidden, num_visible, dtype=dtype, device=device)
        self.weight = nn.Parameter(weight.normal_(0.0, std, generator=generator))
        self.hidden_bias = nn.Parameter(weight.new_zeros(num_hidden))
        self.visible_bias = nn.Parameter(weight.new_zeros(num_visible))

    def extra_repr(self) -> str:
        """Shown by `print`."""
        hidden, visible = self.weight.shape
        return f"{visible}, {hidden}, visible={self.visible!r}"

    @torch.no_grad()
    def start_visible_bias(self, data: Tensor, floor: float = 0.01) -> None:
        """Sets b so that the visible units alone have the data's means.

        log(p / (1 - p)) for binary units (Hinton 2010, section 8.1), the mean itself for Gaussian ones.

        Args:
            data: Shape (N, D).
            floor: Binary units that are almost never or almost always on are taken as on in this share, else 1 less it.
        """
        mean = data.mean(dim=0)
        self.visible_bias.copy_(mean.clamp(floor, 1 - floor).logit() if self.visible == "binary" else mean)

    def forward(self, v: Tensor) -> Tensor:
        """p(h=1|v), shape (N, H)."""
        return torch.sigmoid(functional.linear(v, self.weight, self.hidden_bias))

    def visible_means(self, h: Tensor) -> Tensor:
        """The mean of v given h, shape (N, D): probabilities of binary units, centres of Gaussian ones."""
        means = functional.linear(h, self.weight.T, self.visible_bias)
        return torch.sigmoid(means) if self.visible == "binary" else means

    def sample_hidden(self, v: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """h drawn given v: zeros and ones, shape (N, H)."""
        return torch.bernoulli(self(v), generator=generator)

    def sample_visible(self, h: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """v drawn given h, shape (N, D)."""
        means = self.visible_means(h)
        if self.visible == "binary":
            return torch.bernoulli(means, generator=generator)
        return means + torch.empty_like(means).normal_(generator=generator)

    def energy(self, v: Tensor, h: Tensor) -> Tensor:
        """E(v, h), shape (N,)."""
        return self._visible_energy(v) - h @ self.hidden_bias - (functional.linear(v, self.weight) * h).sum(dim=-1)

    def free_energy(self, v: Tensor) -> Tensor:
        """F(v) = -log sum_h exp(-E(v, h)), shape (N,); differences tell how probable one v is against another."""
        drive = functional.linear(v, self.weight, self.hidden_bias)
        return self._visible_energy(v) - functional.softplus(drive).sum(dim=-1)

    def _visible_energy(self, v: Tensor) -> Tensor:
        if self.visible == "binary":
            return -(v @ self.visible_bias)
        return (v - self.visible_bias).square().sum(dim=-1) / 2
