"""The chain: the places that every gradient passes on its way from the last layer back to the first.

Only between such places is a gain defined; what lies inside a residual branch is measured, but not chained. A place
is on the chain if, in topological order, no edge of the paths from the last to the first layer leaps over it.
"""

from dataclasses import dataclass
from itertools import pairwise

from isograd.model.graph import Graph
from isograd.model.operations import SUMS
from isograd.model.places import Layout

LAYERS = ("weight", "fused", "embedding")


@dataclass(frozen=True)
class Chain:
    """The way back of the gradient, the last layer first."""

    points: tuple[int, ...]
    """Vertices on the chain at which something is measured: layers, normalisations, activations and sums."""
    sums: frozenset[int]
    """Those of them where branches join."""
    shortcuts: frozenset[int]
    """Those sums that one way reaches past every layer: skip connections. Where each branch has a layer of its own, as
    the mean and the deviation of a variational autoencoder have, nothing is skipped."""
    branching: frozenset[int]
    """Points after which (towards the input) the way parts before the next point is reached."""
    loss: tuple[int, ...]
    """Vertices between the loss and the last layer."""


def find_chain(graph: Graph, layout: Layout) -> Chain | None:
    """Finds the chain of the deepest way from the loss to an input layer; None where there is no layer."""
    layers = {vertex for vertex, place in layout.places.items() if place.kind in LAYERS}
    if not layers:
        return None
    depth, parent = _depths(graph, layers)
    first = _first_layer(graph, layers, depth, layout)
    way = [first]
    while parent[way[-1]] >= 0:
        way.append(parent[way[-1]])
    head = max((vertex for vertex in way if vertex in layers), key=way.index)
    between = _between(graph, head, first)
    cuts = _cuts(graph, head, between)
    sums = frozenset(v for v in cuts if _is_sum(graph, v, between, layout))
    points = tuple(v for v in cuts if v in layout.places or v in sums)
    branching = frozenset(a for a, b in pairwise(points) if _parts(graph, a, b, between))
    skipped = frozenset(a for a, b in pairwise(points) if a in sums and _skips(graph, a, b, layers))
    return Chain(points, sums, skipped, branching, tuple(way[: way.index(head) : -1]))


def _depths(graph: Graph, layers: set[int]) -> tuple[list[int], list[int]]:
    """For each vertex the most layers on a way from the loss to it, and the vertex before it on that way."""
    depth = [-1] * len(graph.nodes)
    parent = [-1] * len(graph.nodes)
    reached = {child for edges in graph.edges for _, child in edges}
    for vertex, edges in enumerate(graph.edges):
        if vertex not in reached:
            depth[vertex] = 0
        below = depth[vertex] + (vertex in layers)
        for _, child in edges:
            if below > depth[child]:
                depth[child], parent[child] = below, vertex
    return depth, parent


def _first_layer(graph: Graph, layers: set[int], depth: list[int], layout: Layout) -> int:
    """The layer at the far end of the deepest way; of several equally deep, the one that ran first."""
    feeds_on_layer = [False] * len(graph.nodes)
    for vertex in range(len(graph.nodes) - 1, -1, -1):
        feeds_on_layer[vertex] = any(
            child in layers or feeds_on_layer[child] for _, child in graph.edges[vertex] if layout.carries_data[child]
        )
    inputs = [vertex for vertex in layers if not feeds_on_layer[vertex]]
    return max(inputs, key=lambda vertex: (depth[vertex], vertex))


def _between(graph: Graph, head: int, first: int) -> list[int]:
    """All vertices on some way from head to first, in topological order."""
    leads = {first}
    for vertex in range(first - 1, head - 1, -1):
        if any(child in leads for _, child in graph.edges[vertex]):
            leads.add(vertex)
    reached = {head}
    for vertex in range(head, first + 1):
        if vertex in reached:
            reached.update(child for _, child in graph.edges[vertex] if child in leads)
    return sorted(leads & reached)


def _cuts(graph: Graph, head: int, between: list[int]) -> list[int]:
    """Those vertices over which no edge leaps."""
    members = set(between)
    cuts, furthest = [], head
    for vertex in between:
        if furthest <= vertex:
            cuts.append(vertex)
        furthest = max([furthest, *(child for _, child in graph.edges[vertex] if child in members)])
    return cuts


def _is_sum(graph: Graph, vertex: int, between: list[int], layout: Layout) -> bool:
    if vertex in layout.places or graph.names[vertex] not in SUMS:
        return False
    members = set(between)
    return len({child for _, child in graph.edges[vertex] if child in members}) > 1


def _parts(graph: Graph, start: int, end: int, between: list[int]) -> bool:
    """True if more than one way leads from start to end."""
    members = set(between)
    vertex = start
    while vertex != end:
        onward = {child for _, child in graph.edges[vertex] if child in members}
        if len(onward) != 1:
            return True
        vertex = onward.pop()
    return False


def _skips(graph: Graph, start: int, end: int, layers: set[int]) -> bool:
    """True if a way leads from start to end that passes no layer in between."""
    reached = {start}
    for vertex in range(start, end):
        if vertex in reached and vertex not in layers:
            reached.update(child for _, child in graph.edges[vertex])
    return end in reached
