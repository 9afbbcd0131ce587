"""Mean and standard deviation of data, feature by feature where features differ."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from isograd.diagnosis.interventions.roles import feature_dim

MOST_FEATURES = 64
"""Up to so many features have numbers of their own; more would not be read by anyone in a source file."""
_UNLIKE = 3.0
"""Features are told apart if their deviations differ by this factor, or their means by a deviation."""
_CONSTANT = 1e-6
"""A deviation below this share of the largest magnitude is rounding."""

Number = float | tuple[float, ...]


@dataclass(frozen=True)
class Moments:
    """Of all batches together."""

    mean: Number
    """One number, or one for each feature."""
    std: Number
    """Population standard deviation, likewise; 1 where a feature is constant."""
    rms: float
    """Root mean square of all entries."""
    offset: float
    """|mean| over standard deviation, of all entries; 0 if all are equal to zero."""
    spread: float
    """Largest over smallest root mean square of a feature, features that are zero left out."""


def moments(batches: Sequence[torch.Tensor], dim: int | None = None) -> Moments | None:
    """Moments over all entries that are finite, in double precision.

    Args:
        batches: Tensors alike in the number of features, else they are taken as one feature.
        dim: Which dimension holds features; None for `feature_dim`: channels of images, else the last.

    Returns:
        None if there are fewer than two finite entries, or all are equal.

    >>> found = moments([torch.tensor([[1.0, 100.0, 7.0], [3.0, 300.0, 7.0]])])
    >>> found.mean, found.std
    ((2.0, 200.0, 7.0), (1.0, 100.0, 1.0))
    """
    tables = [_by_feature(batch.detach(), dim) for batch in batches if batch.numel()]
    if len({table.shape[1] for table in tables}) > 1:
        tables = [table.reshape(-1, 1) for table in tables]
    if not tables:
        return None
    table = torch.cat(tables)
    entries = table[table.isfinite()]
    if entries.numel() < 2 or float(entries.min()) == float(entries.max()):
        return None
    mean, std, size = _columns(table)
    whole_mean, whole_std = float(entries.mean()), float(entries.std(correction=0))
    alike = table.shape[1] > MOST_FEATURES or not _differ(mean, std, whole_std)
    present = size[size > 0]
    return Moments(
        mean=_short(whole_mean) if alike else tuple(map(_short, mean.tolist())),
        std=_short(whole_std) if alike else tuple(map(_short, _divisors(mean, std).tolist())),
        rms=float(entries.square().mean().sqrt()),
        offset=abs(whole_mean) / whole_std,
        spread=float(present.max() / present.min()) if present.numel() else 1.0,
    )


def _by_feature(batch: torch.Tensor, dim: int | None) -> torch.Tensor:
    """Shape (entries, features), float64 on the CPU."""
    if batch.ndim < 2:
        return batch.reshape(-1, 1).double().cpu()
    place = feature_dim(batch) if dim is None else dim
    return batch.movedim(place, -1).reshape(-1, batch.shape[place]).double().cpu()


def _columns(table: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Mean, standard deviation and root mean square of each column over its finite entries."""
    finite = table.isfinite()
    count, clean = finite.sum(0).clamp_min(1), torch.where(finite, table, 0.0)
    mean = clean.sum(0) / count
    std = (torch.where(finite, table - mean, 0.0).square().sum(0) / count).sqrt()
    return mean, std, (clean.square().sum(0) / count).sqrt()


def _divisors(mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    """Standard deviations; 1 where a feature is constant."""
    constant = std <= _CONSTANT * torch.maximum(mean.abs(), std.max())
    return torch.where(constant, 1.0, std)


def _differ(mean: torch.Tensor, std: torch.Tensor, whole: float) -> bool:
    divisors = _divisors(mean, std)
    varying = std[divisors == std]
    unlike = varying.numel() > 1 and float(varying.max()) > _UNLIKE * float(varying.min())
    return unlike or (mean.numel() > 1 and float(mean.max() - mean.min()) > whole)


def _short(value: float) -> float:
    """Six digits: they are to be read in a source file."""
    return float(f"{value:.6g}")
