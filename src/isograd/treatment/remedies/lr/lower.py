"""A lower learning rate."""

import math

import numpy as np

from isograd.diagnosis.levels import UPDATE_HIGH
from isograd.observation.replay import tensors_of
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.lr.factor import Factor

_USUAL, _LEAST = 0.1, 1e-4
_ADVERSARY = 0.25
_HEALTHY_UPDATE = 1e-2
"""Weights that move by more than this share of their size a step are not learning, but wandering."""


def _factor(patient: Patient) -> float:
    """A tenth; less where weights move by far too much; 1 / batch for a summed loss; a quarter for an adversary."""
    cause = patient.finding.causes[0].cause if patient.finding is not None and patient.finding.causes else ""
    if cause == "adversary":
        return _ADVERSARY
    batch = _batch_size(patient)
    if cause == "loss-reduction" and batch > 1:
        return float(f"{1.0 / batch:.2g}")
    update = _median_update(patient)
    if not update > UPDATE_HIGH:
        return _USUAL
    return max(10.0 ** -math.ceil(math.log10(min(update, 1e9) / _HEALTHY_UPDATE)), _LEAST)


def _batch_size(patient: Patient) -> int:
    tensors = [t for call in patient.calls[:1] for t in tensors_of((call.args, call.kwargs)) if t.ndim]
    return tensors[0].shape[0] if tensors else 1


def _median_update(patient: Patient) -> float:
    """Of the weights' relative updates over the first readings, while they are still what was initialised; else nan."""
    if patient.observed is None:
        return math.nan
    values = patient.observed.readings.column("update_ratio")[:4]
    values = values[np.isfinite(values)]
    return float(np.median(values)) if values.size else math.nan


REMEDY = Factor("lr:lower", _factor)
"""A tenth, unless the evidence says otherwise."""
