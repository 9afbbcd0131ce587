"""Rules of what gathers or rearranges entries: pooling, means, joining."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from isograd.observation.forecasting.flow import Flow, Pull, Step, by, spread
from isograd.observation.forecasting.layers import Operands
from isograd.observation.forecasting.signal import Signal, averaged, joined
from isograd.observation.forecasting.wiring import Wiring
from isograd.theory.hermite import largest_of

Array = NDArray[np.float64]


def reshape(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """Nothing happens to the entries."""
    return Step(operands[0][1]) if operands else Step(Signal(1.0, 0.0, 0.0))


def unknown(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """An operation without a rule passes everything on."""
    step = reshape(wiring, vertex, operands)
    return Step(step.signal, known=False)


def expand(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """Copies of the same entries, whose gradients meet."""
    slot, signal = operands[0]
    copies = math.prod(wiring.shape(vertex)) / max(math.prod(wiring.shape(wiring.data(vertex)[0][1])), 1)
    return Step(signal, {slot: spread(copies)})


def join(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """Tensors side by side; each gets the gradient of its own part."""
    children = dict(wiring.data(vertex))
    sizes = {slot: math.prod(wiring.shape(children[slot])) for slot, _ in operands}
    total = math.prod(wiring.shape(vertex)) or 1
    slots = wiring.graph.slots[vertex]
    pulls = {slot: _part(slot, slots, sizes[slot] / total) for slot in sizes}
    return Step(joined([(signal, sizes[slot]) for slot, signal in operands]), pulls)


def _part(slot: int, slots: int, share: float) -> Pull:
    def pull(flow: Flow) -> Flow:
        if flow.only is not None and flow.only[0] == slots:
            return replace(flow.times(1.0 if flow.only[1] == slot else 0.0), only=None)
        return flow.times(share)

    return pull


def select(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """One index of an axis; elsewhere the gradient is zero."""
    slot, signal = operands[0]
    node, before = wiring.node(vertex), wiring.shape(wiring.data(vertex)[0][1])
    dim, index = (x - 2**64 if x >= 2**63 else x for x in (int(node._saved_dim), int(node._saved_index)))
    size = before[dim]
    return Step(signal, {slot: lambda flow: replace(flow, only=(size, index % size))})


def cut(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """A stretch of an axis; one index of it, as `h[:, -1:]`, is the same as `select`."""
    if not operands:
        return reshape(wiring, vertex, operands)
    slot, signal = operands[0]
    before, after = wiring.shape(wiring.data(vertex)[0][1]), wiring.shape(vertex)
    shortened = [(b, a) for b, a in zip(before, after, strict=False) if a < b]
    if len(before) != len(after) or len(shortened) != 1 or shortened[0][1] != 1:
        return reshape(wiring, vertex, operands)
    size, start = shortened[0][0], int(getattr(wiring.node(vertex), "_saved_start", 0))
    index = start - 2**64 if start >= 2**63 else start
    return Step(signal, {slot: lambda flow: replace(flow, only=(size, index % size))})


def mean(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """The mean over some axes, and the sum."""
    slot, signal = operands[0]
    before = wiring.shape(wiring.data(vertex)[0][1])
    positions, units = _axes(wiring, vertex, before, signal)
    count = positions * units
    out = averaged(signal, positions, units)
    if wiring.graph.names[vertex] == "Sum":
        return Step(out.scaled(count), {slot: lambda flow: flow.times(count, 1.0)})
    return Step(out, {slot: lambda flow: flow.times(1 / count, 1.0 if positions > 1 else None)})


def _axes(wiring: Wiring, vertex: int, before: tuple[int, ...], signal: Signal) -> tuple[int, int]:
    """Sizes of the axes that go: those of positions (and examples), and that of units."""
    saved = getattr(wiring.node(vertex), "_saved_dim", None)
    rank = len(before)
    if saved is None or saved == ():
        dims = list(range(rank))
    else:
        each = saved if isinstance(saved, tuple | list) else (saved,)
        dims = [(d - 2**64 if d >= 2**63 else d) % rank for d in each]
    unit_axis = 1 if signal.channels_first and rank > 1 else rank - 1
    units = before[unit_axis] if unit_axis in dims else 1
    return math.prod(before[d] for d in dims if d != unit_axis), units


def average_pool(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """The mean over windows."""
    slot, signal = operands[0]
    before, after = wiring.shape(wiring.data(vertex)[0][1]), wiring.shape(vertex)
    kernel = getattr(wiring.node(vertex), "_saved_kernel_size", None)
    window = math.prod(int(k) for k in kernel) if kernel else max(math.prod(before) // max(math.prod(after), 1), 1)
    overlap = window * math.prod(after) / max(math.prod(before), 1)

    copies = max(overlap, 1.0)
    whole = len(after) > 2 and math.prod(after[2:]) == 1
    return Step(
        averaged(signal, window),
        {slot: lambda flow: spread(copies)(flow.times(1 / window, 1.0 if whole else None))},
    )


def largest_pool(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """The largest of each window, its values taken as independent; behind an activation, the largest of its inputs."""
    slot, signal = operands[0]
    window = max(math.prod(int(k) for k in getattr(wiring.node(vertex), "_saved_kernel_size", (2,))), 1)
    phi, variance, centre = signal.origin or (None, signal.variance, signal.mean)
    scale = math.sqrt(variance)

    def value(z: Array) -> Array:
        x = centre + scale * z
        return phi.phi(x) if phi is not None else x

    marks = tuple((b - centre) / scale for b in phi.breaks) if phi is not None and scale > 0 else ()
    top = largest_of(value, window, marks)
    square = largest_of(lambda z: np.square(value(z)), window, marks)
    rest = signal.variance or 1.0
    near, across = ((x - signal.mean**2) / rest for x in (signal.near, signal.across))
    spare = max(square - top**2, 0.0)
    out = Signal(square, top**2 + near * spare, top**2 + across * spare, top, signal.channels_first)
    return Step(out, {slot: by(1.0)})
