"""LeCun initialisation: variance 1 / n_in."""

import math

import torch
from torch import nn

from isograd.facts.treatment import Settings
from isograd.model.surgery import Edit
from isograd.theory import Activation
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.init.blocks import Block
from isograd.treatment.remedies.init.feed_forward import plan, torch_fans
from isograd.treatment.remedies.init.law import ByFanIn, Law, Named
from isograd.treatment.remedies.init.scheme import Scheme
from isograd.treatment.remedies.init.statement import Program


def fan_in_law(block: Block, tensor: torch.Tensor, sigma_w: float = 1.0) -> Law:
    """Normal with variance sigma_w^2 / n_in, by the layer's true n_in, which torch miscounts where it is transposed."""
    if torch_fans(tensor)[0] != block.fan_in:
        return Named("normal_", (("std", sigma_w / math.sqrt(block.fan_in)),))
    return Named("kaiming_normal_", (("nonlinearity", "linear"),)) if sigma_w == 1.0 else ByFanIn(sigma_w)


def _law(block: Block, tensor: torch.Tensor, activation: Activation, settings: Settings) -> Law:
    return fan_in_law(block, tensor)


def _plan(patient: Patient, settings: Settings) -> Program:
    return plan(patient, settings, _law)


def _choose(patient: Patient) -> Settings:
    return {"biases": "zero"}


LECUN = Scheme("init:lecun", _plan, _choose)
"""Variance 1 / n_in, normal, biases zero, W_hh of recurrent layers orthogonal."""


def lecun_(model: nn.Module, *, biases: str = "zero") -> Edit:
    """Draws every hidden weight normal with variance 1 / n_in, in place.

    Args:
        model: The model; what is left alone is as for `xavier_`.
        biases: `zero`, or `keep`.

    Returns:
        What was changed, with the way back.

    >>> model = nn.Sequential(nn.Linear(8, 8), nn.SELU(), nn.Linear(8, 1))
    >>> [change.site for change in lecun_(model).changes]
    ['0.weight', '0.bias']

    Source: LeCun et al. 1998, section 4.6; Klambauer et al. 2017.
    """
    return LECUN.make(Patient(model), {"biases": biases})
