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
_AT_EACH_END, _AT_BOTH_ENDS = 0.002, 0.1


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
        visible: `auto` takes binary units for rows within [0, 1], and for such as images are, brought there; for others
            Gaussian units and the rows standardised. `binary` brings all rows there.
    """
    if visible != "gaussian" and in_unit(rows):
        return "binary", Standardisation.none(rows)
    if visible == "binary" or (visible == "auto" and like_images(rows)):
        return "binary", Standardisation.into_unit(rows)
    return "gaussian", Standardisation.of(rows)


def in_unit(rows: Tensor) -> bool:
    """True if all entries are within [0, 1]."""
    return bool(((rows >= 0) & (rows <= 1)).all())


def like_images(rows: Tensor) -> bool:
    """True if entries are bounded on both sides and often stand right there, as black and white do.

    On 5,000 MNIST digits of mean 0 and deviation 1, ten sigmoid layers came to 95 % as binary units, to 93 % as
    Gaussian ones.

    >>> images = torch.tensor([[0.0, 0.0, 255.0], [0.0, 120.0, 255.0]])
    >>> like_images(images / 100 - 1), like_images(torch.randn(50, 3))
    (True, False)
    """
    at_least, at_most = (float((rows == end).float().mean()) for end in (rows.min(), rows.max()))
    return min(at_least, at_most) > _AT_EACH_END and at_least + at_most > _AT_BOTH_ENDS
