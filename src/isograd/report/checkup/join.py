"""Forecast against measured: one line a site, where both know it."""

import math
from dataclasses import dataclass

from isograd.facts import Checkup


@dataclass(frozen=True)
class Joined:
    """One site; gains from the last layer to it, in decades, nan where not known."""

    site: str
    """Its name."""
    expected: float
    """Forecast."""
    low: float
    """Lower end of its error bar."""
    high: float
    """Upper end."""
    measured: float
    """On one batch."""


def join(checkup: Checkup) -> tuple[Joined, ...]:
    """The sites of the chain in execution order; empty without a forecast."""
    if checkup.forecast is None or not checkup.record.observed:
        return ()
    seen = checkup.record.observed[0]
    sizes = seen.readings.column("gradient_log10")[0]
    measured = {site.name: float(size) for site, size in zip(seen.network.sites, sizes, strict=True) if site.on_chain}
    last = next((measured[site.name] for site in reversed(seen.network.sites) if site.on_chain), math.nan)
    return tuple(
        Joined(one.site.name, one.gain, one.low, one.high, measured[one.site.name] - last)
        for one in checkup.forecast.sites
        if one.site.name in measured and not math.isnan(one.gain) and math.isfinite(last)
    )
