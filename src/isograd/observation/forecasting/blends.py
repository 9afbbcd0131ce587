"""Finds blends n + z (h - n), as gated recurrent units have them: n arrives twice, and its gradients add up.

Taken apart, the sum would give n the squared gradient 1 + E[z^2]; together it is E[(1 - z)^2].
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from isograd.model.graph import Graph

Data = Callable[[int], Sequence[tuple[int, int]]]


@dataclass(frozen=True)
class Blend:
    """One n + z (h - n) in the graph."""

    difference: int
    """Vertex of h - n."""
    gate: int
    """Vertex of z."""
    kept: int
    """Vertex of h."""
    fresh: int
    """Vertex of n."""


def find_blends(graph: Graph, data: Data) -> dict[int, Blend]:
    """All blends, by the vertex of their sum.

    Args:
        graph: the graph.
        data: gives the (slot, vertex) of the operands of a vertex that carry data.
    """
    found = {}
    for vertex, name in enumerate(graph.names):
        blend = _blend(graph, data, [child for _, child in data(vertex)]) if name == "Add" else None
        if blend is not None:
            found[vertex] = blend
    return found


def _blend(graph: Graph, data: Data, summands: list[int]) -> Blend | None:
    for product in (child for child in summands if graph.names[child] == "Mul"):
        factors = [child for _, child in data(product)]
        for difference in (child for child in factors if graph.names[child] == "Sub"):
            ends = [child for _, child in data(difference)]
            if len(ends) == len(factors) == len(summands) == 2 and ends[1] in summands and ends[1] != product:
                return Blend(difference, next(f for f in factors if f != difference), ends[0], ends[1])
    return None
