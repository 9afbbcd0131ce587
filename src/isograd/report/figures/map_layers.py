"""The quantities that the map can show, computed from the readings of one network."""

import numpy as np

from isograd.facts import Observed, Readings
from isograd.report.figures.heat_map import Grid, Quantity
from isograd.report.page.words import Say

GRADIENT_REACH, GRADIENT_REACH_FAR = 6.0, 12.0
"""Decades at which the map's colour is fullest: one of two, so that reports can be compared by eye."""
RHO_REACH = 1.0
"""The same for one layer's gain; a layer is sick beyond 0.15 decades."""
UPDATE_CENTRE, UPDATE_REACH = -3.0, 3.0
"""A healthy step moves a thousandth of a weight's size; log10."""


def gradient_ratio(observed: Observed) -> Grid:
    """log10(||dL/dz_s|| / ||dL/dz_last||), shape (N, S).

    The last site on the chain is the reference; where there is no chain, the last site. -inf is an exact zero,
    +inf a gradient with entries that are not finite, nan not measured.
    """
    gradient = observed.readings.column("gradient_log10")
    chain = chain_sites(observed)
    reference = gradient[:, chain[-1]] if chain else np.zeros(len(gradient), dtype=np.float32)
    ratio = gradient - np.where(np.isfinite(reference), reference, np.nan)[:, None]
    return _with_specials(ratio, gradient, observed.readings)


def chain_sites(observed: Observed) -> list[int]:
    """Indices of the sites on the chain; of all sites where none is on it."""
    sites = observed.network.sites
    return [index for index, site in enumerate(sites) if site.on_chain] or list(range(len(sites)))


def map_quantities(observed: Observed, say: Say) -> list[Quantity]:
    """The layers of the map, the gradient first; those that were never measured are left out."""
    readings = observed.readings
    update = readings.column("update_ratio")
    with np.errstate(divide="ignore", invalid="ignore"):
        update_log10 = np.log10(np.where(update >= 0, update, np.nan))
    rho = _with_specials(readings.column("rho"), readings.column("gradient_log10"), readings)
    ratio = gradient_ratio(observed)
    finite = np.abs(ratio[np.isfinite(ratio)])
    far = finite.size > 0 and float(np.quantile(finite, 0.9)) > GRADIENT_REACH
    reach = GRADIENT_REACH_FAR if far else GRADIENT_REACH
    quantities = (
        Quantity("ratio", say("layer_ratio"), "decades", "diverging", 0.0, reach, ratio),
        Quantity("rho", say("layer_rho"), "fine", "diverging", 0.0, RHO_REACH, rho),
        _share("saturation", say("layer_saturation"), readings.column("saturation_share")),
        _share("dead", say("layer_dead"), readings.column("dead_share")),
        Quantity("update", say("layer_update"), "power", "diverging", UPDATE_CENTRE, UPDATE_REACH, update_log10),
    )
    return [quantity for quantity in quantities if not np.isnan(quantity.values).all()]


def _share(key: str, label: str, values: Grid) -> Quantity:
    return Quantity(key, label, "percent", "sequential", 0.0, 1.0, values)


def _with_specials(values: Grid, gradient: Grid, readings: Readings) -> Grid:
    broken = (readings.column("nonfinite_share") > 0) | np.isposinf(gradient)
    marked = np.where(np.isneginf(gradient), -np.inf, np.where(np.isfinite(values), values, np.nan))
    return np.where(broken, np.inf, marked).astype(np.float32)
