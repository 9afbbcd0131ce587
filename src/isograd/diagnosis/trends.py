"""Robust statistics of a series: medians and median deviations, which a single spike cannot poison.

Symbols: x the series, m its trailing median, s = 1.4826 MAD its robust spread (1.4826 makes it the standard deviation
of a normal distribution), z = (x - m) / s. A spike has z > 6 and is ten times the median: both, since a calm past
makes any ripple large in z.
"""

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]

_MAD_TO_SD = 1.4826


def median(x: Series) -> float:
    """The median of what was measured; infinities count, nan does not.

    Args:
        x: Any shape.

    Returns:
        The median, nan if nothing was measured.

    >>> median(np.array([1.0, np.nan, 3.0, -np.inf]))
    1.0
    """
    seen = x[~np.isnan(x)]
    if seen.size == 0:
        return float("nan")
    ordered = np.sort(seen, axis=None)
    low, high = ordered[(seen.size - 1) // 2], ordered[seen.size // 2]
    # The mean of two infinities of opposite sign is nan; the lower of the two is then the cautious answer.
    return float(low if np.isinf(low) or np.isinf(high) else (low + high) / 2)


def spread(x: Series) -> float:
    """The robust standard deviation, 1.4826 times the median absolute deviation; 0 for fewer than two values."""
    seen = x[np.isfinite(x)]
    if seen.size < 2:
        return 0.0
    return float(_MAD_TO_SD * np.median(np.abs(seen - np.median(seen))))


def roughness(x: Series) -> float:
    """The noise from one value to the next, free of trend: robust spread of the differences over sqrt 2."""
    seen = x[np.isfinite(x)]
    if seen.size < 3:
        return 0.0
    return float(_MAD_TO_SD * np.median(np.abs(np.diff(seen))) / np.sqrt(2.0))


def running_median(x: Series, width: int) -> Series:
    """The median of the `width` values around each one, the ends held by the window that fits.

    Args:
        x: Shape (T,), finite.
        width: Values in a window, at least 1.

    Returns:
        Shape (T,).

    >>> running_median(np.array([1.0, 9.0, 1.0, 1.0, 1.0]), 3).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    width = max(1, min(width, x.size))
    if width == 1:
        return x.copy()
    windows = np.lib.stride_tricks.sliding_window_view(x, width)
    inner = np.median(windows, axis=1)
    before = (x.size - inner.size) // 2
    after = x.size - inner.size - before
    return np.concatenate([np.full(before, inner[0]), inner, np.full(after, inner[-1])])


def spikes(x: Series, factor_log10: float = 1.0, z: float = 6.0, trail: int = 50) -> NDArray[np.int64]:
    """Where a series of log10 values leaps out of its own recent past.

    Args:
        x: Shape (T,), log10 of a norm; nan and infinities are passed over.
        factor_log10: Least distance from the trailing median, in decades.
        z: Least distance in robust standard deviations.
        trail: Values of the past that are looked at; the first ten values are never judged.

    Returns:
        Indices of the spikes, ascending.

    >>> spikes(np.r_[np.zeros(20), 3.0, np.zeros(5)]).tolist()
    [20]
    """
    found = []
    for i in np.flatnonzero(np.isfinite(x)):
        past = x[max(0, i - trail) : i]
        past = past[np.isfinite(past)]
        if past.size < 10:
            continue
        centre = float(np.median(past))
        # A perfectly calm past would make any ripple infinite in z: three hundredths of a decade is the least spread.
        calm = max(spread(past), 0.03)
        if x[i] - centre > max(factor_log10, z * calm):
            found.append(int(i))
    return np.asarray(found, dtype=np.int64)


def last_part(x: Series, share: float = 0.5, least: int = 1) -> Series:
    """The last `share` of a series, at least `least` values of it."""
    count = max(least, int(np.ceil(x.shape[0] * share)))
    return x[max(0, x.shape[0] - count) :]


def first_part(x: Series, share: float = 0.1, least: int = 1) -> Series:
    """The first `share` of a series, at least `least` values of it."""
    return x[: max(least, int(np.ceil(x.shape[0] * share)))]


def growth_per_step(x: Series) -> float:
    """Slope of a series by Theil and Sen, the median of all pairwise slopes; 0 for fewer than three finite values."""
    index = np.flatnonzero(np.isfinite(x))
    if index.size < 3:
        return 0.0
    if index.size > 200:
        index = index[np.linspace(0, index.size - 1, 200).astype(np.int64)]
    y = x[index]
    i, j = np.triu_indices(index.size, k=1)
    return float(np.median((y[j] - y[i]) / (index[j] - index[i])))
