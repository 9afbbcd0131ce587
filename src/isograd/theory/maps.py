"""Mean-field maps of a wide random network: how length, correlation and gradient go from layer to layer.

Legend (Poole et al. 2016; Schoenholz et al. 2017): z_l = W_l phi(z_{l-1}) + b_l, Var W = sigma_w^2 / fan_in,
Var b = sigma_b^2, q = E[z^2] length, c correlation of the pre-activations of two inputs, rho keep share of dropout
(mask / rho, on phi). chi_1 multiplies E||dL/dz||^2 from a layer to the one before; a decade is log10 of a norm, so a
layer costs 0.5 log10(chi_1).
"""

import math
from dataclasses import dataclass

import numpy as np

from isograd.theory.activation import Activation
from isograd.theory.gaussian import SMALLEST_Q, expect, expect_pair


@dataclass(frozen=True)
class Ensemble:
    """The random networks that are averaged over: one activation, one initialisation.

    Raises:
        ValueError: if a variance is negative or the keep share lies outside (0, 1].

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> Ensemble(ACTIVATIONS["relu"], sigma_w2=2.0).sigma_b2
        0.0
    """

    activation: Activation
    """phi."""
    sigma_w2: float
    """sigma_w^2 = fan_in * Var W."""
    sigma_b2: float = 0.0
    """sigma_b^2 = Var b."""
    keep: float = 1.0
    """rho, the share that dropout keeps; 1 without dropout."""

    def __post_init__(self) -> None:
        if min(self.sigma_w2, self.sigma_b2) < 0:
            raise ValueError(
                f"variances must not be negative, got sigma_w2={self.sigma_w2} and sigma_b2={self.sigma_b2}"
            )
        if not 0 < self.keep <= 1:
            raise ValueError(f"dropout must keep a share in (0, 1], got keep={self.keep}; pass 1 - p")


def length_map(ensemble: Ensemble, q: float) -> float:
    """The next layer's q: sigma_w^2 / rho * E[phi(sqrt(q) z)^2] + sigma_b^2.

    Args:
        ensemble: the networks.
        q: length of this layer.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> round(length_map(Ensemble(ACTIVATIONS["relu"], 2.0), 3.0), 9)
        3.0

    Source: Poole et al. 2016, the length map; with dropout Schoenholz et al. 2017.
    """
    act = ensemble.activation
    second_moment = expect(lambda x: np.square(act.phi(x)), q, act.breaks)
    return ensemble.sigma_w2 / ensemble.keep * second_moment + ensemble.sigma_b2


def correlation_map(ensemble: Ensemble, q: float, c: float) -> float:
    """The next layer's c: (sigma_w^2 E[phi(u1) phi(u2)] + sigma_b^2) / q of the next layer.

    Two inputs have masks of their own, so dropout enlarges the denominator alone and c = 1 is no fixed point.

    Args:
        ensemble: the networks.
        q: length of both inputs in this layer.
        c: their correlation in this layer.

    Returns:
        A correlation in -1..1; 1 where the next layer's length is zero.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> round(correlation_map(Ensemble(ACTIVATIONS["relu"], 2.0), 1.0, 0.0), 9)  # 1 / pi
        0.318309886

    Source: Poole et al. 2016, the correlation map.
    """
    act = ensemble.activation
    following = length_map(ensemble, q)
    if following == 0:
        return 1.0
    product = expect_pair(lambda a, b: act.phi(a) * act.phi(b), q, c, act.breaks)
    return min(1.0, max(-1.0, (ensemble.sigma_w2 * product + ensemble.sigma_b2) / following))


def correlation_slope(ensemble: Ensemble, q: float, c: float) -> float:
    """Slope of the correlation map at c: sigma_w^2 E[phi'(u1) phi'(u2)] * q / q of the next layer.

    At a fixed point the last factor is one. At c = 1 and without dropout it is then chi_1.

    Args:
        ensemble: the networks.
        q: length.
        c: correlation.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> round(correlation_slope(Ensemble(ACTIVATIONS["relu"], 2.0), 1.0, 0.0), 9)
        0.5

    Source: Schoenholz et al. 2017, the slope behind xi_c.
    """
    act = ensemble.activation
    product = expect_pair(lambda a, b: act.slope(a) * act.slope(b), q, c, act.breaks)
    return ensemble.sigma_w2 * product * q / length_map(ensemble, q)


def chi_1(ensemble: Ensemble, q: float) -> float:
    """Factor of E||dL/dz||^2 a layer: sigma_w^2 / rho * E[phi'(sqrt(q) z)^2].

    Args:
        ensemble: the networks.
        q: length, at a fixed point or anywhere else.

    Returns:
        At least 0; below 1 the gradient vanishes, above it explodes.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> round(chi_1(Ensemble(ACTIVATIONS["sigmoid"], 1.0), 0.0), 9)  # (1 / 4)^2
        0.0625

    Source: Poole et al. 2016, chi_1; Schoenholz et al. 2017 for the gradient.
    """
    act = ensemble.activation
    return ensemble.sigma_w2 / ensemble.keep * expect(lambda x: np.square(act.slope(x)), q, act.breaks)


def chi_parallel(ensemble: Ensemble, q: float) -> float:
    """Slope of the length map, d q_{l+1} / d q_l = sigma_w^2 / rho * E[phi'^2 + phi'' phi].

    Computed as sigma_w^2 E[(phi^2 - phi(0)^2) (z^2 - 1)] / (2 q), equal by partial integration: it needs no second
    derivative and holds at kinks and jumps too.

    Args:
        ensemble: the networks.
        q: length.

    Returns:
        Below 1 in size a fixed point is stable. Full criticality wants chi_1 = chi_parallel = 1.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> round(chi_parallel(Ensemble(ACTIVATIONS["relu"], 2.0), 1.0), 9)
        1.0

    Source: Schoenholz et al. 2017, the slope behind xi_q; Roberts, Yaida and Hanin 2022, chi_parallel.
    """
    act = ensemble.activation
    q = max(q, 1e-12 if act.phi(np.zeros(1))[0] else SMALLEST_Q)
    centre = float(np.square(act.phi(np.zeros(1)))[0])
    slope = expect(lambda x: (np.square(act.phi(x)) - centre) * (np.square(x) / q - 1), q, act.breaks)
    return ensemble.sigma_w2 / ensemble.keep * slope / (2 * q)


def decades(squared_factor: float) -> float:
    """log10 of a norm from the factor of its square; -inf for zero.

    Args:
        squared_factor: such as chi_1, not negative.

    Example:
        >>> decades(100.0), decades(0.0)
        (1.0, -inf)
    """
    return 0.5 * math.log10(squared_factor) if squared_factor > 0 else -math.inf
