"""Gradient through time: what a recurrent site's profiles say over the run."""

from dataclasses import dataclass

import numpy as np

from isograd.diagnosis import trends
from isograd.facts import Observed, TimeProfile


@dataclass(frozen=True)
class Memory:
    """How the gradient changes on its way back through the time steps of one recurrent site."""

    site: str
    """Its name."""
    cell: str
    """`RNN`, `LSTM`, `GRU` or `loop`."""
    gated: bool
    """True for LSTM and GRU."""
    length: int
    """Time steps of the sequence."""
    early: float
    """Gain from the last time step to the first, decades, in the first profile."""
    late: float
    """The same, median over the later half of the profiles."""
    peak: float
    """The largest gain from the last time step to any other, in any profile, decades."""
    per_step: float
    """Late gain a time step, decades."""
    first_step: int
    """Optimizer step of the first profile."""
    last_step: int
    """Optimizer step of the last profile."""


def memories(observed: Observed) -> tuple[Memory, ...]:
    """One entry a recurrent site that was profiled over at least three time steps."""
    by_site: dict[str, list[TimeProfile]] = {}
    for profile in observed.times:
        if profile.length >= 3 and profile.lag.size >= 3:
            by_site.setdefault(profile.site, []).append(profile)
    return tuple(_memory(profiles) for profiles in by_site.values())


def _memory(profiles: list[TimeProfile]) -> Memory:
    late = profiles[len(profiles) // 2 :]
    gains = np.array([through_time(profile) for profile in late])
    middle = trends.median(gains)
    last = profiles[-1]
    return Memory(
        site=last.site,
        cell=last.cell,
        gated=last.gated,
        length=last.length,
        early=through_time(profiles[0]),
        late=middle,
        peak=max(_peak(profile) for profile in profiles),
        per_step=middle / max(1, last.length - 1),
        first_step=profiles[0].step,
        last_step=last.step,
    )


def through_time(profile: TimeProfile) -> float:
    """Gain from the last time step to the first, in decades.

    Where nothing measurable arrives at the first, the slope over those that were measured is drawn on to it.

    >>> import numpy as np
    >>> p = TimeProfile("rnn", 0, 5, np.arange(5), np.array([0.0, -1, -2, -np.inf, -np.inf]), "RNN", False)
    >>> through_time(p)
    -4.0
    """
    size = profile.gradient_log10
    seen = np.flatnonzero(np.isfinite(size))
    if seen.size < 2 or seen[0] > size.size // 2:
        return float("-inf") if np.isneginf(size).any() else float("nan")
    begin, end = seen[0], seen[-1]
    span = float(profile.lag[end] - profile.lag[begin])
    whole = float(profile.lag[-1] - profile.lag[begin])
    return float(size[end] - size[begin]) * (whole / span if np.isneginf(size[-1]) else 1.0)


def _peak(profile: TimeProfile) -> float:
    size = profile.gradient_log10[np.isfinite(profile.gradient_log10)]
    return float(size.max() - size[0]) if size.size else 0.0
