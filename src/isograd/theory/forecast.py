"""The forecast of G for a plain chain of layers, from statistics of its weights alone.

Legend: z_l = W_l h_{l-1} + b_l, y_l = norm(z_l), h_l = phi_l(y_l), for layers l = 1 .. L; q_l = E[z_l^2], c_l
correlation of z_l over two inputs, rho_l = log10(||dL/dz_{l-1}|| / ||dL/dz_l||), G the sum of rho_2 .. rho_L. Sources:
`maps` for the chain, `normalised` for the norms, `finite_width` for the error bar.

The log of one gradient lies below that of the mean by the shift of `finite_width`; over a batch whose gradients point
many ways the norms average and the shift goes (simulated bias 0.01 decade without it, -0.08 with it). So the forecast
is the mean, and the lower end of its bar leaves room for the shift. Where the length map is unstable over many layers
(GELU at sigma_w^2 = 2, 32 layers) first-order noise is not all, and the bar holds about five nets in six.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from isograd.theory.activation import Activation
from isograd.theory.finite_width import INFLATION, gain_spread, layer_beta, slope_moment_ratio
from isograd.theory.gaussian import expect, expect_pair
from isograd.theory.length_noise import STILL, LengthResponse, length_beta, length_response
from isograd.theory.maps import Ensemble, decades
from isograd.theory.normalised import batch_norm_rate

Normalisation = Literal["none", "batch", "layer", "rms"]


@dataclass(frozen=True)
class Layer:
    """What the forecast wants to know of one layer.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> Layer(sigma_w2=2.0, width=256, activation=ACTIVATIONS["relu"]).normalisation
        'none'
    """

    sigma_w2: float
    """fan_in * mean of W^2, as measured or as initialised."""
    width: float
    """Units; for a convolution, independent numbers in its output, at least the channels."""
    activation: Activation
    """phi behind this layer; linear for the last one."""
    sigma_b2: float = 0.0
    """Mean of b^2."""
    normalisation: Normalisation = "none"
    """What stands between weight and activation."""
    epsilon: float = 1e-5
    """Added to the variance by the normalisation."""
    keep: float = 1.0
    """Share that dropout behind the activation keeps."""
    orthogonal: bool = False
    """True if the weights are orthogonal."""


@dataclass(frozen=True)
class GainForecast:
    """What a chain of L layers will do to its gradient, in decades."""

    gain: float
    """G, the sum of `rho`; -inf where no gradient passes."""
    low: float
    """Lower end of the error bar: two inflated standard deviations and the shift of a single gradient."""
    high: float
    """Upper end: two inflated standard deviations."""
    rho: tuple[float, ...]
    """Shape (L - 1,): gain from layer l to l - 1, for l = 2 .. L."""
    q: tuple[float, ...]
    """Shape (L,): forecast E[z^2]."""
    c: tuple[float, ...]
    """Shape (L,): forecast correlation of z over two inputs; near 1 the output hardly depends on the input."""


def forecast_gain(
    layers: Sequence[Layer], input_q: float = 1.0, input_c: float = 0.0, num_samples: int | None = None
) -> GainForecast:
    """Forecast G and its error bar.

    Args:
        layers: the chain, input side first, at least one layer.
        input_q: mean square of the input.
        input_c: correlation of two inputs (share of the input's energy that is the same for all).
        num_samples: batch size, for batch normalisation; None for a large one.

    Returns:
        The forecast; a chain of one layer has G = 0.

    Raises:
        ValueError: if there is no layer.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> torch_default = Layer(1 / 3, 256, ACTIVATIONS["sigmoid"], sigma_b2=1 / 3 / 256)
        >>> forecast = forecast_gain([torch_default] * 20)
        >>> round(forecast.gain, 1), round(forecast.high - forecast.gain, 1)
        (-16.2, 0.2)

    Source: Schoenholz et al. 2017; Yang et al. 2019; Hanin and Nica 2020.
    """
    if not layers:
        raise ValueError("a forecast needs at least one layer, got none")
    q, c = _forward(layers, input_q, input_c)
    rho = []
    betas = []
    responses = []
    for before, layer, length, same in zip(layers, layers[1:], q, c, strict=False):
        variance, scale = _normalised(before, length, same)
        rho.append(decades(_squared_factor(before, layer, variance, num_samples) * scale))
        ratio = slope_moment_ratio(before.activation, variance)
        betas.append(layer_beta(ratio, before.width, orthogonal=layer.orthogonal))
        responses.append(_response(before, layer, length))
    shift, _ = gain_spread(betas)
    _, sd = gain_spread([*betas, length_beta(responses)])
    gain = sum(rho)
    bar = 2 * INFLATION * sd
    return GainForecast(gain, gain - bar + shift, gain + bar, tuple(rho), q, c)


def _forward(layers: Sequence[Layer], input_q: float, input_c: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Lengths and correlations of all z; second moments of h go from layer to layer, both of one and of two inputs."""
    same, across = input_q, input_q * input_c
    q: list[float] = []
    c: list[float] = []
    for before, layer in zip((None, *layers), layers, strict=False):
        if before is not None:
            variance, _ = _normalised(before, q[-1], c[-1])
            same, across = _moments(before.activation, variance, 0.0 if before.normalisation == "batch" else c[-1])
            same /= before.keep
        length = layer.sigma_w2 * same + layer.sigma_b2
        product = layer.sigma_w2 * across + layer.sigma_b2
        q.append(length)
        c.append(max(-1.0, min(1.0, product / length)) if length > 0 else 1.0)
    return tuple(q), tuple(c)


def _normalised(layer: Layer, q: float, c: float) -> tuple[float, float]:
    """Variance of y, and the factor of the squared gradient through the normalisation (large batch, large width).

    Batch normalisation takes away what all inputs share, the part c of q.
    """
    if layer.normalisation == "none":
        return q, 1.0
    spread = q * (1 - c) if layer.normalisation == "batch" else q
    scale = 1 / (spread + layer.epsilon)
    return spread * scale, scale


def _squared_factor(before: Layer, layer: Layer, variance: float, num_samples: int | None) -> float:
    """sigma_w^2 / rho * E[phi'^2], times what a finite batch adds behind batch normalisation."""
    act = before.activation
    slope = expect(lambda x: np.square(act.slope(x)), variance, act.breaks)
    excess = 1.0
    if before.normalisation == "batch" and num_samples is not None:
        excess = batch_norm_rate(act, num_samples) / batch_norm_rate(act)
    return layer.sigma_w2 / before.keep * slope * excess


def _response(before: Layer, layer: Layer, q: float) -> LengthResponse:
    """A layer that normalises has the length that it wants, whatever came before."""
    if before.normalisation != "none":
        return STILL
    return length_response(Ensemble(before.activation, layer.sigma_w2, layer.sigma_b2, before.keep), q, before.width)


def _moments(activation: Activation, q: float, c: float) -> tuple[float, float]:
    """E[phi(u1)^2] and E[phi(u1) phi(u2)]."""
    phi, breaks = activation.phi, activation.breaks
    same = expect(lambda x: np.square(phi(x)), q, breaks)
    if c == 0:
        return same, expect(phi, q, breaks) ** 2
    # Beyond this the two agree to the digits of a quadrature that could tell them apart.
    if c > 1 - 1e-9:
        return same, same
    return same, expect_pair(lambda a, b: phi(a) * phi(b), q, c, breaks)
