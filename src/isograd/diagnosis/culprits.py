"""Where a cause lies: the layers whose initial values are off, which need not be those that the gradient misses."""

from collections.abc import Collection, Mapping

import torch

from isograd.diagnosis.interventions import Subject, Trace
from isograd.observation.sites import Seen

MOSTLY = 0.5
"""A weight that must be scaled by at least this share of the decades of the worst one is off as well."""
NOTICEABLE = 0.1
"""A bias of at least this share of the largest one is meant as well."""
_SIGN = {"init-too-small": 1.0, "init-too-large": -1.0}


def culprits(
    subject: Subject, traces: Mapping[str, Trace], blamed: Collection[str], causes: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """The layers behind each cause that lies in initial values.

    Args:
        subject: The network.
        traces: What each intervention did alone.
        blamed: Interventions that restore the gain.
        causes: What they stand for.

    Returns:
        Names of sites in execution order, by cause; causes that do not lie in single layers are left out.
    """
    found: dict[str, tuple[str, ...]] = {}
    for cause in causes:
        if cause in _SIGN and {"weight-scale", "attention-scale"}.intersection(blamed) and "weight-scale" in traces:
            found[cause] = _misfits(subject, traces["weight-scale"].by_leaf, _SIGN[cause])
        elif cause in ("init-too-large", "negative-bias") and "bias" in blamed:
            found[cause] = _biased(subject.base.seen)
        elif cause == "zero-init":
            weights = ((entry.site.name, entry.weight) for entry in subject.base.seen if entry.site.on_chain)
            found[cause] = tuple(name for name, weight in weights if weight is not None and not weight.detach().any())
    return {cause: names for cause, names in found.items() if names}


def _misfits(subject: Subject, scales: Mapping[int, float], sign: float) -> tuple[str, ...]:
    worst = max((sign * scale for scale in scales.values()), default=0.0)
    off = {leaf for leaf, scale in scales.items() if worst > 0 and sign * scale >= MOSTLY * worst}
    return tuple(e.site.name for e in subject.base.seen if any(id(parameter) in off for parameter in e.parameters))


def _biased(seen: Collection[Seen]) -> tuple[str, ...]:
    sizes = {entry.site.name: max(map(_rms, _biases(entry)), default=0.0) for entry in seen}
    largest = max(sizes.values(), default=0.0)
    return tuple(name for name, size in sizes.items() if size > 0 and size >= NOTICEABLE * largest)


def _biases(entry: Seen) -> list[torch.Tensor]:
    return [p for p in entry.parameters if p is not entry.weight and p.numel() == max(p.shape, default=1)]


def _rms(tensor: torch.Tensor) -> float:
    return float(tensor.detach().double().square().mean().sqrt())
