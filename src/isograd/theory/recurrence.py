"""Gradient through time: bounds for plain recurrent nets, mean field for gates.

Legend: dh_t/dh_{t-1} = W_hh^T diag(phi'), sigma_1 the largest singular value of W_hh, gamma = max |phi'| (1 for tanh,
1/4 for the sigmoid), H units, b bias and s standard deviation of a gate's pre-activation, f = sigmoid(b + s z).
"""

import math
from typing import Literal

import numpy as np

from isograd.theory.activation import Activation
from isograd.theory.fixed_points import length_fixed_point
from isograd.theory.gaussian import expect
from isograd.theory.maps import Ensemble, chi_1, decades
from isograd.theory.special import sigmoid

RecurrentFate = Literal["vanishes", "may-explode", "borderline"]

DEFAULT_RADIUS = 1 / math.sqrt(3)
"""Spectral radius of W_hh under PyTorch's default U(-1/sqrt(H), 1/sqrt(H)): sigma_w^2 = 1/3, circular law."""


def largest_slope(activation: Activation) -> float:
    """gamma = max |phi'|, to about six digits.

    Args:
        activation: phi.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> largest_slope(ACTIVATIONS["sigmoid"])
        0.25
    """
    x = np.linspace(-20, 20, 40001)
    return float(np.max(np.abs(activation.slope(x))))


def recurrent_fate(largest_singular_value: float, gamma: float = 1.0) -> RecurrentFate:
    """What the largest singular value alone decides.

    Args:
        largest_singular_value: sigma_1 of W_hh.
        gamma: max |phi'|.

    Returns:
        `vanishes` if sigma_1 < 1 / gamma, which suffices; `may-explode` if sigma_1 > 1 / gamma, which is necessary and
        does not suffice.

    Example:
        >>> recurrent_fate(0.9), recurrent_fate(3.0, gamma=0.25), recurrent_fate(2.0)
        ('vanishes', 'vanishes', 'may-explode')

    Source: Pascanu et al. 2013, section 2.1.
    """
    bound = largest_singular_value * gamma
    if bound == 1:
        return "borderline"
    return "vanishes" if bound < 1 else "may-explode"


def hochreiter_bound(num_units: int) -> float:
    """The |w| below which a sigmoid net of that many units must vanish: 4 / H.

    Args:
        num_units: H.

    Example:
        >>> hochreiter_bound(100)
        0.04

    Source: Hochreiter 1991; Hochreiter and Schmidhuber 1997, section 3.1.
    """
    return 4.0 / num_units


def spectral_radius(sigma_w: float) -> float:
    """Spectral radius of a large square matrix of independent entries: sigma_w; its sigma_1 is twice that.

    Args:
        sigma_w: sqrt(H) times the entries' standard deviation.

    Example:
        >>> round(spectral_radius(math.sqrt(1 / 3)), 3)
        0.577

    Source: the circular law, Girko 1985.
    """
    return sigma_w


def recurrent_gain(
    activation: Activation, sigma_w2: float, num_steps: int, input_variance: float = 0.0, sigma_b2: float = 0.0
) -> float:
    """Mean-field gain through time of a plain recurrent net, in decades.

    The input adds its variance to q at every step as a bias does in a deep net; tied weights leave the mean the same.

    Args:
        activation: phi.
        sigma_w2: H times the variance of W_hh.
        num_steps: time steps.
        input_variance: variance of W_ih x.
        sigma_b2: variance of the biases' sum.

    Returns:
        G over the steps; negative where the gradient vanishes.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> round(recurrent_gain(ACTIVATIONS["tanh"], 1 / 3, 50), 1)  # PyTorch's default, small input
        -11.9

    Source: Chen et al. 2018 (dynamical isometry and RNNs), vanilla RNN.
    """
    ensemble = Ensemble(activation, sigma_w2, sigma_b2 + input_variance)
    return num_steps * decades(chi_1(ensemble, length_fixed_point(ensemble)))


def forget_gate_gain(bias: float, deviation: float = 0.0, num_steps: int = 100) -> float:
    """Gain along the cell state of an LSTM (or the state of a GRU, by its update gate), in decades.

    num_steps * 0.5 log10 E[f^2]: the direct path through the cell; paths through the gates add O(sigma_w^2).

    Args:
        bias: b, the sum of both bias vectors where there are two.
        deviation: s.
        num_steps: time steps.

    Example:
        >>> [round(forget_gate_gain(b), 1) for b in (0, 1, 2)]
        [-30.1, -13.6, -5.5]

    Source: Chen et al. 2018; Gilboa et al. 2019.
    """
    mean_square = expect(lambda x: np.square(sigmoid(x)), deviation**2, mean=bias)
    return num_steps * decades(mean_square)


def time_constant(bias: float) -> float:
    """Steps in which a forget gate of that bias lets a state fall by e: -1 / ln sigmoid(b).

    Args:
        bias: b.

    Example:
        >>> [round(time_constant(b), 2) for b in (0, 1, 2)]
        [1.44, 3.19, 7.88]

    Source: Tallec and Ollivier 2018.
    """
    return 1 / math.log1p(math.exp(-bias))


def forget_bias(num_steps: float) -> float:
    """The bias with that time constant: -ln(exp(1 / T) - 1), about ln T.

    Args:
        num_steps: T, steps to remember, positive.

    Raises:
        ValueError: if T is not positive.

    Example:
        >>> round(time_constant(forget_bias(100.0)), 9)
        100.0

    Source: Tallec and Ollivier 2018 (chrono initialisation draws b = ln U(1, T_max - 1)).
    """
    if num_steps <= 0:
        raise ValueError(f"a memory of {num_steps} steps was asked for; it must be positive")
    return -math.log(math.expm1(1 / num_steps))
