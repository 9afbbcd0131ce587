"""Data in the form that a machine wants, and how a layer does the same without its input being changed.

    v = (x - shift) / scale,   W v + c = (W / scale) x + (c - W (shift / scale))

so what was trained on v is written, exactly, as a weight and a bias for x.
"""

from dataclasses import dataclass
from typing import Literal, Self

import torch
from torch import Tensor

from isograd.treatment.remedies.pretrain.rbm import Visible

_SMALLEST_SHARE = 0.1


@dataclass(frozen=True)
class Standardisation:
    """v = (x - shift) / scale, feature by feature."""

    shift: Tensor
    """Shape (D,)."""
    scale: Tensor
    """Shape (D,), greater than 0."""

    @classmethod
    def none(cls, like: Tensor) -> Self:
        """Leaves rows as they are; `like` has shape (..., D)."""
        return cls(like.new_zeros(like.shape[-1]), like.new_ones(like.shape[-1]))

    @classmethod
    def of(cls, rows: Tensor) -> Self:
        """To mean 0 and standard deviation 1 of each feature of rows, shape (N, D).

        A feature whose deviation is less than a tenth of that of all features together is divided by that tenth: what
        is constant in these rows, or nearly so, must not become the loudest of all where it stirs.

        >>> rows = torch.tensor([[1.0, 5.0], [3.0, 5.0]])
        >>> Standardisation.of(rows).apply(rows).tolist()
        [[-1.0, 0.0], [1.0, 0.0]]
        """
        std = rows.std(dim=0, correction=0)
        floor = _SMALLEST_SHARE * std.square().mean().sqrt()
        scale = std.clamp(min=float(floor))
        return cls(rows.mean(dim=0), torch.where(scale > 0, scale, torch.ones_like(scale)))

    @classmethod
    def into_unit(cls, rows: Tensor) -> Self:
        """From between the least and the greatest of all entries to between 0 and 1."""
        least, greatest = rows.min(), rows.max()
        width = torch.where(greatest > least, greatest - least, torch.ones_like(least))
        return cls(least.expand(rows.shape[-1]).clone(), width.expand(rows.shape[-1]).clone())

    def apply(self, rows: Tensor) -> Tensor:
        """v of x, shape (..., D)."""
        return (rows - self.shift) / self.scale

    def fold(self, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """The weight (H, D) and bias (H,) that do to x what the given ones do to v."""
        weight = weight / self.scale
        return weight, bias - weight @ self.shift


def suited(rows: Tensor, visible: Literal["auto", "binary", "gaussian"]) -> tuple[Visible, Standardisation]:
    """What visible units rows, shape (N, D), ask for, and what is to be done to them first.

    Args:
        rows: The data.
        visible: `auto` takes rows within [0, 1] as they are for binary units, others standardised for Gaussian ones;
            `binary` for rows outside [0, 1], such as normalised images, brings them there.
    """
    if visible == "gaussian":
        return "gaussian", Standardisation.of(rows)
    if in_unit(rows):
        return "binary", Standardisation.none(rows)
    return (
        ("binary", Standardisation.into_unit(rows)) if visible == "binary" else ("gaussian", Standardisation.of(rows))
    )


def in_unit(rows: Tensor) -> bool:
    """True if all entries are within [0, 1]."""
    return bool(((rows >= 0) & (rows <= 1)).all())
