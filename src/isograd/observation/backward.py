"""One backward pass from begin to end: its loss, and where it is observed its detailed pass."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch

from isograd.model.graph import trace
from isograd.model.places import lay_out
from isograd.observation.fused_lstm import FusedLstm, StateSizes, keep_fused, unroll_lstm
from isograd.observation.nonfinite import Origin, leaves_domain, locate_backward, locate_forward
from isograd.observation.passes import Pass, begin_pass
from isograd.observation.statistics import log10_norm


@dataclass
class Backward:
    """What is known of one backward pass."""

    loss: float | None
    """The loss as it was back-propagated; None if it was no single number."""
    read: Pass | None = None
    """The detailed pass, where it is observed."""
    raw_log10: dict[int, float] = field(default_factory=dict)
    """log10 norm of each weight's gradient when it ended, by identity."""
    lstm_log10: dict[int, StateSizes] = field(default_factory=dict)
    """By vertex of a fused LSTM layer: gradients of its states."""
    origin: Origin | None = None
    """Where a non-finite value came from, if there was one."""
    origin_leaf: torch.Tensor | None = None
    """A parameter of the layer at that origin."""

    @property
    def compiled(self) -> bool:
        """True if a compiled region hides layers of an observed pass."""
        return self.read is not None and self.read.compiled

    _fused: dict[int, FusedLstm] = field(default_factory=dict)
    _critical: list[int] = field(default_factory=list)


def loss_of(roots: Sequence[torch.Tensor]) -> float | None:
    """What is back-propagated, if it is one real number."""
    if len(roots) != 1 or roots[0].numel() != 1:
        return None
    loss = roots[0].item()
    return None if isinstance(loss, complex) else float(loss)


def begin_backward(
    roots: Sequence[torch.Tensor],
    loss: float | None,
    observe: bool,
    is_weight: Callable[[torch.Tensor], bool],
    hidden: Sequence[tuple[int, int]],
    guard: Callable[..., None],
) -> Backward:
    """Where asked, hooks the pass; where the loss is not finite, searches the forward pass for why."""
    backward = Backward(loss)
    if observe:
        backward.read = begin_pass(roots, is_weight, hidden, guard)
    if backward.read is not None:
        backward._fused = keep_fused(backward.read)
        backward._critical = [v for v in backward.read.open_vertices(hidden) if leaves_domain(backward.read.graph, v)]
    if loss is not None and not math.isfinite(loss):
        _search_forward(backward, roots, is_weight, hidden)
    return backward


def _search_forward(
    backward: Backward,
    roots: Sequence[torch.Tensor],
    is_weight: Callable[[torch.Tensor], bool],
    hidden: Sequence[tuple[int, int]],
) -> None:
    graph = backward.read.graph if backward.read else trace(roots)
    if graph is None:
        return
    layout = backward.read.layout if backward.read else lay_out(graph, is_weight)
    backward.origin = locate_forward(graph, layout, hidden)
    if backward.origin is not None and backward.origin.vertex >= 0:
        leaves = layout.places[backward.origin.vertex].leaves
        backward.origin_leaf = graph.leaf(leaves[0]) if leaves else None


def end_backward(backward: Backward) -> None:
    """Takes the sizes of the weights' gradients, and unrolls fused layers, once a pass has ended."""
    read = backward.read
    if read is None:
        return
    vertices = range(len(read.graph.nodes)) if read.compiled else ()
    hidden = (leaf for vertex in vertices if (leaf := read.graph.leaf(vertex)) is not None)
    placed = (leaf for vertex in read.layout.places for leaf in read.leaves(vertex))
    leaves = {id(leaf): leaf for leaf in (*hidden, *placed)}
    backward.raw_log10 = {key: log10_norm(leaf.grad) for key, leaf in leaves.items() if leaf.grad is not None}
    for vertex, layer in backward._fused.items():
        if vertex in read.gradients.kept:
            backward.lstm_log10[vertex] = unroll_lstm(layer, read.gradients.kept[vertex])
    backward._fused.clear()
    read.gradients.kept.clear()
    if backward.origin is None:
        backward.origin = locate_backward(read.graph, read.layout, read.gradients, backward._critical)
        if backward.origin is not None and backward.origin.vertex >= 0:
            weights = read.leaves(backward.origin.vertex)
            backward.origin_leaf = weights[0] if weights else None
