"""norm:group: groups of channels to mean 0 and variance 1 within each example.

Behind a `Linear` the groups are of features, at each step of a sequence on its own.

Source: Wu and He 2018.
"""

import math
from collections.abc import Sequence
from typing import Any

from torch import nn

from isograd.facts.treatment import Settings
from isograd.model.surgery import Edit
from isograd.treatment.example import patient_of
from isograd.treatment.remedies.norm.hidden_layers import HiddenLayer, has_enough_units
from isograd.treatment.remedies.norm.hooks import FEATURES, PLAIN
from isograd.treatment.remedies.norm.insertion import Norm, Normalisation
from isograd.treatment.remedies.numbers import number

_EPS = 1e-5
_GROUPS = (32, 16, 8, 4, 2, 1)
_FEWEST_CHANNELS = 8  # in a group: what two or three numbers are after normalisation says little of what they were


def group_normalise(model: nn.Module, example: Any = None, *, groups: int = 0, eps: float = _EPS) -> Edit:
    """Puts group normalisation between each hidden layer and its activation.

    Args:
        model: The model, before its optimizer is made.
        example: An input: a tensor, a tuple of arguments, or a mapping of arguments by name. Without it only layers
            count whose activation follows them in a `Sequential`.
        groups: At most this many groups a layer; fewer where they do not divide its channels. 0 for the largest power
            of two up to 32 that leaves eight channels to a group.
        eps: Added to the variance.

    Returns:
        The edit; `undo` takes everything out again.

    Raises:
        UsageError: If no such layer is found.

    >>> model = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 2))
    >>> edit = group_normalise(model); model[0].norm.num_groups
    8
    """
    return REMEDY.make(patient_of(model, example), {"eps": eps, **({"groups": groups} if groups else {})})


def _build(layer: HiddenLayer, settings: Settings) -> Norm:
    groups = math.gcd(int(number(settings, "groups")), layer.channels)
    eps = number(settings, "eps")
    changed = "" if eps == _EPS else f", eps={eps!r}"
    module = nn.GroupNorm(groups, layer.channels, eps=eps)
    if isinstance(layer.module, nn.Linear):
        source = f"nn.GroupNorm({groups}, layer.out_features{changed})"
        return Norm(module, source, PLAIN if layer.num_dims == 2 else FEATURES)
    return Norm(module, f"nn.GroupNorm({groups}, layer.out_channels{changed})", PLAIN)


def _numbers(layers: Sequence[HiddenLayer]) -> Settings:
    fits = (
        groups
        for groups in _GROUPS
        if all(layer.channels // math.gcd(groups, layer.channels) >= _FEWEST_CHANNELS for layer in layers)
    )
    return {"groups": next(fits, 1), "eps": _EPS}


def _admits(layer: HiddenLayer) -> bool:
    return has_enough_units(layer) and layer.is_batched


REMEDY = Normalisation("norm:group", _build, _numbers, _admits)
