"""Gradient through time: what a recurrent site's profiles say over the run."""

import math
from dataclasses import dataclass

import numpy as np

from isograd.diagnosis import trends
from isograd.facts import Evidence, Observed, Text, TimeProfile
from isograd.theory.memory_length import forgotten_lag, memory_length

RISK = Text(
    " A gated cell may still learn to keep more: this is a risk, and only training confirms it.",
    " 게이트가 있는 셀은 학습하면서 더 오래 기억하게 될 수 있으므로 위험 신호일 뿐이며, 학습해 보아야 확인할 수 "
    "있습니다.",
)
"""What is said of a small gain of a gated cell at the start; begins with a space, so that it may be left out."""


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
    forgotten: float
    """Lag from which on less than a hundredth is left, median over the later half; infinite if it is never so."""
    first_step: int
    """Optimizer step of the first profile."""
    last_step: int
    """Optimizer step of the last profile."""


def memories(observed: Observed) -> tuple[Memory, ...]:
    """One entry a recurrent site that was profiled over at least three time steps.

    Where a cell carries two states, it is that of the cell state, which is the long memory.
    """
    by_site: dict[str, list[TimeProfile]] = {}
    for profile in observed.times:
        if profile.length >= 3 and profile.lag.size >= 3:
            by_site.setdefault(profile.site, []).append(profile)
    return tuple(_memory(_main(profiles)) for profiles in by_site.values())


def _main(profiles: list[TimeProfile]) -> list[TimeProfile]:
    """Of the profiles of a site those of one quantity: the cell state if it has one."""
    return [profile for profile in profiles if profile.quantity == "cell"] or profiles


def lengths(site: str, per_step: float, forgotten: float) -> tuple[Evidence, ...]:
    """Effective memory as evidence, in time steps; what was not reached is left out.

    Args:
        site: The recurrent site.
        per_step: Gain a time step, decades.
        forgotten: Lag from which on less than a hundredth is left.
    """
    known = (("memory_length_steps", memory_length(per_step)), ("forgotten_lag_steps", forgotten))
    return tuple(Evidence(name, value, "time steps", None, site) for name, value in known if 0 < value < math.inf)


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
        forgotten=trends.median(np.array([forgotten(profile) for profile in late])),
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


def forgotten(profile: TimeProfile) -> float:
    """Lag from which on less than a hundredth of the last time step's gradient is left; see `theory.memory_length`."""
    return forgotten_lag(profile.lag, profile.gradient_log10)


def _peak(profile: TimeProfile) -> float:
    size = profile.gradient_log10[np.isfinite(profile.gradient_log10)]
    return float(size.max() - size[0]) if size.size else 0.0
