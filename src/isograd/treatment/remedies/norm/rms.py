"""norm:rms: the units of a layer divided by their root mean square, for each example; no mean is taken off.

Behind a convolution the root mean square is that of the channels at one point of the image.

Source: Zhang and Sennrich 2019.
"""

from collections.abc import Sequence
from typing import Any

from torch import nn

from isograd.facts.treatment import Settings
from isograd.model.surgery import Edit
from isograd.treatment.example import patient_of
from isograd.treatment.remedies.norm.hidden_layers import HiddenLayer, has_enough_units
from isograd.treatment.remedies.norm.hooks import CHANNELS, PLAIN
from isograd.treatment.remedies.norm.insertion import Norm, Normalisation
from isograd.treatment.remedies.numbers import number

_EPS = 1e-6


def rms_normalise(model: nn.Module, example: Any = None, *, eps: float = _EPS) -> Edit:
    """Puts root-mean-square normalisation between each hidden layer and its activation.

    Args:
        model: The model, before its optimizer is made.
        example: An input: a tensor, a tuple of arguments, or a mapping of arguments by name. Without it only layers
            count whose activation follows them in a `Sequential`.
        eps: Added to the mean square.

    Returns:
        The edit; `undo` takes everything out again.

    Raises:
        UsageError: If no such layer is found.

    >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    >>> edit = rms_normalise(model)
    >>> sorted(model.state_dict())
    ['0.bias', '0.norm.weight', '0.weight', '2.bias', '2.weight']
    """
    return REMEDY.make(patient_of(model, example), {"eps": eps})


def _build(layer: HiddenLayer, settings: Settings) -> Norm:
    eps = number(settings, "eps")
    module = nn.RMSNorm(layer.channels, eps=eps)
    if isinstance(layer.module, nn.Linear):
        return Norm(module, f"nn.RMSNorm(layer.out_features, eps={eps!r})", PLAIN)
    return Norm(module, f"nn.RMSNorm(layer.out_channels, eps={eps!r})", CHANNELS)


def _numbers(layers: Sequence[HiddenLayer]) -> Settings:
    return {"eps": _EPS}


REMEDY = Normalisation("norm:rms", _build, _numbers, has_enough_units)
