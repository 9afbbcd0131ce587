"""dL/d(output) and dL/d(input) of the places of one backward pass, by hooks on the nodes of its graph.

A hook on a node attaches nothing to the model: it goes when the graph goes. It only reads.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import torch

from isograd.model.graph import Graph
from isograd.model.places import Layout
from isograd.observation.statistics import (
    GradientStatistics,
    gradient_size,
    gradient_statistics,
    log10_norm,
    sum_log10,
)

NOTHING = GradientStatistics(math.nan, math.nan, math.nan, math.nan)


@dataclass
class Gradients:
    """What the hooks of one backward pass collect, by vertex."""

    outputs: dict[int, GradientStatistics] = field(default_factory=dict)
    """Of dL/d(output)."""
    inputs_log10: dict[int, float] = field(default_factory=dict)
    """log10 ||dL/d(data input)||."""
    kept: dict[int, tuple[torch.Tensor | None, ...]] = field(default_factory=dict)
    """Gradients kept whole, for vertices asked for (fused recurrent layers)."""

    def output_log10(self, vertex: int) -> float:
        """log10 ||dL/d(output)||, nan if not seen."""
        return self.outputs.get(vertex, NOTHING).log10


def hook_gradients(
    graph: Graph,
    layout: Layout,
    vertices: Iterable[int],
    keep: frozenset[int],
    light: frozenset[int],
    guard: Callable[..., None],
) -> Gradients:
    """Puts a reading hook on each vertex; the result fills while backward runs.

    Args:
        graph: the graph about to be run backward.
        layout: its places.
        vertices: where to measure.
        keep: those of them whose output gradients are to be kept whole.
        light: those of which the size is enough, such as all but one of the calls of a loop.
        guard: calls a function with arguments, never raises, and keeps the time.
    """
    collected = Gradients()
    for vertex in vertices:
        place = layout.places.get(vertex)
        data_slot = place.data_slot if place and vertex not in light else -1
        reader = _Reader(collected, vertex, data_slot, vertex in keep, vertex in light, guard)
        graph.nodes[vertex].register_hook(reader)
    return collected


@dataclass(frozen=True)
class _Reader:
    collected: Gradients
    vertex: int
    data_slot: int
    keep: bool
    light: bool
    guard: Callable[..., None]

    def __call__(self, inputs: tuple[torch.Tensor | None, ...], outputs: tuple[torch.Tensor | None, ...]) -> None:
        self.guard(self._read, inputs, outputs)

    def _read(self, inputs: tuple[torch.Tensor | None, ...], outputs: tuple[torch.Tensor | None, ...]) -> None:
        measure = gradient_size if self.light else gradient_statistics
        parts = [measure(grad) for grad in outputs if grad is not None]
        if len(parts) == 1:
            self.collected.outputs[self.vertex] = parts[0]
        elif parts:
            size = sum_log10(*(part.log10 for part in parts))
            shares = [(p.zero_share, p.nonfinite_share, p.underflow_share) for p in parts]
            self.collected.outputs[self.vertex] = GradientStatistics(
                size, *(sum(column) / len(column) for column in zip(*shares, strict=True))
            )
        if 0 <= self.data_slot < len(inputs) and (gradient := inputs[self.data_slot]) is not None:
            self.collected.inputs_log10[self.vertex] = log10_norm(gradient)
        if self.keep:
            self.collected.kept[self.vertex] = outputs
