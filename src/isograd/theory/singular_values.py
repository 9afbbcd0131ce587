"""Moments of the singular values of the Jacobian from end to end.

Legend (Pennington et al. 2017): J Jacobian of L layers, s its singular values, chi = chi_1, mu_k = E[phi'^(2k)],
s1 = -1 for Gaussian and 0 for orthogonal weights. For widths well above L.
"""

import math

MEAN_SQUARE_LAYER = 8 / (3 * math.pi)
"""Mean singular value of one square layer of independent weights, in units of sigma_w (quarter-circle law)."""


def mean_squared(chi: float, depth: int) -> float:
    """E[s^2] = chi^L.

    Args:
        chi: chi_1.
        depth: L.

    Example:
        >>> mean_squared(0.5, 3)
        0.125

    Source: Pennington et al. 2017, the first moment of J J^T.
    """
    return chi**depth


def squared_variance(moment_ratio: float, depth: int, *, orthogonal: bool, chi: float = 1.0) -> float:
    """Var[s^2] = chi^(2 L) L (mu_2 / mu_1^2 - 1 - s1): grows with depth even where the mean does not.

    Args:
        moment_ratio: mu_2 / mu_1^2.
        depth: L.
        orthogonal: True for orthogonal weights, False for Gaussian ones.
        chi: chi_1.

    Example:
        >>> squared_variance(1.0, 16, orthogonal=False), squared_variance(2.0, 16, orthogonal=True)
        (16.0, 16.0)

    Source: Pennington et al. 2017, the second moment of J J^T.
    """
    s1 = 0 if orthogonal else -1
    return mean_squared(chi, depth) ** 2 * depth * (moment_ratio - 1 - s1)


def largest_squared_linear(depth: int) -> float:
    """Largest s^2 of L square Gaussian layers at sigma_w = 1: (L + 1)^(L + 1) / L^L, about e (L + 1/2).

    Args:
        depth: L, at least 1.

    Raises:
        ValueError: if there is no layer.

    Example:
        >>> largest_squared_linear(1)  # twice the mean: sigma_max = 2
        4.0

    Source: Pennington et al. 2017; the edge of the Fuss-Catalan law.
    """
    if depth < 1:
        raise ValueError(f"a Jacobian needs at least one layer, got depth={depth}")
    return math.exp((depth + 1) * math.log(depth + 1) - depth * math.log(depth)) if depth > 1 else 4.0
