"""Expectations over one Gaussian, and over two correlated ones.

Legend: q variance, c correlation, z, z1, z2 independent N(0, 1), x = mean + sqrt(q) z,
u1 = sqrt(q) z1, u2 = sqrt(q) (c z1 + sqrt(1 - c^2) z2).
"""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from isograd.theory.activation import Elementwise
from isograd.theory.quadrature import landmarks, panels
from isograd.theory.special import normal_pdf

Array = NDArray[np.float64]

REACH = 10.0
"""Standard deviations that are integrated over; beyond lies 1e-23 of the mass."""
SMALLEST_Q = 1e-30
"""Variance zero stands for the limit from above, where both one-sided slopes of a kink at zero count half."""
_GRID = np.linspace(-REACH, REACH, 21)
_COARSE_GRID = np.linspace(-REACH, REACH, 11)


def expect(f: Elementwise, q: float = 1.0, breaks: tuple[float, ...] = (), mean: float = 0.0) -> float:
    """E[f(mean + sqrt(q) z)].

    Args:
        f: elementwise function of x.
        q: variance, not negative.
        breaks: the points x at which f is not smooth.
        mean: mean of x.

    Raises:
        ValueError: if q is negative or not finite.

    Example:
        >>> round(expect(np.square, 2.0), 12)
        2.0
        >>> round(expect(lambda x: np.maximum(x, 0), breaks=(0.0,)), 12)  # 1 / sqrt(2 pi)
        0.398942280401
    """
    if not 0 <= q < math.inf:
        raise ValueError(f"a variance must be finite and not negative, got q={q}")
    x, weight = _rule(q, breaks, mean)
    return float(np.sum(weight * f(x)))


@lru_cache(maxsize=1024)
def _rule(q: float, breaks: tuple[float, ...], mean: float) -> tuple[Array, Array]:
    """Points x and their weights; one layer asks for several moments at the same q, hence the cache."""
    root = math.sqrt(max(q, SMALLEST_Q))
    marks = (landmarks(REACH * root + abs(mean), breaks) - mean) / root
    z, weight = panels(np.unique(np.clip(np.concatenate([_GRID, marks]), -REACH, REACH)))
    x, weight = mean + root * z, weight * normal_pdf(z)
    x.flags.writeable = weight.flags.writeable = False
    return x, weight


def expect_pair(
    f: Callable[[Array, Array], Array], q: float, c: float, breaks: tuple[float, ...] = (), num_nodes: int = 10
) -> float:
    """E[f(u1, u2)] over two Gaussians of variance q and correlation c.

    The kinks of u2 move with z1, so every outer node has its own inner panels. Seen from outside, a kink is smoothed
    over sqrt(1 - c^2), and outer panels shrink to that width around it.

    Args:
        f: function of two arrays that broadcast.
        q: variance of both, not negative.
        c: correlation, -1..1.
        breaks: points at which f is not smooth in either argument.
        num_nodes: nodes a panel; 10 keep 1e-13 for every activation but sin at q above 10.

    Raises:
        ValueError: if c is no correlation.

    Example:
        >>> round(expect_pair(lambda a, b: a * b, 2.0, 0.3), 12)
        0.6
    """
    if not -1 <= c <= 1:
        raise ValueError(f"a correlation lies in -1..1, got c={c}")
    s = math.sqrt((1 - c) * (1 + c))
    if s < 1e-7:
        both = (*breaks, *(-b for b in breaks))
        return expect(lambda x: f(x, math.copysign(1.0, c) * x), q, both)
    root = math.sqrt(max(q, SMALLEST_Q))
    marks = landmarks(REACH * root, breaks) / root
    blur = s * np.array([-8.0, -4.0, -2.0, -1.0, 1.0, 2.0, 4.0, 8.0])
    near = (np.array(breaks) / root)[:, None] + blur if breaks else np.empty(0)
    outer = np.unique(np.clip(np.concatenate([_COARSE_GRID, marks, near.ravel()]), -REACH, REACH))
    z1, weight1 = panels(outer, num_nodes)
    inner = np.concatenate(
        [np.broadcast_to(_COARSE_GRID, (z1.size, _COARSE_GRID.size)), (marks - c * z1[:, None]) / s], axis=1
    ).clip(-REACH, REACH)
    z2, weight2 = panels(np.sort(inner, axis=1), num_nodes)
    values = f(root * z1[:, None], root * (c * z1[:, None] + s * z2))
    return float(np.sum(weight1 * normal_pdf(z1) * np.sum(weight2 * normal_pdf(z2) * values, axis=1)))
