"""The learning rate and what passes for it: signs that steps are too large, and which scale made them so."""

import numpy as np

from isograd.diagnosis import attribution, levels, trends
from isograd.diagnosis.progress import Progress, chance_level, loss_family
from isograd.facts import Cause, Observed

TARGET_LARGE = 50.0
"""A squared error that starts here has targets some seven times larger than standardised ones."""


def plainly_high(observed: Observed) -> bool:
    """True for a learning rate far beyond what the optimizer is used with: 1 for SGD, 0.03 for adaptive ones."""
    rates = observed.steps.learning_rate
    seen = rates[~np.isnan(rates)]  # none where parameters are updated by hand
    rate = float(seen.max()) if seen.size else observed.network.settings.get("lr", 0.0)
    return rate >= (0.03 if levels.adaptive(observed.network) else 1.0)


def summed_loss(observed: Observed, done: Progress) -> bool:
    """True if the loss is summed over the batch, and steps follow its size.

    The graph tells it by a loss that saved this reduction or by a sum at its very end; or guessing scores more than
    ln C, as `progress` has found.
    """
    if levels.adaptive(observed.network):
        return False
    loss = observed.network.loss
    return "(sum)" in loss or loss.split(" < ")[0] == "Sum" or bool(done.chance > 1.5 * chance_level(observed.network))


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


def bad_batches(observed: Observed) -> tuple[int, ...]:
    """Steps whose batch itself was an outlier: the loss leapt by 1.5 decades in one step out of a calm stretch.

    A rate that is too large takes several steps to leave calm; and where a reading was taken at the leap, the size of
    the network's input decides.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.log10(np.maximum(observed.steps.loss, 1e-30))
    sudden = []
    for i in trends.spikes(level, factor_log10=1.5):
        past = level[max(0, i - 10) : i]
        past = past[np.isfinite(past)]
        calm = past.size >= 5 and past.max() - np.median(past) < 0.5
        seen = _input_leaps(observed, int(observed.steps.step[i]))
        if seen or (seen is None and calm and not plainly_high(observed)):
            sudden.append(int(observed.steps.step[i]))
    return tuple(sudden)


def odd_inputs(observed: Observed) -> bool:
    """True if the first layer's input was thirty times larger than usual in some of the readings, but in few."""
    for column in observed.readings.column("input_rms").T:
        seen = column[np.isfinite(column)].astype(np.float64)
        if seen.size:
            odd = seen > 30 * max(trends.median(seen), 1e-30)
            return bool(odd.any() and odd.mean() < 0.4)
    return False


def _input_leaps(observed: Observed, step: int) -> bool | None:
    """Whether a reading at that very step shows inputs ten times larger than usual; None without such a reading."""
    at = np.flatnonzero(observed.readings.step == step)
    if at.size == 0:
        return None
    for column in observed.readings.column("input_rms").T:
        if not np.isnan(column).all():
            return bool(column[at[0]] > 10 * trends.median(column.astype(np.float64)))
    return None


def rate_causes(observed: Observed, done: Progress) -> tuple[Cause, ...]:
    """Why steps are too large: the rate itself, or a scale that multiplies the gradient.

    Args:
        observed: One network and what was seen of it.
        done: What its loss did.

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
    elif _expanding_at_birth(observed) or done.start > 4 * done.chance:
        branches = observed.network.residual and not observed.network.normalised
        weights["residual-scale" if branches else "init-too-large"] = 2.0
    return attribution.shares(weights)


def _grown(observed: Observed) -> bool:
    """True if the network's own outputs, not its targets, made the loss large at the start."""
    if observed.readings.step.size == 0:
        return False
    size = observed.readings.column("input_rms")[0] * observed.readings.column("weight_scale")[0]
    seen = size[np.isfinite(size)]
    return bool(seen.size and seen[-1] > 10.0 and not attribution.leapt_at_once(observed))


def _expanding_at_birth(observed: Observed) -> bool:
    if observed.readings.step.size == 0 or attribution.leapt_at_once(observed):
        return False
    scale = observed.readings.column("weight_scale")[0].astype(np.float64)
    weighs = np.array([site.kind == "weight" for site in observed.network.sites], dtype=bool)
    return bool(trends.median(scale[weighs]) > 4.0)
