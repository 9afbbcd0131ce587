"""A fused LSTM layer worked through again by hand: dL/dh_t and dL/dc_t, which it keeps to itself.

The layer saved its input and its outputs h_t, so that all gates of all time steps are one matrix product; only the
cell's sum and its way back go step by step.

Legend: a_t = [i, f, g, o]_t before their activations, a_t = W x_t + U h_{t-1} + b; c_t = f_t c_{t-1} + i_t g_t;
h_t = o_t tanh(c_t); dh, dc, da gradients of the loss. Source: Hochreiter and Schmidhuber 1997, with Gers' forget gate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from isograd.observation.passes import Pass, is_hidden
from isograd.observation.statistics import log10_norms, plain

OPERATION = "MkldnnRnnLayer"
"""What autograd calls it; one direction of one layer."""


class StateSizes(NamedTuple):
    """log10 of gradients by time step, the last that the layer worked on first."""

    hidden: list[float]
    """log10 ||dL/dh_t||."""
    cell: list[float]
    """log10 ||dL/dc_t||."""


@dataclass(frozen=True)
class FusedLstm:
    """What a fused LSTM layer saved, held until its gradients are known; T time steps, B sequences, H units."""

    inputs: torch.Tensor
    """Shape (T, B, inputs)."""
    outputs: torch.Tensor
    """h_t, shape (T, B, H)."""
    weights: tuple[torch.Tensor, ...]
    """W (4H, inputs), U (4H, H), and two biases where it has them; gates in the order i, f, g, o."""
    hidden: torch.Tensor
    """h_0, shape (B, H)."""
    cell: torch.Tensor
    """c_0, shape (B, H)."""
    reverse: bool
    """True if it runs from the last time step to the first."""


def keep_fused(read: Pass) -> dict[int, FusedLstm]:
    """Holds what the fused LSTM layers of a pass saved, by vertex; to be called before backward frees it."""
    kept = {}
    for vertex, place in read.layout.places.items():
        if place.kind != "fused" or read.graph.names[vertex] != OPERATION:
            continue
        layer = None if is_hidden(read.graph, vertex, read.hidden) else _saved(read.graph.nodes[vertex])
        if layer is not None:
            kept[vertex] = layer
    return kept


def _saved(node: Any) -> FusedLstm | None:
    try:
        outputs = node._saved_result0.detach()
    except RuntimeError:  # changed in place since: backward itself fails, and says so better than we could
        return None
    num_weights = 4 if node._saved_has_biases else 2  # without biases the places of the biases hold the weights again
    shape = (-1, node._saved_hx_.shape[-1])
    return FusedLstm(
        inputs=node._saved_input.detach(),
        outputs=outputs,
        weights=tuple(getattr(node, f"_saved_weight{index}").detach() for index in range(num_weights)),
        hidden=node._saved_hx_.detach().reshape(shape),
        cell=node._saved_cx_.detach().reshape(shape),
        reverse=bool(node._saved_reverse),
    )


@torch.no_grad()
def unroll_lstm(layer: FusedLstm, gradients: Sequence[torch.Tensor | None]) -> StateSizes:
    """The gradient's size at each state of a fused LSTM layer.

    Args:
        layer: what it saved.
        gradients: dL/d(outputs), dL/d(last hidden), dL/d(last cell), as autograd handed them to it.
    """
    with torch.autocast(layer.inputs.device.type, enabled=False):
        given = [None if gradient is None else plain(gradient) for gradient in (*gradients, None, None, None)[:3]]
        from_outputs, to_hidden, to_cell = given
        zero = torch.zeros_like(layer.cell, dtype=torch.float32)
        seeds = [zero] * len(layer.inputs) if from_outputs is None else list(_in_order(layer, from_outputs).unbind(0))
        seeds[-1] = seeds[-1] + (zero if to_hidden is None else to_hidden.reshape(zero.shape))
        dc = zero if to_cell is None else to_cell.reshape(zero.shape)
        return _backward(layer, _forward(layer), seeds, dc)


class _Factors(NamedTuple):
    """What the gradients are multiplied with on their way back; each of shape (T, B, ...)."""

    forget: torch.Tensor
    """f_t: dc_t to dc_{t-1}."""
    out: torch.Tensor
    """o_t (1 - tanh(c_t)^2): dh_t to dc_t."""
    from_cell: torch.Tensor
    """dc_t to da_t of i, f and g, side by side."""
    from_hidden: torch.Tensor
    """dh_t to da_t of o."""


def _in_order(layer: FusedLstm, by_time: torch.Tensor) -> torch.Tensor:
    """What goes by time, in the order in which the layer worked on it, as float32."""
    by_time = by_time.float()
    return by_time.flip(0) if layer.reverse else by_time


def _forward(layer: FusedLstm) -> _Factors:
    w_input, w_hidden, *biases = (weight.float() for weight in layer.weights)
    before = torch.cat((layer.hidden.float()[None], _in_order(layer, layer.outputs)[:-1]))
    gates = _in_order(layer, layer.inputs) @ w_input.T + before @ w_hidden.T
    for bias in biases:
        gates = gates + bias
    enter, forget, new, out = gates.chunk(4, dim=-1)
    enter, forget, new, out = enter.sigmoid(), forget.sigmoid(), new.tanh(), out.sigmoid()
    cells = [layer.cell.float()]
    for keep, add in zip(forget, enter * new, strict=True):
        cells.append(torch.addcmul(add, keep, cells[-1]))
    cell = torch.stack(cells)
    squashed = cell[1:].tanh()
    towards = (new * enter * (1 - enter), cell[:-1] * forget * (1 - forget), enter * (1 - new.square()))
    return _Factors(forget, out * (1 - squashed.square()), torch.stack(towards, dim=2), squashed * out * (1 - out))


def _backward(
    layer: FusedLstm, factors: _Factors, seeds: Sequence[torch.Tensor], from_later: torch.Tensor
) -> StateSizes:
    """From the last time step to the first; `seeds` is what reaches h_t from outside, `from_later` dL/dc_T likewise."""
    w_hidden = layer.weights[1].float()
    split = 3 * layer.cell.shape[-1]
    from_gates = torch.zeros_like(from_later)
    hiddens, cells = [], []
    steps = zip(seeds, *factors, strict=True)
    for seed, forget, out, from_cell, from_hidden in reversed(list(steps)):
        dh = seed + from_gates
        dc = torch.addcmul(from_later, dh, out)
        hiddens.append(dh)
        cells.append(dc)
        from_gates = (dc[:, None] * from_cell).flatten(1) @ w_hidden[:split]
        from_gates = torch.addmm(from_gates, dh * from_hidden, w_hidden[split:])
        from_later = dc * forget
    return StateSizes(*(log10_norms(torch.stack(found).flatten(1)) for found in (hiddens, cells)))
