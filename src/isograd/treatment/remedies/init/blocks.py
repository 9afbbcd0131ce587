"""The weights of a model that are multiplied with data: which tensors, in which parts, and n_in and n_out.

Legend: n_in terms are summed into one output; one input takes part in n_out outputs. For a convolution of kernel k,
stride s and g groups that is n_in = k c_in / g and n_out = k c_out / (g s), the other way round where it is transposed;
a gate, or q, k or v, is a layer of its own.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn
from torch.nn.modules.linear import NonDynamicallyQuantizableLinear
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import _WeightNorm

Role = Literal["layer", "projection", "input", "recurrent"]
"""`input` and `recurrent`: W_ih and W_hh of a recurrent layer; `projection`: others inside a recurrent layer or
attention, which no activation follows; `layer`: all else."""


@dataclass(frozen=True)
class Block:
    """One weight, or a stack of equal ones in one tensor."""

    path: str
    """Of the layer in the model."""
    attribute: str
    """Name of the tensor in it."""
    parts: int
    """How many weights are stacked: gates, or q, k and v; 1 for most."""
    groups: int
    """How many independent maps each of them holds: groups of a convolution."""
    fan_in: float
    """n_in of one of them."""
    fan_out: float
    """n_out of one of them."""
    role: Role = "layer"
    """What it multiplies."""
    bias: str = ""
    """Name of the bias that is added to what it gives; empty without one, and for recurrent layers."""
    computed: bool = False
    """True if the weight is computed by weight normalisation."""

    @property
    def site(self) -> str:
        """Full name of the tensor."""
        return f"{self.path}.{self.attribute}" if self.path else self.attribute


def blocks_of(model: nn.Module) -> tuple[Block, ...]:
    """All weights that can be initialised, in the order of `model.modules()`, each once also where it is shared.

    Left alone: what is frozen, empty, not real, not yet made (lazy layers), or shared with an embedding.

    >>> [block.attribute for block in blocks_of(nn.LSTM(3, 4))]
    ['weight_ih_l0', 'weight_hh_l0']
    """
    embeddings = (m for m in model.modules() if isinstance(m, nn.Embedding | nn.EmbeddingBag))
    taken = {id(parameter) for module in embeddings for parameter in module.parameters(recurse=False)}
    found = []
    for path, module in model.named_modules():
        for block in _blocks(path, module):
            if "parametrizations" in path.split(".") or not _is_free(module, block, taken):
                continue
            taken.add(id(_tensor(module, block)))
            found.append(block)
    return tuple(found)


def left_alone(model: nn.Module) -> tuple[tuple[str, str], ...]:
    """Weights that are computed from parameters in a way that cannot be turned round: (full name, how)."""
    found = []
    for path, module in model.named_modules():
        for block in _blocks(path, module):
            how = _computed_by(module, block.attribute)
            if how not in ("", "weight normalisation"):
                found.append((block.site, how))
    return tuple(found)


def _is_free(module: nn.Module, block: Block, taken: set[int]) -> bool:
    tensor = _tensor(module, block)
    if not isinstance(tensor, nn.Parameter) or isinstance(tensor, nn.UninitializedParameter):
        return False
    real = tensor.is_floating_point() and tensor.numel() > 0 and not tensor.is_meta
    return real and tensor.requires_grad and id(tensor) not in taken


def _tensor(module: nn.Module, block: Block) -> torch.Tensor | None:
    """The parameter behind a weight; of a normalised one its direction."""
    if block.computed:
        lists = module.parametrizations
        return getattr(lists, block.attribute).original1 if isinstance(lists, nn.ModuleDict) else None
    return module._parameters.get(block.attribute)


def _computed_by(module: nn.Module, attribute: str) -> str:
    if parametrize.is_parametrized(module, attribute):
        maps = module.parametrizations[attribute]  # type: ignore[index]  # torch types it as Tensor or Module
        names = [type(one).__name__.lstrip("_") for one in maps]
        return "weight normalisation" if [type(one) for one in maps] == [_WeightNorm] else ", ".join(names)
    old = attribute not in module._parameters and hasattr(module, attribute)
    return "a forward hook" if old else ""


def _blocks(path: str, module: nn.Module) -> Iterator[Block]:
    if isinstance(module, nn.Linear | nn.Bilinear | nn.modules.conv._ConvNd):
        computed = _computed_by(module, "weight") == "weight normalisation"
        fan_in, fan_out, groups = _fans(module)
        role: Role = "projection" if isinstance(module, NonDynamicallyQuantizableLinear) else "layer"
        yield Block(path, "weight", 1, groups, fan_in, fan_out, role, "bias", computed)
    elif isinstance(module, nn.MultiheadAttention):
        yield from _attention(path, module)
    elif isinstance(module, nn.RNNBase):
        yield from _recurrent(path, module)
    elif isinstance(module, nn.RNNCellBase):
        gates = gates_of(module)
        yield Block(path, "weight_ih", gates, 1, module.input_size, module.hidden_size, "input")
        yield Block(path, "weight_hh", gates, 1, module.hidden_size, module.hidden_size, "recurrent")


def _fans(module: nn.Linear | nn.Bilinear | nn.modules.conv._ConvNd) -> tuple[float, float, int]:
    """(n_in, n_out, groups)."""
    if isinstance(module, nn.Linear):
        return module.in_features, module.out_features, 1
    if isinstance(module, nn.Bilinear):
        return module.in1_features * module.in2_features, module.out_features * module.in2_features, 1
    kernel, groups = math.prod(module.kernel_size), module.groups
    thinned = math.prod(max(1.0, k / s) for k, s in zip(module.kernel_size, module.stride, strict=True))
    wide, thin = kernel / groups, thinned / groups
    if module.transposed:
        return module.in_channels * thin, module.out_channels * wide, groups
    return module.in_channels * wide, module.out_channels * thin, groups


def _attention(path: str, module: nn.MultiheadAttention) -> Iterator[Block]:
    size = module.embed_dim
    bias = "in_proj_bias" if module.in_proj_bias is not None else ""
    if module.in_proj_weight is not None:
        yield Block(path, "in_proj_weight", 3, 1, size, size, "projection", bias)
        return
    widths = (("q", size), ("k", module.kdim), ("v", module.vdim))
    for name, width in widths:
        yield Block(path, f"{name}_proj_weight", 1, 1, width or size, size, "projection", bias if name == "q" else "")


def _recurrent(path: str, module: nn.RNNBase) -> Iterator[Block]:
    gates, hidden, state = gates_of(module), module.hidden_size, module.proj_size or module.hidden_size
    directions = ("", "_reverse") if module.bidirectional else ("",)
    names = [(layer, f"l{layer}{direction}") for layer in range(module.num_layers) for direction in directions]
    for layer, name in names:
        below = module.input_size if layer == 0 else state * len(directions)
        yield Block(path, f"weight_ih_{name}", gates, 1, below, hidden, "input")
    for _, name in names:
        yield Block(path, f"weight_hh_{name}", gates, 1, state, hidden, "recurrent")
    for _, name in names if module.proj_size else ():
        yield Block(path, f"weight_hr_{name}", 1, 1, hidden, state, "projection")


def gates_of(module: nn.Module) -> int:
    """How many gates a recurrent layer or cell of torch stacks in one weight: 4, 3 or 1."""
    if isinstance(module, nn.LSTM | nn.LSTMCell):
        return 4
    return 3 if isinstance(module, nn.GRU | nn.GRUCell) else 1
