"""G along the chain: what it was at first, what it is by now, and at which sites it is lost or won."""

from dataclasses import dataclass

import numpy as np

from isograd.diagnosis import trends
from isograd.facts import Observed


@dataclass(frozen=True)
class Gain:
    """The backward gain of one network; C sites on the chain, in execution order."""

    start: float
    """G at the first sampled step, before training could change it; nan if never seen."""
    early: float
    """Median G over the first tenth of the sampled steps, decades; nan if never seen."""
    late: float
    """Median G over the last half, decades; -inf if nothing arrives; nan if never seen."""
    final: float
    """Median G over the last tenth, decades."""
    first_step: int
    """The first step at which G was sampled."""
    last_step: int
    """The last step at which G was sampled."""
    chain: tuple[int, ...]
    """Indices of the sites on the chain."""
    names: tuple[str, ...]
    """C names."""
    rho: trends.Series
    """Shape (C,): median gain across each over the last half, decades; nan for the first."""
    level: trends.Series
    """Shape (C,): median log10 gradient of each against the last, decades."""
    block: float
    """The largest |gain| of any run of consecutive sites, with its sign: decay and growth may cancel over the whole."""

    def below(self, limit: float) -> tuple[str, ...]:
        """Names of the sites whose gradient lies further than `limit` decades under that of the last site."""
        return tuple(name for name, value in zip(self.names, self.level, strict=True) if value <= -limit)

    def above(self, limit: float) -> tuple[str, ...]:
        """Names of the sites whose gradient lies further than `limit` decades over that of the last site."""
        return tuple(name for name, value in zip(self.names, self.level, strict=True) if value >= limit)

    @property
    def num_layers(self) -> int:
        """Sites with a gain across them."""
        return int(np.sum(~np.isnan(self.rho)))


def late_median(values: np.ndarray[tuple[int, int], np.dtype[np.float32]], share: float = 0.5) -> trends.Series:
    """The median by site over the last readings.

    Args:
        values: Shape (N, S), nan where not measured.
        share: Which part of the N readings counts.

    Returns:
        Shape (S,); nan where nothing was measured.
    """
    part = trends.last_part(values.astype(np.float64), share)
    return np.array([trends.median(part[:, s]) for s in range(part.shape[1])])


def gain(observed: Observed) -> Gain:
    """The backward gain of a network, from its sentinels and readings.

    Args:
        observed: One network and what was seen of it.

    Returns:
        Early, late and by site. Steps at which the gradient was not finite are left out.
    """
    chain = tuple(s for s, site in enumerate(observed.network.sites) if site.on_chain)
    names = tuple(observed.network.sites[s].name for s in chain)
    usable = sampled(observed)
    series = observed.steps.gain[usable]
    steps = observed.steps.step[usable]
    rho, level = _by_site(observed, chain)
    return Gain(
        start=float(series[0]) if series.size else float("nan"),
        early=trends.median(trends.first_part(series, 0.1)) if series.size else float("nan"),
        late=trends.median(trends.last_part(series, 0.5)) if series.size else float("nan"),
        final=trends.median(trends.last_part(series, 0.1)) if series.size else float("nan"),
        first_step=int(steps[0]) if steps.size else 0,
        last_step=int(steps[-1]) if steps.size else 0,
        chain=chain,
        names=names,
        rho=rho,
        level=level,
        block=_worst_block(rho),
    )


def sampled(observed: Observed) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Shape (T,): True where G was sampled and the gradient behind it was finite."""
    steps = observed.steps
    broken = (steps.nonfinite & 7) != 0
    return np.asarray(~np.isnan(steps.gain) & ~broken & (steps.gain != np.inf), dtype=np.bool_)


def _by_site(observed: Observed, chain: tuple[int, ...]) -> tuple[trends.Series, trends.Series]:
    index = np.asarray(chain, dtype=np.int64)
    if not chain or observed.readings.step.size == 0:
        empty = np.full(len(chain), np.nan)
        return empty, empty
    rho = observed.readings.column("rho")[:, index]
    size = observed.readings.column("gradient_log10")[:, index].astype(np.float64)
    with np.errstate(invalid="ignore"):
        level = size - size[:, -1:]
    return late_median(rho), late_median(level.astype(np.float32))


def _worst_block(rho: trends.Series) -> float:
    """The sum of largest magnitude over consecutive sites (Kadane's walk, once for each sign)."""
    values = rho[~np.isnan(rho)]
    low = high = worst_low = worst_high = 0.0
    for value in values:
        low = min(0.0, low + value)
        high = max(0.0, high + value)
        worst_low, worst_high = min(worst_low, low), max(worst_high, high)
    return float(worst_low if -worst_low >= worst_high else worst_high)
