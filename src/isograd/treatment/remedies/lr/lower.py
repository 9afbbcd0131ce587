"""A lower learning rate."""

from isograd.diagnosis.lowering import USUAL, lowering
from isograd.observation.replay import tensors_of
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.lr.factor import Factor

_ADVERSARY = 0.25


def _factor(patient: Patient) -> float:
    """A tenth; less where weights move by far too much; 1 / batch for a summed loss; a quarter for an adversary."""
    cause = patient.finding.causes[0].cause if patient.finding is not None and patient.finding.causes else ""
    if cause == "adversary":
        return _ADVERSARY
    batch = _batch_size(patient)
    if cause == "loss-reduction" and batch > 1:
        return float(f"{1.0 / batch:.2g}")
    return USUAL if patient.observed is None else lowering(patient.observed)


def _batch_size(patient: Patient) -> int:
    tensors = [t for call in patient.calls[:1] for t in tensors_of((call.args, call.kwargs)) if t.ndim]
    return tensors[0].shape[0] if tensors else 1


REMEDY = Factor("lr:lower", _factor)
"""A tenth, unless the evidence says otherwise."""
