"""Statistics of one tensor that hold where float32 norms fail.

float32 norms of entries below about 1e-23 are 0 and of entries above 1e19 infinite, as the squares leave the range:
so every size here is the largest magnitude times the norm of the rescaled entries, and is kept as its logarithm.
"""

import math
from dataclasses import dataclass

import torch

_SAFE_LOW, _SAFE_HIGH = 1e-15, 1e15  # within these, squares of float32 and their sums stay in range
HALF_FORMATS = {torch.float16: 6.1035e-05, torch.bfloat16: 1.1755e-38}
"""Smallest normal number of the half formats."""


def plain(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor as dense real numbers of at least float32, without gradient: sparse, complex and sharded alike."""
    tensor = tensor.detach()
    if hasattr(tensor, "to_local"):
        tensor = tensor.to_local()
    if tensor.is_sparse:
        tensor = tensor.coalesce().values()
    elif tensor.layout != torch.strided:
        tensor = tensor.to_dense()
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor.resolve_conj())
    return tensor.float() if tensor.dtype in HALF_FORMATS or not tensor.is_floating_point() else tensor


def log10_norm(tensor: torch.Tensor) -> float:
    """log10 of the L2 norm; -inf for an exact zero, nan where an entry is nan, inf where one is infinite.

    >>> round(log10_norm(torch.full((100,), 1e-30)), 6)
    -29.0
    """
    tensor = plain(tensor)
    if tensor.numel() == 0:
        return -math.inf
    norm = float(torch.linalg.vector_norm(tensor))
    if _SAFE_LOW < norm < _SAFE_HIGH:
        return math.log10(norm)
    low, high = (float(end) for end in torch.aminmax(tensor))
    largest = max(abs(low), abs(high))
    if not math.isfinite(largest) or largest == 0.0:
        return -math.inf if largest == 0.0 else largest
    unit = float(torch.linalg.vector_norm(tensor.double() / largest))
    return round(math.log10(largest) + math.log10(unit), 12)


def log10_norms(matrix: torch.Tensor) -> list[float]:
    """log10 of the L2 norm of each row, as `log10_norm` has it.

    Args:
        matrix: shape (rows, entries), of floating-point numbers.

    >>> log10_norms(torch.tensor([[3e-30, 4e-30], [0.0, 0.0]]))[1]
    -inf
    """
    matrix = matrix.double()
    if matrix.numel() == 0:
        return [-math.inf] * len(matrix)
    largest = matrix.abs().amax(dim=1, keepdim=True)
    unit = torch.linalg.vector_norm(matrix / largest, dim=1)  # an exact zero gives nan, and is told by its largest
    pairs = zip(largest.flatten().tolist(), unit.tolist(), strict=True)
    return [_log10_of(size, ratio) for size, ratio in pairs]


def _log10_of(largest: float, unit: float) -> float:
    """log10(largest * unit), for the largest magnitude of a row and the norm of the row over it."""
    if not math.isfinite(largest) or largest == 0.0:
        return -math.inf if largest == 0.0 else largest
    return math.log10(largest) + math.log10(unit)


def sum_log10(*sizes: float) -> float:
    """log10 of the norm of several parts, from the log10 of the norm of each.

    >>> round(sum_log10(0.0, 0.0), 4), sum_log10()
    (0.1505, -inf)
    """
    largest = max(sizes, default=-math.inf)
    if not math.isfinite(largest) or any(math.isnan(size) for size in sizes):
        return math.nan if any(math.isnan(size) for size in sizes) else largest
    return largest + 0.5 * math.log10(sum(10 ** (2 * (size - largest)) for size in sizes))


@dataclass(frozen=True)
class GradientStatistics:
    """What is measured of one gradient tensor."""

    log10: float
    """log10 of its norm."""
    zero_share: float
    """Share of entries that are exactly zero."""
    nonfinite_share: float
    """Share of entries that are nan or infinite."""
    underflow_share: float
    """Share of non-zero entries below the smallest normal number of a half format; 0 for other formats."""


def gradient_statistics(gradient: torch.Tensor) -> GradientStatistics:
    """Measures one gradient."""
    values = plain(gradient)
    size = max(values.numel(), 1)
    log10 = log10_norm(values)
    nonfinite = 0.0 if math.isfinite(log10) or log10 < 0 else float((~values.isfinite()).sum()) / size
    zeros = 1.0 - float(torch.count_nonzero(values)) / size
    tiny = HALF_FORMATS.get(gradient.dtype)
    below = float(((values.abs() < tiny) & (values != 0)).sum()) / size if tiny else 0.0
    return GradientStatistics(log10, zeros, nonfinite, below)


def gradient_size(gradient: torch.Tensor) -> GradientStatistics:
    """Measures the size of one gradient alone; shares are nan, but for whether it is finite at all."""
    log10 = log10_norm(gradient)
    bad = math.isnan(log10) or log10 == math.inf
    return GradientStatistics(log10, math.nan, float(bad), math.nan)


def root_mean_square(tensor: torch.Tensor) -> float:
    """Root of the mean square of the entries."""
    return float(10 ** (log10_norm(tensor) - 0.5 * math.log10(max(tensor.numel(), 1))))


def largest_magnitude(tensor: torch.Tensor) -> float:
    """Largest magnitude; nan if an entry is nan."""
    values = plain(tensor)
    if values.numel() == 0:
        return 0.0
    low, high = torch.aminmax(values)
    return max(abs(float(low)), abs(float(high)))


def input_dependent_share(tensor: torch.Tensor) -> float:
    """Share of the energy that varies over the examples (dimension 0): sum of variances over sum of mean squares.

    Returns:
        0 where every example looks the same, at most 1; nan for a single example.
    """
    values = plain(tensor)
    if values.ndim < 2 or values.shape[0] < 2 or values.numel() == 0:
        return math.nan
    flat = values.reshape(values.shape[0], -1)
    mean = flat.mean(dim=0)
    varying = float(torch.linalg.vector_norm(flat - mean)) ** 2  # var(dim=0) would take ten times as long
    energy = varying + flat.shape[0] * float(torch.linalg.vector_norm(mean)) ** 2
    return varying / energy if energy > 0 else math.nan
