"""The norm of a whole gradient, as torch has it where float32 can hold it, and right where float32 cannot.

Sharded gradients (FSDP2) count once however often they are replicated; every rank gets the same number.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.utils import get_total_norm

from isograd.observation.statistics import HALF_FORMATS, log10_norm, plain, sum_log10

_SAFE_LOW, _SAFE_HIGH = 1e-15, 1e15  # within these, squares of float32 and their sums stay in range


@dataclass(frozen=True)
class Size:
    """How large a gradient is."""

    log10: float
    """log10 of its L2 norm; -inf for zero, nan or inf if an entry is."""
    as_torch: torch.Tensor | None = None
    """The norm as `torch.nn.utils.get_total_norm` gives it, where that can be trusted."""

    @property
    def finite(self) -> bool:
        """True if every entry is finite."""
        return self.log10 == -math.inf or math.isfinite(self.log10)

    @property
    def norm(self) -> float:
        """The norm as a number; infinite beyond 1e308."""
        if self.as_torch is not None:
            return float(self.as_torch)
        return math.inf if self.log10 >= 308 else 10.0**self.log10


def size_of(gradients: Sequence[torch.Tensor]) -> Size:
    """The L2 norm of all gradients together.

    >>> round(size_of([torch.full((100,), 1e25)]).log10, 6)
    26.0
    """
    if _is_plain(gradients):
        norm = whole(get_total_norm(gradients))
        if _SAFE_LOW < (value := float(norm)) < _SAFE_HIGH:  # the one read by the host
            return Size(math.log10(value), norm)
    return Size(_sharded_log10(gradients))


def whole(tensor: torch.Tensor) -> torch.Tensor:
    """A sharded tensor as a plain one; told by its method, as torch's own type for it takes a second to import."""
    gather: Callable[[], torch.Tensor] | None = getattr(tensor, "full_tensor", None)
    return tensor if gather is None else gather()


def shrink_(gradients: Iterable[torch.Tensor], decades: float) -> None:
    """Multiplies gradients in place by 10**-decades, in steps that no format rounds to zero."""
    pieces = max(1, math.ceil(decades / 30))  # 1e-30 is a normal number of float32, 1e-40 is not
    factor = 10.0 ** (-decades / pieces)
    for gradient in gradients:
        for _ in range(pieces):
            gradient.mul_(factor)


def _is_plain(gradients: Sequence[torch.Tensor]) -> bool:
    """True where torch's own norm works: strided, of full precision, all sharded alike or none."""
    kinds = {type(gradient) for gradient in gradients}
    meshes = {getattr(gradient, "device_mesh", None) for gradient in gradients}
    return (
        len(kinds) == 1
        and len(meshes) == 1
        and all(g.layout == torch.strided and g.dtype not in HALF_FORMATS for g in gradients)
    )


def _sharded_log10(gradients: Sequence[torch.Tensor]) -> float:
    """The sum over local parts, then over the processes that hold different parts."""
    parts: dict[tuple[Any, tuple[int, ...]], list[float]] = {}
    for gradient in gradients:
        parts.setdefault(_shards(gradient), []).append(log10_norm(plain(gradient)))
    return sum_log10(*(_summed(sum_log10(*sizes), mesh, dims) for (mesh, dims), sizes in parts.items()))


def _shards(gradient: torch.Tensor) -> tuple[Any, tuple[int, ...]]:
    """The mesh of a sharded gradient and the dimensions of it over which the entries are spread."""
    placements = getattr(gradient, "placements", ())
    dims = tuple(number for number, placement in enumerate(placements) if placement.is_shard())
    return (getattr(gradient, "device_mesh", None) if dims else None), dims


def _summed(log10: float, mesh: Any, dims: tuple[int, ...]) -> float:
    for dim in dims:
        group = mesh.get_group(dim)
        device = torch.device(mesh.device_type)
        bad = float(
            math.isnan(log10) or log10 == math.inf
        )  # the largest of nan and a number is not the same everywhere
        largest = torch.tensor([0.0 if bad else max(log10, -1e300), bad], dtype=torch.float64, device=device)
        torch.distributed.all_reduce(largest, torch.distributed.ReduceOp.MAX, group=group)
        top, anyone_bad = largest.tolist()
        share = torch.tensor(10.0 ** (2 * (log10 - top)) if not anyone_bad else 0.0, dtype=torch.float64, device=device)
        torch.distributed.all_reduce(share, group=group)
        if anyone_bad:
            return math.inf
        log10 = top + 0.5 * math.log10(float(share)) if float(share) > 0 and top > -1e300 else -math.inf
    return log10
