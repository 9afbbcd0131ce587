"""Of several numbers for one remedy, the one with which the gradient keeps its size best on one batch."""

import math
from collections.abc import Callable, Sequence

import torch

from isograd.errors import ObservationError
from isograd.facts.treatment import Settings
from isograd.model.surgery import Edit
from isograd.observation.probe import measure
from isograd.treatment.patient import Patient, weighted


def smallest(patient: Patient, make: Callable[[Patient, Settings], Edit], options: Sequence[Settings]) -> Settings:
    """The option with the smallest |G|; of equals, or where nothing can be measured, the first.

    Each is made, measured and undone.
    """
    if not patient.calls:
        return options[0]
    sizes = [_size(patient, make, option) for option in options]
    return options[min(range(len(options)), key=sizes.__getitem__)]


def _size(patient: Patient, make: Callable[[Patient, Settings], Edit], option: Settings) -> float:
    call, model = patient.calls[0], patient.model
    edit = make(patient, option)
    try:
        with torch.compiler.set_stance("force_eager"):  # compiled code calls no hook that came after it
            gain = measure({"model": model}, lambda: weighted(model(*call.args, **call.kwargs))).gain
    except ObservationError:
        return math.inf
    finally:
        edit.undo()
    return abs(gain) if math.isfinite(gain) else math.inf
