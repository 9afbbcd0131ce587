"""Where a skip can be put around a layer and its activation: between the inputs of two layers that follow one another.

The activation's result is not always a module's output, but it is the next layer's input. A block begins at the input
of one layer and ends at the input of the next; what lies in between (the layer, a normalisation, the activation,
dropout) must have no other way in or out, hold a hidden activation, and keep the shape.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from isograd.model.operations import SHAPES
from isograd.treatment.layer_types import LAYER_TYPES
from isograd.treatment.wiring import Called, Wiring

FEWEST = 2
"""Blocks that make a remedy worthwhile; one layer more or less is no matter of depth."""


@dataclass(frozen=True)
class Shortcut:
    """One block."""

    start: Called
    """The layer that it begins with."""
    end: Called
    """The layer that its output goes to."""


def shortcuts(wiring: Wiring) -> tuple[Shortcut, ...]:
    """All blocks of the chain that a skip can be put around, in execution order; empty if it has residual sums."""
    if wiring.read.chain is None or wiring.read.chain.sums:
        return ()
    points = set(wiring.read.chain.points)
    found = []
    for call in _layers(wiring):
        entry = wiring.vertex(call.input_node)
        if entry is None or not _feeds_only(wiring, entry) or _contraction(wiring, call) not in points:
            continue
        start = _start(wiring, entry)
        if start is not None and _fits(wiring, start, call):
            found.append(Shortcut(start, call))
    return tuple(sorted(found, key=lambda shortcut: wiring.calls.index(shortcut.start)))


def _layers(wiring: Wiring) -> Iterator[Called]:
    """Calls of layers that are called once."""
    yield from (c for c in wiring.calls if isinstance(c.module, LAYER_TYPES) and wiring.times(c.module) == 1)


def _fits(wiring: Wiring, start: Called, end: Called) -> bool:
    """Equal shapes, in one checkpointed region, around a layer that learns and has one before it.

    What works on data from outside is no block: it brings the data into the stream, and with its gradient multiplied
    by an alpha of zero nothing would reach the first layer.
    """
    learns = start.input_node is not None and any(parameter.requires_grad for parameter in start.module.parameters())
    same = start.input_shape == end.input_shape and start.region == end.region and start.dtype == end.dtype
    return learns and same and wiring.times(start.module) == 1


def _feeds_only(wiring: Wiring, vertex: int) -> bool:
    """True if nothing but one layer works on an output."""
    while not wiring.is_layer(vertex):
        above = wiring.parents[vertex]
        if len(above) != 1 or (not wiring.is_layer(above[0]) and wiring.read.graph.names[above[0]] not in SHAPES):
            return False
        vertex = above[0]
        if wiring.is_layer(vertex):
            return True
    return False


def _contraction(wiring: Wiring, call: Called) -> int | None:
    """The vertex at which a layer's data meets its weight."""
    vertex = wiring.vertex(call.output_node)
    while vertex is not None and not wiring.is_layer(vertex):
        vertex = next(iter(wiring.data(vertex)), None)
    return vertex


def _start(wiring: Wiring, entry: int) -> Called | None:
    """The one layer whose output all that made an input comes from; None if there is another way in or out."""
    inside, front, sources = {entry}, [entry], set()
    while front:
        vertex = front.pop()
        if any(isinstance(call.module, LAYER_TYPES) for call in wiring.outputs.get(vertex, ())):
            sources.add(vertex)
            continue
        onward = wiring.data(vertex)
        if not onward or wiring.is_layer(vertex):
            return None
        front += [child for child in onward if child not in inside]
        inside.update(onward)
    leaks = any(parent not in inside for vertex in inside - {entry} for parent in wiring.parents[vertex])
    if len(sources) != 1 or leaks or not inside & set(wiring.hidden):
        return None
    return next(call for call in wiring.outputs[sources.pop()] if isinstance(call.module, LAYER_TYPES))
