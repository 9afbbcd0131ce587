"""Rules of layers: contractions with a weight, embeddings, normalisations, activations, fused recurrent layers."""

import math
from collections.abc import Sequence

from isograd.observation.forecasting.elementwise import activation_of
from isograd.observation.forecasting.flow import Flow, Pull, Step, by
from isograd.observation.forecasting.parameters import Entries
from isograd.observation.forecasting.signal import Signal, activated
from isograd.observation.forecasting.wiring import Wiring
from isograd.theory import ACTIVATIONS, Activation
from isograd.theory.convolution import valid_share
from isograd.theory.hermite import expand

Operands = Sequence[tuple[int, Signal]]
_UNIT = Signal(1.0, 0.0, 0.0)


def contraction(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """z = W h + b."""
    place = wiring.layout.places[vertex]
    held = wiring.weights(vertex)
    of_weights = {slot: (entries, shape) for slot, entries, shape in held}
    given = dict(operands)
    signal = given.get(place.data_slot, _UNIT)
    if place.data_slot in of_weights:  # learnt queries: a parameter stands where data would
        entries, _ = of_weights.pop(place.data_slot)
        signal = Signal(entries.square, entries.mean**2, entries.square, entries.mean)
    weight, shape = max(of_weights.values(), key=lambda pair: math.prod(pair[1]))
    bias = next((e for e, s in of_weights.values() if len(s) == 1 and s != shape), Entries(0.0, 0.0))
    convolution = "Convolution" in wiring.graph.names[vertex]
    site = wiring.by_vertex.get(vertex)
    fan_in = (site.fan_in if site is not None else 0) or (shape[-1] if shape else 1)
    gain = fan_in * weight.square * (_tap_share(wiring, vertex) if convolution else 1.0)
    coherent = weight.mean**2 * fan_in * (fan_in - 1) * signal.mean**2
    out = Signal(
        gain * signal.square + coherent + bias.square, gain * signal.near + coherent + bias.square,
        gain * signal.across + coherent + bias.square, fan_in * weight.mean * signal.mean + bias.mean, convolution,
    )  # fmt: skip
    return Step(out, {place.data_slot: by(gain)}, 2 / max(_arriving(wiring, vertex, fan_in, convolution), 1))


def _arriving(wiring: Wiring, vertex: int, fan_in: int, convolution: bool) -> int:
    """Units of the layer that the gradient arrives at."""
    data = wiring.data(vertex)
    shape = wiring.shape(data[0][1]) if convolution and data else ()
    return shape[1] if len(shape) > 1 else fan_in


def _tap_share(wiring: Wiring, vertex: int) -> float:
    """Share of a convolution's taps that meet data; of a transposed one, taps of an output over its fan-in."""
    node, data = wiring.node(vertex), wiring.data(vertex)
    stride = node._saved_stride
    if node._saved_transposed:
        return 1.0 / float(math.prod(stride))
    place = wiring.layout.places[vertex]
    child = next((child for slot, child in data if slot == place.data_slot), None)
    weight = next((shape for _, _, shape in wiring.weights(vertex) if len(shape) == len(stride) + 2), ())
    if child is None or not weight:
        return 1.0
    axes = zip(wiring.shape(child)[2:], weight[2:], stride, node._saved_padding, node._saved_dilation, strict=False)
    return float(math.prod(valid_share(*(int(x) for x in axis)) for axis in axes))


def embedding(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """Rows of a table; different tokens have independent rows."""
    weights = wiring.weights(vertex)
    entries = weights[0][1] if weights else Entries(0.0, 1.0)
    floor = entries.mean**2
    return Step(Signal(entries.square, floor, floor, entries.mean))


def activation(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """h = phi(z)."""
    slope = next((entries.mean for _, entries, _ in wiring.weights(vertex)), 0.25)
    phi = activation_of(wiring.graph.names[vertex], wiring.node(vertex), slope)
    slot, signal = operands[0]
    return elementwise(wiring, vertex, slot, signal, phi)


def elementwise(wiring: Wiring, vertex: int, slot: int, signal: Signal, phi: Activation) -> Step:
    """h = phi(z) for a phi that theory knows."""
    out, slopes = activated(signal, phi)

    def pull(flow: Flow) -> Flow:
        if slopes.square <= 0:
            return flow.times(0.0)
        near, across = slopes.near / slopes.square, slopes.across / slopes.square
        return flow.times(slopes.square, flow.near * near, flow.across * across)

    return Step(out, {slot: pull}, 3 * (slopes.ratio - 1) / units(wiring, vertex, signal))


def units(wiring: Wiring, vertex: int, signal: Signal) -> int:
    """Units of a tensor."""
    shape = wiring.shape(vertex)
    if not shape:
        return 1
    return max(shape[1] if signal.channels_first and len(shape) > 1 else shape[-1], 1)


def normalisation(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """y = gamma (z - shared) / sqrt(variance) + beta; what is shared depends on the kind."""
    name = wiring.graph.names[vertex]
    slot, signal = operands[0]
    gamma, beta = _affine(wiring, vertex)
    node, epsilon = wiring.node(vertex), wiring.epsilon(vertex)
    if "BatchNorm" in name:
        if not getattr(node, "_saved_training", True):
            return _scaled_and_shifted(signal, slot, gamma, beta, 0.0, 1 / (1 + epsilon))
        return _batch(wiring, vertex, slot, signal, gamma, beta)
    variance, count = _own_spread(wiring, vertex, signal)
    # E[1 / s^2] of `count` values, and the directions that the gradient loses: their size, and mostly their mean.
    finite = (count - 1) / (count - 2) if name == "FusedRmsNorm" else (count - 2) / (count - 3)
    shared = max(signal.square - variance, 0.0)
    return _scaled_and_shifted(signal, slot, gamma, beta, shared, 1 / (variance + epsilon), finite)


def _own_spread(wiring: Wiring, vertex: int, signal: Signal) -> tuple[float, float]:
    """What layer, RMS or group normalisation divides by, squared, and from how many independent values (at least 4)."""
    name, node = wiring.graph.names[vertex], wiring.node(vertex)
    width, shared = units(wiring, vertex, signal), signal.mean**2
    if name == "FusedRmsNorm":
        return signal.square, max(float(width), 4.0)
    if name != "NativeGroupNorm":
        return max(signal.square - shared, 0.0), max(float(width), 4.0)
    channels = max(int(node._saved_C) // max(int(node._saved_group), 1), 1)
    tied = max(signal.near - shared, 0.0)
    variance = max(signal.square - shared - tied / channels, 0.0)
    positions = max(int(node._saved_HxW), 1)
    values = channels * positions / (1 + (positions - 1) * tied / max(signal.variance, 1e-300))
    return variance, max(values, 4.0)


def _affine(wiring: Wiring, vertex: int) -> tuple[Entries, Entries]:
    """gamma and beta; the former comes first where only one is there."""
    held = {slot: entries for slot, entries, _ in wiring.weights(vertex) if slot > 0}
    return held.get(1, Entries(1.0, 1.0)), held.get(2, Entries(0.0, 0.0))


def _scaled_and_shifted(
    signal: Signal, slot: int, gamma: Entries, beta: Entries, shared: float, scale: float, left: float = 1.0
) -> Step:
    factor = gamma.square * scale

    def moment(raw: float) -> float:
        return factor * (raw - shared) + beta.square

    out = Signal(moment(signal.square), moment(signal.near), moment(signal.across), beta.mean, signal.channels_first)
    return Step(out, {slot: by(factor * left)})


def _batch(wiring: Wiring, vertex: int, slot: int, signal: Signal, gamma: Entries, beta: Entries) -> Step:
    """Takes away what all examples share, forward and back; B values with correlation count for fewer."""
    shape = wiring.shape(vertex)
    batch = shape[0] if shape else 1
    positions = math.prod(shape[2:]) if len(shape) > 2 else 1
    instance = batch == 1 and wiring.traced.batch > 1  # instance normalisation runs as one example of many channels
    shared = signal.near if instance else signal.across
    spread = max(signal.square - shared, 0.0)
    tied = 0.0 if instance or spread == 0 else min(max((signal.near - shared) / spread, 0.0), 1.0)
    count = max(batch * positions / (1 + (positions - 1) * tied), 4.0)
    variance = spread + wiring.epsilon(vertex)
    # E[1 / s^2] of `count` values, and two directions that the gradient loses.
    finite = (count - 2) / (count - 3)
    step = _scaled_and_shifted(signal, slot, gamma, beta, shared, 1 / variance)
    return Step(step.signal, {slot: _centred(gamma.square / variance * finite, instance)})


def _centred(factor: float, instance: bool) -> Pull:
    def pull(flow: Flow) -> Flow:
        shared = min(max(flow.near if instance else flow.across, 0.0), 0.999999)
        near = 0.0 if instance else max(flow.near - shared, 0.0) / (1 - shared)
        return flow.times(factor * (1 - shared), near, 0.0)

    return pull


def fused(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """An LSTM layer in one operation: mean field of its gates, memory summed as a geometric series."""
    slot, signal = next(((s, x) for s, x in operands if s == 0), (0, _UNIT))
    held = wiring.weights(vertex)
    width = (wiring.shape(vertex) or (1,))[-1]
    inputs = next(((e, s) for _, e, s in held if len(s) == 2), (Entries(0.0, 1 / (3 * width)), (width, width)))
    matrix, shape = inputs
    gain, square = shape[-1] * matrix.square, 0.1
    gate, tanh = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]
    keep = open_ = slope = 0.0
    for _ in range(8):
        q = gain * signal.square + width * matrix.square * square + 2 * matrix.square
        keep = open_ = expand(gate, q)[0].square
        phi, bend, _ = expand(tanh, q)
        slope = bend.square
        cell = open_ * phi.square / (1 - keep)
        square = open_ * expand(tanh, cell)[0].square
    factor = gain * open_ * open_ * slope / (1 - keep)
    tied = min(keep, 1.0)
    out = Signal(square, tied * square, 0.0 if signal.across == 0 else square * 0.5, 0.0)
    return Step(out, {slot: by(factor)}, 2 / max(shape[-1], 1))
