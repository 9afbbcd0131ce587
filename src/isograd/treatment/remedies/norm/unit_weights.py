"""A layer whose weight is w = g v / ||v||: the parameter `weight` holds v, a new parameter `gain` holds g.

`torch.nn.utils.parametrizations.weight_norm` computes the same. Here `weight` stays the parameter that it was, under
its key in checkpoints and with whatever shares it, and the whole model can be pickled, which torch refuses for
parametrised modules. While the layer runs, w stands in its instance dictionary and hides v.
"""

from typing import Any

import torch
from torch import nn

GAIN = "gain"


def put_weight(layer: nn.Module, args: tuple[Any, ...]) -> None:
    """Before a call: w in the place of v."""
    v, gain = layer._parameters["weight"], layer._parameters[GAIN]
    assert v is not None
    assert gain is not None
    length = torch.linalg.vector_norm(v, dim=tuple(range(1, v.ndim)), keepdim=True)
    layer.__dict__["weight"] = v * (gain / length)


def put_transposed_weight(layer: nn.Module, args: tuple[Any, ...]) -> None:
    """The same for transposed convolutions, whose outputs are counted along dimension 1."""
    v, gain = layer._parameters["weight"], layer._parameters[GAIN]
    assert v is not None
    assert gain is not None
    length = torch.linalg.vector_norm(v, dim=(0, *range(2, v.ndim)), keepdim=True)
    layer.__dict__["weight"] = v * (gain / length)


def take_weight(layer: nn.Module, args: tuple[Any, ...], output: Any) -> None:
    """After a call, also one that failed: v again."""
    layer.__dict__.pop("weight", None)


SOURCES = {
    put_weight: """\
def put_weight(layer, args):
    v = layer._parameters["weight"]
    length = torch.linalg.vector_norm(v, dim=tuple(range(1, v.ndim)), keepdim=True)
    layer.__dict__["weight"] = v * (layer.gain / length)
""",
    put_transposed_weight: """\
def put_transposed_weight(layer, args):
    v = layer._parameters["weight"]
    length = torch.linalg.vector_norm(v, dim=(0, *range(2, v.ndim)), keepdim=True)
    layer.__dict__["weight"] = v * (layer.gain / length)
""",
    take_weight: """\
def take_weight(layer, args, output):
    layer.__dict__.pop("weight", None)
""",
}
"""The same in the user's source."""


def over_outputs(weight: torch.Tensor, transposed: bool) -> tuple[int, ...]:
    """The dimensions of a weight that belong to one output."""
    return (0, *range(2, weight.ndim)) if transposed else tuple(range(1, weight.ndim))
