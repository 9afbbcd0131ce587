"""G between detailed readings: the gradient at the last and at the first layer alone, found by a remembered way.

Most steps build the same graph. So the way from the loss to the two layers, learnt by the last reading, is followed
again, node by node, at a cost of a fraction of a microsecond each; where the graph differs the sentinel keeps silent.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch.autograd.graph import Node

from isograd.model.graph import Graph
from isograd.observation.statistics import log10_norm


@dataclass(frozen=True)
class Way:
    """How to get from the loss to the two layers."""

    turns: tuple[int, ...]
    """At each node, from the loss's on, which input to follow."""
    head_at: int
    """After how many turns the last layer is reached; the first layer is at the end."""
    names: tuple[str, str]
    """Autograd names of the last and of the first layer."""


def learn_way(graph: Graph, head: int, first: int) -> Way | None:
    """The way through a graph from its only root by the last layer to the first; None if there is none."""
    upper, lower = _turns(graph, 0, head), _turns(graph, head, first)
    if upper is None or lower is None:
        return None
    return Way(upper + lower, len(upper), (graph.nodes[head].name(), graph.nodes[first].name()))


def _turns(graph: Graph, start: int, end: int) -> tuple[int, ...] | None:
    """Input slots that lead from start to end, by a search from the end towards the start."""
    next_turn: dict[int, tuple[int, int]] = {end: (-1, -1)}
    for vertex in range(end - 1, start - 1, -1):
        for slot, child in graph.edges[vertex]:
            if child in next_turn:
                next_turn[vertex] = (slot, child)
                break
    if start not in next_turn:
        return None
    turns = []
    while start != end:
        slot, start = next_turn[start]
        turns.append(slot)
    return tuple(turns)


class GainSentinel:
    """Measures the gradient at the two ends of the chain on one backward pass."""

    def __init__(self) -> None:
        self.way: Way | None = None
        self._sizes: dict[str, float] = {}

    def listen(self, roots: Sequence[torch.Tensor], guard: Callable[..., None]) -> None:
        """Before a backward pass: hooks the two layers, if the remembered way leads to them."""
        self._sizes.clear()
        if self.way is None or len(roots) != 1:
            return
        found = _follow(roots[0].grad_fn, self.way)
        for end, node in zip(("head", "first"), found, strict=False):
            node.register_prehook(lambda outputs, end=end: guard(self._read, end, outputs))

    def gain(self) -> float:
        """After the pass: G in decades, told once; nan if it was not seen."""
        head, first = self._sizes.pop("head", math.nan), self._sizes.pop("first", math.nan)
        return first - head if math.isfinite(head) else math.nan

    def _read(self, end: str, outputs: tuple[torch.Tensor | None, ...]) -> None:
        if outputs and outputs[0] is not None:
            self._sizes[end] = log10_norm(outputs[0])


def _follow(node: Node | None, way: Way) -> tuple[Node, ...]:
    """The nodes of the last and the first layer, or nothing where the graph has another shape."""
    head: Node | None = None
    for index, turn in enumerate(way.turns):
        if node is None:
            return ()
        if index == way.head_at:
            head = node
        onward = node.next_functions
        if turn >= len(onward):
            return ()
        node = onward[turn][0]
    if head is None or node is None or (head.name(), node.name()) != way.names:
        return ()
    return head, node
