"""Xavier (Glorot) initialisation: variance 2 / (n_in + n_out)."""

import math

import torch
from torch import nn

from isograd.facts.treatment import Settings
from isograd.model.surgery import Edit
from isograd.theory import Activation
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.init.blocks import Block
from isograd.treatment.remedies.init.feed_forward import plan, torch_fans
from isograd.treatment.remedies.init.law import Law, Named
from isograd.treatment.remedies.init.scheme import Scheme
from isograd.treatment.remedies.init.statement import Program
from isograd.treatment.remedies.numbers import number


def xavier_law(block: Block, tensor: torch.Tensor, activation: Activation, settings: Settings) -> Law:
    """Uniform or normal, by the layer's true n_in and n_out, which torch miscounts for strides and groups."""
    uniform, gain = settings["distribution"] == "uniform", number(settings, "gain")
    if torch_fans(tensor) == (block.fan_in, block.fan_out):
        return Named(f"xavier_{'uniform' if uniform else 'normal'}_", (("gain", gain),) if gain != 1.0 else ())
    deviation = gain * math.sqrt(2.0 / (block.fan_in + block.fan_out))
    if uniform:
        bound = math.sqrt(3.0) * deviation
        return Named("uniform_", (("a", -bound), ("b", bound)))
    return Named("normal_", (("std", deviation),))


def _plan(patient: Patient, settings: Settings) -> Program:
    return plan(patient, settings, xavier_law)


def _choose(patient: Patient) -> Settings:
    return {"gain": 1.0, "distribution": "uniform", "biases": "zero"}


XAVIER = Scheme("init:xavier", _plan, _choose)
"""Variance 2 / (n_in + n_out), biases zero, W_hh of recurrent layers orthogonal."""


def xavier_(model: nn.Module, *, gain: float = 1.0, distribution: str = "uniform", biases: str = "zero") -> Edit:
    """Draws every hidden weight with variance gain^2 2 / (n_in + n_out), in place.

    Gates of a recurrent layer and q, k and v of attention count as layers of their own; W_hh is drawn orthogonal.
    Embeddings, normalisations, frozen parameters and a usual output layer are left alone.

    Args:
        model: The model.
        gain: A factor on the standard deviation.
        distribution: `uniform`, as in the paper, or `normal`.
        biases: `zero`, or `keep`.

    Returns:
        What was changed, with the way back.

    >>> model = nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1))
    >>> [change.site for change in xavier_(model).changes]
    ['0.weight', '0.bias']

    Source: Glorot and Bengio 2010, the normalised initialisation.
    """
    return XAVIER.make(Patient(model), {"gain": gain, "distribution": distribution, "biases": biases})
