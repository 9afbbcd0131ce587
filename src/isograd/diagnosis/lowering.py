"""By how much a learning rate that is too high is to be lowered."""

import math

import numpy as np

from isograd.diagnosis.levels import UPDATE_HIGH
from isograd.facts import Observed

USUAL, LEAST = 0.1, 1e-4
HEALTHY_UPDATE = 2e-2
"""Weights that move by more than this share of their size a step are not learning, but wandering."""


def lowering(observed: Observed) -> float:
    """A tenth; less where the first step moved the weights by so much that a tenth of it would still be far too much.

    Args:
        observed: What was seen of the training.

    Returns:
        A factor of one significant digit: rounded to a power of ten, the rate would miss by up to ten.
    """
    update = _first_update(observed)
    if not update > UPDATE_HIGH:
        return USUAL
    return min(USUAL, max(float(f"{HEALTHY_UPDATE / update:.1g}"), LEAST))


def _first_update(observed: Observed) -> float:
    """Median over the weights of their relative update: that of the first step, or of the first readings if larger.

    Nan where none was seen. Later ones tell less: a step that is ten times as large as a weight leaves a weight that is
    as large as the step.
    """
    values = observed.readings.column("update_ratio")[:4]
    first, all_of_them = (one[np.isfinite(one)] for one in (values[:1], values))
    return max((float(np.median(one)) for one in (first, all_of_them) if one.size), default=math.nan)
