"""Where a backward pass ends: the tensors whose `.grad` it adds to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class Reach:
    """What a backward pass will add gradients to."""

    leaves: tuple[torch.Tensor, ...]
    """Parameters and inputs at the ends of the graph."""
    hides: bool
    """True if a part of the graph is only made during backward (reentrant checkpointing), with leaves of its own."""


def reach_of(outputs: Sequence[Any], inputs: Iterable[Any]) -> Reach:
    """Follows the graph from what is back-propagated.

    Args:
        outputs: Tensors or graph edges that backward is called on.
        inputs: What gradients were asked for; empty for all leaves.

    >>> w = torch.ones(2, requires_grad=True)
    >>> reach_of([(w * 3).sum()], ()).leaves[0] is w
    True
    """
    asked = tuple(item for item in inputs if isinstance(item, torch.Tensor))
    if asked:
        return Reach(asked, hides=False)
    leaves = {id(o): o for o in outputs if isinstance(o, torch.Tensor) and o.grad_fn is None and o.requires_grad}
    stack = [getattr(output, "grad_fn", None) or getattr(output, "node", None) for output in outputs]
    seen, hides = set(), False
    while stack:
        node = stack.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            leaves[id(leaf)] = leaf
        hides = hides or "CheckpointFunction" in node.name()
        stack.extend(child for child, _ in node.next_functions)
    return Reach(tuple(leaves.values()), hides)
