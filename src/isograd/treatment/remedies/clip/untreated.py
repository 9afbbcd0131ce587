"""What the untreated run says about gradient norms: what is usual, and whether float32 holds them."""

import math

import numpy as np
import torch
from torch import nn

from isograd.observation.statistics import HALF_FORMATS
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.clip.pool import pool

_ENOUGH = 4
"""So many norms before the trouble tell what is usual."""
_RANGE_LOG10 = 18.0
"""Squares of float32 leave the range behind it."""
_RAW_NOT_FINITE = 2 | 4


def usual_norm(patient: Patient) -> float:
    """Median norm of the raw gradient before the trouble began; nan where it began at once or nothing was seen."""
    observed, finding = patient.observed, patient.finding
    if observed is None:
        return math.nan
    end = math.inf if finding is None or clips_too_tight(patient) else finding.first_step
    if finding is not None and any(cause.cause == "outlier-batch" for cause in finding.causes):
        end = math.inf  # a few bad batches among many leave the median where it is
    sizes = observed.steps.raw_log10[observed.steps.step < end]
    sizes = sizes[np.isfinite(sizes)]
    return rounded(10.0 ** float(np.median(sizes))) if sizes.size >= _ENOUGH else math.nan


def clips_too_tight(patient: Patient) -> bool:
    """True if the program clips by itself, and that is what is wrong with it."""
    causes = patient.finding.causes if patient.finding is not None else ()
    return bool(causes) and causes[0].cause == "clipping-too-tight"


def needs_guard(patient: Patient) -> bool:
    """True if torch's own clipping would fail: norms beyond float32, gradients that are half, sparse or not finite."""
    observed = patient.observed
    if observed is not None:
        large = np.nanmax(observed.steps.raw_log10, initial=-math.inf) > _RANGE_LOG10
        if large or bool((observed.steps.nonfinite & _RAW_NOT_FINITE).any()):
            return True
    sparse = any(getattr(module, "sparse", False) for module in patient.model.modules())
    odd = any(p.dtype in HALF_FORMATS or p.is_complex() for p in pool(patient))
    return sparse or odd or _mixes_sharded(pool(patient))


def last_linear(model: nn.Module) -> nn.Linear | None:
    """The layer that the model holds last, if it is a linear one: as a rule what gives the outputs."""
    linear = [module for module in model.modules() if isinstance(module, nn.Linear)]
    inner = {id(part) for module in linear for part in module.modules() if part is not module}  # parametrisations
    holders = [module for module in model.modules() if id(module) not in inner and _holds_weights(module)]
    return holders[-1] if holders and isinstance(holders[-1], nn.Linear) else None


def _holds_weights(module: nn.Module) -> bool:
    own = module._parameters.values()
    return isinstance(module, nn.Linear) or any(p is not None and p.ndim > 1 for p in own)


def rounded(value: float) -> float:
    """A number with two digits, as one would write it.

    >>> rounded(0.7348)
    0.73
    """
    return float(f"{value:.2g}")


def _mixes_sharded(parameters: list[torch.Tensor]) -> bool:
    kinds = {hasattr(p, "to_local") for p in parameters}
    return len(kinds) > 1
