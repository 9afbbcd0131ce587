"""Orthogonal initialisation: every weight a random rotation times a gain."""

import torch
from torch import nn

from isograd.facts.treatment import Settings
from isograd.model.surgery import Edit
from isograd.observation.replay import Call
from isograd.theory import Activation
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.init.blocks import Block
from isograd.treatment.remedies.init.feed_forward import plan
from isograd.treatment.remedies.init.following import LINEAR
from isograd.treatment.remedies.init.law import ZERO, Law, Named, orthogonal
from isograd.treatment.remedies.init.scales import critical_scale
from isograd.treatment.remedies.init.scheme import Scheme
from isograd.treatment.remedies.init.statement import Program
from isograd.treatment.remedies.numbers import number


def orthogonal_law(block: Block, tensor: torch.Tensor, activation: Activation, settings: Settings) -> Law:
    """A rotation with the critical gain of the activation that follows, or the gain that was set."""
    chosen = critical_scale(activation)[0] if settings["gain"] is None else number(settings, "gain")
    return orthogonal(1.0 if activation.name == LINEAR.name else chosen, tensor.dtype)


def _biases(activation: Activation, settings: Settings) -> Law:
    """Those that belong to the gain, where it was not set."""
    sigma_b = critical_scale(activation)[1] if settings["gain"] is None else 0.0
    return Named("normal_", (("std", sigma_b),)) if sigma_b > 0 else ZERO


def _plan(patient: Patient, settings: Settings) -> Program:
    return plan(patient, settings, orthogonal_law, _biases, by_group=True)


def _choose(patient: Patient) -> Settings:
    return {"gain": None, "biases": "zero"}


ORTHOGONAL = Scheme("init:orthogonal", _plan, _choose)
"""A rotation for each layer, gate, group of channels, and each of q, k and v."""


def orthogonal_(model: nn.Module, *args: object, gain: float | None = None, biases: str = "zero") -> Edit:
    """Draws every hidden weight as a rotation times a gain, in place; W_hh of recurrent layers with gain 1.

    Args:
        model: The model; what is left alone is as for `xavier_`.
        *args: A batch: what the model is called with, to see which activation follows each layer.
        gain: All singular values; None for the critical sigma_w of the activation: sqrt(2) for ReLU, 1 for tanh.
        biases: `zero`, or `keep`.

    Returns:
        What was changed, with the way back.

    >>> model = nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1))
    >>> _ = orthogonal_(model)
    >>> torch.allclose(model[0].weight @ model[0].weight.T, torch.eye(8), atol=1e-5)
    True

    Source: Saxe, McClelland and Ganguli 2014.
    """
    patient = Patient(model, calls=(Call(args, {}),) if args else ())
    return ORTHOGONAL.make(patient, {"gain": gain, "biases": biases})
