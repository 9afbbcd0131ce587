"""Chrono initialisation: forget gates whose memories are spread from one step to the whole sequence."""

from torch import nn

from isograd.errors import UsageError
from isograd.facts.treatment import Settings
from isograd.model.surgery import Edit
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.init.gates import chrono, gated, verses
from isograd.treatment.remedies.init.scheme import Scheme
from isograd.treatment.remedies.init.sequence_length import longest
from isograd.treatment.remedies.init.statement import Program
from isograd.treatment.remedies.numbers import number


def _plan(patient: Patient, settings: Settings) -> Program:
    num_steps = number(settings, "num_steps")
    if num_steps == 0:
        return ()
    if num_steps <= 2:
        raise UsageError(f"num_steps must be more than 2, the length of the longest dependency; got {num_steps:g}")
    return verses([(path, chrono(module, num_steps)) for path, module in gated(patient.model)])


def _choose(patient: Patient) -> Settings:
    return {"num_steps": longest(patient)}


CHRONO = Scheme("init:chrono", _plan, _choose)
"""LSTM and GRU, layers and cells; suits where the length of the sequences is known."""


def chrono_(model: nn.Module, num_steps: float) -> Edit:
    """Draws the forget gates' biases as log(uniform(1, T - 1)), and the input gates' as their negatives, in place.

    In a GRU the update gate both keeps and takes in: it gets the first.

    Args:
        model: The model.
        num_steps: T, the longest dependency in time steps, more than 2.

    Returns:
        What was changed, with the way back.

    Raises:
        UsageError: If T is 2 or less.

    >>> model = nn.LSTM(2, 64)
    >>> _ = chrono_(model, 100)
    >>> i, f, _, _ = (model.bias_ih_l0 + model.bias_hh_l0).chunk(4)
    >>> bool((i == -f).all()), bool((f > 0).all()), bool((f.exp() < 99).all())
    (True, True, True)

    Source: Tallec and Ollivier 2018.
    """
    if num_steps <= 2:
        raise UsageError(f"num_steps must be more than 2, the length of the longest dependency; got {num_steps:g}")
    return CHRONO.make(Patient(model), {"num_steps": num_steps})
