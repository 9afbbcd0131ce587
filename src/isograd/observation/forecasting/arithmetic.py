"""Rules of sums, products and powers."""

import math
from typing import Any

import torch

from isograd.observation.forecasting.flow import Pull, Step, by, spread
from isograd.observation.forecasting.layers import Operands, elementwise
from isograd.observation.forecasting.lognormal import first_moment, pair_moment
from isograd.observation.forecasting.parameters import Entries
from isograd.observation.forecasting.signal import Signal, activated, added, multiplied
from isograd.observation.forecasting.wiring import Wiring
from isograd.theory import ACTIVATIONS

_WIDE = 1.0
"""Variance of an exponent above which the mean of the exponential is set by few entries (skewness above 6)."""


def parameter_signal(entries: Entries, shape: tuple[int, ...]) -> Signal:
    """A parameter that is added or multiplied: the same for all examples, and at all positions if it has one axis."""
    positions = len([size for size in shape if size > 1]) > 1
    return Signal(entries.square, entries.mean**2 if positions else entries.square, entries.square, entries.mean)


def _all(wiring: Wiring, vertex: int, operands: Operands) -> dict[int, Signal]:
    held = {slot: parameter_signal(entries, shape) for slot, entries, shape in wiring.weights(vertex)}
    return held | dict(operands)


def _copies(wiring: Wiring, vertex: int) -> dict[int, Pull]:
    """Operands smaller than the result are used at several places."""
    size = math.prod(wiring.shape(vertex)) or 1
    return {slot: spread(size / max(math.prod(wiring.shape(child)), 1)) for slot, child in wiring.data(vertex)}


def add(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """a + alpha b, and a - alpha b."""
    alpha = _number(getattr(wiring.node(vertex), "_saved_alpha", 1)) or 1.0
    if wiring.graph.names[vertex] == "Sub":
        alpha = -alpha
    parts = _all(wiring, vertex, operands)
    label, shift = wiring.traced.labels.get(wiring.graph.nodes[vertex], ("", 0.0))
    if len(parts) == 1 and label == "shift":
        return Step(added([*parts.values(), _constant(shift)]))
    signal = added([part.scaled(alpha) if slot == 1 else part for slot, part in parts.items()])
    pulls = _copies(wiring, vertex)
    if abs(alpha) != 1:
        pulls[1] = by(alpha * alpha)
    return Step(signal, pulls)


def negate(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """-a, whose mean has the other sign."""
    slot, signal = operands[0]
    return Step(signal.scaled(-1.0), {slot: by(1.0)})


def complement(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """A number less a; 1 where it was not noted which, since it is hardly ever another."""
    slot, signal = operands[0]
    label, number = wiring.traced.labels.get(wiring.graph.nodes[vertex], ("", 0.0))
    one = _constant(number if label == "shift" else 1.0)
    return Step(added([one, signal.scaled(-1.0)]), {slot: by(1.0)})


def _constant(number: float) -> Signal:
    square = number * number
    return Signal(square, square, square, number)


def multiply(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """a b, with a number, a parameter, other data, or the mask of a dropout."""
    label, p = wiring.traced.labels.get(wiring.graph.nodes[vertex], ("", 0.0))
    parts = _all(wiring, vertex, operands)
    if label == "dropout":
        slot, signal = operands[0]
        keep = max(1 - p, 1e-6)
        kept = Signal(signal.square / keep, signal.near, signal.across, signal.mean, signal.channels_first)
        return Step(kept, {slot: by(1 / keep)})
    if len(parts) == 1:
        slot, signal = next(iter(parts.items()))
        number = _other(wiring, vertex)
        return Step(signal.scaled(number), {slot: by(number * number)})
    first, second = parts[0], parts[1]
    copies = _copies(wiring, vertex)
    factors = {0: second.square, 1: first.square}
    pulls = {slot: _both(factors[slot], pull) for slot, pull in copies.items()}
    return Step(multiplied(first, second), pulls)


def divide(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """a / b, with a number or with what is nearly one."""
    if wiring.traced.labels.get(wiring.graph.nodes[vertex], ("", 0.0))[0] == "softsign":
        slot, signal = operands[0]
        step = elementwise(wiring, vertex, slot, signal, ACTIVATIONS["softsign"])
        return Step(step.signal, {**step.pulls, 1: by(0.0)}, step.beta)
    parts = _all(wiring, vertex, operands)
    if len(parts) == 1:
        slot, signal = next(iter(parts.items()))
        number = 1 / (_other(wiring, vertex) or 1.0)
        return Step(signal.scaled(number), {slot: by(number * number)})
    first, second = parts[0], parts[1]
    inverse = 1 / second.square if second.square > 0 else 0.0
    signal = first.scaled(math.sqrt(inverse))
    return Step(signal, {0: by(inverse), 1: by(inverse * inverse * first.square)})


def power(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """A square by the moments of a Gaussian; other powers as of what is nearly a number."""
    slot, signal = operands[0]
    exponent = _number(wiring.node(vertex)._saved_exponent) or 1.0
    if exponent != 2:
        return _of_a_number(slot, signal, exponent)
    mean, variance = signal.mean, signal.variance
    near, across = max(signal.near - mean**2, 0.0), max(signal.across - mean**2, 0.0)
    top = signal.square**2

    def pair(covariance: float) -> float:
        return top + 2 * covariance**2 + 4 * covariance * mean**2

    out = Signal(pair(variance), pair(near), pair(across), signal.square, signal.channels_first)
    return Step(out, {slot: by(4 * signal.square)})


def exponential(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """exp of a Gaussian, whose slope is the value itself: E[exp(a) exp(b)] = exp(2 mean + variance + covariance).

    With a wide input the tail decides, and the tail is what no mean-field theory knows: then it counts as unknown.
    """
    slot, signal = operands[0]
    mean, variance = signal.mean, signal.variance

    def pair(moment: float) -> float:
        covariance = max(min(moment - mean**2, variance), -variance)
        return pair_moment(mean, variance, covariance)

    value = first_moment(mean, variance)
    out = Signal(pair(signal.square), pair(signal.near), pair(signal.across), value, signal.channels_first)
    return Step(out, {slot: by(out.square)}, known=variance <= _WIDE)


def gated_linear(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """a sigmoid(b), a and b the halves of one tensor."""
    slot, signal = operands[0]
    gate, slopes = activated(signal, ACTIVATIONS["sigmoid"])
    return Step(multiplied(signal, gate), {slot: by(gate.square + signal.square * slopes.square)})


def root(exponent: float) -> Any:
    """The rule of a root or a reciprocal, of what is nearly a number."""

    def rule(wiring: Wiring, vertex: int, operands: Operands) -> Step:
        slot, signal = operands[0]
        return _of_a_number(slot, signal, exponent)

    return rule


def _of_a_number(slot: int, signal: Signal, exponent: float) -> Step:
    number = math.sqrt(max(signal.square, 1e-30))
    value, slope = number**exponent, exponent * number ** (exponent - 1)
    square = value * value
    return Step(Signal(square, square, square, value, signal.channels_first), {slot: by(slope * slope)})


def _both(factor: float, pull: Pull) -> Pull:
    return lambda flow: pull(flow.times(factor))


def _other(wiring: Wiring, vertex: int) -> float:
    """The number that a tensor is multiplied or divided by; 1 where it is a tensor without numbers, such as a mask."""
    node = wiring.node(vertex)
    for attribute in ("_saved_other", "_saved_self"):
        number = _number(getattr(node, attribute, None))
        if number is not None:
            return number
    return 1.0


def _number(value: object) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        held = getattr(value, "constant", None)
        if held is not None:
            return float(held)
        return float(value) if type(value) is torch.Tensor and not value.is_meta else None
    return None
