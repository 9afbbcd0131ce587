"""A higher learning rate."""

import math

import numpy as np

from isograd.treatment.patient import Patient
from isograd.treatment.remedies.lr.factor import Factor

_USUAL, _LEAST, _MOST = 10.0, 3.0, 1e6
_AIM, _AIM_HIGH = 1e-3, 1e-2
"""Share of their size that weights should move a step; a rule of thumb."""


def _factor(patient: Patient) -> float:
    """Ten, or what brings the median relative update to a thousandth; to more in a run so short that weights would else
    not move as far as they are large, to a hundredth at most."""
    if patient.observed is None:
        return _USUAL
    values = patient.observed.readings.column("update_ratio")
    values = values[np.isfinite(values) & (values > 0)]
    if values.size == 0:
        return _USUAL
    aim = min(max(1.0 / max(len(patient.observed.steps.step), 1), _AIM), _AIM_HIGH)
    wanted = min(max(aim / float(np.median(values)), _LEAST), _MOST)
    return float(f"{wanted:.1g}") if math.isfinite(wanted) else _USUAL


REMEDY = Factor("lr:raise", _factor)
"""Ten, unless the size of the updates says otherwise."""
