"""The size of a whole gradient, at the cost of one norm a tensor."""

import math
from collections.abc import Iterable

import torch

from isograd.observation.statistics import log10_norm, plain, sum_log10


def total_log10(gradients: Iterable[torch.Tensor]) -> float:
    """log10 of the norm of all gradients together; nan if there are none.

    >>> total_log10([torch.ones(64), torch.ones(36)])
    1.0
    """
    tensors = [gradient.detach() for gradient in gradients]
    if not tensors:
        return math.nan
    fast = [t for t in tensors if t.layout == torch.strided and t.dtype == torch.float32 and type(t) is torch.Tensor]
    if len(fast) == len(tensors) and len({t.device for t in tensors}) == 1:
        norm = float(torch.linalg.vector_norm(torch.stack(torch._foreach_norm(tensors))))
        if 1e-15 < norm < 1e15:
            return math.log10(norm)
    return sum_log10(*(log10_norm(tensor) for tensor in tensors))


def all_finite(gradient: torch.Tensor) -> bool:
    """True if no entry is nan or infinite; cheap for small tensors."""
    if type(gradient) is torch.Tensor and gradient.layout is torch.strided:
        total = gradient.sum().item()
        if total - total == 0:  # false for nan and infinity, of real and of complex numbers
            return True
    values = plain(gradient)
    return values.numel() == 0 or math.isfinite(float(values.sum())) or bool(values.isfinite().all())
