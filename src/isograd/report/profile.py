"""What to draw for a finding: one quantity by layer, or the gradient by time step, out of the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from isograd.facts import Finding, Observed, Problem, Readings, Site, TimeProfile

_ABOUT_TIME = {"recurrence-contracts", "recurrence-expands", "forget-gate"}
_BY_LAYER: dict[Problem, tuple[str, ...]] = {
    "vanishing": ("gradient_log10",),
    "exploding": ("gradient_log10",),
    "dead-units": ("dead_lasting_share", "dead_share"),
    "saturation": ("saturation_share",),
    "underflow": ("underflow_share", "zero_share"),
}
_FEWEST_LAYERS = 3  # two columns are no picture


@dataclass(frozen=True)
class Profile:
    """One row of values to draw, input side or earliest time step first."""

    kind: Literal["depth", "lag", "share"]
    """`depth`: decades against the last layer; `lag`: decades against the last time step; `share`: 0..1 by layer."""
    values: NDArray[np.float64]
    """Shape (K,): nan where nothing was measured, -inf where the gradient is exactly zero."""
    first: str
    """Name of the leftmost column; for `lag`, the number of time steps back."""
    last: str
    """Name of the rightmost column."""
    step: int
    """The optimizer step at which it was measured."""
    quantity: str
    """What it shows, one of `QUANTITIES`."""
    length: int
    """Layers, or time steps of the sequence."""


def profile(finding: Finding, observed: Observed) -> Profile | None:
    """The picture that belongs to a finding, from the last reading within the steps at which it was seen.

    Args:
        finding: what it is about decides between layers and time.
        observed: the network that it was found in.

    Returns:
        None where nothing was measured that could be drawn.
    """
    through_time = _through_time(finding, observed.times)
    if through_time is not None:
        return through_time
    for quantity in _BY_LAYER.get(finding.problem, ()):
        picture = _by_layer(quantity, finding, observed)
        if picture is not None:
            return picture
    return None


def _through_time(finding: Finding, times: Sequence[TimeProfile]) -> Profile | None:
    if finding.problem not in ("vanishing", "exploding"):
        return None
    at_sites = [time for time in times if time.site in finding.sites]
    of_finding = [time for time in at_sites if time.quantity == "cell"] or at_sites  # as the rules judge it
    caused = any(cause.cause in _ABOUT_TIME for cause in finding.causes)
    if not of_finding or not (caused or len(finding.sites) == 1):
        return None
    within = [time for time in of_finding if finding.first_step <= time.step <= finding.last_step]
    chosen = (within or of_finding)[-1]
    if chosen.lag.size < _FEWEST_LAYERS or not np.isfinite(chosen.gradient_log10[0]):
        return None
    values = (chosen.gradient_log10 - chosen.gradient_log10[0])[::-1]
    return Profile("lag", values, str(int(chosen.lag[-1])), "0", chosen.step, "gradient_log10", chosen.length)


def _by_layer(quantity: str, finding: Finding, observed: Observed) -> Profile | None:
    index = reading_index(observed.readings, finding.first_step, finding.last_step)
    if index is None:
        return None
    column = observed.readings.column(quantity)[index].astype(np.float64)
    decades = quantity == "gradient_log10"
    wanted = _chain(observed.network.sites) if decades else _measured(column)
    if len(wanted) < _FEWEST_LAYERS:
        return None
    values = column[wanted]
    if decades:
        if not np.isfinite(values[-1]):
            return None
        values = values - values[-1]
    if not np.any(~np.isnan(values)):
        return None
    names = [observed.network.sites[place].name for place in wanted]
    step = int(observed.readings.step[index])
    return Profile("depth" if decades else "share", values, names[0], names[-1], step, quantity, len(names))


def reading_index(readings: Readings, first_step: int, last_step: int) -> int | None:
    """The last reading within those steps, or else the last before them; None if there is none.

    Args:
        readings: of one network, in order.
        first_step: of the finding.
        last_step: of the finding.
    """
    before = np.flatnonzero(readings.step <= last_step)
    if not before.size:
        return None
    within = before[readings.step[before] >= first_step]
    return int(within[-1] if within.size else before[-1])


def _chain(sites: Sequence[Site]) -> list[int]:
    return [index for index, site in enumerate(sites) if site.on_chain]


def _measured(column: NDArray[np.float64]) -> list[int]:
    return [int(index) for index in np.flatnonzero(~np.isnan(column))]
