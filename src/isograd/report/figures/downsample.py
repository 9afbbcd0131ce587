"""Fewer numbers with the same extremes, so that a long run's page stays small and no spike is lost."""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Codes = NDArray[np.int64]


def envelope(x: Points, y: Points, num_points: int = 1000) -> tuple[Points, Points]:
    """The curve (x, y) in at most `num_points` points, with the lowest and highest value of each stretch kept.

    Args:
        x: Shape (T,), ascending.
        y: Shape (T,); nan is "not measured" and is left out, infinities count as extremes.
        num_points: The most points to return, at least 2.

    Returns:
        x and y of the points kept, in order; y holds no nan.

    Example:
        >>> x, y = envelope(np.arange(6.0), np.array([0.0, 5.0, 1.0, 1.0, -3.0, 1.0]), num_points=4)
        >>> y.tolist()
        [0.0, 5.0, 1.0, -3.0]
    """
    seen = ~np.isnan(y)
    x, y = x[seen], y[seen]
    if len(y) <= num_points:
        return x, y
    kept: list[int] = []
    for part in np.array_split(np.arange(len(y)), num_points // 2):
        low, high = int(part[np.argmin(y[part])]), int(part[np.argmax(y[part])])
        # A flat stretch still gives two points, so that the curve keeps its ends.
        kept.extend(sorted((low, high)) if low != high else (int(part[0]), int(part[-1])))
    indices = np.unique(kept)
    return x[indices], y[indices]


def breaks(x: Points, spacing: float) -> NDArray[np.bool_]:
    """Where a line must not be drawn: True at each point that lies too far after the one before.

    Args:
        x: Shape (K,), ascending.
        spacing: The usual distance of two measurements; four times as much is a gap.

    Returns:
        Shape (K,); the first point is always True, a line starts there.
    """
    if len(x) == 0:
        return np.zeros(0, dtype=bool)
    return np.concatenate([[True], np.diff(x) > 4 * spacing])


def groups(count: int, most: int) -> Codes:
    """Starts of at most `most` nearly equal groups of `count` neighbours; shape (G,).

    Example:
        >>> groups(5, 2).tolist()
        [0, 3]
    """
    if count <= most:
        return np.arange(count)
    return np.array([part[0] for part in np.array_split(np.arange(count), most)])


def strongest(values: NDArray[np.float32], starts: Codes, axis: int) -> NDArray[np.float32]:
    """One value a group along an axis: what is not finite wins, then what is largest in magnitude.

    Args:
        values: Shape (..., count, ...); nan is "not measured" and loses to everything.
        starts: Starts of the groups along `axis`, as `groups` gives them.
        axis: The axis to shorten.

    Returns:
        The same array with `len(starts)` entries along `axis`.
    """
    moved = np.moveaxis(values, axis, 0)
    if len(starts) == len(moved):
        return values
    weight = np.where(np.isnan(moved), -1.0, np.abs(moved))
    weight[np.isneginf(moved)] = np.finfo(np.float32).max  # an exact zero, just below what is not finite
    ends = [*starts[1:].tolist(), len(moved)]
    picked = []
    for start, end in zip(starts.tolist(), ends, strict=True):
        chosen = np.argmax(weight[start:end], axis=0)
        picked.append(np.take_along_axis(moved[start:end], chosen[None], axis=0)[0])
    return np.moveaxis(np.stack(picked), 0, axis)
