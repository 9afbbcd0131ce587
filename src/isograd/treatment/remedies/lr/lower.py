"""A lower learning rate."""

import math

import numpy as np

from isograd.diagnosis.levels import UPDATE_HIGH
from isograd.observation.replay import tensors_of
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.lr.factor import Factor

_USUAL, _LEAST = 0.1, 1e-4
_ADVERSARY = 0.25
_CLOSE = 1e-9
_HEALTHY_UPDATE = 2e-2
"""Weights that move by more than this share of their size a step are not learning, but wandering."""


def _factor(patient: Patient) -> float:
    """A tenth; less where weights move by far too much; 1 / batch for a summed loss; a quarter for an adversary."""
    cause = patient.finding.causes[0].cause if patient.finding is not None and patient.finding.causes else ""
    if cause == "adversary":
        return _ADVERSARY
    batch = _batch_size(patient)
    if cause == "loss-reduction" and batch > 1:
        return float(f"{1.0 / batch:.2g}")
    update = _first_update(patient)
    if not update > UPDATE_HIGH:
        return _USUAL
    return min(_USUAL, max(_on_grid(_HEALTHY_UPDATE / min(update, 1e9)), _LEAST))


def _on_grid(factor: float) -> float:
    """The next lower of 1, 0.3, 0.1, 0.03 ...: whole decades would cut the rate to a tenth of what is needed at worst.

    >>> _on_grid(0.067), _on_grid(0.2), _on_grid(0.001)
    (0.03, 0.1, 0.001)
    """
    decade = 10.0 ** math.floor(math.log10(factor) + _CLOSE)
    return float(f"{decade * (3 if factor >= 3 * decade else 1):.1g}")


def _batch_size(patient: Patient) -> int:
    tensors = [t for call in patient.calls[:1] for t in tensors_of((call.args, call.kwargs)) if t.ndim]
    return tensors[0].shape[0] if tensors else 1


def _first_update(patient: Patient) -> float:
    """Median over the weights of their relative update at the first step, else over the first readings; nan unseen.

    Later ones tell less: a step that is ten times as large as a weight leaves a weight that is as large as the step.
    """
    if patient.observed is None:
        return math.nan
    values = patient.observed.readings.column("update_ratio")[:4]
    first, all_of_them = (one[np.isfinite(one)] for one in (values[:1], values))
    return max((float(np.median(one)) for one in (first, all_of_them) if one.size), default=math.nan)


REMEDY = Factor("lr:lower", _factor)
"""A tenth, unless the evidence says otherwise."""
