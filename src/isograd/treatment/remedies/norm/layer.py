"""norm:layer: the units of a layer to mean 0 and variance 1, for each example on its own.

Behind a convolution the mean and variance are those of all channels and points of one image, and scale and shift are
learnt by channel: `GroupNorm` with one group, which asks for no fixed size of the image.

Source: Ba, Kiros and Hinton 2016; Wu and He 2018 for images.
"""

from collections.abc import Sequence
from typing import Any

from torch import nn

from isograd.facts.treatment import Settings
from isograd.model.surgery import Edit
from isograd.treatment.example import patient_of
from isograd.treatment.remedies.norm.hidden_layers import HiddenLayer, has_enough_units
from isograd.treatment.remedies.norm.hooks import PLAIN
from isograd.treatment.remedies.norm.insertion import Norm, Normalisation
from isograd.treatment.remedies.numbers import number

_EPS = 1e-5


def layer_normalise(model: nn.Module, example: Any = None, *, eps: float = _EPS) -> Edit:
    """Puts layer normalisation between each hidden layer and its activation.

    Args:
        model: The model, before its optimizer is made.
        example: An input: a tensor, a tuple of arguments, or a mapping of arguments by name. Without it only layers
            count whose activation follows them in a `Sequential`.
        eps: Added to the variance.

    Returns:
        The edit; `undo` takes everything out again.

    Raises:
        UsageError: If no such layer is found.

    >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    >>> edit = layer_normalise(model); edit.changes[0].site, model[0].norm.normalized_shape
    ('0', (8,))
    """
    return REMEDY.make(patient_of(model, example), {"eps": eps})


def _build(layer: HiddenLayer, settings: Settings) -> Norm:
    eps = number(settings, "eps")
    changed = "" if eps == _EPS else f", eps={eps!r}"
    if isinstance(layer.module, nn.Linear):
        return Norm(nn.LayerNorm(layer.channels, eps=eps), f"nn.LayerNorm(layer.out_features{changed})", PLAIN)
    return Norm(nn.GroupNorm(1, layer.channels, eps=eps), f"nn.GroupNorm(1, layer.out_channels{changed})", PLAIN)


def _numbers(layers: Sequence[HiddenLayer]) -> Settings:
    return {"eps": _EPS}


REMEDY = Normalisation("norm:layer", _build, _numbers, has_enough_units)
