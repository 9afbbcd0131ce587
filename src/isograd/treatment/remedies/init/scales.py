"""Critical scales by activation: weights of variance sigma_w^2 / n_in and biases of variance sigma_b^2 at chi_1 = 1."""

import numpy as np

from isograd.theory import ACTIVATIONS, Activation, critical_initialisation
from isograd.theory.criticality import edge_at

_POINTS = np.linspace(-4, 4, 9)
_NO_BIAS = 1e-3
"""A deviation of biases below this makes no difference, and zero reads better."""


def known_name(activation: Activation) -> str:
    """The name under which theory's table holds this very function; empty if it does not.

    The name that an activation bears does not say its parameters: SELU is an ELU with two numbers.

    >>> from isograd.theory.smooth import elu
    >>> known_name(elu()), known_name(elu(1.6732632423543772, 1.0507009873554805)), known_name(elu(0.5))
    ('elu', 'selu', '')
    """
    values = activation.phi(_POINTS)
    return next((name for name, known in ACTIVATIONS.items() if np.allclose(values, known.phi(_POINTS))), "")


def critical_scale(activation: Activation) -> tuple[float, float]:
    """(sigma_w, sigma_b) at which a deep plain network of that activation passes gradients on at their own size.

    The point of `theory.critical_initialisation`, but for activations whose second derivative jumps at zero (ELU,
    softsign) that of length 1, which keeps the gradient better; for SELU (1, 0), for which it was made. Where there is
    no critical point (softplus), the weights alone are chosen, so that at length 1 the squared gradient keeps its size.

    >>> from isograd.theory import ACTIVATIONS
    >>> [tuple(round(s, 4) for s in critical_scale(ACTIVATIONS[name])) for name in ("relu", "tanh", "gelu")]
    [(1.4142, 0.0), (1.0, 0.0), (1.4082, 0.4158)]

    Source: Poole et al. 2016; Roberts, Yaida and Hanin 2022; Klambauer et al. 2017 for SELU.
    """
    if known_name(activation) == "selu":
        return 1.0, 0.0
    point = critical_initialisation(activation)
    if point is not None and point.kind == "power-law" and 0.0 in activation.breaks:
        point = critical_initialisation(activation, 1.0) or point
    if point is not None:
        return point.sigma_w, point.sigma_b if point.sigma_b >= _NO_BIAS else 0.0
    return edge_at(activation, 1.0)[0] ** 0.5, 0.0
