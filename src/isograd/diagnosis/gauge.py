"""Which gain of a measurement is to be explained: over the layers, or over the time steps of a recurrence."""

import math
from dataclasses import dataclass

from isograd.diagnosis.levels import NORMALISED, PLAIN, GainLevels
from isograd.diagnosis.memory import through_time
from isograd.observation.probe import Measurement

TOLERANCE = 1.5
"""|G| up to which an intervention has restored a plain network (own spike: every verdict holds from 1.3 to 2)."""
TOLERANCE_NORMALISED = 2.0
"""The same for normalised and residual networks, whose ends alone shift G by a decade."""
TOLERANCE_TIME = 2.0
"""The same through time: even an orthogonal recurrence with tanh loses 1.3 decades in 50 steps."""
LOSS_A_STEP = 0.027
"""Decades that this costs a step: sequences longer than 74 steps cannot be restored to better than that."""
TIME = GainLevels(TOLERANCE_TIME, 3.0)
"""Beyond three decades the first of the time steps is lost beside the last."""
_FEW_LAGS = 4
_FEW_LAYERS = 4


@dataclass(frozen=True)
class Gauge:
    """One gain of one measurement."""

    site: str
    """The recurrent site whose gain through time it is; empty for the gain over the layers."""
    gain: float
    """In decades; -inf if nothing arrives, nan if not measured."""
    steps: int
    """Layers or time steps that the gradient passes."""
    tolerance: float
    """|gain| that counts as restored."""
    levels: GainLevels
    """|gain| beyond which it is a warning, and an error."""
    gated: bool = False
    """True for gated cells: there a small gain at the start is a risk and no verdict."""
    sums: int = 0
    """Residual sums that the gradient passes besides."""

    @property
    def excess(self) -> float:
        """How far beyond its tolerance; infinite for what has no logarithm."""
        if math.isnan(self.gain):
            return 0.0
        return abs(self.gain) / self.tolerance

    @property
    def rate(self) -> float:
        """Decades a layer, residual sum or time step."""
        return self.gain / max(1, self.steps + self.sums)


def gauge(measurement: Measurement) -> Gauge:
    """The gain that is furthest beyond its tolerance.

    Args:
        measurement: Of one batch.
    """
    times = [_through_time(measurement, profile.site) for profile in measurement.profiles if _is_long(profile.length)]
    layers = _over_layers(measurement)
    if times and (layers.steps < _FEW_LAYERS or any(time.gated for time in times)):
        return max(times, key=lambda one: one.excess)
    return max((*times, layers), key=lambda one: one.excess)


def read_again(measurement: Measurement, site: str) -> float:
    """The gain of the same kind in another measurement; nan if it cannot be read there."""
    return _through_time(measurement, site).gain if site else measurement.gain


def _is_long(length: int) -> bool:
    return length >= _FEW_LAGS


def _over_layers(measurement: Measurement) -> Gauge:
    kinds = {place.kind for place in measurement.read.layout.places.values()}
    chain = measurement.read.chain
    bears_more = "norm" in kinds or "Rsqrt" in measurement.read.graph.names or bool(chain and chain.sums)
    layers = [site for site in measurement.sites if site.on_chain and site.kind in ("weight", "embedding")]
    return Gauge(
        site="",
        gain=measurement.gain if math.isfinite(measurement.loss) else math.nan,
        steps=max(0, len(layers) - 1),
        tolerance=TOLERANCE_NORMALISED if bears_more else TOLERANCE,
        levels=NORMALISED if bears_more else PLAIN,
        sums=sum(site.on_chain and site.kind == "sum" for site in measurement.sites),
    )


def _through_time(measurement: Measurement, site: str) -> Gauge:
    found = next((profile for profile in measurement.profiles if profile.site == site), None)
    if found is None:
        return Gauge(site, math.nan, 0, TOLERANCE_TIME, TIME)
    tolerance = max(TOLERANCE_TIME, LOSS_A_STEP * (found.length - 1))
    return Gauge(site, through_time(found), found.length - 1, tolerance, TIME, found.gated)
