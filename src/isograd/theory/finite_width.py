"""How far a net of finite width strays from mean-field theory.

Legend (Hanin and Nica 2020): n width, mu_k = E[phi'^(2k)], beta = sum over layers of (3 mu_2 / mu_1^2 - 1) / n, or
(3 mu_2 / mu_1^2 - 3) / n for orthogonal weights; ln of the squared gradient ratio is nearly normal with variance beta
and mean -beta / 2 beside the mean-field value.
"""

import math
from collections.abc import Iterable

import numpy as np

from isograd.theory.activation import Activation
from isograd.theory.gaussian import expect

INFLATION = 1.2
"""Simulated tails are heavier than beta says (variance 1.86 for 1.25 in ReLU nets of width 128 and depth 32)."""


def slope_moment_ratio(activation: Activation, q: float = 1.0) -> float:
    """mu_2 / mu_1^2 = E[phi'^4] / E[phi'^2]^2.

    Args:
        activation: phi.
        q: variance of the pre-activation.

    Returns:
        At least 1; 1 for linear, 2 for ReLU; 1 too where no slope is seen at all.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> round(slope_moment_ratio(ACTIVATIONS["erf"]), 6)  # 5 / 3
        1.666667
    """
    first = expect(lambda x: np.square(activation.slope(x)), q, activation.breaks)
    if first == 0:
        return 1.0
    return expect(lambda x: np.square(activation.slope(x)) ** 2, q, activation.breaks) / first**2


def layer_beta(moment_ratio: float, width: float, *, orthogonal: bool = False) -> float:
    """One layer's share of beta.

    Args:
        moment_ratio: mu_2 / mu_1^2.
        width: n, units of the layer that the gradient arrives at.
        orthogonal: True if its weights are orthogonal.

    Raises:
        ValueError: if the width is not positive.

    Example:
        >>> layer_beta(2.0, 100), layer_beta(2.0, 100, orthogonal=True)  # ReLU: 5 / n and 3 / n
        (0.05, 0.03)

    Source: Hanin and Nica 2020; the orthogonal form is derived and simulated here.
    """
    if width <= 0:
        raise ValueError(f"a width must be positive, got {width}")
    return (3 * moment_ratio - (3 if orthogonal else 1)) / width


def gain_spread(betas: Iterable[float]) -> tuple[float, float]:
    """Shift and standard deviation of G, in decades.

    Args:
        betas: each layer's share.

    Returns:
        (-beta / (4 ln 10), sqrt(beta) / (2 ln 10)).

    Example:
        >>> shift, sd = gain_spread([5 / 64] * 16)
        >>> round(shift, 3), round(sd, 3)
        (-0.136, 0.243)
    """
    beta = sum(betas)
    return -beta / (4 * math.log(10)), math.sqrt(beta) / (2 * math.log(10))
