"""Charts out of characters: columns several rows high."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from isograd.report.signs import Signs


def resample(values: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
    """At most so many values; of those that are joined, the one farthest from zero is kept.

    Args:
        values: shape (K,); nan where nothing was measured, -inf for an exact zero.
        columns: how many there is room for.

    Returns:
        Shape (min(K, columns),).

    >>> resample(np.array([0.0, -3.0, -1.0, 2.0]), 2).tolist()
    [-3.0, 2.0]
    """
    if values.size <= columns:
        return values
    groups = np.array_split(values, columns)
    return np.array([_farthest(group) for group in groups])


def _farthest(group: NDArray[np.float64]) -> float:
    seen = group[~np.isnan(group)]
    return float(seen[np.argmax(np.abs(seen))]) if seen.size else math.nan


def chart(values: Sequence[float], low: float, high: float, rows: int, signs: Signs, wide: int = 1) -> list[str]:
    """Columns that stand on `low` and are full at `high`, top row first.

    Args:
        values: one a column; nan leaves it empty, -inf is drawn as an exact zero in the bottom row.
        low: value of an empty column.
        high: value of a full one.
        rows: height of the chart in lines.
        signs: to draw with.
        wide: characters a column.

    Returns:
        `rows` lines of equal length.

    >>> from isograd.report.signs import ASCII
    >>> chart([0.0, 1.0, 2.0], 0.0, 2.0, 2, ASCII)
    ['  #', '.##']
    """
    levels = len(signs.bars) - 1
    heights = [_height(value, low, high, rows * levels) for value in values]
    lines = []
    for row in reversed(range(rows)):
        cells = [signs.bars[max(0, min(levels, height - row * levels))] for height in heights]
        if row == 0:
            cells = [signs.zero if value == -math.inf else cell for value, cell in zip(values, cells, strict=True)]
        lines.append("".join(cell * wide for cell in cells))
    return lines


def _height(value: float, low: float, high: float, levels: int) -> int:
    """Filled levels of a column: at least one where something was measured, so that it is told from nothing."""
    if not math.isfinite(value):
        return levels if value == math.inf else 0
    half_span = high / 2 - low / 2  # halves, since a loss that diverges may be as large as a float can be
    if half_span <= 0:
        return 1
    within = min(max(value, low), high)
    return max(1, round((within / 2 - low / 2) / half_span * levels))
