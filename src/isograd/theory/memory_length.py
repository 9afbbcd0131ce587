"""How far back a recurrence remembers, as its gradient by lag tells: its time constant, and where it has forgotten.

Legend: g(k) = ||dL/dh_{T-k}||, the gradient k time steps back from the end; lambda = g(k+1) / g(k), gain a step.

A loss that every time step feeds gives every h_t a gradient of its own: then g says little of the memory, and both
lengths are upper bounds.
"""

import math

import numpy as np
from numpy.typing import NDArray

REST = 0.01
"""The share of the last time step's gradient below which a time step counts as forgotten; 4.6 time constants."""


def memory_length(gain_per_step: float) -> float:
    """Time steps in which a gradient falls by e: tau = -1 / ln lambda.

    Args:
        gain_per_step: log10 lambda, in decades.

    Returns:
        In time steps, positive; infinite where the gradient does not fall.

    Example:
        >>> round(memory_length(math.log10(0.5)), 2)  # a forget gate of bias 0
        1.44
        >>> memory_length(0.01)
        inf

    Source: the memory of a leaky unit, Tallec and Ollivier 2018, section 1; as `recurrence.time_constant`.
    """
    return -1 / (gain_per_step * math.log(10)) if gain_per_step < 0 else math.inf


def forgotten_lag(lag: NDArray[np.int64], gradient_log10: NDArray[np.float64], rest: float = REST) -> float:
    """The lag from which on less than a share of the last time step's gradient is left, between lags by straight lines.

    Args:
        lag: Shape (K,), ascending from 0.
        gradient_log10: Shape (K,): log10 g at those lags; -inf where it is exactly zero.
        rest: The share, 0 to 1.

    Returns:
        In time steps; infinite where the first time step still has more, nan where the last one has no gradient.

    Example:
        >>> forgotten_lag(np.array([0, 2, 4]), np.array([0.0, -1.5, -2.5]))
        3.0
        >>> forgotten_lag(np.arange(5), -1.0 * np.arange(5)), forgotten_lag(np.arange(3), np.zeros(3))
        (2.0, inf)
    """
    left = gradient_log10 - gradient_log10[0] if np.isfinite(gradient_log10[0]) else np.full(len(lag), np.nan)
    if np.isnan(left).any():
        return math.nan
    limit = math.log10(rest)
    enough = np.flatnonzero(left > limit)
    last = int(enough[-1])  # the last time step itself has all of it
    if last == len(lag) - 1:
        return math.inf
    above, below = float(left[last]), float(left[last + 1])
    part = (above - limit) / (above - below) if math.isfinite(below) else 1.0
    return float(lag[last] + part * (lag[last + 1] - lag[last]))
