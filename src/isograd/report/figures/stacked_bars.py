"""Stacked bars as data: parts above zero pile up, parts below zero pile down."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isograd.report.figures.axis import Axis, linear_axis
from isograd.report.figures.line_chart import HEIGHT, WIDTH


@dataclass(frozen=True)
class Part:
    """One colour of all bars."""

    key: str
    """Names its colour in the style sheet."""
    label: str
    """What the legend calls it."""
    path: str
    """SVG path of its rectangles, in units of `WIDTH` x `HEIGHT`."""
    values: tuple[float, ...]
    """Its size in each bar, two places; 0 where not measured."""


@dataclass(frozen=True)
class StackedBars:
    """A chart ready for the template."""

    identifier: str
    """Unique on the page."""
    title: str
    """Its heading."""
    caption: str
    """What it shows."""
    x: Axis
    """Along: the number of the bar."""
    y: Axis
    """Up."""
    parts: tuple[Part, ...]
    """In the order of stacking, from zero outwards."""
    names: tuple[str, ...]
    """Name of each bar."""
    at: tuple[int, ...]
    """Middle of each bar, in units of `WIDTH`."""
    unit: str = "fine"
    """How the cursor reads y."""


@dataclass(frozen=True)
class Column:
    """The numbers of one part."""

    key: str
    """Names its colour."""
    label: str
    """What the legend calls it."""
    values: NDArray[np.float64]
    """Shape (B,), one a bar; what is not finite is left out."""


def stack(
    identifier: str, title: str, caption: str, labels: tuple[str, str], names: Sequence[str], columns: Sequence[Column]
) -> StackedBars:
    """Piles the columns up.

    Args:
        identifier: Unique on the page.
        title: Heading.
        caption: What it shows.
        labels: Of the axis along and the axis up.
        names: B names of bars.
        columns: At least one; all of shape (B,).
    """
    table = np.stack([np.where(np.isfinite(column.values), column.values, 0.0) for column in columns])
    above = np.cumsum(np.maximum(table, 0), axis=0)
    below = np.cumsum(np.minimum(table, 0), axis=0)
    y = linear_axis(labels[1], min(float(below.min()), -0.1), max(float(above.max()), 0.1))
    x = linear_axis(labels[0], -0.5, len(names) - 0.5, whole=True)
    ends = np.where(table >= 0, above, below)
    parts = tuple(
        Part(column.key, column.label, _rectangles(row, end, y), tuple(round(float(v), 2) + 0.0 for v in row))
        for column, row, end in zip(columns, table, ends, strict=True)
        if np.any(row != 0)
    )
    at = tuple(round(WIDTH * x.place(index)) for index in range(len(names)))
    return StackedBars(identifier, title, caption, x, y, parts, tuple(names), at)


def _rectangles(row: NDArray[np.float64], end: NDArray[np.float64], y: Axis) -> str:
    pitch = WIDTH / len(row)
    width = max(1, round(pitch * 0.76))
    rectangles = []
    for index, (size, outer) in enumerate(zip(row.tolist(), end.tolist(), strict=True)):
        top, bottom = (round(HEIGHT * (1 - y.place(v))) for v in (max(outer, outer - size), min(outer, outer - size)))
        if bottom > top:
            rectangles.append(f"M{round((index + 0.12) * pitch)} {top}h{width}V{bottom}h-{width}z")
    return "".join(rectangles)
