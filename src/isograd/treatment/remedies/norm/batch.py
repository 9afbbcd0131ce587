"""norm:batch: each unit to mean 0 and variance 1 over the batch, in front of its activation.

In training by mean and variance of the batch, in evaluation by their running averages; behind a convolution over all
points of all images, behind a `Linear` on sequences over all steps of all examples. A bias in front of it has no
effect any more and stays, so that checkpoints fit.

Source: Ioffe and Szegedy 2015.
"""

from collections.abc import Sequence
from typing import Any

from torch import nn

from isograd.facts.treatment import Settings
from isograd.model.surgery import Edit
from isograd.treatment.example import patient_of
from isograd.treatment.remedies.norm.hidden_layers import HiddenLayer
from isograd.treatment.remedies.norm.hooks import FEATURES, PLAIN
from isograd.treatment.remedies.norm.insertion import Norm, Normalisation
from isograd.treatment.remedies.numbers import number

_EPS, _MOMENTUM = 1e-5, 0.1
_BY_DIMS = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}


def batch_normalise(model: nn.Module, example: Any = None, *, eps: float = _EPS, momentum: float = _MOMENTUM) -> Edit:
    """Puts batch normalisation between each hidden layer and its activation.

    Args:
        model: The model, before its optimizer is made.
        example: An input of at least two examples: a tensor, a tuple of arguments, or a mapping of arguments by name.
            Without it only layers count whose activation follows them in a `Sequential`.
        eps: Added to the variance.
        momentum: Weight of the newest batch in the running averages.

    Returns:
        The edit; `undo` takes everything out again.

    Raises:
        UsageError: If no such layer is found, or the example is a single one.

    >>> model = nn.Sequential(nn.Linear(4, 8), nn.Sigmoid(), nn.Linear(8, 2))
    >>> edit = batch_normalise(model)
    >>> list(model.state_dict())[:4]
    ['0.weight', '0.bias', '0.norm.weight', '0.norm.bias']
    >>> edit.undo(); list(model.state_dict())
    ['0.weight', '0.bias', '2.weight', '2.bias']
    """
    return REMEDY.make(patient_of(model, example), {"eps": eps, "momentum": momentum})


def _build(layer: HiddenLayer, settings: Settings) -> Norm:
    width = "out_features" if isinstance(layer.module, nn.Linear) else "out_channels"
    kind = nn.BatchNorm1d if isinstance(layer.module, nn.Linear) else _BY_DIMS[layer.module.weight.ndim - 2]
    eps, momentum = number(settings, "eps"), number(settings, "momentum")
    changed = ("" if eps == _EPS else f", eps={eps!r}") + ("" if momentum == _MOMENTUM else f", momentum={momentum!r}")
    module = kind(layer.channels, eps=eps, momentum=momentum)
    hook = FEATURES if isinstance(layer.module, nn.Linear) and layer.num_dims != 2 else PLAIN
    return Norm(module, f"nn.{kind.__name__}(layer.{width}{changed})", hook)


def _numbers(layers: Sequence[HiddenLayer]) -> Settings:
    return {"eps": _EPS, "momentum": _MOMENTUM}


def _admits(layer: HiddenLayer) -> bool:
    """Calls of a shared layer have statistics of their own, which one set of running averages cannot hold."""
    return layer.num_calls == 1 and layer.is_batched


REMEDY = Normalisation("norm:batch", _build, _numbers, _admits, fewest_rows=2)
