"""The map of sites x readings as bytes: small enough to embed, fine enough to read back."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from isograd.report.figures.downsample import groups, strongest

NUM_LEVELS = 250
"""Codes 0..250 are values, evenly from `low` to `high`."""
ZERO, NON_FINITE, UNSEEN = 253, 254, 255
"""Codes of an exact zero (log10 of it is -inf), of nan or infinity, and of what was not measured."""
MOST_CELLS = 80_000
"""Cells of all the page's maps together, for one quantity."""

Grid = NDArray[np.float32]


@dataclass(frozen=True)
class Layer:
    """One quantity over all cells."""

    key: str
    """Name of the quantity."""
    label: str
    """What the page calls it."""
    unit: str
    """How a value is read: `decades`, `fine` (decades, two places), `percent`, `power`."""
    scale: Literal["diverging", "sequential"]
    """Which colours."""
    centre: float
    """The healthy value, at the middle of a diverging scale."""
    reach: float
    """Distance from the centre at which the colour is fullest."""
    low: float
    """Value of code 0."""
    high: float
    """Value of code `NUM_LEVELS`."""
    codes: str
    """Base64 of R x C bytes, row by row."""


@dataclass(frozen=True)
class Quantity:
    """What a layer is made of."""

    key: str
    """Name of the quantity."""
    label: str
    """What the page calls it."""
    unit: str
    """As in `Layer`."""
    scale: Literal["diverging", "sequential"]
    """As in `Layer`."""
    centre: float
    """As in `Layer`."""
    reach: float
    """As in `Layer`."""
    values: Grid
    """Shape (N, S); -inf an exact zero, +inf not finite, nan not measured."""


@dataclass(frozen=True)
class HeatMap:
    """A map ready for the page; R rows of sites, C columns of readings."""

    rows: tuple[str, ...]
    """R names; where sites were joined, the first and the last."""
    first_steps: tuple[int, ...]
    """C steps, the first of each column."""
    last_steps: tuple[int, ...]
    """C steps, the last of each column."""
    layers: tuple[Layer, ...]
    """The quantities, the main one first."""


def heat_map(sites: Sequence[str], steps: NDArray[np.int64], quantities: Sequence[Quantity], most: int) -> HeatMap:
    """Packs quantities over (readings, sites) into at most `most` columns and 200 rows.

    Args:
        sites: S names in execution order.
        steps: Shape (N,), the step of each reading.
        quantities: At least one, each of shape (N, S).
        most: The most columns.
    """
    columns, rows = groups(len(steps), most), groups(len(sites), 200)
    names = tuple(_joined(sites, start, end) for start, end in _spans(rows, len(sites)))
    spans = tuple(_spans(columns, len(steps)))
    return HeatMap(
        names,
        tuple(int(steps[start]) for start, _ in spans),
        tuple(int(steps[end - 1]) for _, end in spans),
        tuple(_layer(quantity, columns, rows) for quantity in quantities),
    )


def columns_for(num_rows: int) -> int:
    """The most columns of each map if all maps of the page have `num_rows` rows together.

    Example:
        >>> columns_for(200), columns_for(4000)
        (400, 24)
    """
    return max(24, min(400, MOST_CELLS // max(1, num_rows)))


def thinned(values: Grid, most_rows: int, most_columns: int) -> tuple[Grid, NDArray[np.int64], NDArray[np.int64]]:
    """A small table of (sites, readings) for those who read and do not look, with the starts of its groups."""
    columns, rows = groups(values.shape[0], most_columns), groups(values.shape[1], most_rows)
    return strongest(strongest(values, columns, 0), rows, 1).T, rows, columns


def _spans(starts: NDArray[np.int64], count: int) -> list[tuple[int, int]]:
    return list(zip(starts.tolist(), [*starts[1:].tolist(), count], strict=True))


def _joined(sites: Sequence[str], start: int, end: int) -> str:
    return sites[start] if end - start == 1 else f"{sites[start]} \N{EN DASH} {sites[end - 1]}"


def _layer(quantity: Quantity, columns: NDArray[np.int64], rows: NDArray[np.int64]) -> Layer:
    # Distance from the healthy centre is what must survive thinning, so it is what is compared.
    away = quantity.values - np.float32(quantity.centre)
    grid = strongest(strongest(away, columns, 0), rows, 1).T + np.float32(quantity.centre)
    low, high = _range(grid, quantity)
    encoded = base64.b64encode(_codes(grid, low, high).tobytes()).decode("ascii")
    parts = (quantity.key, quantity.label, quantity.unit, quantity.scale, quantity.centre, quantity.reach)
    return Layer(*parts, low, high, encoded)


def _range(grid: Grid, quantity: Quantity) -> tuple[float, float]:
    if quantity.scale == "sequential":
        return 0.0, 1.0
    finite = grid[np.isfinite(grid)]
    farthest = float(np.abs(finite - quantity.centre).max()) if finite.size else 0.0
    reach = float(np.ceil(max(quantity.reach, farthest)))
    return quantity.centre - reach, quantity.centre + reach


def _codes(grid: Grid, low: float, high: float) -> NDArray[np.uint8]:
    level = np.clip(np.round((np.where(np.isfinite(grid), grid, 0.0) - low) / (high - low) * NUM_LEVELS), 0, NUM_LEVELS)
    special = np.select([np.isneginf(grid), np.isposinf(grid), np.isnan(grid)], [ZERO, NON_FINITE, UNSEEN], 0)
    return np.where(special > 0, special, level).astype(np.uint8)
