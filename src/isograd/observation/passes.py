"""One backward pass, read in detail: its graph, its gradients, and what was saved of the forward pass."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import torch

from isograd.model.chain import Chain, find_chain
from isograd.model.graph import Graph, trace
from isograd.model.operations import RISKY
from isograd.model.places import Layout, Place, lay_out
from isograd.model.recurrence import Recurrence, find_recurrences
from isograd.observation.activations import (
    ActivationStatistics,
    InputStatistics,
    activation_statistics,
    input_statistics,
)
from isograd.observation.gradients import Gradients, hook_gradients
from isograd.observation.states import States, hook_states

_SHAPES_ONLY = frozenset({"View", "UnsafeView", "Reshape", "Squeeze", "Unsqueeze", "T", "Transpose", "Permute",
                          "ToCopy", "Clone", "Alias", "Slice", "Select", "Expand"})  # fmt: skip
_MAX_HOPS = 64
_SUM = 2
"""at::Reduction::Sum, as autograd saves it; 0 is none and 1 the mean."""


Plan = tuple[Layout, Chain | None, tuple[Recurrence, ...]]


class _Plans:
    """Layouts, chains and loops of the last few graphs: most steps repeat the one before, to the node."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Plan] = {}

    def of(self, graph: Graph, is_weight: Callable[[torch.Tensor], bool]) -> Plan:
        leaves = (graph.leaf(vertex) for vertex in range(len(graph.nodes)))
        weights = tuple(leaf is not None and is_weight(leaf) for leaf in leaves)
        key = (graph.names, graph.edges, weights)
        plan = self._known.get(key)
        if plan is None:
            layout = lay_out(graph, is_weight)
            plan = layout, find_chain(graph, layout), find_recurrences(graph, layout)
            if len(self._known) >= _MAX_PLANS:
                self._known.clear()
            self._known[key] = plan
        return plan


_MAX_PLANS = 8
_plans = _Plans()


@dataclass
class Pass:
    """What one observed backward pass yields; filled while it runs."""

    graph: Graph
    layout: Layout
    chain: Chain | None
    recurrences: tuple[Recurrence, ...]
    """Layers that work through a sequence."""
    gradients: Gradients
    inputs: dict[int, InputStatistics] = field(default_factory=dict)
    """By vertex of a layer."""
    activations: dict[int, ActivationStatistics] = field(default_factory=dict)
    """By vertex of the layer that the activation follows."""
    loss: str = ""
    """Operations from the loss down to the last layer, shapes left out."""
    compiled: bool = False
    """True if a compiled region hides the layers."""
    states: States = field(default_factory=States)
    """Gradients of the states of those that are loops."""
    hidden: Sequence[tuple[int, int]] = ()
    """Ranges of sequence numbers whose saved tensors must not be touched."""

    @property
    def num_layers(self) -> int:
        """Layers, normalisations and activations that were found."""
        return len(self.layout.places)

    def number_format(self) -> str:
        """Format of the layers' outputs, e.g. `float32`; that of the layer nearest the loss."""
        layer = next((v for v, place in sorted(self.layout.places.items()) if place.kind == "weight"), None)
        metadata = self.graph.nodes[layer]._input_metadata if layer is not None else None
        return str(metadata[0].dtype).removeprefix("torch.") if metadata else "float32"

    def open_vertices(self, hidden: Sequence[tuple[int, int]]) -> Iterator[int]:
        """Vertices of risky operations whose saved tensors may be read."""
        for vertex, name in enumerate(self.graph.names):
            if name in RISKY and not is_hidden(self.graph, vertex, hidden):
                yield vertex

    def leaves(self, vertex: int) -> list[torch.Tensor]:
        """The parameters that a place uses."""
        tensors = (self.graph.leaf(leaf) for leaf in self.layout.places[vertex].leaves)
        return [tensor for tensor in tensors if tensor is not None]


def begin_pass(
    roots: Sequence[torch.Tensor],
    is_weight: Callable[[torch.Tensor], bool],
    hidden: Sequence[tuple[int, int]],
    guard: Callable[..., None],
) -> Pass | None:
    """Reads the graph behind the roots and hooks its places; None where there is nothing to see.

    Args:
        roots: what is back-propagated.
        is_weight: tells parameters from inputs that require a gradient.
        hidden: ranges of sequence numbers whose saved tensors must not be touched (checkpointing).
        guard: see `hook_gradients`.
    """
    graph = trace(roots)
    if graph is None:
        return None
    layout, chain, recurrences = _plans.of(graph, is_weight)
    repeated = _repeated_calls(layout)
    on_chain = set(chain.points) if chain else set()
    points = {v for v, place in layout.places.items() if place.kind not in ("activation", "softmax")} | on_chain
    fused = frozenset(v for v, place in layout.places.items() if place.kind == "fused")
    light = frozenset(repeated - on_chain - fused)
    gradients = hook_gradients(graph, layout, points, fused, light, guard)
    read = Pass(graph, layout, chain, recurrences, gradients)
    read.loss = _loss_name(graph, chain)
    read.states, read.hidden = hook_states(graph, recurrences, guard), hidden
    read.compiled = any(name.startswith("CompiledFunction") for name in graph.names)
    for vertex, place in layout.places.items():
        if vertex not in repeated and not is_hidden(graph, vertex, hidden):
            _read_forward(read, place, repeated)
    return read


def _repeated_calls(layout: Layout) -> set[int]:
    """All calls of a layer but the last: of a loop's many calls, one is read in detail."""
    known: set[tuple[int, ...]] = set()
    repeated = set()
    for vertex in sorted(layout.places):
        leaves = layout.places[vertex].leaves
        if leaves in known:
            repeated.add(vertex)
        elif leaves:
            known.add(leaves)
    return repeated


def is_hidden(graph: Graph, vertex: int, hidden: Sequence[tuple[int, int]]) -> bool:
    """True if what an operation saved must not be touched, as with checkpointing."""
    number = graph.nodes[vertex]._sequence_nr()
    return any(start <= number < end for start, end in hidden)


def _read_forward(read: Pass, place: Place, repeated: set[int]) -> None:
    if place.kind == "weight":
        statistics = input_statistics(read.graph, place)
        if statistics is not None:
            read.inputs[place.vertex] = statistics
    elif place.kind in ("activation", "softmax"):
        layer = layer_before(read.graph, read.layout, place.vertex)
        if layer is None or layer in repeated or layer in read.activations:
            return
        units_dim = 1 if "Convolution" in read.graph.names[layer] else -1
        activation = activation_statistics(read.graph, place, units_dim)
        if activation is not None:
            read.activations[layer] = activation


def layer_before(graph: Graph, layout: Layout, vertex: int) -> int | None:
    """The layer whose output, normalised or not, an operation works on; None if another activation comes first."""
    for _ in range(_MAX_HOPS):
        onward = [child for _, child in graph.edges[vertex] if layout.carries_data[child]]
        if not onward:
            return None
        vertex = onward[0]
        place = layout.places.get(vertex)
        if place is not None and place.kind in ("weight", "fused", "embedding"):
            return vertex
        if place is not None and place.kind in ("activation", "softmax"):
            return None
    return None


def _loss_name(graph: Graph, chain: Chain | None) -> str:
    if chain is None:
        return ""
    vertices = [vertex for vertex in chain.loss if graph.names[vertex] not in _SHAPES_ONLY]
    return " < ".join(_with_reduction(graph, vertex) for vertex in vertices[:6])


def _with_reduction(graph: Graph, vertex: int) -> str:
    """The operation's name; `MseLoss(sum)` where a loss adds up what others average."""
    reduction = getattr(graph.nodes[vertex], "_saved_reduction", None)
    return f"{graph.names[vertex]}(sum)" if reduction == _SUM else graph.names[vertex]


def risky_operations(graph: Graph) -> tuple[str, ...]:
    """Operations of the graph that can be undefined for finite input, the likeliest culprits first."""
    names = set(graph.names)
    return tuple(name for name in RISKY if name in names)
