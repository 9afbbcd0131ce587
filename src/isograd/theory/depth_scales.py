"""How many layers signal and gradient last: xi_q, xi_c, xi_grad, and the rules of thumb built on them.

Legend (Schoenholz et al. 2017): xi the number of layers in which a deviation shrinks by e; |q_l - q*| ~ exp(-l / xi_q),
|c_l - c*| ~ exp(-l / xi_c), E||dL/dz||^2 ~ exp(-/+ l / xi_grad). G is the gain of the gradient in decades.
"""

import math
from dataclasses import dataclass

from isograd.theory.fixed_points import correlation_fixed_point, length_fixed_point
from isograd.theory.maps import Ensemble, chi_1, chi_parallel, correlation_slope

MULTIPLES_PLAIN = 6.0
"""Plain nets train up to about 6 xi (Schoenholz et al. 2017)."""
MULTIPLES_BATCH_NORM = 16.0
"""Batch-normalised nets train up to about 16 xi (Yang et al. 2019)."""


@dataclass(frozen=True)
class DepthScales:
    """Fixed points of an ensemble and the depths over which they are reached, in layers."""

    q: float
    """q*, 0 or inf where the signal dies or explodes."""
    c: float
    """c*."""
    chi_1: float
    """Factor of the squared gradient a layer, at q*."""
    xi_q: float
    """Depth scale of the length."""
    xi_c: float
    """Depth scale of the correlation; inf on the edge of chaos."""
    xi_grad: float
    """Layers in which the squared gradient changes by e, whichever way."""


def depth_scale(slope: float) -> float:
    """1 / |ln |slope||: layers for a factor of e.

    Args:
        slope: slope of a map at its fixed point.

    Returns:
        0 for slope 0, inf for slope 1.

    Example:
        >>> round(depth_scale(0.5), 6)
        1.442695
    """
    if slope == 0:
        return 0.0
    rate = abs(math.log(abs(slope)))
    return 1 / rate if rate > 1e-12 else math.inf


def depth_scales(ensemble: Ensemble, start: float = 1.0) -> DepthScales:
    """All depth scales of an ensemble.

    Args:
        ensemble: the networks.
        start: length of the first layer; it matters only where there is more than one fixed point.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> scales = depth_scales(Ensemble(ACTIVATIONS["tanh"], 1.2, 0.05))
        >>> round(scales.chi_1, 3), scales.c, round(scales.xi_c, 2)
        (0.845, 1.0, 5.94)

    Source: Schoenholz et al. 2017, who define xi_q, xi_c and, for the gradient, xi_grad (their xi_nabla).
    """
    q = length_fixed_point(ensemble, start)
    if not math.isfinite(q):
        return DepthScales(q, math.nan, math.nan, math.nan, math.nan, math.nan)
    chi = chi_1(ensemble, q)
    if q == 0:
        return DepthScales(q, 1.0, chi, depth_scale(chi_parallel(ensemble, q)), depth_scale(chi), depth_scale(chi))
    c = correlation_fixed_point(ensemble, q)
    xi_c = depth_scale(correlation_slope(ensemble, q, c))
    return DepthScales(q, c, chi, depth_scale(chi_parallel(ensemble, q)), xi_c, depth_scale(chi))


def gain_limit(multiples: float = MULTIPLES_PLAIN) -> float:
    """The |G| in decades that a rule "L <= multiples * xi" amounts to: multiples / (2 ln 10).

    Args:
        multiples: how many depth scales a net may be deep.

    Example:
        >>> round(gain_limit(), 2), round(gain_limit(MULTIPLES_BATCH_NORM), 2)
        (1.3, 3.47)
    """
    return multiples / (2 * math.log(10))


def trainable_depth(squared_factor: float, multiples: float = MULTIPLES_PLAIN) -> float:
    """Layers after which the gain passes the limit: multiples * xi.

    Args:
        squared_factor: chi_1, or the squared rate of a normalised net.
        multiples: how many depth scales a net may be deep.

    Returns:
        Layers; inf where the gradient keeps its size.

    Example:
        >>> round(trainable_depth(1.466942, MULTIPLES_BATCH_NORM), 1)
        41.8
    """
    return multiples * depth_scale(squared_factor)
