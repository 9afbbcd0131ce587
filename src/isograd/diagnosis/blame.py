"""From the ledger to named causes, for gains that decay and gains that grow over depth."""

import numpy as np

from isograd.diagnosis import activations, attribution, levels
from isograd.diagnosis.gain import Gain
from isograd.diagnosis.runaway import plainly_high
from isograd.facts import Cause, Observed


def decay_causes(observed: Observed, found: Gain) -> tuple[Cause, ...]:
    """Why the gradient shrinks over the layers.

    Args:
        observed: One network and what was seen of it.
        found: Its gain.

    Returns:
        Causes, largest share first.
    """
    constant = attribution.constant_weights(observed)
    if constant and (not np.isfinite(found.late) or len(constant) >= 2):
        return (Cause("zero-init", 1.0),)
    parts = attribution.ledger(observed)
    weights = _worn_or_small(observed, parts)
    weights |= _activation_decay(observed, parts)
    if observed.network.residual:
        cause = "recurrence-contracts" if _recurs(observed) else "residual-scale"
        weights[cause] = max(0.0, -float(parts.skip.sum()))
    deep = found.num_layers >= 16
    total = sum(weights.values())
    if deep or total == 0.0:
        weights["depth"] = 0.35 * total if total > 0.0 else 1.0
    limit = levels.gain_levels(observed.network).warning
    spoilt = found.start > -limit or (found.late < found.start - 2.0 and plainly_high(observed))
    if spoilt and not attribution.decayed(observed):
        # It began well, and training itself spoilt it.
        weights["learning-rate-too-high"] = 1.5 * max(total, 1.0)
    return attribution.shares(weights)


def _worn_or_small(observed: Observed, parts: attribution.Ledger) -> dict[str, float]:
    lost = parts.weight + (parts.norm if observed.network.normalised else 0.0)
    small = max(0.0, -float(np.sum(lost)))
    return {"weight-decay-too-large" if attribution.decayed(observed) else "init-too-small": small}


def _activation_decay(observed: Observed, parts: attribution.Ledger) -> dict[str, float]:
    """Slope by nature, or saturation that large weights or large inputs brought about."""
    chain = [site for site in observed.network.sites if site.on_chain]
    before = ["", *(activations.canonical(site.activation) for site in chain)][: len(chain)]
    shallow = np.array([name in activations.SHALLOW for name in before], dtype=bool)
    # A sigmoid at rest loses 0.67 decades; what it loses beyond one decade a layer it loses to saturation.
    resting = np.where(shallow, np.clip(parts.activation, -1.0, 0.0), 0.0)
    by_nature = -float(resting.sum())
    gated = np.minimum(parts.activation - resting, 0.0)
    saturated = max(0.0, -float(gated.sum()))
    result = {"saturating-activation": by_nature}
    if saturated <= 0.0:
        return result
    if attribution.first_site(observed, "input_rms") > levels.INPUT_LARGE and gated[:2].sum() < 0.5 * gated.sum():
        cause = "input-scale"
    elif float(parts.weight.sum()) > 0.5:
        cause = "init-too-large"
    else:
        cause = "saturating-activation"
    result[cause] = result.get(cause, 0.0) + saturated
    return result


def growth_causes(observed: Observed, found: Gain) -> tuple[Cause, ...]:
    """Why the gradient grows over the layers.

    Args:
        observed: One network and what was seen of it.
        found: Its gain.

    Returns:
        Causes, largest share first.
    """
    limit = levels.gain_levels(observed.network).warning
    if found.start < limit < found.late:
        return attribution.shares({"learning-rate-too-high": 1.0})
    parts = attribution.ledger(observed, early=True)
    net = parts.weight + parts.norm
    weights = {"init-too-large": max(0.0, float(np.sum(net)))}
    if observed.network.residual:
        cause = "recurrence-expands" if _recurs(observed) else "residual-scale"
        weights[cause] = max(0.0, float(parts.skip.sum()))
    if _batch_normalised(observed) and found.num_layers >= 10 and found.late / found.num_layers < 0.2:
        weights["normalisation-depth"] = 2.0 * max(weights["init-too-large"], 1.0)
    unexplained = found.early - sum(weights.values())
    if unexplained > 0.5 * found.early and attribution.first_site(observed, "input_rms") > levels.INPUT_LARGE:
        # No layer lets it grow: what lies between them does (an exponential, a product), and follows the input's size.
        weights["input-scale"] = unexplained
    if not any(weights.values()):
        weights["init-too-large"] = 1.0
    return attribution.shares(weights)


def _recurs(observed: Observed) -> bool:
    """True if ways that part on the chain part over the time steps of a loop, and not around residual branches."""
    return any(site.kind == "recurrent" for site in observed.network.sites)


def _batch_normalised(observed: Observed) -> bool:
    return any(site.kind == "norm" and "batch" in site.operation.lower() for site in observed.network.sites)
