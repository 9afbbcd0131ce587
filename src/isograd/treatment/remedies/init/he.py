"""He initialisation: variance 2 / n_in for ReLU, 2 / ((1 + a^2) n_in) for a leaky one; critical for all else.

He's variance is the critical one of the ReLU family. For other activations the same idea, that a layer passes the
squared gradient on at its own size, gives other numbers, and for some (GELU, SiLU) biases that are drawn as well.
"""

import math

import numpy as np
import torch
from torch import nn

from isograd.errors import UsageError
from isograd.facts.treatment import Settings
from isograd.model.surgery import Edit
from isograd.observation.replay import Call
from isograd.theory import ACTIVATIONS, Activation
from isograd.theory.piecewise import leaky_relu
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.init.blocks import Block
from isograd.treatment.remedies.init.feed_forward import hidden_activations, plan, torch_fans
from isograd.treatment.remedies.init.following import LINEAR
from isograd.treatment.remedies.init.law import ZERO, Law, Named
from isograd.treatment.remedies.init.lecun import fan_in_law
from isograd.treatment.remedies.init.scales import critical_scale, known_name
from isograd.treatment.remedies.init.scheme import Scheme
from isograd.treatment.remedies.init.statement import Program
from isograd.treatment.remedies.numbers import number

MIXED = "mixed"
"""Several activations: each layer by its own."""


def _law(block: Block, tensor: torch.Tensor, activation: Activation, settings: Settings) -> Law:
    activation = _pinned(activation, settings)
    slope = rectifier_slope(activation)
    if slope is None:
        return fan_in_law(block, tensor, critical_scale(activation)[0])
    fan_out = settings["mode"] == "fan_out"
    fan = block.fan_out if fan_out else block.fan_in
    if torch_fans(tensor)[fan_out] != fan:
        return Named("normal_", (("std", math.sqrt(2 / ((1 + slope**2) * fan))),))
    mode = (("mode", "fan_out"),) if fan_out else ()
    if slope == 0.0:
        return Named("kaiming_normal_", (*mode, ("nonlinearity", "relu")))
    return Named("kaiming_normal_", (("a", slope), *mode, ("nonlinearity", "leaky_relu")))


def _biases(activation: Activation, settings: Settings) -> Law:
    sigma_b = critical_scale(_pinned(activation, settings))[1]
    return Named("normal_", (("std", sigma_b),)) if sigma_b > 0 else ZERO


def rectifier_slope(activation: Activation) -> float | None:
    """The negative slope a of the ReLU family; None for all else.

    >>> rectifier_slope(ACTIVATIONS["prelu"]), rectifier_slope(ACTIVATIONS["elu"])
    (0.25, None)
    """
    x = np.array([-100.0, -1.0, 1.0, 100.0])
    slopes = activation.slope(x)
    straight = np.allclose(activation.phi(x), slopes * x, rtol=1e-12) and slopes[0] == slopes[1]
    return float(slopes[0]) if straight and slopes[2] == slopes[3] == 1 and slopes[0] != 1 else None


def _pinned(activation: Activation, settings: Settings) -> Activation:
    """The activation that the settings name, for layers that are followed by any."""
    name = settings["nonlinearity"]
    return activation if activation.name == LINEAR.name or name == MIXED else _named(str(name), settings)


def _named(name: str, settings: Settings) -> Activation:
    if name == "leaky_relu":
        return leaky_relu(number(settings, "negative_slope"))
    if name not in ACTIVATIONS:
        raise UsageError(f"nonlinearity must be one of {', '.join(ACTIVATIONS)} or {MIXED}; got {name!r}")
    return ACTIVATIONS[name]


def _plan(patient: Patient, settings: Settings) -> Program:
    return plan(patient, settings, _law, _biases, ACTIVATIONS["relu"], needs_hidden=True)


def _choose(patient: Patient) -> Settings:
    return {**_nonlinearity(hidden_activations(patient)), "mode": "fan_in", "biases": "zero"}


def _nonlinearity(found: tuple[Activation, ...]) -> dict[str, str | float]:
    if len(found) != 1:
        return {"nonlinearity": MIXED if found else "relu", "negative_slope": 0.0}
    slope = rectifier_slope(found[0])
    if slope is not None:
        return {"nonlinearity": "leaky_relu" if slope else "relu", "negative_slope": slope}
    return {"nonlinearity": known_name(found[0]) or MIXED, "negative_slope": 0.0}


HE = Scheme("init:he", _plan, _choose)
"""By the activation that follows each layer; W_hh of recurrent layers orthogonal."""


def he_(
    model: nn.Module,
    *args: object,
    nonlinearity: str | None = None,
    negative_slope: float = 0.01,
    mode: str = "fan_in",
    biases: str = "zero",
) -> Edit:
    """Draws every hidden weight normal with variance 2 / ((1 + a^2) n_in), in place.

    Args:
        model: The model; what is left alone is as for `xavier_`.
        *args: A batch: what the model is called with, to see which activation follows each layer; without one that is
            told by the order of the modules, and ReLU where they do not tell.
        nonlinearity: Name of the activation in `torch.nn.functional`; None to see it.
        negative_slope: a, where the nonlinearity is given as `leaky_relu`.
        mode: `fan_in`, or `fan_out` to keep the gradient rather than the signal where widths differ.
        biases: `zero`, or `keep`; for GELU and the like `zero` stands for those that belong to the weights.

    Returns:
        What was changed, with the way back.

    Raises:
        UsageError: If theory does not know the nonlinearity.

    >>> model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
    >>> [change.site for change in he_(model, torch.randn(4, 8)).changes]
    ['0.weight', '0.bias']

    Source: He et al. 2015.
    """
    settings: dict[str, str | float] = {"mode": mode, "biases": biases}
    if nonlinearity is not None:
        settings |= {"nonlinearity": nonlinearity, "negative_slope": negative_slope}
    return HE.make(Patient(model, calls=(Call(args, {}),) if args else ()), settings)


def critical_(model: nn.Module, *args: object, nonlinearity: str | None = None) -> Edit:
    """Draws every hidden layer at the edge of chaos of its activation: (sigma_w, sigma_b) with chi_1 = 1.

    What `he_` does; for ReLU the two are one. It is the only choice of values alone that lets ten sigmoid layers train:
    sigma_w = 10.1 there.

    Args:
        model: The model.
        *args: A batch, as for `he_`.
        nonlinearity: Name of the activation; None to see it.

    Returns:
        What was changed, with the way back.

    >>> model = nn.Sequential(nn.Linear(512, 512), nn.GELU(), nn.Linear(512, 1))
    >>> _ = critical_(model)
    >>> round(512 * model[0].weight.var().item(), 1), round(model[0].bias.std().item(), 1)
    (2.0, 0.4)

    Source: Poole et al. 2016; Schoenholz et al. 2017; Roberts, Yaida and Hanin 2022.
    """
    return he_(model, *args, nonlinearity=nonlinearity)
