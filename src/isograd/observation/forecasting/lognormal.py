"""Moments of exp(a) for a Gaussian a."""

import math

LARGEST_EXPONENT = 100.0
"""Beyond it the model itself overflows, and products of several would overflow double precision."""


def first_moment(mean: float, variance: float) -> float:
    """E[exp(a)] = exp(mean + variance / 2).

    >>> first_moment(-2.0, 0.0) == math.exp(-2.0)
    True
    """
    return math.exp(min(mean + variance / 2.0, LARGEST_EXPONENT))


def pair_moment(mean: float, variance: float, covariance: float) -> float:
    """E[exp(a) exp(b)] = exp(2 mean + variance + covariance), a and b alike; the mean square at covariance = variance.

    >>> pair_moment(0.5, 0.2, 0.0) == first_moment(0.5, 0.2) ** 2
    True
    """
    return math.exp(min(2.0 * mean + variance + covariance, LARGEST_EXPONENT))
