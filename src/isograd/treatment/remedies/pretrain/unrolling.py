"""Trained weights go into the user's own layers; parameters stay the objects that they are."""

from collections.abc import Sequence

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from isograd.errors import UsageError
from isograd.model.surgery import Edit
from isograd.treatment.remedies.pretrain.layers import HiddenLayer
from isograd.treatment.remedies.pretrain.monitoring import Look, told


def write(
    edit: Edit,
    model: nn.Module,
    layer: HiddenLayer,
    values: tuple[Tensor, Tensor],
    words: tuple[str, Sequence[Look]],
) -> None:
    """Writes a weight and a bias; one change is said of the two.

    Under DistributedDataParallel every process trained on data of its own: all take what the first one learned.

    Args:
        edit: Remembers how to take it back.
        model: The root module.
        layer: Where to write.
        values: Weight and bias.
        words: What it was trained as, and how that went.
    """
    if isinstance(model, DistributedDataParallel):
        for tensor in values:
            distributed.broadcast(tensor, group_src=0, group=model.process_group)
    kind, history = words
    weight, bias = values
    after = f"pretrained as {kind}, {told(history)}, std {_std(weight):.2g}"
    edit.assign(layer.weight, weight, layer.site, f"std {_std(layer.weight):.2g}", after)
    kept = layer.bias.detach().clone()
    _put(layer.bias, bias)
    edit.on_undo(lambda: _put(layer.bias, kept))


@torch.no_grad()
def _put(parameter: Tensor, values: Tensor) -> None:
    parameter.copy_(values)


@torch.no_grad()
def unroll_into(layers: Sequence[nn.Linear], values: Sequence[tuple[Tensor, Tensor]]) -> None:
    """Writes weights and biases into the first of some layers.

    Raises:
        UsageError: If there are fewer layers than values, a shape differs, or a bias is missing.
    """
    if len(layers) < len(values):
        raise UsageError(f"{len(values)} layers are to be written; got {len(layers)}")
    for layer, (weight, _) in zip(layers, values, strict=False):
        if layer.weight.shape != weight.shape or layer.bias is None:
            bias = "with a bias" if layer.bias is not None else "without a bias"
            raise UsageError(
                f"a linear layer of shape {tuple(weight.shape)} with a bias is wanted; got {tuple(layer.weight.shape)} "
                + bias
            )
    for layer, both in zip(layers, values, strict=False):
        layer.weight.copy_(both[0])
        layer.bias.copy_(both[1])


def _std(tensor: Tensor) -> float:
    return float(tensor.detach().float().std(correction=0))
