"""Paired differences and their interval.

Notation: d_s = y_s - x_s the difference of seed s, n seeds, m their mean, s their standard deviation (n - 1).
The interval is Student's: m +- t s / sqrt(n), t the 0.975 quantile with n - 1 degrees of freedom.
"""

import math
from collections.abc import Sequence

from isograd.facts.verdict import Effect

_T_975 = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010, 2.1788, 2.1604, 2.1448,
    2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484,
    2.0452,
)  # fmt: skip
"""Student's t for 1 to 29 degrees of freedom (a test recomputes them)."""
_NORMAL_975 = 1.9600


def paired_effect(treated: Sequence[float], control: Sequence[float], higher_is_better: bool) -> Effect:
    """The mean of paired differences with its 95 % interval, positive where the treated runs are better.

    A run whose metric is not finite, because it diverged, counts as the worst finite value among all that are compared:
    it is no better than that, and how much worse cannot be said.

    Args:
        treated: The metric by seed.
        control: The same for the control.
        higher_is_better: Which way is better.

    Returns:
        The effect; all nan without pairs, an infinite interval with one pair.

    Raises:
        ValueError: If the two differ in length.

    >>> effect = paired_effect([0.9, 0.92, 0.91], [0.1, 0.11, 0.1], True)
    >>> round(effect.mean, 3), round(effect.low, 3), round(effect.high, 3)
    (0.807, 0.792, 0.821)
    """
    if len(treated) != len(control):
        raise ValueError(f"pairs are wanted; got {len(treated)} treated and {len(control)} control runs")
    worst = _worst((*treated, *control), higher_is_better)
    sign = 1.0 if higher_is_better else -1.0
    pairs = [(_finite(y, worst), _finite(x, worst)) for y, x in zip(treated, control, strict=True)]
    differences = [sign * (y - x) for y, x in pairs]
    if not differences:
        return Effect(math.nan, math.nan, math.nan)
    mean = math.fsum(differences) / len(differences)
    if len(differences) == 1:
        return Effect(mean, -math.inf, math.inf)
    half = quantile(len(differences) - 1) * _deviation(differences, mean) / math.sqrt(len(differences))
    return Effect(mean, mean - half, mean + half)


def quantile(degrees: int) -> float:
    """Student's 0.975 quantile, to four digits; for 30 degrees and more by the leading terms of its expansion.

    >>> quantile(4), round(quantile(60), 3)
    (2.7764, 2.0)
    """
    if degrees <= len(_T_975):
        return _T_975[degrees - 1]
    z = _NORMAL_975
    return z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)


def _deviation(values: Sequence[float], mean: float) -> float:
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _worst(values: Sequence[float], higher_is_better: bool) -> float:
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return 0.0
    return min(finite) if higher_is_better else max(finite)


def _finite(value: float, worst: float) -> float:
    return value if math.isfinite(value) else worst
