"""Initialisations that neither shrink nor swell the gradient: the edge of chaos and its special points.

Legend: q* length at rest, chi_1 = sigma_w^2 E[phi'^2] factor of the squared gradient, chi_parallel slope of the length
map, K* the q* of a point that is critical in both. Every edge point is named by its q*:
sigma_w^2 = 1 / E[phi'^2], sigma_b^2 = q* - sigma_w^2 E[phi^2], both expectations at variance q*.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from isograd.theory.activation import Activation
from isograd.theory.fixed_points import bisect
from isograd.theory.gaussian import expect
from isograd.theory.maps import Ensemble, chi_parallel, length_map

CriticalityKind = Literal["scale-invariant", "power-law", "half-stable", "edge-of-chaos"]
"""`scale-invariant`: any length stays as it is (ReLU family). `power-law`: K* = 0, length and gradient fall as powers
of depth (tanh). `half-stable`: K* > 0 with chi_1 = chi_parallel = 1 (GELU, SiLU). `edge-of-chaos`: chi_1 = 1 alone."""

_SCAN = 10.0 ** np.linspace(-4, 6, 121)
_SIZES = (1e-6, 1e-3, 0.1, 1.0, 10.0, 100.0)


@dataclass(frozen=True)
class Criticality:
    """An initialisation at which chi_1 = 1."""

    sigma_w: float
    """sqrt(fan_in) times the standard deviation of the weights."""
    sigma_b: float
    """Standard deviation of the biases."""
    q: float
    """The length at rest; nan where any length is."""
    kind: CriticalityKind
    """What kind of criticality it is."""


def edge_at(activation: Activation, q: float) -> tuple[float, float]:
    """(sigma_w^2, sigma_b^2) for which chi_1 = 1 and q is a fixed point.

    A negative sigma_b^2 says that there is none: the activation's mean alone is too large.

    Args:
        activation: phi.
        q: the length wanted.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> [round(x, 4) for x in edge_at(ACTIVATIONS["selu"], 1.0)]
        [0.9332, 0.0668]
        >>> edge_at(ACTIVATIONS["softplus"], 1.0)[1] < 0
        True

    Source: algebra on the length map and chi_1 of Poole et al. 2016.
    """
    slope = expect(lambda x: np.square(activation.slope(x)), q, activation.breaks)
    if slope == 0:
        return math.inf, -math.inf
    second_moment = expect(lambda x: np.square(activation.phi(x)), q, activation.breaks)
    return 1 / slope, q - second_moment / slope


def edge_of_chaos(activation: Activation, sigma_b2: float) -> tuple[float, float] | None:
    """sigma_w^2 and q* of the edge of chaos at a given sigma_b^2.

    Args:
        activation: phi.
        sigma_b2: sigma_b^2, not negative; at zero this is the edge of `critical_initialisation` if q* is 0 there.

    Returns:
        (sigma_w^2, q*) of the stable fixed point; None if there is none at this sigma_b^2.

    Raises:
        ValueError: if `sigma_b2` is negative.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> [round(x, 4) for x in edge_of_chaos(ACTIVATIONS["tanh"], 0.05)]
        [1.761, 0.57]

    Source: Schoenholz et al. 2017, the line chi_1 = 1 of their phase diagram.
    """
    if sigma_b2 < 0:
        raise ValueError(f"sigma_b2 is a variance and must not be negative, got {sigma_b2}")
    if sigma_b2 == 0 and (origin := _at_origin(activation)) is not None:
        return origin.sigma_w**2, 0.0
    q = _first_root(lambda q: edge_at(activation, q)[1] - sigma_b2, rising=True)
    if q is None or chi_parallel(Ensemble(activation, edge_at(activation, q)[0]), q) > 1 + 1e-9:
        return None
    return edge_at(activation, q)[0], q


@lru_cache(maxsize=256)
def critical_initialisation(activation: Activation, q: float | None = None) -> Criticality | None:
    """The critical initialisation of an activation.

    Without `q` it is the most critical one: any length, else K* = 0, else half-stable, else the edge at zero bias.
    At K* = 0 the length and the gradient still fall as powers of depth, for ELU, SELU and softsign as fast as
    E||dL/dz||^2 ~ 1 / l^2; the edge at q = 1 then keeps the gradient better.

    Args:
        activation: phi.
        q: length that shall stay as it is, e.g. 1; then a point of the edge of chaos is returned.

    Returns:
        None if the activation has none: softplus and LogSigmoid (their mean is too large), Hardshrink (it jumps, so
        lengths outgrow slopes) and Tanhshrink (the length map is unstable wherever chi_1 = 1).

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> gelu = critical_initialisation(ACTIVATIONS["gelu"])
        >>> gelu.kind, round(gelu.sigma_w**2, 5), round(gelu.sigma_b**2, 5), round(gelu.q, 5)
        ('half-stable', 1.98306, 0.17292, 3.56155)
        >>> critical_initialisation(ACTIVATIONS["softplus"]) is None
        True

    Source: Roberts, Yaida and Hanin 2022, the chapter on criticality; Poole et al. 2016; He et al. 2015.
    """
    if q is not None:
        return _as_edge(activation, q)
    return _at_origin(activation) or _half_stable(activation) or _at_zero_bias(activation)


def _as_edge(activation: Activation, q: float) -> Criticality | None:
    sigma_w2, sigma_b2 = edge_at(activation, q)
    if sigma_b2 < -1e-9 * q or chi_parallel(Ensemble(activation, sigma_w2), q) > 1 + 1e-9:
        return None
    return Criticality(math.sqrt(sigma_w2), math.sqrt(max(sigma_b2, 0.0)), q, "edge-of-chaos")


def _at_origin(activation: Activation) -> Criticality | None:
    """Slopes on both sides of zero count half each; critical if no length grows at that sigma_w."""
    slope = expect(lambda x: np.square(activation.slope(x)), 0.0, activation.breaks)
    if activation.phi(np.zeros(1))[0] != 0 or slope < 1e-12:
        return None
    growth = [length_map(Ensemble(activation, 1 / slope), q) / q - 1 for q in _SIZES]
    if max(growth) > 1e-9:
        return None
    if min(growth) > -1e-9:
        return Criticality(math.sqrt(1 / slope), 0.0, math.nan, "scale-invariant")
    return Criticality(math.sqrt(1 / slope), 0.0, 0.0, "power-law")


def _half_stable(activation: Activation) -> Criticality | None:
    """chi_parallel falls through chi_1 = 1, or, for Softshrink, equals it on the whole edge; then at length one."""

    def excess(q: float) -> float:
        sigma_w2 = edge_at(activation, q)[0]
        return chi_parallel(Ensemble(activation, sigma_w2), q) - 1 if math.isfinite(sigma_w2) else math.nan

    q = 1.0 if abs(excess(1.0)) < 1e-9 else _first_root(excess, rising=False)
    if q is None or edge_at(activation, q)[1] < 0:
        return None
    sigma_w2, sigma_b2 = edge_at(activation, q)
    return Criticality(math.sqrt(sigma_w2), math.sqrt(sigma_b2), q, "half-stable")


def _at_zero_bias(activation: Activation) -> Criticality | None:
    found = edge_of_chaos(activation, 0.0)
    return None if found is None else Criticality(math.sqrt(found[0]), 0.0, found[1], "edge-of-chaos")


def _first_root(f: Callable[[float], float], *, rising: bool) -> float | None:
    """The first zero over the scanned lengths at which f changes its sign in the direction wanted."""
    sign = 1.0 if rising else -1.0
    values = [sign * f(float(q)) for q in _SCAN]
    for low, high, before, after in zip(_SCAN, _SCAN[1:], values, values[1:], strict=False):
        if before < 0 <= after:
            return bisect(f, float(low), float(high))
    return None
