"""Weights rescaled, layer after layer, so that what each layer adds up has standard deviation 1 on this batch.

The direction of each weight stays; only its length changes. It stands for initial weights that are too small or too
large. First layers are fitted to standardised inputs, so that their weights do not make up for the scale of the data.
Weights of recurrences are left to another intervention, and weights that are exactly zero have no direction.
"""

import math
from contextlib import AbstractContextManager
from typing import Any

import torch

from isograd.diagnosis.interventions.input_scale import standardised
from isograd.diagnosis.interventions.intervention import Subject, Trace
from isograd.diagnosis.interventions.operands import Contraction, contraction, is_given
from isograd.diagnosis.interventions.rerouting import Call, Rerouting, spread
from isograd.facts import Text

_BIAS_AT = {"linear": 2, "conv1d": 2, "conv2d": 2, "conv3d": 2, "conv_transpose1d": 2, "conv_transpose2d": 2,
            "conv_transpose3d": 2}  # fmt: skip
_NOTICEABLE = math.log10(1.05)


class WeightScale:
    """The intervention `weight-scale`."""

    name = "weight-scale"

    def label(self, subject: Subject) -> Text:
        """See `Intervention`."""
        return Text("weights rescaled", "가중치 크기 조정")

    def applies(self, subject: Subject) -> bool:
        """True if a layer that is no recurrence has a weight."""
        return not subject.site and any(entry.site.kind == "weight" for entry in subject.base.seen)

    def make(self, subject: Subject, trace: Trace) -> AbstractContextManager[object]:
        """See `Intervention`."""
        members = subject.members - subject.recurrent
        scales: dict[int, float] = {}

        def handler(function: Call, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            found = contraction(name, args, members)
            if found is None:
                return function(*args, **kwargs)
            if id(found.leaf) not in scales:
                scales[id(found.leaf)] = scale = _scale(function, name, args, kwargs, found)
                trace.scaled(math.log10(scale))
                trace.by_leaf[id(found.leaf)] = math.log10(scale)
            return function(*_scaled(args, found, scales[id(found.leaf)]), **kwargs)

        return Rerouting(handler)

    def cause(self, subject: Subject, trace: Trace) -> str | None:
        """Too small if they had to grow, too large if they had to shrink; growth does not explain an explosion."""
        if abs(trace.mean_log10) < _NOTICEABLE:
            return None
        if trace.mean_log10 < 0:
            return "init-too-large"
        return "init-too-small" if not subject.gain > 0 else None


def _scale(function: Call, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], found: Contraction) -> float:
    """What makes the layer's sums, its bias left out, have standard deviation 1; 1 where that cannot be."""
    bare = list(args)
    if len(bare) > _BIAS_AT.get(name, len(bare)):
        bare[_BIAS_AT[name]] = None
    if name in ("addmm", "baddbmm"):
        bare[0] = torch.zeros_like(bare[0])
    with torch.no_grad():
        if is_given(bare[found.data]):
            bare[found.data] = standardised(bare[found.data])
        size = spread(function(*bare, **{key: value for key, value in kwargs.items() if key != "bias"}))
    return 1.0 / size if size > 0 and math.isfinite(size) else 1.0


def _scaled(args: tuple[Any, ...], found: Contraction, scale: float) -> list[Any]:
    changed = list(args)
    changed[found.weight] = args[found.weight] * scale
    return changed
