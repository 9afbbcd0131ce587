"""Gradient through time: dL/dz_t of every step of a recurrence, the last step first.

Where the recurrence is a loop (a cell called in Python, a hand-written recurrence, and `nn.RNN` and `nn.GRU` on the
CPU, which autograd sees as loops), the graph holds every step and the hooks have measured each. A fused layer is one
operation: there the layer is unrolled once more with the same weights and the gradient that it was given.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from isograd.facts import TimeProfile
from isograd.observation.networks import Owner
from isograd.observation.passes import Pass
from isograd.observation.sites import Seen
from isograd.observation.statistics import log10_norm, plain

MAX_LAGS = 128
"""Time steps kept of one profile; longer sequences are thinned evenly."""
_GATED_MODULES = frozenset({"LSTM", "GRU", "LSTMCell", "GRUCell"})


def thin(sizes: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """At most `MAX_LAGS` of the sizes by lag, both ends kept: (lags, sizes)."""
    lags = np.arange(len(sizes))
    if len(sizes) > MAX_LAGS:
        lags = np.unique(np.round(np.linspace(0, len(sizes) - 1, MAX_LAGS)).astype(np.int64))
    return lags.astype(np.int64), np.asarray(sizes, dtype=np.float64)[lags]


def profiles_of(
    read: Pass, seen: Sequence[Seen], owners: Mapping[int, Owner], step: int, lstm_log10: Mapping[int, list[float]]
) -> tuple[TimeProfile, ...]:
    """The profiles of all recurrent sites of a pass.

    Args:
        read: the pass, after it ran backward.
        seen: its sites.
        owners: names of the parameters by identity.
        step: the optimizer step that it belongs to.
        lstm_log10: by vertex of a fused LSTM, log10 ||dL/dc_t||, the last time step first.
    """
    profiles = []
    for entry in seen:
        if entry.site.kind != "recurrent":
            continue
        owner = owners.get(id(entry.weight))
        sizes = lstm_log10.get(entry.vertices[0])  # a recurrent site has at least one call
        if len(entry.vertices) > 1:
            profiles.append(loop_profile(read, entry, step, owner.module if owner else ""))
        elif sizes is not None:
            lags, thinned = thin(sizes)
            profiles.append(TimeProfile(entry.site.name, step, len(sizes), lags, thinned, "LSTM", True))
    return tuple(profiles)


def loop_profile(read: Pass, seen: Seen, step: int, module: str) -> TimeProfile:
    """The profile of a layer that is called once a time step; `module` is the class that owns its weight."""
    lags, sizes = thin([read.gradients.output_log10(vertex) for vertex in seen.vertices])
    cell = module.removesuffix("Cell")
    gated = module in _GATED_MODULES or _has_gates(read, seen)
    return TimeProfile(
        site=seen.site.name,
        step=step,
        length=len(seen.vertices),
        lag=lags,
        gradient_log10=sizes,
        cell=cell if cell in ("RNN", "LSTM", "GRU") else "loop",
        gated=gated,
    )


def _has_gates(read: Pass, seen: Seen) -> bool:
    """True if a sigmoid a step is multiplied with something: a gate, whatever the module is called."""
    names, edges = read.graph.names, read.graph.edges
    start, end = seen.vertices[0], seen.vertices[-1]
    sigmoids = sum(names[v] == "Mul" and any(names[c] == "Sigmoid" for _, c in edges[v]) for v in range(start, end))
    return sigmoids >= len(seen.vertices) - 1


@dataclass(frozen=True)
class FusedLstm:
    """What a fused LSTM layer saved, held until its gradients are known."""

    inputs: torch.Tensor
    """Shape (time, batch, inputs)."""
    weights: tuple[torch.Tensor, ...]
    """Input and recurrent weights, then biases; gates in the order i, f, g, o."""
    hidden: torch.Tensor
    """Initial hidden state, shape (batch, units)."""
    cell: torch.Tensor
    """Initial cell state."""
    reverse: bool
    """True if it runs from the last time step to the first."""


def keep_fused(read: Pass) -> dict[int, FusedLstm]:
    """Holds what the fused LSTM layers of a pass saved, by vertex; to be called before backward frees it."""
    kept = {}
    for vertex, place in read.layout.places.items():
        if place.kind == "fused" and read.graph.names[vertex] == "MkldnnRnnLayer":
            node: Any = read.graph.nodes[vertex]
            weights = tuple(getattr(node, f"_saved_weight{index}").detach() for index in range(4))
            hidden, cell = node._saved_hx_.detach(), node._saved_cx_.detach()
            shape = (-1, hidden.shape[-1])
            kept[vertex] = FusedLstm(
                node._saved_input.detach(),
                weights,
                hidden.reshape(shape),
                cell.reshape(shape),
                bool(node._saved_reverse),
            )
    return kept


def unroll_lstm(layer: FusedLstm, gradients: Sequence[torch.Tensor | None]) -> list[float]:
    """log10 ||dL/dc_t|| of a fused LSTM layer, the last time step first.

    Args:
        layer: what it saved.
        gradients: dL/d(outputs), dL/d(last hidden), dL/d(last cell), as autograd handed them to it.
    """
    steps = layer.inputs.float().unbind(0)
    order = steps[::-1] if layer.reverse else steps
    w_input, w_hidden, b_input, b_hidden = (weight.float() for weight in layer.weights)
    with torch.enable_grad(), torch.autocast(layer.inputs.device.type, enabled=False):
        hidden = layer.hidden.float()
        cell = layer.cell.float().clone().requires_grad_()
        hiddens, cells = [], []
        for data in order:
            gates = data @ w_input.T + hidden @ w_hidden.T + b_input + b_hidden
            enter, forget, new, out = gates.chunk(4, dim=-1)
            cell = forget.sigmoid() * cell + enter.sigmoid() * new.tanh()
            hidden = out.sigmoid() * cell.tanh()
            cells.append(cell)
            hiddens.append(hidden)
        outputs, seeds = _seeds(layer, gradients, hiddens, cells)
        found = torch.autograd.grad(outputs, cells, seeds, allow_unused=True)
    return [-math.inf if grad is None else log10_norm(grad) for grad in reversed(found)]


def _seeds(
    layer: FusedLstm,
    gradients: Sequence[torch.Tensor | None],
    hiddens: list[torch.Tensor],
    cells: list[torch.Tensor],
) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """The tensors that received a gradient from outside, and those gradients."""
    outputs: list[torch.Tensor] = []
    seeds: list[torch.Tensor] = []
    given = [*gradients, None, None, None][:3]
    if given[0] is not None:
        by_time = plain(given[0]).unbind(0)
        outputs += hiddens
        seeds += by_time[::-1] if layer.reverse else by_time
    for gradient, last in ((given[1], hiddens[-1]), (given[2], cells[-1])):
        if gradient is not None:
            outputs.append(last)
            seeds.append(plain(gradient).reshape(last.shape))
    return outputs, seeds
