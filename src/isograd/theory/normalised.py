"""Normalised nets in closed form: what batch, layer and RMS normalisation do to the gradient a layer.

Legend: z pre-activation before and y after normalisation, of mean 0 and variance 1; B batch size; J1 the correlation
map of ReLU; gamma, beta scale and shift after normalisation. A squared rate is the factor of E||dL/dz||^2 a layer; the
weights' variance cancels out of it. Decades a layer are 0.5 log10 of it.
"""

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np

from isograd.theory.activation import Activation
from isograd.theory.gaussian import expect
from isograd.theory.sphere import expect_batch


def affine(activation: Activation, gamma: float, beta: float = 0.0) -> Activation:
    """phi(gamma y + beta): an activation behind the scale and shift of a normalisation.

    Args:
        activation: phi.
        gamma: scale, not zero.
        beta: shift.

    Raises:
        ValueError: if gamma is zero, for then nothing passes.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> affine(ACTIVATIONS["relu"], 2.0, 1.0).breaks
        (-0.5,)
    """
    if gamma == 0:
        raise ValueError("gamma must not be zero, or nothing passes the layer; got gamma=0")
    return replace(
        activation,
        phi=lambda y: activation.phi(gamma * y + beta),
        slope=lambda y: gamma * activation.slope(gamma * y + beta),
        breaks=tuple(sorted((b - beta) / gamma for b in activation.breaks)),
    )


def activation_variance(activation: Activation, q: float = 1.0) -> float:
    """Var[phi(sqrt(q) z)].

    Args:
        activation: phi.
        q: variance of the pre-activation.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> round(activation_variance(ACTIVATIONS["relu"]), 6)  # 1/2 - 1/(2 pi)
        0.340845
    """
    mean = expect(activation.phi, q, activation.breaks)
    return expect(lambda x: np.square(activation.phi(x) - mean), q, activation.breaks)


@lru_cache(maxsize=256)  # a finite batch costs 0.1 s, and deep chains ask for the same again and again
def batch_norm_rate(activation: Activation, num_samples: int | None = None) -> float:
    """Squared rate of a layer weight, batch normalisation, activation.

    Large batch: E[phi'^2] / Var[phi], at least 1 by the Gaussian Poincare inequality, and 1 for linear alone.
    Finite batch: with D = diag phi'(y), P the projection orthogonal to (1 .. 1) and y, G the one orthogonal to
    (1 .. 1), the rate is B E[tr(P D G D)] / ((B - 3) (B - 1) (E[phi(y1)^2] - E[phi(y1) phi(y2)])).

    Args:
        activation: phi.
        num_samples: B, at least 4; None for a large batch.

    Returns:
        Squared rate, at least 1.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> round(batch_norm_rate(ACTIVATIONS["relu"]), 6)  # pi / (pi - 1)
        1.466942
        >>> round(batch_norm_rate(ACTIVATIONS["linear"], 8), 6)  # (B - 2) / (B - 3)
        1.2

    Source: Yang et al. 2019, theorem on gradient explosion (ReLU, linear); the trace for any phi is derived here and
    agrees with both.
    """
    slope, phi = activation.slope, activation.phi
    if num_samples is None:
        return expect(lambda y: np.square(slope(y)), 1.0, activation.breaks) / activation_variance(activation)
    size, breaks = num_samples, activation.breaks
    slope2 = expect_batch(lambda a, b: np.square(slope(a)) + 0 * b, size, breaks)
    slopes = expect_batch(lambda a, b: slope(a) * slope(b), size, breaks)
    elastic2 = expect_batch(lambda a, b: np.square(a * slope(a)) + 0 * b, size, breaks)
    elastics = expect_batch(lambda a, b: a * slope(a) * b * slope(b), size, breaks)
    trace = (size - 2) * slope2 + (slope2 + (size - 1) * slopes) / size
    trace -= elastic2 - (elastic2 + (size - 1) * elastics) / size
    variance = expect_batch(lambda a, b: np.square(phi(a)) - phi(a) * phi(b), size, breaks)
    return size * trace / ((size - 3) * (size - 1) * variance)


def batch_norm_relu_rate(num_samples: int) -> float:
    """The squared rate of ReLU behind batch normalisation, in closed form.

    (1 / (B - 3)) ((B - 1 + J1'(c)) / (1 - J1(c)) - 1) at c = -1 / (B - 1).

    Args:
        num_samples: B, at least 4.

    Raises:
        ValueError: if the batch is smaller than 4.

    Example:
        >>> [round(batch_norm_relu_rate(b), 3) for b in (4, 32)]
        [3.084, 1.522]

    Source: Yang et al. 2019, theorem 8.
    """
    if num_samples < 4:
        raise ValueError(f"batch normalisation needs a batch of at least 4 here, got {num_samples}")
    c = -1 / (num_samples - 1)
    slope = (math.pi - math.acos(c)) / math.pi
    value = math.sqrt(1 - c * c) / math.pi + c * slope
    return ((num_samples - 1 + slope) / (1 - value) - 1) / (num_samples - 3)


def layer_norm_rate(activation: Activation) -> float:
    """Squared rate of a wide layer weight, layer or RMS normalisation, activation: E[phi'^2] / E[phi^2].

    Layer and RMS normalisation agree here: random weights make the mean over many units zero.

    Args:
        activation: phi.

    Returns:
        Squared rate; below 1 for activations with a mean, such as the sigmoid.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> round(layer_norm_rate(ACTIVATIONS["sigmoid"]), 4)
        0.1528

    Source: derived; chi_1 of Poole et al. 2016 at the initialisation that keeps q = 1.
    """
    breaks = activation.breaks
    second_moment = expect(lambda y: np.square(activation.phi(y)), 1.0, breaks)
    return expect(lambda y: np.square(activation.slope(y)), 1.0, breaks) / second_moment


def rms_norm_rate(activation: Activation) -> float:
    """Squared rate of a wide layer weight, RMS normalisation, activation; that of layer normalisation.

    Args:
        activation: phi.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> round(rms_norm_rate(ACTIVATIONS["relu"]), 12)
        1.0
    """
    return layer_norm_rate(activation)


def post_activation_rate(activation: Activation, sigma_w2: float, *, centred: bool) -> float:
    """Squared rate of a wide layer weight, activation, layer normalisation (`centred`) or RMS normalisation.

    The pre-activation then has variance sigma_w^2, so unlike before the activation the weights' scale matters:
    sigma_w^2 E[phi'^2] / Var[phi], or with E[phi^2] in place of the variance.

    Args:
        activation: phi.
        sigma_w2: sigma_w^2 = fan_in * Var W.
        centred: True for layer normalisation, which takes the mean away.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> round(post_activation_rate(ACTIVATIONS["relu"], 0.3, centred=True), 6)
        1.466942
    """
    slope = expect(lambda x: np.square(activation.slope(x)), sigma_w2, activation.breaks)
    if centred:
        return sigma_w2 * slope / activation_variance(activation, sigma_w2)
    return sigma_w2 * slope / expect(lambda x: np.square(activation.phi(x)), sigma_w2, activation.breaks)


def standardisation_gain(activation: Activation) -> float:
    """gamma = 1 / sqrt(Var phi), which a weight-standardised net multiplies its activations by.

    Args:
        activation: phi.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> round(standardisation_gain(ACTIVATIONS["relu"]), 6)
        1.712859

    Source: Brock et al. 2021 (NF-ResNets, NFNets).
    """
    return 1 / math.sqrt(activation_variance(activation))
