"""Activations that are smooth, apart from at most one point at zero.

Legend: alpha the level -alpha that ELU and CELU tend to, beta the sharpness of softplus, lambda_selu and alpha_selu the
constants of SELU. Definitions as in the documentation of `torch.nn`.
"""

import math

import numpy as np

from isograd.theory.activation import Activation, Array
from isograd.theory.special import erf, normal_cdf, normal_pdf, sigmoid
from isograd.theory.special import softplus as _softplus

LAMBDA_SELU = 1.0507009873554805
"""Klambauer et al. 2017: with alpha it makes mean 0 and variance 1 a fixed point."""
ALPHA_SELU = 1.6732632423543772
"""The alpha of the same equation."""


def tanh() -> Activation:
    """Hyperbolic tangent.

    Example:
        >>> float(tanh().slope(np.array(0.0)))
        1.0
    """
    return Activation("tanh", np.tanh, lambda x: 1.0 - np.square(np.tanh(x)))


def logistic() -> Activation:
    """The sigmoid; its slope is at most 1/4.

    Example:
        >>> float(logistic().slope(np.array(0.0)))
        0.25
    """
    return Activation("sigmoid", sigmoid, lambda x: sigmoid(x) * sigmoid(-x))


def softsign() -> Activation:
    """x / (1 + |x|): saturates as a power, not exponentially.

    Example:
        >>> float(softsign().phi(np.array(1.0)))
        0.5

    Source: Bergstra et al. 2009; Glorot and Bengio 2010.
    """
    return Activation("softsign", lambda x: x / (1 + np.abs(x)), lambda x: (1 + np.abs(x)) ** -2.0, (0.0,))


def error_function() -> Activation:
    """erf(x), for which the correlation map is known in closed form.

    Example:
        >>> round(float(error_function().slope(np.array(0.0))), 6)
        1.128379

    Source: Williams 1997.
    """
    return Activation("erf", erf, lambda x: 2 / math.sqrt(math.pi) * np.exp(-np.square(x)))


def sine() -> Activation:
    """sin(x), as in implicit representations; it oscillates, so quadrature keeps its digits up to q of about 50 only.

    Example:
        >>> float(sine().slope(np.array(0.0)))
        1.0

    Source: Sitzmann et al. 2020.
    """
    return Activation("sin", np.sin, np.cos)


def elu(alpha: float = 1.0, scale: float = 1.0, sharpness: float = 1.0, name: str = "elu") -> Activation:
    """scale * (x for x > 0, alpha (exp(sharpness x) - 1) else).

    Args:
        alpha: level -alpha that is reached on the far left.
        scale: factor of the whole; SELU has one.
        sharpness: 1 for ELU and SELU, 1 / alpha for CELU.
        name: what to call it.

    Example:
        >>> elu().phi(np.array([-50.0, 2.0])).tolist()
        [-1.0, 2.0]

    Source: Clevert et al. 2016; Klambauer et al. 2017 (SELU); Barron 2017 (CELU).
    """

    def phi(x: Array) -> Array:
        return scale * np.where(x > 0, x, alpha * np.expm1(sharpness * np.minimum(x, 0.0)))

    def slope(x: Array) -> Array:
        return scale * np.where(x > 0, 1.0, alpha * sharpness * np.exp(sharpness * np.minimum(x, 0.0)))

    return Activation(name, phi, slope, (0.0,))


def celu(alpha: float = 1.0) -> Activation:
    """ELU with a continuous slope for every alpha.

    Args:
        alpha: level -alpha that is reached on the far left, positive.

    Example:
        >>> float(celu(2.0).slope(np.array(0.0)))
        1.0
    """
    return elu(alpha, 1.0, 1.0 / alpha, "celu")


def gelu() -> Activation:
    """x Phi(x), Phi the distribution function of N(0, 1).

    Example:
        >>> round(float(gelu().phi(np.array(1.0))), 6)
        0.841345

    Source: Hendrycks and Gimpel 2016.
    """
    return Activation("gelu", lambda x: x * normal_cdf(x), lambda x: normal_cdf(x) + x * normal_pdf(x))


def gelu_tanh() -> Activation:
    """GELU by tanh (`approximate="tanh"`): x sigmoid(2 u), u = sqrt(2/pi) (x + 0.044715 x^3).

    Example:
        >>> round(float(gelu_tanh().phi(np.array(1.0))), 6)
        0.841192
    """
    k = 2 * math.sqrt(2 / math.pi)

    def gate(x: Array) -> Array:
        return sigmoid(k * (x + 0.044715 * x**3))

    def slope(x: Array) -> Array:
        return gate(x) + x * gate(x) * gate(-x) * k * (1 + 3 * 0.044715 * np.square(x))

    return Activation("gelu_tanh", lambda x: x * gate(x), slope)


def silu() -> Activation:
    """x sigmoid(x), also called swish.

    Example:
        >>> float(silu().slope(np.array(0.0)))
        0.5
    """
    return Activation("silu", lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * sigmoid(-x)))


def mish() -> Activation:
    """x tanh(softplus(x)).

    Example:
        >>> round(float(mish().slope(np.array(0.0))), 6)
        0.6

    Source: Misra 2019.
    """

    def slope(x: Array) -> Array:
        gate = np.tanh(_softplus(x))
        return np.asarray(gate + x * (1 - np.square(gate)) * sigmoid(x))

    return Activation("mish", lambda x: x * np.tanh(_softplus(x)), slope)


def softplus(beta: float = 1.0) -> Activation:
    """ln(1 + exp(beta x)) / beta.

    Args:
        beta: sharpness, positive; ReLU in the limit.

    Example:
        >>> float(softplus().slope(np.array(0.0)))
        0.5
    """
    return Activation("softplus", lambda x: _softplus(beta * x) / beta, lambda x: sigmoid(beta * x))


def logsigmoid() -> Activation:
    """ln sigmoid(x) = -softplus(-x).

    Example:
        >>> float(logsigmoid().slope(np.array(0.0)))
        0.5
    """
    return Activation("logsigmoid", lambda x: -_softplus(-x), lambda x: sigmoid(-x))


def tanhshrink() -> Activation:
    """x - tanh(x): flat at zero, so a small signal dies.

    Example:
        >>> float(tanhshrink().slope(np.array(0.0)))
        0.0
    """
    return Activation("tanhshrink", lambda x: x - np.tanh(x), lambda x: np.square(np.tanh(x)))
