"""The size of dL/dh_t at the states of the recurrences of one backward pass, by hooks on the nodes that made them."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import torch

from isograd.model.graph import Graph
from isograd.model.recurrence import Recurrence
from isograd.observation.statistics import log10_norm, log10_norms, plain, sum_log10


@dataclass
class States:
    """What the hooks collect, by vertex of a state."""

    sizes: dict[int, float] = field(default_factory=dict)
    """log10 ||dL/d state||."""
    rows: dict[int, Sequence[float]] = field(default_factory=dict)
    """The same row by row, for states of packed sequences, which have fewer rows as sequences end."""


def hook_states(graph: Graph, recurrences: Iterable[Recurrence], guard: Callable[..., None]) -> States:
    """Puts a reading hook on each state; the result fills while backward runs.

    Args:
        graph: the graph about to be run backward.
        recurrences: whose states they are.
        guard: calls a function with arguments, never raises, and keeps the time.
    """
    collected = States()
    hooked: set[int] = set()
    for recurrence in recurrences:
        for states in (recurrence.hidden, recurrence.cell):
            by_row = len({rows(graph, vertex) for vertex in states}) > 1
            for vertex in states:
                if vertex not in hooked:
                    hooked.add(vertex)
                    graph.nodes[vertex].register_hook(_Reader(collected, vertex, by_row, guard))
    return collected


def rows(graph: Graph, vertex: int) -> int:
    """Rows of an operation's output: the sequences of the batch that are still running."""
    metadata = graph.nodes[vertex]._input_metadata
    return int(metadata[0].shape[0]) if metadata and len(metadata[0].shape) > 0 else 1


def by_lag(graph: Graph, collected: States, states: Sequence[int]) -> list[float]:
    """log10 of the gradient's size at each lag, that is by time steps back from each sequence's own end.

    Args:
        graph: the graph.
        collected: what the hooks read.
        states: vertices of the states, the last time step first.

    Returns:
        One size a time step; -inf where no gradient came.
    """
    if not any(vertex in collected.rows for vertex in states):
        return [collected.sizes.get(vertex, -math.inf) for vertex in states]
    ends: list[int] = []
    parts: list[list[float]] = [[] for _ in states]
    for place, vertex in enumerate(states):
        # Rows are ordered by length: those that a state has beyond the later ones are of sequences that end here.
        ends += [place] * (rows(graph, vertex) - len(ends))
        for end, size in zip(ends, collected.rows.get(vertex, ()), strict=False):
            parts[place - end].append(size)
    return [sum_log10(*part) for part in parts]


@dataclass(frozen=True)
class _Reader:
    collected: States
    vertex: int
    by_row: bool
    guard: Callable[..., None]

    def __call__(self, inputs: tuple[torch.Tensor | None, ...], outputs: tuple[torch.Tensor | None, ...]) -> None:
        self.guard(self._read, outputs)

    def _read(self, outputs: tuple[torch.Tensor | None, ...]) -> None:
        found = [gradient for gradient in outputs if gradient is not None]
        if self.by_row and len(found) == 1:
            self.collected.rows[self.vertex] = log10_norms(plain(found[0]).flatten(1))
        elif found:
            sizes = [log10_norm(gradient) for gradient in found]
            self.collected.sizes[self.vertex] = sizes[0] if len(sizes) == 1 else sum_log10(*sizes)
