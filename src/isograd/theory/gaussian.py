"""Expectations over one Gaussian, and over two correlated ones.

Legend: q variance, c correlation, z, z1, z2 independent N(0, 1), x = mean + sqrt(q) z,
u1 = sqrt(q) z1, u2 = sqrt(q) (c z1 + sqrt(1 - c^2) z2).
"""

import math
from collections.abc import Callable

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
    root = math.sqrt(max(q, SMALLEST_Q))
    marks = (landmarks(REACH * root + abs(mean), breaks) - mean) / root
    z, weight = panels(np.unique(np.clip(np.concatenate([_GRID, marks]), -REACH, REACH)))
    return float(np.sum(weight * normal_pdf(z) * f(mean + root * z)))


def expect_pair(
    f: Callable[[Array, Array], Array], q: float, c: float, breaks: tuple[float, ...] = (), num_nodes: int = 12
) -> float:
    """E[f(u1, u2)] over two Gaussians of variance q and correlation c.

    The kinks of u2 move with z1, so every outer node has its own inner panels. Seen from outside, a kink is smoothed
    over sqrt(1 - c^2), and outer panels shrink to that width around it.

    Args:
        f: function of two arrays that broadcast.
        q: variance of both, not negative.
        c: correlation, -1..1.
        breaks: points at which f is not smooth in either argument.
        num_nodes: nodes a panel.

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
    outer = np.unique(np.clip(np.concatenate([_GRID, marks, near.ravel()]), -REACH, REACH))
    z1, weight1 = panels(outer, num_nodes)
    inner = np.concatenate([np.broadcast_to(_GRID, (z1.size, _GRID.size)), (marks - c * z1[:, None]) / s], axis=1).clip(
        -REACH, REACH
    )
    z2, weight2 = panels(np.sort(inner, axis=1), num_nodes)
    values = f(root * z1[:, None], root * (c * z1[:, None] + s * z2))
    return float(np.sum(weight1 * normal_pdf(z1) * np.sum(weight2 * normal_pdf(z2) * values, axis=1)))
