"""A patient made by hand: a model, and an example of what it is called with."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from isograd.observation.replay import Call
from isograd.treatment.patient import Patient


def patient_of(model: nn.Module, example: Any) -> Patient:
    """The patient of a remedy that is made by hand.

    Args:
        model: The model.
        example: What it is called with: a tensor, a tuple of arguments, a mapping of arguments by name; None if not
            known.
    """
    if example is None:
        return Patient(model)
    if isinstance(example, Mapping):
        return Patient(model, calls=(Call((), example),))
    return Patient(model, calls=(Call(example if isinstance(example, tuple) else (example,), {}),))
