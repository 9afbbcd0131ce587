"""Signal forward and gradient back through the whole traced graph, by the rules of its operations."""

from dataclasses import dataclass, replace

from isograd.observation.forecasting.flow import Flow, Step, by, merge, unchanged
from isograd.observation.forecasting.rules import rule_of
from isograd.observation.forecasting.signal import Signal, added, multiplied
from isograd.observation.forecasting.wiring import Wiring, is_leaf


@dataclass(frozen=True)
class Propagated:
    """What the forecast expects at every operation."""

    steps: dict[int, Step]
    """By vertex."""
    flows: dict[int, Flow]
    """Gradient of each operation's output."""
    parts: dict[int, dict[tuple[int, int], Flow]]
    """For each vertex what reaches it, by the (vertex, input slot) that it comes from."""
    unknown: tuple[str, ...]
    """Operations without a rule."""


def propagate(wiring: Wiring, input_rms: float, input_correlation: float) -> Propagated:
    """Runs the rules forward over the graph, then back.

    Args:
        wiring: the graph.
        input_rms: root mean square of the input's entries.
        input_correlation: correlation of two inputs.
    """
    graph, carries = wiring.graph, wiring.layout.carries_data
    steps: dict[int, Step] = {}
    unknown: set[str] = set()
    for vertex in range(len(graph.nodes) - 1, -1, -1):
        if not carries[vertex] and vertex not in wiring.layout.places:
            continue
        if is_leaf(graph, vertex):
            steps[vertex] = Step(_input(wiring, vertex, input_rms, input_correlation))
            continue
        operands = [(slot, steps[child].signal) for slot, child in wiring.data(vertex) if child in steps]
        steps[vertex] = rule_of(wiring, vertex)(wiring, vertex, operands)
        if vertex in wiring.blends:
            _blend(wiring, vertex, steps)
        if not steps[vertex].known:
            unknown.add(graph.names[vertex])
    flows, parts = _back(wiring, steps)
    return Propagated(steps, flows, parts, tuple(sorted(unknown)))


def _input(wiring: Wiring, vertex: int, rms: float, correlation: float) -> Signal:
    square = rms * rms
    return Signal(square, square * correlation, square * correlation, channels_first=len(wiring.shape(vertex)) >= 4)


def _blend(wiring: Wiring, vertex: int, steps: dict[int, Step]) -> None:
    """Corrects n + z (h - n): n has the factor 1 - z, and nothing reaches it through the difference."""
    blend = wiring.blends[vertex]
    gate, kept, fresh = (steps[v].signal for v in (blend.gate, blend.kept, blend.fresh))
    rest = replace(
        gate,
        square=1 - 2 * gate.mean + gate.square,
        near=1 - 2 * gate.mean + gate.near,
        across=1 - 2 * gate.mean + gate.across,
        mean=1 - gate.mean,
    )
    signal = added([multiplied(rest, fresh), multiplied(gate, kept)])
    slot = next(s for s, child in wiring.data(vertex) if child == blend.fresh)
    steps[vertex] = replace(steps[vertex], signal=signal, pulls={slot: by(rest.square)})
    difference = steps[blend.difference]
    steps[blend.difference] = replace(difference, pulls={**difference.pulls, 1: by(0.0)})


def _back(wiring: Wiring, steps: dict[int, Step]) -> tuple[dict[int, Flow], dict[int, dict[tuple[int, int], Flow]]]:
    """From the output, whose gradient is taken to point every way alike, to everything before it."""
    flows: dict[int, Flow] = {}
    parts: dict[int, dict[tuple[int, int], Flow]] = {}
    for vertex in range(len(wiring.graph.nodes)):
        if vertex not in steps:
            continue
        arrived = parts.get(vertex)
        flows[vertex] = merge(list(arrived.values())) if arrived else Flow(0.0)
        for slot, child in wiring.data(vertex):
            pull = steps[vertex].pulls.get(slot, unchanged)
            parts.setdefault(child, {})[vertex, slot] = pull(flows[vertex])
    return flows, parts


def importance(wiring: Wiring, done: Propagated, first: int) -> dict[int, float]:
    """By vertex the share of the first layer's squared gradient that came through it."""
    shares = {first: 1.0}
    for vertex in range(first, -1, -1):
        here = shares.get(vertex, 0.0)
        total = done.flows[vertex].log10 if vertex in done.flows else float("-inf")
        if here == 0.0 or total == float("-inf"):
            continue
        for (parent, _), flow in done.parts.get(vertex, {}).items():
            shares[parent] = shares.get(parent, 0.0) + here * 10 ** (flow.log10 - total)
    return shares
