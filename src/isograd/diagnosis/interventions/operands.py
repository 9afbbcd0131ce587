"""In a call that contracts data with a weight: which argument is which."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from isograd.model.operations import LEAF, PARAMETER_PATH, operation_name

ON_THE_WAY = PARAMETER_PATH | {"Mul", "Div", "Add", "Sub", "Neg", "WeightNormInterface", "Select", "Slice", "Split"}
"""What a parameter may pass on its way to a contraction; no other operation is on the weight's side."""
_MOST_NODES = 16
_FIXED = {
    "linear": (0, 1), "conv1d": (0, 1), "conv2d": (0, 1), "conv3d": (0, 1), "conv_transpose1d": (0, 1),
    "conv_transpose2d": (0, 1), "conv_transpose3d": (0, 1),
}  # fmt: skip
_EITHER = {
    "matmul": (0, 1), "__matmul__": (0, 1), "__rmatmul__": (0, 1), "mm": (0, 1), "mv": (0, 1), "bmm": (0, 1),
    "addmm": (1, 2), "baddbmm": (1, 2), "einsum": (1, 2),
}  # fmt: skip
RECURRENT = ("rnn_tanh", "rnn_relu", "rnn_tanh_cell", "rnn_relu_cell")
"""Fused recurrences without gates, by function."""


@dataclass(frozen=True)
class Contraction:
    """One call; positions among its arguments."""

    data: int
    """Where the data is."""
    weight: int
    """Where the weight is."""
    leaf: torch.Tensor
    """The parameter behind the weight."""


def contraction(name: str, args: Sequence[Any], members: Collection[int]) -> Contraction | None:
    """Data and weight of a call; None if it contracts no parameter with data.

    Args:
        name: Of the function.
        args: That it is called with.
        members: Identities of the model's parameters.
    """
    places = _FIXED.get(name) or _EITHER.get(name)
    if places is None or len(args) <= max(places):
        return None
    first, second = (args[place] for place in places)
    if not isinstance(first, torch.Tensor) or not isinstance(second, torch.Tensor):
        return None
    behind = weight_leaf(second, members)
    if behind is not None:
        return Contraction(places[0], places[1], behind)
    behind = weight_leaf(first, members) if name in _EITHER else None
    return None if behind is None else Contraction(places[1], places[0], behind)


def weight_leaf(tensor: torch.Tensor, members: Collection[int]) -> torch.Tensor | None:
    """The largest parameter that a tensor is computed from, if it is computed from parameters alone."""
    if id(tensor) in members:
        return tensor
    if tensor.grad_fn is None:
        return None
    leaves: list[torch.Tensor] = []
    stack = [tensor.grad_fn]
    for _ in range(_MOST_NODES):
        if not stack:
            return max(leaves, key=lambda leaf: leaf.numel(), default=None)
        node = stack.pop()
        name = operation_name(node.name())
        if name == LEAF and id(node.variable) in members:  # type: ignore[attr-defined]  # AccumulateGrad has it
            leaves.append(node.variable)  # type: ignore[attr-defined]  # as above
        elif name in ON_THE_WAY:
            stack.extend(child for child, _ in node.next_functions if child is not None)
        else:
            return None
    return None


def is_given(tensor: torch.Tensor) -> bool:
    """True for data that comes from outside: nothing of the model computed it, and it is no table of indices.

    Inputs whose own gradient is asked for (re-entrant checkpointing, physics-informed networks) are data all the same.
    """
    outside = not tensor.requires_grad or (tensor.is_leaf and not isinstance(tensor, torch.nn.Parameter))
    return outside and tensor.is_floating_point()
