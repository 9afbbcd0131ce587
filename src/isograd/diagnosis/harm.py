"""Harm seen in single layers: which do not move, whose inputs no longer depend on the example, what clipping took."""

from dataclasses import dataclass

import numpy as np

from isograd.diagnosis import levels, trends
from isograd.diagnosis.gain import late_median
from isograd.facts import Observed


@dataclass(frozen=True)
class Harm:
    """Companions of G that say whether a small or large gain does harm."""

    update_median: float
    """Median over sites of ||delta W|| / ||W|| of a step, late; nan if never measured."""
    update_peak: float
    """Largest median update ratio of any reading."""
    travel: float
    """How far the median layer moved in the whole run: the sum of its update ratios."""
    starved: tuple[str, ...]
    """Sites that move less than a thousandth as far as the median site."""
    update_spread: float
    """Decades between the most and the least moved sites."""
    output_share: float
    """Share of the last layer's input energy that depends on the example; nan if never measured."""
    epsilon_floor: float
    """Median share of coordinates at Adam's epsilon floor, over sites; nan where there is no Adam."""

    @property
    def collapsed(self) -> bool:
        """True if the outputs do not depend on the input."""
        return bool(self.output_share < levels.COLLAPSED_SHARE)


def harm(observed: Observed) -> Harm:
    """Measures the companions of G from the detailed readings."""
    sites = observed.network.sites
    weighs = np.array([site.kind in ("weight", "recurrent") for site in sites], dtype=bool)
    update = _late(observed, "update_ratio")[weighs]
    names = [site.name for site, counts in zip(sites, weighs, strict=True) if counts]
    middle = trends.median(update)
    moved = update[np.isfinite(update) & (update > 0)]
    by_reading = _by_reading(observed, weighs)
    return Harm(
        update_median=middle,
        update_peak=float(np.nanmax(by_reading)) if np.any(np.isfinite(by_reading)) else float("nan"),
        travel=_travel(observed, weighs),
        starved=tuple(n for n, u in zip(names, update, strict=True) if u < levels.STARVED * middle),
        update_spread=float(np.log10(moved.max() / moved.min())) if moved.size > 1 else 0.0,
        output_share=_last_measured(_late(observed, "input_share"), weighs),
        epsilon_floor=trends.median(_late(observed, "epsilon_floor_share")[weighs]),
    )


def clipping(observed: Observed) -> tuple[float, float]:
    """What clipping took off the gradient.

    Returns:
        The share of steps at which the applied norm was at least a hundredth of a decade under the raw one, and the
        median of the factor taken off at those steps, in decades.
    """
    with np.errstate(invalid="ignore"):
        taken = observed.steps.raw_log10 - observed.steps.applied_log10
    taken = taken[np.isfinite(taken)]
    bound = taken[taken > 0.01]
    if taken.size == 0 or bound.size == 0:
        return 0.0, 0.0
    return bound.size / taken.size, float(np.median(bound))


def _late(observed: Observed, quantity: str) -> trends.Series:
    if observed.readings.step.size == 0:
        return np.full(len(observed.network.sites), np.nan)
    return late_median(observed.readings.column(quantity))


def _by_reading(observed: Observed, weighs: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> trends.Series:
    values = observed.readings.column("update_ratio")[:, weighs].astype(np.float64)
    rows = [trends.median(np.where(np.isfinite(row), row, np.nan)) for row in values]
    return np.array([row for row in rows if not np.isnan(row)])


def _travel(observed: Observed, weighs: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """The median layer's update ratios summed over the run: between readings as a line, after the last as it was."""
    values = observed.readings.column("update_ratio")[:, weighs].astype(np.float64)
    moved = np.array([trends.median(np.where(np.isfinite(row), row, np.nan)) for row in values])
    seen = ~np.isnan(moved)
    if not seen.any() or observed.steps.step.size == 0:
        return float("nan")
    every = np.arange(observed.steps.step[0], observed.steps.step[-1] + 1)
    return float(np.interp(every, observed.readings.step[seen], moved[seen]).sum())


def _last_measured(values: trends.Series, counts: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    seen = values[counts & ~np.isnan(values)]
    return float(seen[-1]) if seen.size else float("nan")
