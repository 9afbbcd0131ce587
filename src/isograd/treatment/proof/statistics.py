"""Paired differences and their interval.

Notation: d_s = y_s - x_s the difference of seed s, n seeds, m their mean, s their standard deviation (n - 1).
The interval is Student's: m +- t s / sqrt(n), t the (1 + level) / 2 quantile with n - 1 degrees of freedom.

A proof that may look at its runs several times and stop at the first clear one shares the error that 95 % allow, 0.05,
among its looks, and widens each interval accordingly: together they keep 95 % (Bonferroni).
"""

import math
from collections.abc import Sequence

from isograd.facts.verdict import Effect

ERROR = 0.05
"""What an interval that is looked at once may miss, on both sides together."""
_CLOSE = 1e-10


def paired_effect(
    treated: Sequence[float], control: Sequence[float], higher_is_better: bool, error: float = ERROR
) -> Effect:
    """The mean of paired differences with its interval, positive where the treated runs are better.

    A run whose metric is not finite, because it diverged, counts as the worst finite value among all that are compared:
    it is no better than that, and how much worse cannot be said.

    Args:
        treated: The metric by seed.
        control: The same for the control.
        higher_is_better: Which way is better.
        error: What the interval may miss, between 0 and 1; this look's share of `ERROR`.

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
    t = quantile(len(differences) - 1, error)
    half = t * _deviation(differences, mean) / math.sqrt(len(differences))
    return Effect(mean, mean - half, mean + half)


def quantile(degrees: int, error: float = ERROR) -> float:
    """Student's t beyond which so much lies, on both sides together.

    >>> round(quantile(4), 4), round(quantile(2, 0.025), 3)
    (2.7764, 6.205)
    """
    level, low, high = 1.0 - error, 0.0, 1.0
    while within(high, degrees) < level:
        high *= 2.0
    while high - low > _CLOSE * high:
        middle = (low + high) / 2.0
        low, high = (middle, high) if within(middle, degrees) < level else (low, middle)
    return (low + high) / 2.0


def within(t: float, degrees: int) -> float:
    """The probability that Student's variable lies within +-t.

    Source: Abramowitz and Stegun 1964, 26.7.3 and 26.7.4, finite sums in theta = arctan(t / sqrt(degrees)).

    >>> round(within(2.7764, 4), 4)
    0.95
    """
    theta = math.atan(t / math.sqrt(degrees))
    sine, cosine = math.sin(theta), math.cos(theta)
    if degrees == 1:
        return 2.0 * theta / math.pi
    odd = degrees % 2
    term = cosine if odd else 1.0
    total = term
    for k in range(3 if odd else 2, degrees, 2):
        term *= cosine**2 * (k - 1) / k
        total += term
    return 2.0 / math.pi * (theta + sine * total) if odd else sine * total


def _deviation(values: Sequence[float], mean: float) -> float:
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _worst(values: Sequence[float], higher_is_better: bool) -> float:
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return 0.0
    return min(finite) if higher_is_better else max(finite)


def _finite(value: float, worst: float) -> float:
    return value if math.isfinite(value) else worst
