"""The learning rate and what passes for it: signs that steps are too large, and which scale made them so."""

import numpy as np

from isograd.diagnosis import attribution, levels, trends
from isograd.diagnosis.harm import Harm
from isograd.diagnosis.progress import Progress, loss_family
from isograd.facts import Cause, Observed

TARGET_LARGE = 50.0
"""A squared error that starts here has targets some seven times larger than standardised ones."""


def plainly_high(observed: Observed) -> bool:
    """True for a learning rate far beyond what the optimizer is used with: 1 for SGD, 0.03 for adaptive ones."""
    rates = observed.steps.learning_rate
    rate = float(np.nanmax(rates)) if rates.size else observed.network.settings.get("lr", 0.0)
    return rate >= (0.03 if levels.adaptive(observed.network) else 1.0)


def summed_loss(observed: Observed, done: Progress) -> bool:
    """True if the loss is summed over the batch: it starts far above guessing, though the outputs are of ordinary size.

    The outputs' size is that of input_rms * sigma_w of the last layer at the first reading.
    """
    if np.isnan(done.chance) or done.start < 5 * done.chance or observed.readings.step.size == 0:
        return False
    rms = observed.readings.column("input_rms")[0]
    scale = observed.readings.column("weight_scale")[0]
    size = (rms * scale)[np.isfinite(rms * scale)]
    return bool(size.size and size[-1] < 3.0)


def growth_before(observed: Observed, step: int) -> float:
    """How far loss or gradient grew over the steps before one, in decades, against their early level."""
    before = observed.steps.step < step
    with np.errstate(divide="ignore", invalid="ignore"):
        loss = np.log10(np.abs(observed.steps.loss[before]))
    grown = [_growth(series) for series in (loss, observed.steps.raw_log10[before])]
    return max((value for value in grown if np.isfinite(value)), default=0.0)


def _growth(series: trends.Series) -> float:
    series = series[~np.isnan(series)]
    if series.size < 2:
        return 0.0
    if np.isposinf(series).any():
        return 40.0
    seen = series[np.isfinite(series)]
    if seen.size < 2:
        return 0.0
    settled = float(np.median(seen[: max(1, seen.size * 3 // 4)]))
    return float(seen[-3:].max() - min(settled, seen[0]))


def rate_causes(observed: Observed, done: Progress, hurt: Harm) -> tuple[Cause, ...]:
    """Why steps are too large: the rate itself, or a scale that multiplies the gradient.

    Args:
        observed: One network and what was seen of it.
        done: What its loss did.
        hurt: Companions of G.

    Returns:
        Causes, largest share first. A rate that is plainly high comes first; one of ordinary size gives way to a scale.
    """
    weights = {"learning-rate-too-high": 4.0 if plainly_high(observed) else 1.0}
    if summed_loss(observed, done):
        weights["loss-reduction"] = 2.0
    elif attribution.first_site(observed, "input_rms") > levels.INPUT_LARGE:
        weights["input-scale"] = 2.0
    elif loss_family(observed.network.loss) == "regression" and done.start > TARGET_LARGE and not _grown(observed):
        weights["target-scale"] = 2.0
    elif _expanding_at_birth(observed):
        weights["init-too-large"] = 2.0
    return attribution.shares(weights)


def _grown(observed: Observed) -> bool:
    """True if the network's own outputs, not its targets, made the loss large at the start."""
    if observed.readings.step.size == 0:
        return False
    size = observed.readings.column("input_rms")[0] * observed.readings.column("weight_scale")[0]
    seen = size[np.isfinite(size)]
    return bool(seen.size and seen[-1] > 10.0)


def _expanding_at_birth(observed: Observed) -> bool:
    if observed.readings.step.size == 0:
        return False
    scale = observed.readings.column("weight_scale")[0].astype(np.float64)
    weighs = np.array([site.kind == "weight" for site in observed.network.sites], dtype=bool)
    return bool(trends.median(scale[weighs]) > 4.0)
