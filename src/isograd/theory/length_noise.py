"""How the chance in a finite layer's length spreads to the gain, above all where the length map is unstable.

Legend: q_l length, n_l width; a layer's own draw changes ln q of the next by a noise of variance
kappa_l / n_l, kappa_l = (sigma_w^2 / (rho q_{l+1}))^2 Var[phi^2]; carry a_l = d ln q_{l+1} / d ln q_l; slope
s_l = d ln chi_1 / d ln q_l. Derivatives in q are by partial integration, d E[f] / d ln q = E[f (z^2 - 1)] / 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isograd.theory.gaussian import expect
from isograd.theory.maps import Ensemble


@dataclass(frozen=True)
class LengthResponse:
    """What one layer does to a small deviation of its length."""

    noise: float
    """kappa / n: variance that this layer adds to ln q of the next."""
    carry: float
    """a: factor of a deviation of ln q on its way to the next layer."""
    slope: float
    """s: effect of a deviation of ln q on ln chi_1 of this layer."""


STILL = LengthResponse(0.0, 0.0, 0.0)
"""A layer that normalises its length and so forgets any deviation."""


def length_response(ensemble: Ensemble, q: float, width: float) -> LengthResponse:
    """The response of a layer of length q to a deviation of it, to first order.

    Args:
        ensemble: activation of this layer, weights and biases of the next.
        q: length of this layer.
        width: its units.

    Returns:
        `STILL` where no signal or no slope is left.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> he = length_response(Ensemble(ACTIVATIONS["relu"], 2.0), 1.0, 100)  # scale-invariant: all is carried on
        >>> round(he.noise, 9), round(he.carry, 9), round(abs(he.slope), 9)
        (0.05, 1.0, 0.0)

    Source: derived; the first order of the length map's fluctuations in Roberts, Yaida and Hanin 2022.
    """
    act, gain = ensemble.activation, ensemble.sigma_w2 / ensemble.keep
    second = expect(lambda x: np.square(act.phi(x)), q, act.breaks)
    slope = expect(lambda x: np.square(act.slope(x)), q, act.breaks)
    following = gain * second + ensemble.sigma_b2
    if min(q, following, slope) <= 0:
        return STILL
    noise = expect(lambda x: np.square(np.square(act.phi(x)) - second), q, act.breaks)
    carry = expect(lambda x: np.square(act.phi(x)) * (np.square(x) / q - 1), q, act.breaks) / 2
    tilt = expect(lambda x: np.square(act.slope(x)) * (np.square(x) / q - 1), q, act.breaks) / 2
    return LengthResponse((gain / following) ** 2 * noise / width, gain * carry / following, tilt / slope)


def length_beta(responses: Sequence[LengthResponse]) -> float:
    """Variance that the lengths' noise adds to the log of the squared gain.

    Noise of layer l acts on every later layer k by s_k and the carries between.

    Args:
        responses: of the layers that the gradient passes, input side first.

    Example:
        >>> length_beta([LengthResponse(0.01, 1.0, 0.0), LengthResponse(0.01, 1.0, 2.0)])  # reaches the next
        0.04

    Source: derived; first order.
    """
    beta, effect = 0.0, 0.0
    for response in reversed(responses):
        beta += response.noise * effect**2
        effect = response.slope + response.carry * effect
    return beta
