"""The autograd graph of one backward pass, as plain lists.

The graph is the witness of what was computed: it knows functional calls and raw tensors as well as modules, in the
order in which they ran, and reading it attaches nothing to the user's model.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch.autograd.graph import Node

from isograd.model.operations import LEAF, operation_name


@dataclass(frozen=True)
class Graph:
    """V operations in topological order: each before those that its gradient flows on to."""

    nodes: tuple[Node, ...]
    """The autograd nodes, the loss first."""
    names: tuple[str, ...]
    """Operation of each node."""
    edges: tuple[tuple[tuple[int, int], ...], ...]
    """For each node its (input slot, index of the node that made this input); inputs without gradient left out."""
    slots: tuple[int, ...]
    """For each node the number of its inputs, with and without gradient."""

    def leaf(self, index: int) -> torch.Tensor | None:
        """The parameter or input in which the gradient ends at this node, or None if it is no leaf."""
        return self.nodes[index].variable if self.names[index] == LEAF else None  # type: ignore[attr-defined]  # AccumulateGrad has it


def trace(roots: Iterable[torch.Tensor], max_nodes: int = 200_000) -> Graph | None:
    """Reads the graph behind the tensors that are about to be back-propagated.

    Args:
        roots: what `backward` was called on.
        max_nodes: give up beyond this size.

    Returns:
        The graph, or None if it is empty or larger than `max_nodes`.

    >>> w = torch.ones(2, requires_grad=True)
    >>> trace([(w * 3).sum()]).names
    ('Sum', 'Mul', 'AccumulateGrad')
    """
    starts = [root.grad_fn for root in roots if root.grad_fn is not None]
    children: dict[Node, tuple[tuple[Node | None, int], ...]] = {}
    finished: list[Node] = []
    stack: list[tuple[Node, bool]] = [(node, False) for node in starts]
    while stack:
        node, done = stack.pop()
        if done:
            finished.append(node)
            continue
        if node in children:
            continue
        children[node] = node.next_functions
        if len(children) > max_nodes:
            return None
        stack.append((node, True))
        stack.extend((child, False) for child, _ in children[node] if child is not None and child not in children)
    if not finished:
        return None
    finished.reverse()
    position = {node: index for index, node in enumerate(finished)}
    return Graph(
        nodes=tuple(finished),
        names=tuple(operation_name(node.name()) for node in finished),
        edges=tuple(
            tuple((slot, position[child]) for slot, (child, _) in enumerate(children[node]) if child is not None)
            for node in finished
        ),
        slots=tuple(len(children[node]) for node in finished),
    )
