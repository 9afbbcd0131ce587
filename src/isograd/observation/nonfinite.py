"""Where a value that is nan or infinite came from: the operation, and the layer beside it."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Literal

import torch

from isograd.model.graph import Graph
from isograd.model.operations import LEAF, RISKY
from isograd.model.places import Layout
from isograd.observation.activations import saved_tensor
from isograd.observation.gradients import Gradients
from isograd.observation.statistics import plain

_RESULTS = ("_saved_result", "_saved_output", "_saved_result0", "_saved_exp")


@dataclass(frozen=True)
class Origin:
    """Where a non-finite value appeared first."""

    direction: Literal["forward", "backward"]
    """Which way."""
    operation: str
    """The operation that made it; empty if it could not be told."""
    vertex: int
    """The layer at or before that operation; -1 if none."""
    given: bool
    """True if it came in from outside: the data, or a parameter that was already not finite."""


def locate_forward(graph: Graph, layout: Layout, hidden: Sequence[tuple[int, int]] = ()) -> Origin | None:
    """Searches what a forward pass saved, in the order in which it was computed, for the first non-finite value.

    Args:
        graph: the graph of the pass, not yet run backward.
        layout: its places.
        hidden: ranges of sequence numbers whose saved tensors must not be touched (checkpointing).
    """
    spoilt = _spoilt_layer(graph, layout)
    if spoilt is not None:
        return Origin("forward", "", spoilt, True)
    numbers = {vertex: node._sequence_nr() for vertex, node in enumerate(graph.nodes) if graph.names[vertex] != LEAF}
    open_to_us = [v for v in sorted(numbers, key=numbers.__getitem__) if not _inside(numbers[v], hidden)]
    for is_bad in (_has_nan, _has_nonfinite):
        for vertex in open_to_us:
            found = _examine(graph, vertex, is_bad)
            if found is not None:
                earlier = open_to_us[: open_to_us.index(vertex)]
                return _infinite(graph, layout, earlier) or _origin(graph, layout, vertex, found)
    return _at_the_end(graph, layout, open_to_us)


def _infinite(graph: Graph, layout: Layout, vertices: Sequence[int]) -> Origin | None:
    """An operation that gave infinity before anything was nan: the layer behind it only made nan of it."""
    for vertex in vertices:
        if graph.names[vertex] in _POLES and leaves_domain(graph, vertex):
            return Origin("forward", graph.names[vertex], _layer_at(graph, layout, vertex), False)
    return None


def _at_the_end(graph: Graph, layout: Layout, vertices: Sequence[int]) -> Origin:
    """All that was saved is finite, so a value arose in the last operations: the first that left its domain, if any."""
    for vertex in vertices:
        if leaves_domain(graph, vertex):
            return Origin("forward", graph.names[vertex], _layer_at(graph, layout, vertex), False)
    return Origin("forward", "", _layer_at(graph, layout, 0), False)


def leaves_domain(graph: Graph, vertex: int) -> bool:
    """True if a finite input makes this operation's value or derivative undefined or infinite."""
    domain = _DOMAINS.get(graph.names[vertex])
    if domain is None:
        return False
    attribute, is_outside = domain
    value = saved_tensor(graph, vertex, attribute)
    return value is not None and bool(is_outside(plain(value)).any())


_DOMAINS: dict[str, tuple[str, Callable[[torch.Tensor], torch.Tensor]]] = {
    "Log": ("_saved_self", lambda x: x <= 0),
    "Log2": ("_saved_self", lambda x: x <= 0),
    "Log10": ("_saved_self", lambda x: x <= 0),
    "Log1P": ("_saved_self", lambda x: x <= -1),
    "Sqrt": ("_saved_result", lambda y: y == 0),
    "Rsqrt": ("_saved_result", lambda y: ~y.isfinite()),
    "Reciprocal": ("_saved_result", lambda y: ~y.isfinite()),
    "Div": ("_saved_other", lambda x: x == 0),
    "Acos": ("_saved_self", lambda x: x.abs() >= 1),
    "Asin": ("_saved_self", lambda x: x.abs() >= 1),
    "Atanh": ("_saved_self", lambda x: x.abs() >= 1),
    "Std": ("_saved_result", lambda y: y == 0),
}
"""By operation: what it saved, and which of its entries lie outside or on the edge of its domain."""
_POLES = ("Log", "Log2", "Log10", "Log1P", "Rsqrt", "Reciprocal", "Div")
"""Those of them whose value itself, and not only its slope, is infinite there."""


def _inside(number: int, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(start <= number < end for start, end in ranges)


def _has_nan(values: torch.Tensor) -> bool:
    return bool(values.isnan().any())


def _has_nonfinite(values: torch.Tensor) -> bool:
    return not bool(values.isfinite().all())


def _spoilt_layer(graph: Graph, layout: Layout) -> int | None:
    """The first layer whose parameters are themselves not finite: then an earlier update was the origin."""
    for vertex in sorted(layout.places, reverse=True):
        leaves = (graph.leaf(leaf) for leaf in layout.places[vertex].leaves)
        if any(leaf is not None and _has_nonfinite(plain(leaf)) for leaf in leaves):
            return vertex
    return None


def _examine(graph: Graph, vertex: int, is_bad: Callable[[torch.Tensor], bool]) -> str | None:
    """Name of the first saved tensor of a node that is bad, inputs first."""
    node = graph.nodes[vertex]
    names = [name for name in dir(node) if name.startswith("_saved_")]
    for name in sorted(names, key=lambda name: name in _RESULTS):
        try:
            value = getattr(node, name)
        except RuntimeError:  # freed or changed in place: nothing to be read there
            continue
        if isinstance(value, torch.Tensor) and value.is_floating_point() and is_bad(plain(value)):
            return name
    return None


def _origin(graph: Graph, layout: Layout, vertex: int, saved: str) -> Origin:
    if saved in _RESULTS:
        return Origin("forward", graph.names[vertex], _layer_at(graph, layout, vertex), False)
    makers = [child for _, child in graph.edges[vertex] if layout.carries_data[child]]
    if not makers or graph.names[makers[0]] == LEAF:
        return Origin("forward", "", _layer_at(graph, layout, vertex), True)
    return Origin("forward", graph.names[makers[0]], _layer_at(graph, layout, makers[0]), False)


def _layer_at(graph: Graph, layout: Layout, vertex: int) -> int:
    """The nearest layer at or below a vertex (towards the input), by breadth."""
    front, seen = [vertex], {vertex}
    while front:
        for candidate in front:
            place = layout.places.get(candidate)
            if place is not None and place.leaves:
                return candidate
        front = [c for v in front for _, c in graph.edges[v] if c not in seen and layout.carries_data[c]]
        seen.update(front)
    return -1


def locate_backward(graph: Graph, layout: Layout, gradients: Gradients, critical: Sequence[int]) -> Origin | None:
    """The measured place nearest the loss whose gradient is not finite, and the operation before it that made it.

    Args:
        graph: the graph of the pass.
        layout: its places.
        gradients: what was measured.
        critical: vertices that were seen to leave their domain before the pass ran backward.
    """
    bad = [vertex for vertex in sorted(gradients.outputs) if gradients.outputs[vertex].nonfinite_share > 0]
    if not bad:
        return None
    vertex = bad[0]
    above = _above(graph, vertex, set(gradients.outputs))
    found = [graph.names[v] for v in critical if v in above]
    operation = found[0] if found else likeliest({graph.names[v] for v in above})
    place = layout.places.get(vertex)
    layer = vertex if place is not None and place.leaves else _layer_at(graph, layout, vertex)
    return Origin("backward", operation, layer, False)


def likeliest(names: Container[str]) -> str:
    """Of the operations named, the one whose derivative is most often undefined; empty if none is known for it."""
    return next((name for name in RISKY if name in names), "")


def _above(graph: Graph, vertex: int, measured: set[int]) -> set[int]:
    """Vertices between this one and the measured ones nearer the loss."""
    above: set[int] = set()
    targets = {vertex}
    for candidate in range(vertex - 1, -1, -1):
        if any(child in targets for _, child in graph.edges[candidate]):
            above.add(candidate)
            if candidate not in measured:
                targets.add(candidate)
    return above
