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


def weight_statistics(
    parameter: torch.Tensor, before: torch.Tensor | None, fan_in: int, optimizer: torch.optim.Optimizer
) -> WeightStatistics:
    """Measures a weight after a step.

    Args:
        parameter: the weight.
        before: its `sample` before the step.
        fan_in: inputs of one unit; 0 where that has no meaning.
        optimizer: whose state to read.
    """
    return replace(
        WeightStatistics.of(parameter, fan_in),
        update_ratio=_update_ratio(parameter, before),
        epsilon_floor_share=_epsilon_floor(parameter, optimizer),
    )


def _update_ratio(parameter: torch.Tensor, before: torch.Tensor | None) -> float:
    if before is None:
        return math.nan
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
