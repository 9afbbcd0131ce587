"""How far plain gradient descent would throw the weights with its first step, and which scale is to blame.

The gain does not see the scale of the loss. SGD's first step does: it is the learning rate times the gradient, and one
that is many times the weights themselves leaves nothing of the initialisation that the gain was judged by.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import torch

from isograd.diagnosis.experiment import measured_with
from isograd.diagnosis.interventions import Intervention, Subject, Trace
from isograd.diagnosis.interventions.input_scale import InputScale
from isograd.diagnosis.interventions.target_scale import TargetScale
from isograd.facts import Cause, Network
from isograd.observation.probe import Measurement
from isograd.observation.reading import INDEX

FAR = 10.0
"""Steps of this many times the weights; own choice, so far off that no warm-up by habit is blamed."""
NEAR = 1.0
"""A scale whose change alone brings the step below the size of the weights is the cause."""
_SCALES: tuple[Intervention, ...] = (TargetScale(), InputScale())


@dataclass(frozen=True)
class Throw:
    """A first step that goes too far."""

    ratio: float
    """Median over the layers of ||step|| / ||weight||."""
    causes: tuple[Cause, ...]
    """Why."""


def throw_of(subject: Subject, network: Network, interventions: Sequence[Intervention] = _SCALES) -> Throw | None:
    """The first step of plain SGD if it goes too far; None if it does not, or the optimizer is another.

    Args:
        subject: The network on one batch.
        network: With the optimizer's name and numbers.
        interventions: Scales to try.
    """
    rate = network.settings.get("lr", math.nan)
    if network.optimizer != "SGD" or not rate > 0:
        return None
    ratio = _ratio(subject.base, rate)
    if not ratio >= FAR:
        return None
    for one in interventions:
        trace = Trace()
        changed = measured_with(subject, one, trace)
        cause = one.cause(subject, trace) if changed is not None and trace.touched else None
        if changed is not None and cause is not None and _ratio(changed, rate) <= NEAR:
            return Throw(ratio, (Cause(cause, 1.0, "intervention"),))
    return Throw(ratio, (Cause("learning-rate-too-high", 1.0),))


def _ratio(measurement: Measurement, rate: float) -> float:
    """Median over the layers with a weight that is not zero; nan without one."""
    ratios = []
    for entry, row in zip(measurement.seen, measurement.values, strict=True):
        size = 0.0 if entry.weight is None else float(torch.linalg.vector_norm(entry.weight.detach().double()))
        gradient = float(row[INDEX["weight_gradient_log10"]])
        if size > 0 and math.isfinite(gradient) and entry.site.kind in ("weight", "recurrent"):
            ratios.append(rate * 10.0**gradient / size)
    return median(ratios) if ratios else math.nan
