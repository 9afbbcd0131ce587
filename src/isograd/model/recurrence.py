"""Finds the recurrences of a graph: the calls of a layer that follow one upon another, and the states between them.

Where a recurrence is a loop, autograd holds every state as an operation of its own. The state that a call is fed is
its data input, shapes aside; the very last state feeds no call, and is found as that which comes of the last call in
the way in which the state before came of the call before.
"""

import heapq
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from isograd.model.graph import Graph
from isograd.model.operations import SHAPES
from isograd.model.places import Layout

FEWEST_CALLS = 4
"""A layer applied at least this often, each time on what it gave before, is recurrent."""
FUSED_STATES = (5, 6)
"""Inputs of a fused layer that carry the hidden and the cell state from one call to the next."""
_MOST_VISITED = 4096
_DEPTH = 3
_CARRIED = 8


@dataclass(frozen=True)
class Recurrence:
    """One sequence that a layer works through; all tuples begin with the last time step."""

    calls: tuple[int, ...]
    """Vertices of the layer's calls."""
    fed: tuple[int, ...]
    """Vertices of what each call but the first is fed; empty where it was not found."""
    hidden: tuple[int, ...]
    """Vertices whose output is h_t, the state that the call of time step t leads to; empty where it was not found."""
    cell: tuple[int, ...]
    """Vertices whose output is c_t, for cells that carry one; else empty."""


def find_recurrences(graph: Graph, layout: Layout) -> tuple[Recurrence, ...]:
    """All recurrences of a graph: one entry for each layer and each sequence that it works through."""
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for vertex, place in sorted(layout.places.items()):
        if place.kind in ("weight", "fused") and place.leaves:
            groups[place.leaves].append(vertex)
    found: list[Recurrence] = []
    parents: dict[int, list[tuple[int, int]]] = {}
    for calls in groups.values():
        fused = layout.places[calls[0]].kind == "fused"
        if fused:
            found += [Recurrence(chain, (), (), ()) for chain in _chains(graph, layout, calls)]
        elif len(calls) >= FEWEST_CALLS:
            chains = [chain for chain in _chains(graph, layout, calls) if len(chain) >= FEWEST_CALLS]
            parents = parents or (_parents(graph) if chains else {})
            found += [_with_states(graph, layout, parents, chain) for chain in chains]
    return tuple(found)


def _chains(graph: Graph, layout: Layout, calls: Sequence[int]) -> list[tuple[int, ...]]:
    """The calls of a layer, strung into sequences, each with its last call first."""
    before: dict[int, int] = {}
    members = set(calls)
    for call in calls:
        place = layout.places[call]
        slots = FUSED_STATES if place.kind == "fused" else (place.data_slot,)
        starts = [child for slot, child in graph.edges[call] if slot in slots]
        previous = next((v for v in _below(graph, starts, calls[-1]) if v in members), None)
        if previous is not None:
            before[call] = previous
    chains, taken = [], set(before.values())
    for end in calls:
        if end in taken:
            continue
        chain = [end]
        while (previous := before.pop(chain[-1], None)) is not None:
            chain.append(previous)
        chains.append(tuple(chain))
    return chains


def _below(graph: Graph, starts: Iterable[int], last: int) -> Iterator[int]:
    """What lies below some vertices, nearest the loss first, no further than vertex `last`."""
    heap = sorted(set(starts))
    seen = set(heap)
    for _ in range(_MOST_VISITED):
        if not heap:
            return
        vertex = heapq.heappop(heap)
        yield vertex
        for _, child in graph.edges[vertex]:
            if child <= last and child not in seen:
                seen.add(child)
                heapq.heappush(heap, child)


def _parents(graph: Graph) -> dict[int, list[tuple[int, int]]]:
    """For each vertex the (vertex, input slot) that it feeds."""
    parents: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for vertex, edges in enumerate(graph.edges):
        for slot, child in edges:
            parents[child].append((vertex, slot))
    return parents


def _with_states(
    graph: Graph, layout: Layout, parents: dict[int, list[tuple[int, int]]], calls: tuple[int, ...]
) -> Recurrence:
    fed = tuple(
        state for call, previous in pairwise(calls) if (state := _state(graph, layout, call, previous)) is not None
    )
    if len(fed) < len(calls) - 1:
        return Recurrence(calls, (), (), ())
    last = _last_state(graph, parents, calls, fed[0])
    hidden = () if last is None else (last, *fed)
    cells = _cells(graph, layout, hidden or fed)
    if cells and not hidden:  # the loss heeds the last cell state and not the last hidden state
        last_cell = _last_state(graph, parents, calls, cells[0])
        cells = () if last_cell is None else (last_cell, *cells)
    return Recurrence(calls, fed, hidden, cells)


def _state(graph: Graph, layout: Layout, call: int, previous: int) -> int | None:
    """The vertex whose output, cut or reshaped, is the data of a call and comes of the call before."""
    slot = layout.places[call].data_slot
    vertex = next((child for at, child in graph.edges[call] if at == slot), None)
    while vertex is not None and graph.names[vertex] in SHAPES and vertex != previous:
        onward = [child for _, child in graph.edges[vertex]]
        if len(onward) > 1:  # joined with something else, such as the input of this time step
            onward = [child for child in onward if previous in _below(graph, (child,), previous)]
        vertex = onward[0] if onward else None
    return vertex if vertex != previous or graph.names[previous] not in SHAPES else None


def _last_state(
    graph: Graph, parents: dict[int, list[tuple[int, int]]], calls: tuple[int, ...], state: int
) -> int | None:
    """What comes of the last call in the way in which `state` came of the call before it."""
    way = _way(graph, state, calls[1])
    front = {calls[0]}
    for name, slot in reversed(way):
        front = {p for v in front for p, at in parents.get(v, ()) if at == slot and graph.names[p] == name}
    if len(front) > 1:
        wanted = _signature(graph, state, _DEPTH)
        front = {v for v in front if _signature(graph, v, _DEPTH) == wanted}
    return front.pop() if len(front) == 1 else None


def _way(graph: Graph, start: int, end: int) -> list[tuple[str, int]]:
    """Operations and input slots of a shortest way down from one vertex to another; empty if they are the same."""
    came: dict[int, tuple[int, int]] = {start: (-1, -1)}
    front = [start]
    while front and end not in came:
        onward = []
        for vertex in front:
            for slot, child in graph.edges[vertex]:
                if child <= end and child not in came:
                    came[child] = (vertex, slot)
                    onward.append(child)
        front = onward
    way = []
    while end in came and end != start:
        end, slot = came[end]
        way.append((graph.names[end], slot))
    return way[::-1]


def _signature(graph: Graph, vertex: int, depth: int) -> tuple[object, ...]:
    """The names of an operation and of those that it works on, to some depth."""
    vertex = past_shapes(graph, vertex)
    inputs = (_signature(graph, child, depth - 1) for _, child in graph.edges[vertex]) if depth else ()
    return (graph.names[vertex], *inputs)


def past_shapes(graph: Graph, vertex: int) -> int:
    """What a vertex only reshapes or cuts, itself if it does more than that."""
    while graph.names[vertex] in SHAPES and len(graph.edges[vertex]) == 1:
        vertex = graph.edges[vertex][0][1]
    return vertex


def _cells(graph: Graph, layout: Layout, hidden: Sequence[int]) -> tuple[int, ...]:
    """The c_t of h_t = o_t * tanh(c_t), projected or not; empty where no such state is carried from step to step."""
    cells = []
    for vertex in hidden:
        cell = _cell(graph, layout, vertex)
        if cell is None:
            return ()
        cells.append(cell)
    layers = {vertex for vertex, place in layout.places.items() if place.kind == "weight"}
    carried = all(_carried(graph, later, sooner, layers) for later, sooner in pairwise(cells))
    return tuple(cells) if carried else ()


def _cell(graph: Graph, layout: Layout, vertex: int) -> int | None:
    place = layout.places.get(vertex)
    if place is not None and place.kind == "weight":  # a projection
        vertex = next((child for slot, child in graph.edges[vertex] if slot == place.data_slot), vertex)
    if graph.names[vertex] != "Mul":
        return None
    factors = [past_shapes(graph, child) for _, child in graph.edges[vertex]]
    squashed = [factor for factor in factors if graph.names[factor] == "Tanh" and graph.edges[factor]]
    return graph.edges[squashed[0]][0][1] if squashed else None


def _carried(graph: Graph, later: int, sooner: int, layers: Container[int]) -> bool:
    """True if one state comes of the other by a few operations without a layer between."""
    front = {later}
    for _ in range(_CARRIED):
        front = {child for v in front for _, child in graph.edges[v] if child <= sooner and child not in layers}
        if sooner in front:
            return True
    return False
