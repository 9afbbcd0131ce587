"""Dots by seed as data: a row for each way of training, a dot for each of its runs, along one axis."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from isograd.report.figures.axis import Axis, decade_axis, linear_axis

_MARGIN = 0.04
"""Of the span, left free at both ends, so that no dot is cut."""
_FAR = 30.0
"""Largest over smallest from which on a logarithmic axis says more, if all are positive."""


@dataclass(frozen=True)
class Series:
    """One way of training, as measured."""

    key: str
    """Names its colour in the style sheet."""
    label: str
    """What stands beside it."""
    values: tuple[float, ...]
    """One a seed; nan where a run left none."""
    text: str
    """The same in words, for who does not see the drawing."""


@dataclass(frozen=True)
class DotRow:
    """One way of training, ready to draw."""

    key: str
    """As in `Series`."""
    label: str
    """As in `Series`."""
    text: str
    """As in `Series`."""
    dots: tuple[float | None, ...]
    """Where along x, in per cent; None where a run left no number."""
    mean: float | None
    """Where the mean of those that did lies; None if none did."""


@dataclass(frozen=True)
class SeedDots:
    """A chart ready for the template."""

    identifier: str
    """Unique on the page."""
    title: str
    """Its heading."""
    caption: str
    """How it is read."""
    x: Axis
    """Along."""
    rows: tuple[DotRow, ...]
    """From top to bottom."""
    pairs: tuple[tuple[float, float], ...]
    """Where along x the dots of one seed lie in the first two rows, which are joined seed by seed."""


def seed_dots(identifier: str, title: str, caption: str, label: str, series: Sequence[Series]) -> SeedDots | None:
    """The chart, on a logarithmic axis where numbers are far apart; None where there is no number at all.

    Args:
        identifier: Unique on the page.
        title: Its heading.
        caption: How it is read.
        label: Of the axis.
        series: Ways of training, all over the same seeds.

    >>> treated, sham = Series("treated", "", (1.0, 3.0), ""), Series("sham", "", (2.0,), "")
    >>> chart = seed_dots("dots", "", "", "loss", [treated, sham])
    >>> chart.x.label, [round(place) for place in chart.rows[0].dots], round(chart.rows[0].mean)
    ('loss', [4, 96], 50)
    """
    known = [value for one in series for value in one.values if math.isfinite(value)]
    if not known:
        return None
    logarithmic = min(known) > 0 and max(known) / min(known) > _FAR
    axis = _axis(label, [math.log10(v) for v in known] if logarithmic else known, logarithmic)
    rows = tuple(_row(one, axis, logarithmic) for one in series)
    return SeedDots(identifier, title, caption, axis, rows, _pairs(rows))


def _pairs(rows: Sequence[DotRow]) -> tuple[tuple[float, float], ...]:
    if len(rows) < 2:
        return ()
    both = zip(rows[0].dots, rows[1].dots, strict=False)
    return tuple((one, other) for one, other in both if one is not None and other is not None)


def _axis(label: str, places: Sequence[float], logarithmic: bool) -> Axis:
    low, high = min(places), max(places)
    margin = _MARGIN / (1 - 2 * _MARGIN) * (high - low)
    make = decade_axis if logarithmic else linear_axis
    return make(label, low - margin, high + margin)


def _row(one: Series, axis: Axis, logarithmic: bool) -> DotRow:
    dots = tuple(_percent(value, axis, logarithmic) for value in one.values)
    known = [value for value in one.values if math.isfinite(value)]
    mean = _percent(math.fsum(known) / len(known), axis, logarithmic) if known else None
    return DotRow(one.key, one.label, one.text, dots, mean)


def _percent(value: float, axis: Axis, logarithmic: bool) -> float | None:
    if not math.isfinite(value):
        return None
    return round(100 * axis.place(math.log10(value) if logarithmic else value), 2)
