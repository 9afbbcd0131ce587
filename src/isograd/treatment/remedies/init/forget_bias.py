"""The bias of the forget gate set to 1 or more before training."""

from torch import nn

from isograd.facts.treatment import Settings
from isograd.model.surgery import Edit
from isograd.theory.recurrence import forget_bias
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.init.gates import constant, gated, verses
from isograd.treatment.remedies.init.scheme import Scheme
from isograd.treatment.remedies.init.sequence_length import longest
from isograd.treatment.remedies.init.statement import Program
from isograd.treatment.remedies.numbers import number


def _plan(patient: Patient, settings: Settings) -> Program:
    bias = number(settings, "bias")
    return verses([(path, constant(module, bias)) for path, module in gated(patient.model)])


def _choose(patient: Patient) -> Settings:
    """A time constant of half the sequence, between those of the biases 1 and 5."""
    length = longest(patient)
    return {"bias": min(5.0, max(1.0, round(forget_bias(length / 2), 1))) if length else 1.0}


FORGET_BIAS = Scheme("init:forget-bias", _plan, _choose)
"""LSTM and GRU, layers and cells; in a GRU the update gate keeps the state, and gets the bias."""


def forget_bias_(model: nn.Module, bias: float = 1.0) -> Edit:
    """Sets the forget gates' bias of every LSTM, and the update gates' of every GRU, in place.

    Torch adds two biases: b_ih is set and b_hh is zero there, so that the sum is the number that was asked for.

    Args:
        model: The model.
        bias: The bias; a cell then forgets e-fold in about e^bias steps.

    Returns:
        What was changed, with the way back.

    >>> model = nn.LSTM(2, 3)
    >>> [change.site for change in forget_bias_(model).changes]
    ['bias_ih_l0', 'bias_hh_l0']
    >>> (model.bias_ih_l0 + model.bias_hh_l0)[3:6].tolist()
    [1.0, 1.0, 1.0]

    Source: Gers, Schmidhuber and Cummins 2000; Jozefowicz, Zaremba and Sutskever 2015.
    """
    return FORGET_BIAS.make(Patient(model), {"bias": bias})
