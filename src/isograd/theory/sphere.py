"""Expectations over one batch after batch normalisation: B values on a sphere, of mean 0 and variance 1 exactly.

Legend: B batch size; y = (y_1 .. y_B) uniform on the sphere of radius sqrt(B) in the B - 1 dimensions orthogonal to
(1 .. 1). One value is y1 = sqrt(B - 1) t1, two are correlated by -1 / (B - 1); t1 = sin(b), t2 = cos(b) sin(a) with
densities cos(b)^(B - 3) and cos(a)^(B - 4).
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from isograd.theory.quadrature import landmarks, panels

Array = NDArray[np.float64]

_GRID = np.linspace(-10.0, 10.0, 21)


def expect_batch(f: Callable[[Array, Array], Array], num_samples: int, breaks: tuple[float, ...] = ()) -> float:
    """E[f(y1, y2)] over two different samples of one normalised batch.

    Args:
        f: function of two arrays that broadcast.
        num_samples: B, at least 4.
        breaks: points at which f is not smooth in either argument.

    Raises:
        ValueError: if the batch is smaller than 4, for then the gradient has no second moment.

    Example:
        >>> round(expect_batch(lambda a, b: a * b, 5), 12)  # -1 / (B - 1)
        -0.25

    Source: Yang et al. 2019, who integrate over this sphere.
    """
    if num_samples < 4:
        raise ValueError(f"batch normalisation needs a batch of at least 4 here, got {num_samples}")
    root, c = math.sqrt(num_samples - 1), -1 / (num_samples - 1)
    s = math.sqrt(1 - c * c)
    marks = landmarks(root, breaks) / root
    marks = marks[np.abs(marks) <= 1]
    # Where a break of y2 touches the end of its range, the inner integral has a square root.
    touching = np.concatenate([c * marks + s * np.sqrt(1 - marks**2), c * marks - s * np.sqrt(1 - marks**2)])
    t1, weight1 = _arc(np.concatenate([marks, touching])[None, :], num_samples - 3, root)
    t1, weight1 = t1[0], weight1[0]
    width = np.sqrt(np.maximum(1 - t1**2, 1e-24))  # rounding may put a node on the pole
    inner = (marks - c * t1[:, None]) / (s * width[:, None])
    t2, weight2 = _arc(inner, num_samples - 4, root)
    y2 = root * (c * t1[:, None] + s * width[:, None] * t2)
    inner_mean = np.sum(weight2 * f(root * t1[:, None], y2), axis=1) / np.sum(weight2, axis=1)
    return float(np.sum(weight1 * inner_mean) / np.sum(weight1))


def _arc(edges: Array, power: int, root: float) -> tuple[Array, Array]:
    """Nodes sin(a) and weights cos(a)^power da over the half circle, panels ending at the given values of sin(a)."""
    base = np.broadcast_to(np.clip(_GRID / root, -1.0, 1.0), (len(edges), _GRID.size))
    ends = np.broadcast_to([-1.0, 1.0], (len(edges), 2))
    angles = np.arcsin(np.sort(np.concatenate([base, ends, edges.clip(-1.0, 1.0)], axis=1), axis=1))
    a, weight = panels(angles, 12)
    return np.sin(a), weight * np.cos(a) ** power
