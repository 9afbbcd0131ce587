"""A higher learning rate."""

import math

import numpy as np

from isograd.treatment.patient import Patient
from isograd.treatment.remedies.lr.factor import Factor

_USUAL, _LEAST, _MOST = 10.0, 3.0, 1000.0
_AIM = 1e-3
"""Share of their size that weights should move a step; a rule of thumb."""


def _factor(patient: Patient) -> float:
    """Ten, or what brings the median relative update to a thousandth."""
    if patient.observed is None:
        return _USUAL
    values = patient.observed.readings.column("update_ratio")
    values = values[np.isfinite(values) & (values > 0)]
    if values.size == 0:
        return _USUAL
    wanted = min(max(_AIM / float(np.median(values)), _LEAST), _MOST)
    return float(f"{wanted:.1g}") if math.isfinite(wanted) else _USUAL


REMEDY = Factor("lr:raise", _factor)
"""Ten, unless the size of the updates says otherwise."""
