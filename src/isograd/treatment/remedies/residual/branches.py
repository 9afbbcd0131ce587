"""The modules whose outputs are residual branches, just before they join their streams."""

from dataclasses import dataclass

from isograd.model.operations import SHAPES
from isograd.treatment.wiring import Called, Wiring

_LINEAR = SHAPES - {"Cat", "Stack"} | {"Mul", "Div", "Neg", "NativeDropout", "FusedDropout"}
"""What may stand between such a module and the sum: a factor before it is a factor behind it."""
_MOST_HOPS = 16


@dataclass(frozen=True)
class Branch:
    """One residual branch."""

    end: Called
    """The module that its output, or the first tensor of its output, comes from."""


def branches(wiring: Wiring) -> tuple[Branch, ...]:
    """The branches that can be reached, in execution order.

    A branch is left out if no module's output is its end, if that output goes elsewhere, too, or if a learnt number
    scales it already.
    """
    ends = [_end(wiring, start, total) for total, start in sorted(wiring.branches.items(), reverse=True)]
    return tuple(Branch(end) for end in ends if end is not None)


def _end(wiring: Wiring, vertex: int, above: int) -> Called | None:
    for _ in range(_MOST_HOPS):
        if wiring.parents[vertex] != (above,):
            return None
        call = _outermost(wiring, vertex)
        if call is not None:
            return call
        onward = [child for _, child in wiring.read.graph.edges[vertex]]
        if wiring.read.graph.names[vertex] not in _LINEAR or len(onward) != 1:
            return None
        vertex, above = onward[0], vertex
    return None


def _outermost(wiring: Wiring, vertex: int) -> Called | None:
    """Of modules with one output, the one around the others; one that learns, and is called once."""
    calls = wiring.outputs.get(vertex, ())
    learning = [c for c in calls if wiring.times(c.module) == 1 and any(p.requires_grad for p in c.module.parameters())]
    return min(learning, key=lambda call: call.path.count("."), default=None)
