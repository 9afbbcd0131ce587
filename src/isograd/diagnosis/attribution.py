"""Whose decades are they? The gain ledger, held against what a healthy layer would show.

The ledger splits the gain across a site exactly into slope, gate, weight, norm, skip and other. A healthy plain layer
has slope + gate = a and weight = -a, where a = 0.5 log10 E[phi'^2] belongs to the activation; what either lacks is its
share of the harm. A sigmoid has no such balance (its slope is at most 1/4, and a weight that makes up for it
saturates it), so that its own a counts in full.
"""

from dataclasses import dataclass

import numpy as np

from isograd.diagnosis import activations, trends
from isograd.diagnosis.gain import late_median
from isograd.facts import Cause, Observed


@dataclass(frozen=True)
class Ledger:
    """Decades lost (negative) or won (positive) along the chain against a healthy layer."""

    activation: trends.Series
    """Shape (C,): slope and gate, less what is healthy."""
    weight: trends.Series
    """Shape (C,): weight, less what is healthy."""
    norm: trends.Series
    """Shape (C,): normalisation layers."""
    skip: trends.Series
    """Shape (C,): residual branches."""
    gate: trends.Series
    """Shape (C,): saturation and gating as measured."""


def ledger(observed: Observed, early: bool = False) -> Ledger:
    """The ledger of the sites on the chain, as a median over readings.

    Args:
        observed: One network and what was seen of it.
        early: True for the first readings instead of the last half.

    Returns:
        One value a site and column; 0 where nothing was measured.
    """
    chain = [s for s, site in enumerate(observed.network.sites) if site.on_chain]
    sites = [observed.network.sites[s] for s in chain]

    def column(name: str) -> trends.Series:
        values = observed.readings.column(name)[:, chain]
        seen = late_median(values[: max(1, values.shape[0] // 5)] if early else values, 1.0 if early else 0.5)
        return np.where(np.isfinite(seen), seen, 0.0)

    before = ["", *(activations.canonical(site.activation) for site in sites)][: len(sites)]
    own = np.array([_healthy(name) for name in before])
    gate, slope, weight = column("gate"), column("slope"), column("weight")
    recurrent = np.array([site.kind == "recurrent" for site in sites], dtype=bool)
    weighs = np.array([site.kind == "weight" for site in sites], dtype=bool) & ~recurrent
    return Ledger(
        activation=slope + gate - own,
        weight=weight + np.where(weighs, own, 0.0),
        norm=column("norm"),
        skip=column("skip"),
        gate=gate,
    )


def _healthy(activation: str) -> float:
    if activation in activations.SHALLOW:
        return 0.0
    return 0.5 * float(np.log10(activations.SLOPE_SQUARED.get(activation, 1.0)))


def weight_scales(observed: Observed) -> tuple[trends.Series, trends.Series]:
    """sigma_w of each site at first and by the end; shapes (S,), nan where there is no weight."""
    values = observed.readings.column("weight_scale")
    if values.shape[0] == 0:
        empty = np.full(len(observed.network.sites), np.nan)
        return empty, empty
    return values[0].astype(np.float64), late_median(values, 0.1)


def decayed(observed: Observed) -> bool:
    """True if weight decay has worn the weights down: the median layer lost two thirds of its scale."""
    if observed.network.settings.get("weight_decay", 0.0) <= 0:
        return False
    first, last = weight_scales(observed)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = trends.median(np.where(first > 0, last / first, np.nan))
    return bool(ratio < 0.35)


def leapt_at_once(observed: Observed) -> bool:
    """True if the very first step moved the weights by half their size: what is read after it is no start any more."""
    if observed.readings.step.size == 0:
        return False
    first = observed.readings.column("update_ratio")[0]
    seen = first[~np.isnan(first)]
    return bool(seen.size and seen.max() > 0.5)


def constant_weights(observed: Observed) -> tuple[str, ...]:
    """Names of the sites whose weights all have one and the same magnitude at the first reading: zeros, or a constant.

    Equal units get equal gradients and stay equal, so that the layer has in truth one unit.
    """
    if observed.readings.step.size == 0 or leapt_at_once(observed):
        return ()
    scale = observed.readings.column("weight_scale")[0].astype(np.float64)
    largest = observed.readings.column("weight_max")[0].astype(np.float64)
    found = []
    for s, site in enumerate(observed.network.sites):
        if site.kind not in ("weight", "recurrent") or site.units < 2 or site.fan_in < 2 or np.isnan(largest[s]):
            continue
        rms = scale[s] / np.sqrt(site.fan_in)
        # Uniform weights have a largest of 1.7 rms and normal ones more; the first step may already have moved them.
        if largest[s] == 0.0 or (largest[s] < 1.2 * rms and site.fan_in * site.units >= 16):
            found.append(site.name)
    return tuple(found)


def first_site(observed: Observed, quantity: str) -> float:
    """A quantity of the first site that has it, at the median of the readings; nan if none has."""
    if observed.readings.step.size == 0:
        return float("nan")
    values = late_median(observed.readings.column(quantity), 1.0)
    for site, value in zip(observed.network.sites, values, strict=True):
        if site.kind != "embedding" and not np.isnan(value):
            return float(value)
    return float("nan")


def shares(weights: dict[str, float], least: float = 0.12) -> tuple[Cause, ...]:
    """Causes from what each weighs, largest first, shares adding to one; those under `least` are left out.

    >>> [(c.cause, round(c.share, 2)) for c in shares({"depth": 1.0, "init-too-small": 3.0, "data": 0.01})]
    [('init-too-small', 0.75), ('depth', 0.25)]
    """
    positive = {cause: weight for cause, weight in weights.items() if weight > 0}
    total = sum(positive.values())
    kept = {cause: weight for cause, weight in positive.items() if weight >= least * total}
    whole = sum(kept.values())
    ordered = sorted(kept.items(), key=lambda item: -item[1])
    return tuple(Cause(cause, weight / whole) for cause, weight in ordered)
