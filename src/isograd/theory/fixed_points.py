"""Where the maps come to rest: q* of the length map, c* of the correlation map.

Legend as in `maps`: q length, c correlation, chi_1 the slope of the correlation map at c = 1.
"""

import math
from collections.abc import Callable

from isograd.theory.maps import Ensemble, correlation_map, correlation_slope, length_map

SMALLEST = 1e-12
"""Below this a length counts as zero."""
LARGEST = 1e12
"""Above this a length counts as infinite."""


def bisect(f: Callable[[float], float], low: float, high: float, num_halvings: int = 100) -> float:
    """A zero of f between two points where its signs differ, halving in log space.

    f may be zero at the end itself: a sign is asked of the lower end alone, and zero there counts as positive.

    Args:
        f: continuous function.
        low: positive end.
        high: the other end, above `low`.
        num_halvings: 100 exhausts the digits of a double for any ends.

    Example:
        >>> round(bisect(lambda x: x * x - 2, 1.0, 4.0), 12)
        1.414213562373
        >>> [round(x, 12) for x in (bisect(lambda x: x - 4, 1.0, 4.0), bisect(lambda x: 1 - x, 1.0, 4.0))]
        [4.0, 1.0]
    """
    rising = f(low) < 0
    for _ in range(num_halvings):
        middle = math.sqrt(low * high)
        if middle in (low, high):
            break
        if (f(middle) > 0) == rising:
            high = middle
        else:
            low = middle
    return math.sqrt(low * high)


def length_fixed_point(ensemble: Ensemble, start: float = 1.0) -> float:
    """q*, the length that deep layers reach from `start`.

    The length map rises with q, so the iteration moves one way until the first fixed point; this brackets it and
    bisects, for near criticality the iteration itself would take thousands of layers.

    Args:
        ensemble: the networks.
        start: length of the first layer, positive.

    Returns:
        `start` itself where every length is a fixed point; 0 or inf where the signal dies or explodes.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> round(length_fixed_point(Ensemble(ACTIVATIONS["tanh"], 1.760955, 0.05)), 4)
        0.57
        >>> length_fixed_point(Ensemble(ACTIVATIONS["relu"], 1.0))
        0.0

    Source: Poole et al. 2016.
    """

    def drift(q: float) -> float:
        return length_map(ensemble, q) - q

    if abs(drift(start)) <= 1e-12 * start:
        return start
    rising = drift(start) > 0
    step = 1.5 if rising else 1 / 1.5
    here, beyond = start, start * step
    while (drift(beyond) > 0) == rising:
        here, beyond = beyond, beyond * step
        if not SMALLEST < beyond < LARGEST:
            return math.inf if rising else 0.0
    return bisect(drift, min(here, beyond), max(here, beyond))


def correlation_fixed_point(ensemble: Ensemble, q: float) -> float:
    """c*, the correlation that two inputs reach in deep layers.

    On 0..1 the map is a power series with coefficients that are not negative, so it is convex: Newton's steps from
    zero climb to the first fixed point and never pass it.

    Args:
        ensemble: the networks.
        q: length, normally q*.

    Returns:
        1 in the ordered phase and on the edge of chaos (every pair of inputs looks alike), less in the chaotic phase
        and always with dropout.

    Example:
        >>> from isograd.theory.activations import ACTIVATIONS
        >>> round(correlation_fixed_point(Ensemble(ACTIVATIONS["tanh"], 2.5, 0.05), 1.06396), 3)
        0.447

    Source: Poole et al. 2016; dropout: Schoenholz et al. 2017.
    """
    if ensemble.keep == 1 and correlation_slope(ensemble, q, 1.0) <= 1 + 1e-9:
        return 1.0
    c = 0.0
    for _ in range(200):
        gap = correlation_map(ensemble, q, c) - c
        slope = correlation_slope(ensemble, q, c)
        step = gap / (1 - slope) if slope < 1 else gap
        if step <= 1e-13:
            break
        c = min(c + step, 1.0 - 1e-12)
    return c
