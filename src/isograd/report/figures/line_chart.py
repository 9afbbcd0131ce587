"""A line chart as data: paths for the template to draw, and numbers for the cursor to read out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isograd.report.figures.axis import Axis
from isograd.report.figures.downsample import Points, breaks, envelope

WIDTH, HEIGHT = 2000, 1000
"""The drawing's own units; the template stretches it to the space there is."""


@dataclass(frozen=True)
class Curve:
    """One line, as measured."""

    key: str
    """Names its colour and dash in the style sheet."""
    label: str
    """What the legend calls it."""
    x: Points
    """Shape (T,), ascending."""
    y: Points
    """Shape (T,); nan or +inf leaves a gap; -inf, the log of an exact zero, is drawn at the lower edge."""


@dataclass(frozen=True)
class Line:
    """One line, ready to draw and to read out."""

    key: str
    """As in `Curve`."""
    label: str
    """As in `Curve`."""
    path: str
    """SVG path in units of `WIDTH` x `HEIGHT`."""
    at: tuple[int, ...]
    """Where its points lie along x, in units of `WIDTH`."""
    x: tuple[float, ...]
    """x of the points."""
    y: tuple[float | None, ...]
    """y of the points, four significant digits; None is minus infinity, an exact zero on a log axis."""


@dataclass(frozen=True)
class Mark:
    """An upright line at one x."""

    percent: float
    """Where along x."""
    label: str
    """What happened there."""
    key: str
    """Names its colour in the style sheet."""


@dataclass(frozen=True)
class Band:
    """The range of y in which a healthy run stays, cut to the axis."""

    top_percent: float
    """Its upper edge, 0 at the top of the chart."""
    height_percent: float
    """Its height."""


@dataclass(frozen=True)
class LineChart:
    """A chart ready for the template."""

    identifier: str
    """Unique on the page."""
    title: str
    """Its heading."""
    caption: str
    """One or two sentences below the heading."""
    x: Axis
    """Along."""
    y: Axis
    """Up."""
    lines: tuple[Line, ...]
    """What to draw, the most important one last, on top."""
    unit: str
    """How the cursor reads y: `power` (log10 of it is drawn), `decades`, `fine`, `number`."""
    names: tuple[str, ...] = ()
    """Names of the whole numbers along x; empty where x is a step or a lag."""
    marks: tuple[Mark, ...] = ()
    """Events."""
    band: Band | None = None
    """Where healthy runs are."""


def drawn(curve: Curve, x: Axis, y: Axis, num_points: int = 1000, spacing: float | None = None) -> Line:
    """The curve as a path, shortened to `num_points` points, with gaps where it was not measured.

    Args:
        curve: What was measured.
        x: The axis along.
        y: The axis up.
        num_points: The most points to keep.
        spacing: The usual distance of two measurements; the median distance if None.
    """
    # What is no number has no height; its step is marked as an event.
    height = np.where(np.isposinf(curve.y), np.nan, curve.y)
    measured = curve.x[~np.isnan(height)]
    if spacing is None:
        spacing = float(np.median(np.diff(measured))) if len(measured) > 1 else 1.0
    xs, ys = envelope(curve.x, height, num_points)
    # A kept point stands for a stretch, so after thinning the usual distance is that of stretches.
    kept = max(spacing, float(np.median(np.diff(xs)))) if len(xs) > 1 else spacing
    at = tuple(round(WIDTH * x.place(value)) for value in xs)
    up = tuple(round(HEIGHT * (1 - y.place(value))) for value in ys)
    path = "".join(_stroke(*point) for point in zip(at, up, breaks(xs, kept).tolist(), strict=True))
    return Line(curve.key, curve.label, path, at, tuple(xs.tolist()), tuple(_short(value) for value in ys))


def _stroke(at: int, up: int, starts: bool) -> str:
    # A move and a line of no length draws a dot, so that a lone measurement is seen.
    return f"M{at} {up}h0" if starts else f"L{at} {up}"


def _short(value: float) -> float | None:
    return float(f"{value:.4g}") if np.isfinite(value) else None


def band(y: Axis, low: float, high: float) -> Band | None:
    """The range low..high as a band on the axis; None if the axis shows nothing of it."""
    top, bottom = 1 - y.place(high), 1 - y.place(low)
    return Band(round(100 * top, 2), round(100 * (bottom - top), 2)) if bottom > top else None


def limits(curves: Sequence[Curve]) -> tuple[float, float] | None:
    """Lowest and highest finite y of all curves; None if there is none."""
    finite = [curve.y[np.isfinite(curve.y)] for curve in curves]
    values = np.concatenate(finite) if finite else np.zeros(0)
    return (float(values.min()), float(values.max())) if len(values) else None
