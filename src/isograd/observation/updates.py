"""What an optimizer step did to the weights, and the state that Adam keeps of them."""

import math
from dataclasses import dataclass, replace

import torch

from isograd.observation.statistics import largest_magnitude, log10_norm, plain, root_mean_square

MAX_SAMPLE = 1 << 14
"""Entries of one weight that are compared at most; larger weights are sampled at even strides."""


@dataclass(frozen=True)
class WeightStatistics:
    """Of one weight around one optimizer step."""

    scale: float
    """sigma_w = sqrt(fan_in) rms(W)."""
    largest: float
    """Largest magnitude."""
    update_ratio: float
    """||delta W|| / ||W||."""
    epsilon_floor_share: float
    """Share of entries with sqrt(v) < 10 epsilon; nan without second moments."""

    @classmethod
    def of(cls, parameter: torch.Tensor, fan_in: int) -> "WeightStatistics":
        """Of a weight at rest: what a step would change is nan; `fan_in` is 0 where it has no meaning."""
        scale = root_mean_square(parameter) * math.sqrt(fan_in) if fan_in else math.nan
        return cls(scale, largest_magnitude(parameter), math.nan, math.nan)


def sample(parameter: torch.Tensor) -> torch.Tensor:
    """A copy of at most `MAX_SAMPLE` entries at even strides."""
    flat = plain(parameter).reshape(-1)
    stride = max(1, flat.numel() // MAX_SAMPLE) | 1  # odd, so as not to keep to a few columns of a matrix
    return flat[::stride].clone()


@dataclass(frozen=True)
class WeightBefore:
    """A weight as it was before a step."""

    statistics: WeightStatistics
    """Of the weight at rest."""
    entries: torch.Tensor
    """A `sample` of it."""


def weight_before(parameter: torch.Tensor, fan_in: int) -> WeightBefore:
    """Measures a weight that a step is about to change; `fan_in` is 0 where it has no meaning."""
    return WeightBefore(WeightStatistics.of(parameter, fan_in), sample(parameter))


def weight_after(
    parameter: torch.Tensor, before: WeightBefore, optimizer: torch.optim.Optimizer, moves: int = 1
) -> WeightStatistics:
    """Adds what the step did: the update's ratio, and the state that the optimizer keeps of the weight.

    Args:
        parameter: The weight after the step.
        before: The same before it.
        optimizer: That took the step.
        moves: How often it moved the weight within the step; the ratio is told of one move.
    """
    return replace(
        before.statistics,
        update_ratio=_update_ratio(parameter, before.entries) / max(1, moves),
        epsilon_floor_share=_epsilon_floor(parameter, optimizer),
    )


def _update_ratio(parameter: torch.Tensor, before: torch.Tensor) -> float:
    size = log10_norm(before)
    change = log10_norm(sample(parameter) - before)
    if size == -math.inf:
        return math.nan if change == -math.inf else math.inf
    return float(10 ** min(change - size, 300.0))


def _epsilon_floor(parameter: torch.Tensor, optimizer: torch.optim.Optimizer) -> float:
    state = optimizer.state.get(parameter, {})
    squares, step = state.get("exp_avg_sq"), state.get("step")
    group = next((g for g in optimizer.param_groups if any(p is parameter for p in g["params"])), None)
    if squares is None or step is None or group is None or "eps" not in group or "betas" not in group:
        return math.nan
    unbias = 1 - group["betas"][1] ** max(float(step), 1.0)
    roots = (sample(squares) / unbias).sqrt()
    return float((roots < 10 * group["eps"]).float().mean())
