"""The gain ledger: what each kind of operation on the chain does to the gradient's size, in decades.

On the chain the gradient passes points p_0 (last layer), p_1, ... Each has an output gradient `go` and, where it is an
operation with a data input, an input gradient `gi`. Between two layers a (nearer the input) and b the gain is
rho_b = log10(go_a / go_b), and telescopes exactly into

    gi_b / go_b         the weight of b
    gi_n / go_n         each normalisation, activation between
    go_next / gi_here   the gaps: branches that part or join (`skip`), else pooling, dropout, reshaping (`other`)
"""

import math
from dataclasses import dataclass, field

from isograd.model.chain import LAYERS, Chain
from isograd.model.graph import Graph
from isograd.model.operations import ACTIVATIONS
from isograd.model.places import Layout
from isograd.observation.gradients import Gradients

COLUMNS = ("slope", "gate", "weight", "norm", "skip", "other")


@dataclass
class Row:
    """The gain across one layer of the chain."""

    vertex: int
    """The layer (or sum) whose output gradient is the denominator."""
    towards: int
    """The layer (or sum) before it on the chain, nearer the input."""
    rho: float = math.nan
    """Gain in decades."""
    columns: dict[str, float] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0.0))
    """Parts of `rho`; they add up to it."""


def main_points(chain: Chain, layout: Layout) -> list[int]:
    """The layers and sums of the chain, the last layer first."""
    return [v for v in chain.points if v in chain.sums or layout.places[v].kind in LAYERS]


def keep_ledger(graph: Graph, layout: Layout, chain: Chain, gradients: Gradients) -> list[Row]:
    """Splits the gain between neighbouring layers of the chain.

    Returns:
        One row a layer but the first, the last layer first; columns are nan where a gradient is zero or not finite.
    """
    rows: list[Row] = []
    row: Row | None = None
    mains = set(main_points(chain, layout))
    previous = -1
    for vertex in chain.points:
        if row is not None:
            gap = gradients.output_log10(vertex) - _outgoing(previous, gradients)
            row.columns["skip" if previous in chain.branching else "other"] += gap
            if vertex in mains:
                row.towards = vertex
                row.rho = gradients.output_log10(vertex) - gradients.output_log10(row.vertex)
                rows.append(row)
        if vertex in mains:
            row = Row(vertex, vertex)
        if row is not None:
            _enter(row, vertex, graph, layout, gradients)
        previous = vertex
    return rows


def _outgoing(vertex: int, gradients: Gradients) -> float:
    """What leaves a point towards the input: its input's gradient, or for a sum what it was given."""
    return gradients.inputs_log10.get(vertex, gradients.output_log10(vertex))


def _enter(row: Row, vertex: int, graph: Graph, layout: Layout, gradients: Gradients) -> None:
    change = _outgoing(vertex, gradients) - gradients.output_log10(vertex)
    place = layout.places.get(vertex)
    if place is None:
        row.columns["other"] += change
    elif place.kind == "activation":
        slope = math.log10(ACTIVATIONS[graph.names[vertex]].largest_slope)
        row.columns["slope"] += slope
        row.columns["gate"] += change - slope
    elif place.kind == "softmax":
        row.columns["gate"] += change
    else:
        row.columns["norm" if place.kind == "norm" else "weight"] += change
