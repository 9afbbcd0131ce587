"""How much pre-training costs about as much as the training that follows."""

from dataclasses import dataclass

from isograd.observation.replay import tensors_of
from isograd.treatment.patient import Patient

_FEWEST_EPOCHS, _MOST_EPOCHS, _UNKNOWN = 5, 30, 10


@dataclass(frozen=True)
class Budget:
    """Passes through the recorded batches, and their size."""

    epochs: int
    """For each layer."""
    batch_size: int
    """Rows of one update."""


def budget(patient: Patient) -> Budget:
    """What the user's training affords.

    Every layer is trained on as many rows as the user's whole training sees: one row costs a layer about as much in
    pre-training as in training, three products of matrices against five. The share is kept between 5 and 30 passes
    through what was recorded; 10 where the length of the training is not known. A batch is a hundredth of the rows, but
    10 to 100 (Hinton 2010, section 4).
    """
    rows = sum(_rows(call.args, call.kwargs) for call in patient.calls)
    batch_size = min(max(rows // 100, 10), 100)
    if patient.observed is None or not len(patient.observed.steps.step):
        return Budget(_UNKNOWN, batch_size)
    steps = int(patient.observed.steps.step[-1]) + 1
    passes = round(steps / len(patient.calls))
    return Budget(min(max(passes, _FEWEST_EPOCHS), _MOST_EPOCHS), batch_size)


def _rows(args: object, kwargs: object) -> int:
    tensors = tensors_of((args, kwargs))
    return tensors[0].shape[0] if tensors and tensors[0].ndim > 1 else 1
