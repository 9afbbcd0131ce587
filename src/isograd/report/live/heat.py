"""A small heat strip: gain by layer over time, blue where less arrives, red where more, grey where healthy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

BANDS = 4
"""Groups of layers shown: two lines of half blocks."""
EDGES = np.array([-8.0, -6.0, -4.0, -3.0, -2.0, -1.3, 1.3, 2.0, 3.0, 4.0, 6.0, 8.0])
"""Decades at which the shade changes; within 1.3 of zero a plain network trains (Schoenholz's depth line)."""
COLOURS = (18, 19, 20, 26, 32, 75, 250, 216, 209, 202, 196, 160, 88)
"""Of the 256 colours, one more than edges."""
UNSEEN, ZERO = 236, 16
"""Not measured; exactly zero, or not finite."""
LETTERS = "#=----.++++%@"
"""The same without colours."""
RESET = "\x1b[0m"


def banded(strip: NDArray[np.float32], columns: int) -> NDArray[np.float64]:
    """The latest readings with their layers joined into a few bands.

    Args:
        strip: shape (H, S), oldest first, input side first; decades, nan where not measured, -inf at an exact zero.
        columns: how many readings there is room for.

    Returns:
        Shape (BANDS, min(H, columns)): the output side on top; of the layers joined, the value farthest from zero.
    """
    latest = np.asarray(strip[-columns:], np.float64)
    if not latest.size:
        return np.empty((BANDS, 0))
    num_sites = latest.shape[1]
    starts = np.arange(BANDS) * num_sites // BANDS
    ends = np.maximum(starts + 1, (np.arange(BANDS) + 1) * num_sites // BANDS)
    rows = [_farthest(latest[:, start:end]) for start, end in zip(starts, ends, strict=True)]
    return np.array(rows[::-1])


def _farthest(block: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each row the value farthest from zero; nan only where nothing else is."""
    size = np.where(np.isnan(block), -1.0, np.abs(block))
    chosen: NDArray[np.float64] = np.take_along_axis(block, size.argmax(axis=1)[:, None], axis=1)[:, 0]
    return chosen


def heat_lines(bands: NDArray[np.float64], colour: bool, blocks: bool) -> list[str]:
    """Two lines for four bands.

    Args:
        bands: of `banded`.
        colour: True for 256 colours; else letters.
        blocks: True if half blocks can be shown; else each line shows the stronger of its two bands.

    Returns:
        Two strings, of as many columns as `bands` has.
    """
    if colour and blocks:
        numbers = shades(bands).tolist()
        return [_half_blocks(numbers[row], numbers[row + 1]) for row in (0, 2)]
    stronger = np.array([_farthest(bands[row : row + 2].T) for row in (0, 2)])
    if colour:
        return ["".join(f"\x1b[48;5;{number}m " for number in row) + RESET for row in shades(stronger).tolist()]
    return ["".join(row) for row in letters(stronger).tolist()]


def _half_blocks(upper: list[int], lower: list[int]) -> str:
    """Cells of two colours; the escape is repeated only where a colour changes."""
    line, before = [], (-1, -1)
    for pair in zip(upper, lower, strict=True):
        if pair != before:
            line.append(f"\x1b[38;5;{pair[0]};48;5;{pair[1]}m")
            before = pair
        line.append("▀")
    return "".join(line) + RESET


def shades(decades: NDArray[np.float64]) -> NDArray[np.int64]:
    """The colours of gains, as their numbers among the 256.

    Args:
        decades: any shape.

    >>> shades(np.array([0.0, -9.0, 5.0, float("nan")])).tolist()
    [250, 18, 196, 236]
    """
    return _chosen(decades, np.array(COLOURS), UNSEEN, ZERO)


def letters(decades: NDArray[np.float64]) -> NDArray[np.str_]:
    """The same without colours: a letter each.

    Args:
        decades: any shape.
    """
    return _chosen(decades, np.array(list(LETTERS)), " ", "0")


def _chosen(decades: NDArray[np.float64], steps: NDArray[Any], unseen: Any, zero: Any) -> NDArray[Any]:
    chosen = np.where(np.isinf(decades), zero, steps[np.searchsorted(EDGES, decades) % len(steps)])
    return np.where(np.isnan(decades), unseen, chosen)


def scale(colour: bool) -> str:
    """The colours from far too little to far too much, with what they stand for; 19 columns wide."""
    ends = f"{EDGES[0]:.0f}", f"+{EDGES[-1]:.0f}"
    if not colour:
        return f"{ends[0]} {LETTERS} {ends[1]}"
    return f"{ends[0]} " + "".join(f"\x1b[48;5;{number}m " for number in COLOURS) + f"{RESET} {ends[1]}"
